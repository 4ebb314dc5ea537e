#include "simple_jwt_json.hpp"

#include <algorithm>

#include "base/hmac.hpp"
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

/// How the header of a token of ours begins, `{"alg":"EdDS…`: those of the site are only read where
/// it is not one, since most are.
constexpr std::string_view own_header = "eyJhbGciOiJFZERT";

/// What follows the scheme of an Authorization field, if it is this one.
std::optional<std::string_view> credentials_of(std::string_view authorization,
                                               std::string_view scheme) {
    if (authorization.size() <= scheme.size() + 1 || authorization[scheme.size()] != ' ') {
        return std::nullopt;
    }
    // In any case: `scheme` has small letters.
    bool is_it = std::equal(scheme.begin(), scheme.end(), authorization.begin(),
                            [](char small, char c) { return small == (c | ' '); });
    if (!is_it) return std::nullopt;
    return authorization.substr(scheme.size() + 1);
}

bool has_good_signature(const SignedToken& token, const TokenKeys& keys) {
    auto last = token.text.rfind('.');
    auto signature = base::from_base64url(token.text.substr(last + 1));
    if (!signature) return false;
    auto content = token.text.substr(0, last);
    if (token.algorithm == SignedToken::Algorithm::rs256) {
        return std::any_of(keys.publics.begin(), keys.publics.end(), [&](const auto& key) {
            bool is_its = token.key_id.empty() || key.id() == token.key_id;
            return is_its && key.verifies(content, *signature);
        });
    }
    return std::any_of(keys.secrets.begin(), keys.secrets.end(), [&](const auto& key) {
        return base::equal_in_constant_time(base::hmac_sha256(key, content), *signature);
    });
}

}  // namespace

base::Error invalid_django_token() {
    return {base::Reason::unauthenticated, "invalid_token",
            "The token is not valid. Log in again."};
}

/// One with members that must be understood (`crit`) is none that simplejwt makes.
std::optional<SignedToken> signed_bearer(std::string_view authorization, const TokenKeys& keys) {
    auto text = credentials_of(authorization, "bearer");
    if (!text || text->size() > token_bytes_max || text->starts_with(own_header)) {
        return std::nullopt;
    }
    auto header = object_in(text->substr(0, text->find('.')));
    if (!header || header->contains("crit")) return std::nullopt;
    SignedToken token{*text};
    bool has_publics = !keys.publics.empty() || keys.publics_come;
    if (is_text(*header, "alg", "RS256") && has_publics) {
        token.algorithm = SignedToken::Algorithm::rs256;
    } else if (!is_text(*header, "alg", "HS256") || keys.secrets.empty()) {
        return std::nullopt;
    }
    auto key_id = header->find("kid");
    if (key_id == header->end()) return token;
    if (!key_id->is_string()) return std::nullopt;
    token.key_id = key_id->get<std::string>();
    return token;
}

std::optional<std::string_view> framework_token(std::string_view authorization) {
    constexpr std::size_t characters_max = 200;
    auto key = credentials_of(authorization, "token");
    bool fits = key && key->size() <= characters_max && key->find(' ') == key->npos;
    return fits ? key : std::nullopt;
}

base::Result<std::string> read_simple_jwt(const SignedToken& token, const TokenKeys& keys,
                                          std::int64_t now) {
    auto first = token.text.find('.');
    auto last = token.text.rfind('.');
    if (first == last || !has_good_signature(token, keys)) return invalid_django_token();

    auto claims = object_in(token.text.substr(first + 1, last - first - 1));
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
