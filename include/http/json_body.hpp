#pragma once

#include <nlohmann/json.hpp>
#include <variant>

#include "http/message.hpp"

namespace http {

/// The request's body as JSON, or the failure to answer instead: 415 `unsupported_media_type` if
/// Content-Type is not `application/json` (any case, parameters allowed), 400 `malformed_json` if
/// it is not one JSON value as config::parse_strict_json wants it, 422 `nul_in_text`. An empty body
/// is malformed too: a handler whose body is optional asks has_json() first.
///
///     auto read = http::json_body(request);
///     if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
///     auto& body = std::get<nlohmann::json>(read);
std::variant<nlohmann::json, Response> json_body(const Request& request);

/// Where a body is optional: false for none, and for `null`, by which clients mean none.
bool has_json(const Request& request);

}  // namespace http
