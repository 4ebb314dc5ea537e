#include "range.hpp"

#include <algorithm>
#include <optional>

#include "characters.hpp"

namespace http {

namespace {

/// A number of digits only; one that is too large for any file is as large as can be.
std::optional<std::uint64_t> read_position(std::string_view text) {
    constexpr std::uint64_t position_max = 0x7fffffffffffffff;
    if (text.empty()) return std::nullopt;
    std::uint64_t value = 0;
    for (char c : text) {
        if (!is(digit_character, c)) return std::nullopt;
        auto digit = static_cast<std::uint64_t>(c - '0');
        value = value > (position_max - digit) / 10 ? position_max : value * 10 + digit;
    }
    return value;
}

}  // namespace

RangeVerdict choose_range(const Request& request, std::uint64_t size, std::string_view etag,
                          Range& part) {
    auto lines = request.header_lines("Range");
    if (request.method != Method::get || lines.size() != 1) return RangeVerdict::whole;
    auto condition = request.header("If-Range");
    if (condition && (*condition != etag || etag.starts_with("W/"))) return RangeVerdict::whole;
    auto line = lines.front();
    auto equals = line.find('=');
    if (equals == line.npos || !equals_lower(trim_blanks(line.substr(0, equals)), "bytes")) {
        return RangeVerdict::whole;
    }
    auto range = trim_blanks(line.substr(equals + 1));
    auto dash = range.find('-');
    if (dash == range.npos || range.find(',') != range.npos) return RangeVerdict::whole;
    auto first = read_position(range.substr(0, dash));
    auto last = read_position(range.substr(dash + 1));
    if ((!first && dash > 0) || (!last && dash + 1 < range.size()) || (!first && !last)) {
        return RangeVerdict::whole;
    }
    if (!first) {
        // So many from the end.
        if (*last == 0 || size == 0) return RangeVerdict::unsatisfiable;
        part.size = std::min(*last, size);
        part.from = size - part.size;
        return RangeVerdict::part;
    }
    if (last && *last < *first) return RangeVerdict::whole;
    if (*first >= size) return RangeVerdict::unsatisfiable;
    auto end = last ? std::min(*last, size - 1) + 1 : size;
    part = {*first, end - *first};
    return RangeVerdict::part;
}

}  // namespace http
