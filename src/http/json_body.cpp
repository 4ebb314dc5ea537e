#include "http/json_body.hpp"

#include "characters.hpp"
#include "config/strict_json.hpp"

namespace http {

std::variant<nlohmann::json, Response> json_body(const Request& request) {
    auto content_type = request.header("content-type").value_or("");
    auto media_type = trim_blanks(content_type.substr(0, content_type.find(';')));
    if (!equals_lower(media_type, "application/json")) {
        return failure(request, 415, "unsupported_media_type",
                       "The body must be JSON, with Content-Type: application/json.");
    }
    config::JsonLimits limits;
    limits.bytes = request.body.size();  // the server has limited it already
    auto parsed = config::parse_strict_json(request.body, limits);
    if (!parsed) {
        return failure(request, parsed.error());
    }
    return std::move(*parsed);
}

bool has_json(const Request& request) {
    constexpr std::string_view blanks = " \t\r\n";
    std::string_view body = request.body;
    auto first = body.find_first_not_of(blanks);
    if (first == body.npos) return !body.empty();
    return body.substr(first, body.find_last_not_of(blanks) + 1 - first) != "null";
}

}  // namespace http
