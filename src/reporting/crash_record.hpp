#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace reporting {

/// One call on the way to a crash.
struct CrashFrame {
    std::string address;   ///< `0x55…`
    std::string module;    ///< empty: it lies in none that was known
    std::string offset;    ///< in that module
    std::string build_id;  ///< of it
};

/// What telemetry::record_crashes() wrote of one crash, as far as it came.
struct CrashRecord {
    std::string version{};
    std::string signal{};
    std::string thread{};
    std::string last_request{};
    std::optional<base::Time> at{};
    std::vector<std::pair<std::string, std::string>> further{};  ///< other members, in their order
    std::vector<CrashFrame> frames{};                            ///< that where it happened first
    bool complete = false;
};

/// Reads one, whatever has become of it: what is no part of a record is passed by. Nothing if it is
/// none at all.
std::optional<CrashRecord> parse_crash_record(std::string_view text);

/// `20260504T102030Z`, as records and their names have it.
std::optional<base::Time> parse_crash_time(const std::string& text);

}  // namespace reporting
