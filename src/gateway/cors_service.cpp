#include "cors_service.hpp"

#include <algorithm>

namespace gateway {

namespace {

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::string line_of(const char* field, const std::vector<std::string>& names) {
    return names.empty() ? "" : field + (": " + joined(names)) + "\r\n";
}

}  // namespace

CorsService::CorsService(const Config& config)
    : origins_(config.cors.origins),
      everybody_(std::find(origins_.begin(), origins_.end(), "*") != origins_.end()),
      credentials_(config.cors.credentials),
      headers_(joined(config.cors.headers)),
      expose_line_(line_of("Access-Control-Expose-Headers", config.cors.headers_exposed)),
      max_age_(std::to_string(config.cors.max_age.count())) {}

/// Adds what every answer needs. True if the page that asks may have it.
bool CorsService::admit(http::Request& request) const {
    if (origins_.empty()) return false;
    auto& lines = request.answer_lines;
    // Also for those who name no origin: a cache must not give their answer to one who does.
    if (!everybody_) lines += "Vary: Origin\r\n";
    auto origin = request.header("Origin");
    if (!origin) return false;
    bool known = std::find(origins_.begin(), origins_.end(), *origin) != origins_.end();
    if (!known && !everybody_) return false;
    lines += "Access-Control-Allow-Origin: ";
    lines += everybody_ ? std::string_view("*") : *origin;
    lines += "\r\n";
    if (credentials_) lines += "Access-Control-Allow-Credentials: true\r\n";
    return true;
}

std::optional<http::Response> CorsService::before(http::Request& request) const {
    if (request.elsewhere || !admit(request)) return std::nullopt;
    bool preflight = request.method == http::Method::options &&
                     request.header("Access-Control-Request-Method").has_value();
    if (!preflight) {
        request.answer_lines += expose_line_;
        return std::nullopt;
    }
    http::Response response;
    response.status = 204;
    response.fields = {{"Access-Control-Allow-Methods", "DELETE, GET, HEAD, POST, PUT"},
                       {"Access-Control-Max-Age", max_age_}};
    if (!headers_.empty()) {
        response.fields.emplace_back("Access-Control-Allow-Headers", headers_);
    }
    return response;
}

void CorsService::on_refusal(http::Request& request) const {
    if (admit(request)) request.answer_lines += expose_line_;
}

}  // namespace gateway
