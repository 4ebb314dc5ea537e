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
        return failure(request, 400, parsed.error().code, parsed.error().message);
    }
    return std::move(*parsed);
}

}  // namespace http
