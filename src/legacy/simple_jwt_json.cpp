#include "simple_jwt_json.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/strict_json.hpp"

namespace legacy {

namespace {

constexpr std::size_t token_bytes_max = 4096;
constexpr std::size_t user_bytes_max = 100;
/// Beyond any year that counts.
constexpr double second_max = 1e12;

std::optional<nlohmann::json> object_in(std::string_view part) {
    auto text = base::from_base64url(part);
    if (!text) return std::nullopt;
    config::JsonLimits limits;
    limits.bytes = token_bytes_max;
    limits.depth = 8;
    auto parsed = config::parse_strict_json(*text, limits);
    if (!parsed || !parsed->is_object()) return std::nullopt;
    return std::move(*parsed);
}

bool is_text(const nlohmann::json& object, const char* name, std::string_view value) {
    auto found = object.find(name);
    return found != object.end() && found->is_string() &&
           found->get_ref<const std::string&>() == value;
}

std::optional<std::int64_t> second_of(const nlohmann::json& object, const char* name) {
    auto found = object.find(name);
    if (found == object.end() || !found->is_number()) return std::nullopt;
    auto second = found->get<double>();
    if (!(second >= 0 && second <= second_max)) return std::nullopt;
    return static_cast<std::int64_t>(second);
}

/// Older versions write a number.
std::string user_of(const nlohmann::json& claims) {
    auto found = claims.find("user_id");
    if (found == claims.end()) return {};
    if (found->is_number_unsigned()) return found->dump();
    auto text = found->is_string() ? found->get<std::string>() : std::string();
    return text.size() <= user_bytes_max ? text : std::string();
}

/// Only HS256 is ever checked, so no token can choose how; one with members that must be understood
/// (`crit`) is none that simplejwt makes.
bool is_hs256(std::string_view token) {
    auto header = object_in(token.substr(0, token.find('.')));
    return header && is_text(*header, "alg", "HS256") && !header->contains("crit");
}

}  // namespace

base::Error invalid_django_token() {
    return {base::Reason::unauthenticated, "invalid_token",
            "The token is not valid. Log in again."};
}

std::optional<std::string_view> hs256_bearer(std::string_view authorization) {
    constexpr std::string_view scheme = "bearer ";
    if (authorization.size() <= scheme.size() || authorization.size() > token_bytes_max) {
        return std::nullopt;
    }
    bool is_bearer = std::equal(scheme.begin(), scheme.end(), authorization.begin(),
                                [](char a, char b) { return a == (b == ' ' ? b : b | ' '); });
    if (!is_bearer) return std::nullopt;
    auto token = authorization.substr(scheme.size());
    return is_hs256(token) ? std::optional(token) : std::nullopt;
}

base::Result<std::string> read_simple_jwt(std::string_view token, const SecretKeys& keys,
                                          std::int64_t now) {
    auto first = token.find('.');
    auto last = token.rfind('.');
    if (token.size() > token_bytes_max || first == last || !is_hs256(token)) {
        return invalid_django_token();
    }
    auto signature = base::from_base64url(token.substr(last + 1));
    auto content = token.substr(0, last);
    bool good = signature && std::any_of(keys.begin(), keys.end(), [&](const auto& key) {
                    return equal_in_constant_time(hmac_sha256(key, content), *signature);
                });
    if (!good) return invalid_django_token();

    auto claims = object_in(content.substr(first + 1));
    if (!claims || !is_text(*claims, "token_type", "access")) return invalid_django_token();
    auto expires = second_of(*claims, "exp");
    auto user = user_of(*claims);
    if (!expires || user.empty()) return invalid_django_token();
    if (claims->contains("nbf")) {
        auto begins = second_of(*claims, "nbf");
        if (!begins || *begins > now) return invalid_django_token();
    }
    if (*expires <= now) {
        return base::Error{base::Reason::unauthenticated, "token_expired",
                           "The token has run out. Refresh it, or log in again."};
    }
    return user;
}

}  // namespace legacy
