#include "authenticator_service.hpp"

#include <algorithm>

#include "base/hmac.hpp"
#include "base/text.hpp"
#include "token_json.hpp"

namespace identity {

namespace {

constexpr std::chrono::seconds skew{30};
constexpr std::size_t signature_bytes = 64;

base::Error invalid_token() {
    return {base::Reason::unauthenticated, "invalid_token",
            "The token is not valid. Log in again."};
}

base::Error invalid_api_key() {
    return {base::Reason::unauthenticated, "invalid_token",
            "The API key is not valid, or not any more."};
}

base::Error token_expired() {
    return {base::Reason::unauthenticated, "token_expired",
            "The token has run out. Refresh it, or log in again."};
}

base::Error csrf_token_missing() {
    return {base::Reason::forbidden, "csrf_token_missing",
            "With the session cookie, a change needs the field X-CSRF-Token."};
}

base::Error csrf_token_wrong() {
    return {base::Reason::forbidden, "csrf_token_wrong",
            "The X-CSRF-Token is not the one of this session."};
}

telemetry::Counter& counter(telemetry::Metrics& metrics, const char* how) {
    return metrics.counter("portal_identity_token_checks_total",
                           "Tokens: remembered as good, their signature checked, or refused.",
                           {{"how", how}});
}

bool is_safe(http::Method method) {
    return method == http::Method::get || method == http::Method::head ||
           method == http::Method::options;
}

/// How many field lines of that name there are.
std::size_t count_fields(const http::Request& request, std::string_view name) {
    auto same = [](char a, char b) {
        if (a >= 'A' && a <= 'Z') a = static_cast<char>(a - 'A' + 'a');
        return a == b;
    };
    return static_cast<std::size_t>(
        std::count_if(request.fields.begin(), request.fields.end(), [&](const auto& field) {
            return std::equal(field.name.begin(), field.name.end(), name.begin(), name.end(), same);
        }));
}

}  // namespace

AuthenticatorService::AuthenticatorService(const KeysService& keys, const Revocations& revocations,
                                           const KnownApiKeys& api_keys, const base::Clock& clock,
                                           const Config& config, telemetry::Metrics& metrics,
                                           PasswordRules rules)
    : keys_(keys),
      revocations_(revocations),
      api_keys_(api_keys),
      clock_(clock),
      access_{config.issuer, config.audience, config.access_life_s, skew, rules},
      session_{config.issuer, config.audience, config.session_life_s, skew, rules},
      known_(static_cast<std::size_t>(config.token_cache_entries)),
      remembered_(counter(metrics, "remembered")),
      checked_(counter(metrics, "checked")),
      refused_(counter(metrics, "refused")) {}

base::Result<base::Actor> AuthenticatorService::authenticate(const http::Request& request) const {
    for (auto line : request.header_lines("authorization")) {
        if (auto token = bearer_of(line)) return by_authorization(request, *token);
    }
    auto cookie = request.cookie(cookie_name);
    if (!cookie) return base::Actor{};
    auto actor = by_cookie(request, *cookie);
    if (!actor && actor.error().reason == base::Reason::unauthenticated) return base::Actor{};
    return actor;
}

base::Result<base::Actor> AuthenticatorService::by_authorization(const http::Request& request,
                                                                 std::string_view token) const {
    auto refuse = [this](base::Error error) {
        refused_.add();
        return error;
    };
    if (count_fields(request, "authorization") != 1) return refuse(invalid_token());
    if (is_api_key(token)) {
        auto is_known = is_known_();
        if (!is_known) return is_known.error();
        auto actor = api_keys_.find(sha256_text(token), clock_.now());
        if (!actor) return refuse(invalid_api_key());
        return *actor;
    }
    auto known = verify(token, TokenKind::access);
    if (!known) return known.error();
    return base::Actor{(*known)->user, (*known)->role};
}

base::Result<base::Actor> AuthenticatorService::by_cookie(const http::Request& request,
                                                          std::string_view token) const {
    auto known = verify(token, TokenKind::session);
    if (!known) return known.error();
    // To be logged out by another page is no harm that SameSite does not keep away.
    bool logs_out = request.method == http::Method::del && request.path == session_path;
    if (!is_safe(request.method) && !logs_out) {
        auto csrf_token = request.header("x-csrf-token");
        if (!csrf_token || csrf_token->empty()) return csrf_token_missing();
        auto digest = base::to_base64url(sha256_text(*csrf_token));
        if (!base::equal_in_constant_time(digest, (*known)->csrf)) return csrf_token_wrong();
    }
    return base::Actor{(*known)->user, (*known)->role};
}

base::Result<AuthenticatorService::Known> AuthenticatorService::verify(std::string_view token,
                                                                       TokenKind kind) const {
    auto refuse = [this](base::Error error) {
        refused_.add();
        return error;
    };
    if (token.size() > token_bytes_max) return refuse(invalid_token());
    auto is_known = is_known_();
    if (!is_known) return is_known.error();
    auto now = clock_.now();
    auto digest = sha256(token);
    auto found = known_.find(digest);
    if (!found) {
        auto verified = verify_anew(token, kind, now);
        if (!verified) return refuse(verified.error());
        known_.put(digest, *verified);
        found = *verified;
        checked_.add();
    } else {
        remembered_.add();
    }
    const auto& known = **found;
    if (known.kind != kind) return refuse(invalid_token());
    if (!revocations_.admit(known.user, known.epoch, known.family)) return refuse(invalid_token());
    if (known.expires <= base::to_micros(now) / 1000000) {
        known_.erase(digest);
        return refuse(token_expired());
    }
    return *found;
}

base::Result<AuthenticatorService::Known> AuthenticatorService::verify_anew(std::string_view token,
                                                                            TokenKind kind,
                                                                            base::Time now) const {
    auto parts = split_token(token);
    if (!parts || parts->signature.size() != signature_bytes) return invalid_token();
    auto header = header_from_json(parts->header);
    if (!header || header->kind != kind) return invalid_token();
    auto keys = keys_.current();
    const auto* key = find_key(*keys, header->key_id);
    if (!key) return invalid_token();
    if (!identity::verify(key->public_key, parts->signed_part, parts->signature)) {
        return invalid_token();
    }
    auto claims = claims_from_json(parts->payload);
    if (!claims) return invalid_token();
    auto verdict = judge(*claims, kind, kind == TokenKind::access ? access_ : session_, now);
    if (verdict == Verdict::bad) return invalid_token();
    if (verdict == Verdict::expired) return token_expired();
    auto verified = std::make_shared<Verified>();
    verified->kind = kind;
    verified->user = claims->user;
    verified->role = claims->role;
    verified->epoch = claims->epoch;
    verified->family = claims->family;
    verified->expires = claims->expires;
    if (kind == TokenKind::session) {
        auto csrf_token = csrf_token_of(*key, claims->id);
        // One from before these were made of the key has a random one, which nobody can give again.
        bool is_its = base::to_base64url(sha256_text(csrf_token)) == claims->csrf;
        if (is_its) verified->csrf_token = std::move(csrf_token);
    }
    verified->csrf = std::move(claims->csrf);
    return Known(std::move(verified));
}

}  // namespace identity
