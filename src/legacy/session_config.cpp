#include "legacy/session_config.hpp"

#include <algorithm>

#include "base/clock.hpp"

namespace legacy {

namespace {

/// RFC 6265's cookie-name, as far as anybody uses it.
bool is_cookie_name(const std::string& text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    });
}

/// As SESSION_COOKIE_DOMAIN has it, with or without a point in front.
bool is_cookie_domain(const std::string& text) {
    return text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '.';
           });
}

/// RFC 6265's path-value that begins with a slash.
bool is_cookie_path(const std::string& text) {
    return text.starts_with('/') && text.size() <= 1024 &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return c > ' ' && c < '\x7f' && c != ';'; });
}

bool is_target(const std::string& text) {
    return text.starts_with('/') && !text.starts_with("//") &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

void check(config::Section& section, const SessionConfig& config) {
    if (!is_cookie_name(config.cookie)) section.refuse("cookie", "that is no name of a cookie.");
    if (!is_cookie_domain(config.cookie_domain)) {
        section.refuse("cookie_domain", "that is no domain.");
    }
    if (!is_cookie_path(config.cookie_path)) {
        section.refuse("cookie_path", "expected a path, as / or /news.");
    }
    if (!is_cookie_name(config.csrf_cookie)) {
        section.refuse("csrf_cookie", "that is no name of a cookie.");
    }
    if (!is_target(config.whoami)) {
        section.refuse("whoami", "expected a path of the monolith, as /portal/whoami/.");
    }
    if (!is_target(config.logout)) {
        section.refuse("logout", "expected a path of the monolith, as /accounts/logout/.");
    }
    auto point = config.user_model.find('.');
    if (point == 0 || point == config.user_model.npos || point + 1 == config.user_model.size()) {
        section.refuse("user_model", "expected an app and a model, as auth.user.");
    }
    if (config.engine == "signed_cookies" && config.secret_key_file.empty()) {
        section.refuse("secret_key_file", "name the file with the site's SECRET_KEY.");
    }
    if (!config.tokens_jwks_url.empty()) {
        bool is_web = config.tokens_jwks_url.starts_with("http");
        if (!is_web || !is_target(parts_of_address(config.tokens_jwks_url).target)) {
            section.refuse(
                "tokens_jwks_url",
                "expected an address with a path, as https://www.example.org/jwks.json.");
        }
        if (!config.tokens_jwks_file.empty()) {
            section.refuse("tokens_jwks_url", "name the address or the file, not both.");
        }
    }
    if (config.takes_tokens() && !end_of_day(config.tokens_until)) {
        section.refuse("tokens_until", "expected the last day on which they count: 2027-01-31.");
    }
}

}  // namespace

void describe(config::Section& section, SessionConfig& config) {
    section.choice("engine", config.engine, {"off", "whoami", "signed_cookies"},
                   "How a Django site's session cookie is believed on our own routes: not at all, "
                   "by asking the site whose it is, or by its signature, where SESSION_ENGINE is "
                   "signed_cookies and the serializer is JSON.");
    section.path("secret_key_file", config.secret_key_file,
                 "For signed_cookies: a file that only its owner may read, with SECRET_KEY in its "
                 "first line and each of SECRET_KEY_FALLBACKS in one of the next.");
    section.text("cookie", config.cookie, "SESSION_COOKIE_NAME.");
    section.text("cookie_domain", config.cookie_domain,
                 "SESSION_COOKIE_DOMAIN, if the site sets it: else a logout here cannot clear the "
                 "cookie.");
    section.text("cookie_path", config.cookie_path, "SESSION_COOKIE_PATH, for the same reason.");
    section.duration("cookie_age_s", config.cookie_age_s, {1, 400 * 24 * 3600},
                     "SESSION_COOKIE_AGE: a signed cookie that is older counts no more.");
    section.list("backends", config.backends,
                 "AUTHENTICATION_BACKENDS: a signed cookie of another backend is nobody's.");
    section.text("user_model", config.user_model,
                 "AUTH_USER_MODEL in small letters, as people were imported from it.");
    section.text("csrf_cookie", config.csrf_cookie,
                 "CSRF_COOKIE_NAME: a change with the session cookie also needs this one, and the "
                 "same in the field X-CSRFToken.");
    section.text("whoami", config.whoami,
                 "For whoami: the path of the site that says whose a cookie is, as "
                 "{\"model\": \"auth.user\", \"pk\": 7}, or 401, 403 or 404 for nobody's.");
    section.duration("whoami_timeout_ms", config.whoami_timeout, {10, 60000},
                     "How long that may take, and a logout there.");
    section.duration("whoami_kept_ms", config.whoami_kept, {100, 30000},
                     "How long its answer is believed: so long a session may live on after its "
                     "logout there.");
    section.integer("whoami_entries_max", config.whoami_entries_max, {16, 10000000},
                    "Answers that are remembered.");
    section.integer("whoami_questions_max", config.whoami_questions_max, {1, 10000},
                    "Such questions under way at a time, shared among the clients that cause "
                    "them; one more is not asked.");
    section.text("logout", config.logout,
                 "The path of the site that ends a session when it is posted to, as Django's own "
                 "LogoutView: a logout here with the session cookie asks for it.");
    section.integer("ended_entries_max", config.ended_entries_max, {16, 10000000},
                    "Sessions that were ended here, whose cookies are remembered as nobody's.");
    section.path("tokens_key_file", config.tokens_key_file,
                 "A file that only its owner may read, with the key that signs the access tokens "
                 "of simplejwt (HS256) in its first line; further keys that count may follow. "
                 "Empty: such tokens do not count.");
    section.path("tokens_jwks_file", config.tokens_jwks_file,
                 "A file with a JWKS: the public keys of simplejwt's access tokens of RS256. Read "
                 "at the start. Empty: such tokens do not count.");
    section.text("tokens_jwks_url", config.tokens_jwks_url,
                 "Instead of a file: the http or https address where the site tells that JWKS "
                 "(JWK_URL). It is asked by legacy.client's limits and certificates, when a token "
                 "needs it.");
    section.duration("tokens_jwks_kept_s", config.tokens_jwks_kept_s, {10, 7 * 24 * 3600},
                     "How long its keys are believed before they are asked for again; while it "
                     "does not answer they count on.");
    section.duration("tokens_jwks_interval_s", config.tokens_jwks_interval_s, {1, 3600},
                     "How often it is asked at most, also where tokens name keys that are not "
                     "known.");
    section.duration("tokens_jwks_timeout_ms", config.tokens_jwks_timeout_ms, {10, 60000},
                     "How long its answer may take.");
    section.integer("tokens_jwks_bytes_max", config.tokens_jwks_bytes_max, {1024, 1048576},
                    "How long its answer may be.");
    section.boolean("drf_tokens", config.drf_tokens,
                    "Whether tokens of REST framework (Authorization: Token …) count that were "
                    "imported with their people.");
    section.text("tokens_until", config.tokens_until,
                 "The last day on which such tokens count, as 2027-01-31 (UTC).");
    check(section, config);
}

AddressParts parts_of_address(const std::string& address) {
    auto scheme = address.find("://");
    auto slash = scheme == address.npos ? scheme : address.find('/', scheme + 3);
    if (slash == address.npos) return {address, ""};
    return {address.substr(0, slash), address.substr(slash)};
}

std::optional<std::int64_t> end_of_day(const std::string& day) {
    auto begin = base::parse_rfc3339(day + "T00:00:00Z");
    if (!begin) return std::nullopt;
    return base::to_micros(*begin) / 1000000 + 24 * 3600;
}

}  // namespace legacy
