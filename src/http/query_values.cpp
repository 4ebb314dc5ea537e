#include "http/query_values.hpp"

#include "base/text.hpp"

namespace http {

using base::Error;
using base::Reason;

base::Result<std::string> text_in_query(const Request& request, const char* name, const char* code,
                                        std::size_t characters_max) {
    auto given = request.query_parameter(name);
    if (!given) return std::string();
    std::string text(base::trim(*given));
    auto length = base::count_code_points(text).value_or(0);
    if (length >= 1 && length <= characters_max && text.find('\0') == text.npos) return text;
    return Error{Reason::invalid, code,
                 std::string(name) + " is a text of 1 to " + std::to_string(characters_max) +
                     " characters."};
}

base::Result<std::optional<base::Time>> time_in_query(const Request& request, const char* name) {
    auto given = request.query_parameter(name);
    if (!given) return std::optional<base::Time>();
    auto time = base::parse_rfc3339(*given);
    if (time) return time;
    return Error{
        Reason::invalid, "malformed_filter",
        std::string(name) + " is a time as 2026-05-04T10:20:30Z; a + in it is written %2B."};
}

}  // namespace http
