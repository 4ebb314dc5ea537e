#include "sessions_service.hpp"

#include <algorithm>
#include <functional>

#include "base/text.hpp"
#include "django_csrf.hpp"
#include "public_keys_json.hpp"
#include "secret_keys.hpp"
#include "telemetry/log.hpp"

namespace legacy {

namespace {

/// HS256's own length: a token shows enough to try out shorter ones.
constexpr std::size_t token_key_bytes_min = 32;
constexpr std::size_t cookie_key_bytes_min = 16;

/// A browser has one for each path and domain that set it.
constexpr std::size_t logout_cookies_max = 4;

/// All that the request has under that name, in order.
std::vector<std::string_view> cookies_named(const http::Request& request, std::string_view name) {
    std::vector<std::string_view> values;
    for (auto line : request.header_lines("cookie")) {
        while (!line.empty()) {
            auto end = line.find(';');
            auto pair = line.substr(0, end);
            line.remove_prefix(end == line.npos ? line.size() : end + 1);
            auto equals = pair.find('=');
            if (equals == pair.npos || base::trim(pair.substr(0, equals)) != name) continue;
            values.push_back(base::trim(pair.substr(equals + 1)));
        }
    }
    return values;
}

/// Nothing if it has two that differ: another host of the domain can set one beside the site's, and
/// Django takes the other of them.
std::optional<std::string_view> only_cookie(const http::Request& request, std::string_view name) {
    auto values = cookies_named(request, name);
    bool same =
        std::adjacent_find(values.begin(), values.end(), std::not_equal_to()) == values.end();
    return values.empty() || !same ? std::nullopt : std::optional(values.front());
}

/// The last ones of those that differ, at most so many, from the end: Django goes by the last.
std::vector<std::string> last_different(const std::vector<std::string_view>& values,
                                        std::size_t most) {
    std::vector<std::string> last;
    for (auto value = values.rbegin(); value != values.rend() && last.size() < most; ++value) {
        if (std::find(last.begin(), last.end(), *value) == last.end()) last.emplace_back(*value);
    }
    return last;
}

/// Whether a value stands for itself (RFC 6265, cookie-octet). Django takes quotes and backslashes
/// off others, so one session would have several names, and live on under those that did not end.
bool is_plain(std::string_view value) {
    return std::all_of(value.begin(), value.end(), [](char c) {
        return c > ' ' && c < '\x7f' && c != '"' && c != ',' && c != ';' && c != '\\';
    });
}

/// Its own route answers it; this only adds what it means for the site.
bool is_logout(const http::Request& request) {
    return request.method == http::Method::del && request.path == "/v1/auth/session";
}

}  // namespace

base::Result<SessionKeys> read_session_keys(const SessionConfig& config) {
    SessionKeys keys;
    if (config.engine == "signed_cookies") {
        auto read = read_secret_keys(config.secret_key_file, cookie_key_bytes_min);
        if (!read) return read.error();
        keys.cookies = std::move(*read);
    }
    if (!config.tokens_key_file.empty()) {
        auto read = read_secret_keys(config.tokens_key_file, token_key_bytes_min);
        if (!read) return read.error();
        keys.tokens.secrets = std::move(*read);
    }
    if (!config.tokens_jwks_file.empty()) {
        auto read = read_public_keys(config.tokens_jwks_file);
        if (!read) return read.error();
        auto publics = public_keys_from_json(*read);
        if (!publics) return key_file_unusable(config.tokens_jwks_file, publics.error().message);
        keys.tokens.publics = std::move(*publics);
    }
    keys.tokens.publics_come = !config.tokens_jwks_url.empty();
    return keys;
}

SessionsService::SessionsService(Parts parts, const SessionConfig& config, SessionKeys keys,
                                 std::shared_ptr<const http::Authenticator> own)
    : parts_(parts),
      config_(config),
      keys_(std::move(keys)),
      tokens_end_(config.takes_tokens() ? end_of_day(config.tokens_until).value_or(0) : 0),
      own_(std::move(own)),
      whoami_(parts.proxy, config_, parts.clock),
      ended_(static_cast<std::size_t>(config_.ended_entries_max)),
      known_(counter("known")),
      nobody_(counter("nobody")),
      unknown_(counter("unknown")),
      logged_out_(logouts("ended")),
      logout_unfinished_(logouts("unfinished")) {}

telemetry::Counter& SessionsService::counter(const char* outcome) const {
    return parts_.metrics.counter("portal_legacy_logins_total",
                                  "Requests that came with a login of the monolith, by what became "
                                  "of it.",
                                  {{"outcome", outcome}});
}

telemetry::Counter& SessionsService::logouts(const char* outcome) const {
    return parts_.metrics.counter("portal_legacy_logouts_total",
                                  "Logouts that came with a session cookie of the monolith, by "
                                  "whether it has ended that session too.",
                                  {{"outcome", outcome}});
}

LoginKind SessionsService::cookie_kind() const {
    return config_.engine == "whoami" ? LoginKind::cookie_asked : LoginKind::cookie_signed;
}

void SessionsService::count_known(LoginKind kind) const {
    known_.add();
    parts_.traffic.add(kind);
}

/// Whoever before_waiting() has found wins: it has asked our own already.
base::Result<base::Actor> SessionsService::authenticate(const http::Request& request) const {
    if (request.context.actor.id) return request.context.actor;
    return own_->authenticate(request);
}

std::optional<std::string_view> SessionsService::cookie_of(const http::Request& request) const {
    if (!config_.takes_cookies()) return std::nullopt;
    auto cookie = only_cookie(request, config_.cookie);
    bool counts = cookie && !cookie->empty() && cookie->size() <= session_cookie_bytes_max &&
                  is_plain(*cookie);
    return counts ? cookie : std::nullopt;
}

/// What a logout has to end: also what is nobody's here, since Django may read it in another way.
std::vector<std::string_view> SessionsService::cookies_to_end(const http::Request& request) const {
    std::vector<std::string_view> values;
    if (!config_.takes_cookies() || !is_logout(request)) return values;
    values = cookies_named(request, config_.cookie);
    std::erase(values, std::string_view());
    return values;
}

/// The one Authorization field, while tokens of the site count.
std::optional<std::string_view> SessionsService::token_line(const http::Request& request) const {
    if (tokens_end_ == 0 || second() >= tokens_end_) return std::nullopt;
    auto lines = request.header_lines("authorization");
    return lines.size() == 1 ? std::optional(lines.front()) : std::nullopt;
}

std::optional<std::string_view> SessionsService::key_in(std::string_view authorization) const {
    return config_.drf_tokens ? framework_token(authorization) : std::nullopt;
}

bool SessionsService::must_wait(const http::Request& request) const {
    if (parts_.proxy.retired()) return false;
    if (request.elsewhere || request.credentials == http::Credentials::ignored) return false;
    if (cookie_of(request) || !cookies_to_end(request).empty()) return true;
    auto line = token_line(request);
    return line && (key_in(*line) || signed_bearer(*line, keys_.tokens));
}

base::Task<std::optional<http::Response>> SessionsService::before_waiting(
    http::Request& request) const {
    using Answer = std::optional<http::Response>;
    auto by_its_token = co_await by_token(request);
    if (!by_its_token) co_return by_its_token.error();
    if (*by_its_token) request.context.actor = **by_its_token;
    auto who = authenticate(request);
    if (!who) co_return Answer();
    if (is_logout(request)) {
        co_await log_out(request);
        co_return Answer();
    }
    auto cookie = cookie_of(request);
    if (!cookie || who->subject()) co_return Answer();
    std::string value(*cookie);
    const auto digest = sha256(value);
    auto source = co_await by_cookie(request, std::move(value));
    if (!source) {
        unknown_.add();
        if (request.credentials == http::Credentials::required) co_return login_unknown();
        co_return Answer();
    }
    // Looked at last: it may have been ended while the site was asked.
    if (!*source || ended_.find(digest)) {
        nobody_.add();
        co_return Answer();
    }
    auto may = check_csrf(request);
    if (!may) co_return may.error();
    count_known(cookie_kind());
    request.context.actor = base::Actor{(*source)->id, (*source)->role};
    co_return Answer();
}

base::Task<void> SessionsService::log_out(http::Request& request) const {
    auto values = cookies_to_end(request);
    if (values.empty()) co_return base::Result<void>();
    request.answer_lines += clearing_line(request);
    auto cookies = last_different(values, logout_cookies_max + 1);
    std::string unfinished;
    if (cookies.size() > logout_cookies_max) {
        cookies.pop_back();
        unfinished = "there are more cookies of that name than are looked at";
    }
    for (const auto& cookie : cookies) remember_as_ended(cookie);
    const auto deadline = base::Deadline::in(config_.whoami_timeout);
    for (auto& cookie : cookies) {
        auto ended = co_await whoami_.log_out(request, std::move(cookie), deadline);
        if (!ended) unfinished = ended.error().message;
    }
    (unfinished.empty() ? logged_out_ : logout_unfinished_).add();
    if (!unfinished.empty()) {
        telemetry::log(telemetry::Level::warning, "legacy",
                       "a logout here has not ended the session of the monolith",
                       {{"path", config_.logout}, {"error", unfinished}},
                       request.context.request_id);
    }
    co_return base::Result<void>();
}

/// Of signed cookies only those that were somebody's: others would only take their place.
void SessionsService::remember_as_ended(const std::string& cookie) const {
    bool is_signed = config_.engine == "signed_cookies";
    if (is_signed && !read_session_cookie(cookie, keys_.cookies, second(), config_.cookie_age_s)) {
        return;
    }
    ended_.put(sha256(cookie), true);
}

std::string SessionsService::clearing_line(const http::Request& request) const {
    const auto& name = config_.cookie;
    auto line = "Set-Cookie: " + name + "=; Path=" + config_.cookie_path +
                "; Max-Age=0; HttpOnly; SameSite=Lax";
    if (!config_.cookie_domain.empty()) line += "; Domain=" + config_.cookie_domain;
    // Browsers take no other for these names, and TLS may end at a front that is not trusted here.
    bool must_be_secure = name.starts_with("__Secure-") || name.starts_with("__Host-");
    if (request.secure || must_be_secure) line += "; Secure";
    return line + "\r\n";
}

base::Result<void> SessionsService::check_csrf(const http::Request& request) const {
    using http::Method;
    auto method = request.method;
    if (method == Method::get || method == Method::head || method == Method::options) return {};
    DjangoChange change{request.secure,
                        only_cookie(request, config_.csrf_cookie),
                        request.header("x-csrftoken"),
                        request.header("host"),
                        request.header("origin"),
                        request.header("referer")};
    return check_django_csrf(change, config_.csrf_cookie);
}

/// Nothing for a request that has no token of the site's.
base::Task<std::optional<base::Actor>> SessionsService::by_token(
    const http::Request& request) const {
    using Found = std::optional<base::Actor>;
    auto line = token_line(request);
    if (!line) co_return Found();
    if (auto key = key_in(*line)) {
        std::string token(*key);
        auto found = co_await parts_.imports.known_by_token(std::move(token), request.context);
        co_return owner_of_token(who_may(std::move(found)), LoginKind::framework_token);
    }
    auto token = signed_bearer(*line, keys_.tokens);
    if (!token) co_return Found();
    auto user = co_await user_of(*token);
    if (!user) {
        bool is_bad = user.error().reason == base::Reason::unauthenticated;
        (is_bad ? nobody_ : unknown_).add();
        co_return user.error();
    }
    auto row = config_.user_model + ":" + *user;
    auto found = co_await known(std::move(row), request.context);
    co_return owner_of_token(found, LoginKind::simple_jwt);
}

base::Task<std::string> SessionsService::user_of(SignedToken token) const {
    bool is_public = token.algorithm == SignedToken::Algorithm::rs256;
    if (!parts_.publics || !is_public) co_return read_simple_jwt(token, keys_.tokens, second());
    auto known = co_await parts_.publics->keys_for(token.key_id);
    if (!known) co_return known.error();
    TokenKeys keys;
    keys.publics = **known;
    co_return read_simple_jwt(token, keys, second());
}

base::Result<std::optional<base::Actor>> SessionsService::owner_of_token(
    const base::Result<Source>& source, LoginKind kind) const {
    if (!source) {
        unknown_.add();
        return login_unknown();
    }
    if (!*source) {
        nobody_.add();
        return invalid_django_token();
    }
    count_known(kind);
    return std::optional(base::Actor{(*source)->id, (*source)->role});
}

base::Task<SessionsService::Source> SessionsService::by_cookie(const http::Request& request,
                                                               std::string cookie) const {
    if (config_.engine == "signed_cookies") {
        co_return co_await by_signed_cookie(request, std::move(cookie));
    }
    auto row = co_await whoami_.source_of(request, std::move(cookie));
    if (!row) co_return row.error();
    if (!*row) co_return Source();
    co_return co_await known(std::move(**row), request.context);
}

base::Task<SessionsService::Source> SessionsService::by_signed_cookie(const http::Request& request,
                                                                      std::string cookie) const {
    auto claim = read_session_cookie(cookie, keys_.cookies, second(), config_.cookie_age_s);
    if (!claim) co_return Source();
    const auto& backends = config_.backends;
    if (std::find(backends.begin(), backends.end(), claim->backend) == backends.end()) {
        co_return Source();
    }
    auto row = config_.user_model + ":" + claim->user;
    auto source = co_await known(std::move(row), request.context);
    if (!source || !*source) co_return source;
    if (!is_of_password(claim->hash, (*source)->django_password.value_or(""), keys_.cookies)) {
        co_return Source();
    }
    co_return source;
}

/// Whoever a login of the site may stand for: asked each time, so that who is disabled here, or has
/// a new password, is nobody at once.
base::Task<SessionsService::Source> SessionsService::known(std::string source,
                                                           base::Context context) const {
    auto found = co_await parts_.imports.known(std::move(source), std::move(context));
    co_return who_may(std::move(found));
}

base::Result<SessionsService::Source> SessionsService::who_may(base::Result<Source> found) {
    if (!found || !*found) return found;
    if (!(*found)->active || !(*found)->django_password) return Source();
    return found;
}

}  // namespace legacy
