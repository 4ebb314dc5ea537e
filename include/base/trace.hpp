#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base {

/// Where in a trace, as W3C Trace Context has it, something happens. All zeros: in none. A value.
struct Trace {
    std::uint64_t high = 0;  ///< the trace's id, its first half
    std::uint64_t low = 0;
    std::uint64_t span = 0;  ///< what happens, a part of the trace
    bool sampled = false;    ///< it is told to a collector

    explicit operator bool() const { return (high | low) != 0; }
    bool is_of(const Trace& other) const { return high == other.high && low == other.low; }
    friend bool operator==(const Trace&, const Trace&) = default;
};

/// The trace's id as others write it: 32 hexadecimal digits.
std::string trace_id(const Trace& trace);
/// A span's id likewise: 16 digits.
std::string span_id(std::uint64_t span);

/// The value of the field `traceparent`.
std::string to_traceparent(const Trace& trace);
/// Reads one, strictly: lower-case digits, no id of zeros, no version `ff`, and what a later
/// version adds only behind a dash. Nothing if it is none.
std::optional<Trace> parse_traceparent(std::string_view value);

/// Whether the value of the field `tracestate` has the form that may be passed on: at most 32
/// members and 512 bytes, no key twice.
bool is_tracestate(std::string_view value);

}  // namespace base
