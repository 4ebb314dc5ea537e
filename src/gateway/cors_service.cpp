#include "cors_service.hpp"

#include <algorithm>

namespace gateway {

CorsService::CorsService(const Config& config)
    : origins_(config.cors.origins),
      everybody_(std::find(origins_.begin(), origins_.end(), "*") != origins_.end()),
      credentials_(config.cors.credentials),
      max_age_(std::to_string(config.cors.max_age.count())) {}

std::optional<http::Response> CorsService::before(http::Request& request) const {
    if (origins_.empty()) return std::nullopt;
    auto& lines = request.answer_lines;
    // Also for those who name no origin: a cache must not give their answer to one who does.
    if (!everybody_) lines += "Vary: Origin\r\n";
    auto origin = request.header("Origin");
    if (!origin) return std::nullopt;
    bool known = std::find(origins_.begin(), origins_.end(), *origin) != origins_.end();
    if (!known && !everybody_) return std::nullopt;

    lines += "Access-Control-Allow-Origin: ";
    lines += everybody_ ? std::string_view("*") : *origin;
    lines += "\r\n";
    if (credentials_) lines += "Access-Control-Allow-Credentials: true\r\n";
    bool preflight = request.method == http::Method::options &&
                     request.header("Access-Control-Request-Method").has_value();
    if (!preflight) {
        lines +=
            "Access-Control-Expose-Headers: ETag, Location, RateLimit, RateLimit-Policy, "
            "Retry-After, X-Request-Id\r\n";
        return std::nullopt;
    }
    http::Response response;
    response.status = 204;
    response.fields = {{"Access-Control-Allow-Methods", "DELETE, GET, HEAD, POST, PUT"},
                       {"Access-Control-Allow-Headers",
                        "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, "
                        "X-CSRF-Token, X-Request-Id"},
                       {"Access-Control-Max-Age", max_age_}};
    return response;
}

}  // namespace gateway
