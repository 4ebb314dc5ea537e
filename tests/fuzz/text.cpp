// The small readers that everything else stands on: UTF-8, base64url, numbers, times, places in
// traces.
#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "base/trace.hpp"
#include "fuzz/check.hpp"

namespace {

using fuzz::require;

bool is_utf8(std::string_view text) {
    try {
        return !nlohmann::json(std::string(text)).dump().empty();
    } catch (const nlohmann::json::type_error&) {
        return false;
    }
}

void check_utf8(std::string_view text) {
    require(base::count_code_points(text).has_value() == is_utf8(text),
            "it is UTF-8 if another reader says so");
    auto trimmed = base::trim(text);
    require(trimmed.empty() || fuzz::lies_in(trimmed, text), "what is trimmed is a part");
    require(base::trim(trimmed) == trimmed, "what is trimmed stays so");
    require(is_utf8(trimmed) || !is_utf8(text), "trimming cuts no character");
}

void check_base64url(std::string_view text) {
    auto encoded = base::to_base64url(text);
    auto decoded = base::from_base64url(encoded);
    require(decoded && *decoded == text, "base64url and back is the same");
    decoded = base::from_base64url(text);
    require(!decoded || base::to_base64url(*decoded) == text, "base64url has one form");
}

void check_number(std::string_view text) {
    constexpr std::int64_t most = 99999;
    auto number = base::parse_number(text, most);
    require(!number || (std::to_string(*number) == text && *number >= 0 && *number <= most),
            "a number has one form, and its limit");
}

void check_time(std::string_view text) {
    auto time = base::parse_rfc3339(text);
    if (!time) return;
    auto written = base::to_rfc3339(*time);
    require(written.size() == 24 && written >= "0001-01-01T00:00:00.000Z",
            "a time is of a year with four digits");
    auto again = base::parse_rfc3339(written);
    require(again && *again == std::chrono::floor<std::chrono::milliseconds>(*time),
            "a time is the same after it was written and read");
}

void check_trace(std::string_view text) {
    auto trace = base::parse_traceparent(text);
    if (trace) {
        require(*trace && trace->span != 0, "no trace and no span has the id of none");
        auto written = base::to_traceparent(*trace);
        require(base::parse_traceparent(written) == trace, "a trace is the same after it was read");
        require(text.substr(2, 50) == written.substr(2, 50), "its ids have one form");
    }
    require(!base::is_tracestate(text) || (text.size() <= 512 && is_utf8(text)),
            "what is passed on is short, and text");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Copy input(fuzz::text_of(bytes, size));
    check_utf8(input.view());
    check_base64url(input.view());
    check_trace(input.view());
    check_number(input.view());
    check_time(input.view());
    return 0;
}
