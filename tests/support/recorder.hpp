#pragma once

#include <string>
#include <utility>
#include <vector>

namespace support {

struct Answer;

/// One request and what was answered, for the test that holds answers against the contract.
struct Exchange {
    const std::string& method;
    const std::string& target;
    const std::vector<std::pair<std::string, std::string>>& fields;
    const std::string& body;
    const Answer& answer;
};

/// Says that the public API (and not health, or the control socket) answers at this address from
/// now on, or no longer. Only what such an address answers is recorded. Thread-safe.
void begin_recording(const std::string& address);
void end_recording(const std::string& address);

/// Appends the exchange, as one line of JSON, to a file of this process in the folder that the
/// environment variable PORTAL_RECORD names; without it, does nothing. Thread-safe.
void record(const std::string& address, const Exchange& exchange);

}  // namespace support
