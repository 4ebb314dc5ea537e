#include "http/query_values.hpp"

#include "base/problems.hpp"
#include "base/text.hpp"

namespace http {

namespace {

/// The largest number that JavaScript tells apart from its neighbours.
constexpr std::int64_t cursor_max = (std::int64_t{1} << 53) - 1;

}  // namespace

base::Result<std::string> text_in_query(const Request& request, const char* name, const char* code,
                                        std::size_t characters_max) {
    auto given = request.query_parameter(name);
    if (!given) return std::string();
    std::string text(base::trim(*given));
    auto length = base::count_code_points(text).value_or(0);
    if (length >= 1 && length <= characters_max && text.find('\0') == text.npos) return text;
    return base::malformed(code, std::string(name) + " is a text of 1 to " +
                                     std::to_string(characters_max) + " characters.");
}

base::Result<std::optional<base::Time>> time_in_query(const Request& request, const char* name) {
    auto given = request.query_parameter(name);
    if (!given) return std::optional<base::Time>();
    auto time = base::parse_rfc3339(*given);
    if (time) return time;
    return base::malformed(
        "malformed_filter",
        std::string(name) + " is a time as 2026-05-04T10:20:30Z; a + in it is written %2B.");
}

base::Result<std::int64_t> read_limit(std::string_view text, std::int64_t most) {
    auto limit = base::parse_number(text, most);
    if (limit && *limit >= 1) return *limit;
    return base::malformed("malformed_limit",
                           "The limit must be a number from 1 to " + std::to_string(most) + ".");
}

base::Result<std::int64_t> limit_in_query(const Request& request, std::int64_t otherwise,
                                          std::int64_t most) {
    auto text = request.query_parameter("limit");
    if (!text || text->empty()) return otherwise;
    return read_limit(*text, most);
}

base::Result<std::optional<std::int64_t>> cursor_in_query(const Request& request) {
    auto text = request.query_parameter("cursor");
    if (!text || text->empty()) return std::optional<std::int64_t>();
    auto cursor = base::parse_number(*text, cursor_max);
    if (cursor) return cursor;
    return base::malformed("malformed_cursor",
                           "The cursor is not one that a list has given as next.");
}

}  // namespace http
