#include "routes.hpp"

#include <nlohmann/json.hpp>

#include "api_key_routes.hpp"
#include "base/text.hpp"
#include "http/json_body.hpp"
#include "input_json.hpp"

namespace identity {

namespace {

using Json = nlohmann::ordered_json;
using Texts = std::vector<std::string>;

constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;

/// The named text members of the body, or the failure to answer instead.
std::variant<Texts, http::Response> texts_of(const http::Request& request, const Texts& names) {
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) return std::move(*refused);
    auto texts = texts_from_json(std::get<nlohmann::json>(read), names);
    if (!texts) return http::failure(request, texts.error());
    return std::move(*texts);
}

/// `{email, password}` or, without an address, `{login, password}`; or the failure.
std::variant<Credentials, http::Response> credentials_of(const http::Request& request) {
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) return std::move(*refused);
    const auto& body = std::get<nlohmann::json>(read);
    bool by_login = body.is_object() && body.contains("login") && !body.contains("email");
    auto texts = texts_from_json(body, {by_login ? "login" : "email", "password"});
    if (!texts) return http::failure(request, texts.error());
    return Credentials{std::move(texts->at(0)), std::move(texts->at(1)),
                       by_login ? Credentials::By::login : Credentials::By::email};
}

/// Who the account is known as: null instead of an address that it does not have, and no login name
/// where there is none.
template <class Known>
void name_account(Json& body, const Known& account) {
    body["email"] = account.email.empty() ? Json(nullptr) : Json(account.email);
    if (!account.login.empty()) body["login"] = account.login;
}

/// Tokens, and what is only for whom it is about, are kept by no cache.
http::Response private_answer(const Json& body) {
    http::Response response;
    response.body = body.dump();
    response.cache_control = "no-store";
    return response;
}

http::Response no_content() {
    http::Response response;
    response.status = 204;
    response.cache_control = "no-store";
    return response;
}

http::Response token_answer(const Tokens& tokens) {
    Json body;
    body["access_token"] = tokens.access_token;
    body["refresh_token"] = tokens.refresh_token;
    body["token_type"] = "Bearer";
    body["expires_in"] = tokens.expires_in.count();
    return private_answer(body);
}

http::Response account_answer(const StoredAccount& account) {
    Json body;
    body["id"] = account.id;
    name_account(body, account);
    body["role"] = name_of(account.role);
    body["status"] = name_of(account.status);
    return private_answer(body);
}

http::Response session_answer(const BrowserSession& session) {
    Json body;
    body["csrf_token"] = session.csrf_token;
    body["id"] = session.id;
    body["role"] = name_of(session.role);
    body["expires_in"] = session.expires_in.count();
    return private_answer(body);
}

base::Error unauthenticated(const char* message) {
    return {base::Reason::unauthenticated, "unauthenticated", message};
}

std::string set_cookie(std::string_view value, std::chrono::seconds life) {
    return std::string(AuthenticatorService::cookie_name) + "=" + std::string(value) +
           "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(life.count());
}

base::Error user_not_found() {
    return {base::Reason::not_found, "user_not_found", "There is no such user."};
}

/// Clients know people as users, not as accounts.
http::Response refuse(const http::Request& request, const base::Error& error) {
    if (error.code == "account_not_found") return http::failure(request, user_not_found());
    return http::failure(request, error);
}

base::Result<UserId> id_of(const http::Request& request) {
    auto id = base::parse_number(request.parameter("id"), id_max);
    if (!id) return user_not_found();
    return *id;
}

base::Error wrong_word(const char* member, const char* words) {
    std::string problem = std::string("must be one of ") + words;
    return {base::Reason::invalid,
            "invalid_request",
            "The request cannot be taken: " + std::string(member) + " " + problem + ".",
            {{member, problem}}};
}

}  // namespace

void Routes::add_to(http::Router& router) {
    using http::Access;
    using http::Credentials;
    using http::Method;
    using http::RateClass;
    auto add = [&](Method method, const char* pattern, Access access,
                   Answer (Routes::*handler)(const http::Request&), RateClass rate_class = {},
                   Credentials credentials = Credentials::optional) {
        auto call = [this, handler](const http::Request& request) {
            return (this->*handler)(request);
        };
        router.add({method, pattern, access, std::move(call), rate_class, credentials});
    };
    // {email, password} or {login, password}: tokens for whoever proves to have an account.
    add(Method::post, "/v1/auth/token", Access::anyone, &Routes::token, RateClass::login,
        Credentials::ignored);
    // {refresh_token}: the next pair; each refresh token is good for one.
    add(Method::post, "/v1/auth/refresh", Access::anyone, &Routes::refresh, RateClass::standard,
        Credentials::ignored);
    // {refresh_token}: ends all that came of its login. 204, also for an unknown one.
    add(Method::post, "/v1/auth/logout", Access::anyone, &Routes::logout, RateClass::standard,
        Credentials::ignored);
    // The same body: the same as a cookie, for browsers.
    add(Method::post, AuthenticatorService::session_path, Access::anyone, &Routes::start_session,
        RateClass::login, Credentials::ignored);
    // The same as was answered to that login, with the CSRF token, for a page that was loaded anew.
    add(Method::get, AuthenticatorService::session_path, Access::login, &Routes::session);
    // Ends the login of the cookie, if it is one, and clears it. 204.
    add(Method::del, AuthenticatorService::session_path, Access::anyone, &Routes::end_session);
    // Whose token this is.
    add(Method::get, "/v1/auth/me", Access::login, &Routes::me);
    // {role}, {status}: counts on the very next request.
    add(Method::put, "/v1/auth/users/{id}/role", Access::admin, &Routes::role);
    add(Method::put, "/v1/auth/users/{id}/status", Access::admin, &Routes::status);
    add_api_key_routes(router, api_keys_);
    // The public keys, for other applications that verify our tokens.
    add(Method::get, "/.well-known/jwks.json", Access::anyone, &Routes::jwks);
}

Routes::Answer Routes::token(const http::Request& request) {
    auto read = credentials_of(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto credentials = std::move(std::get<Credentials>(read));
    auto tokens = co_await logins_.log_in(std::move(credentials), request.peer, request.context);
    if (!tokens) co_return refuse(request, tokens.error());
    co_return token_answer(*tokens);
}

Routes::Answer Routes::refresh(const http::Request& request) {
    auto read = texts_of(request, {"refresh_token"});
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto refresh_token = std::move(std::get<Texts>(read).at(0));
    auto client = client_trace_of(request.peer, request.header("user-agent").value_or(""));
    auto tokens =
        co_await logins_.refresh(std::move(refresh_token), std::move(client), request.context);
    if (!tokens) co_return refuse(request, tokens.error());
    co_return token_answer(*tokens);
}

Routes::Answer Routes::logout(const http::Request& request) {
    auto read = texts_of(request, {"refresh_token"});
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto refresh_token = std::move(std::get<Texts>(read).at(0));
    auto ended = co_await logins_.log_out(std::move(refresh_token), request.context);
    if (!ended) co_return refuse(request, ended.error());
    co_return no_content();
}

Routes::Answer Routes::start_session(const http::Request& request) {
    auto read = credentials_of(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto credentials = std::move(std::get<Credentials>(read));
    auto session =
        co_await logins_.start_session(std::move(credentials), request.peer, request.context);
    if (!session) co_return refuse(request, session.error());
    auto response = session_answer(*session);
    response.fields.emplace_back("Set-Cookie", set_cookie(session->token, session->expires_in));
    co_return response;
}

Routes::Answer Routes::session(const http::Request& request) {
    auto cookie = request.cookie(AuthenticatorService::cookie_name);
    if (!cookie) {
        auto nobody = unauthenticated("There is no session: the request has no session cookie.");
        co_return http::failure(request, nobody);
    }
    auto known = authenticator_.verify(*cookie, TokenKind::session);
    if (!known || (*known)->csrf_token.empty()) {
        auto dead = unauthenticated("The session counts no more. Log in again.");
        co_return http::failure(request, dead);
    }
    BrowserSession session;
    session.csrf_token = (*known)->csrf_token;
    session.id = (*known)->user;
    session.role = (*known)->role;
    auto now = base::to_micros(clock_.now()) / 1000000;
    session.expires_in = std::chrono::seconds((*known)->expires - now);
    co_return session_answer(session);
}

Routes::Answer Routes::end_session(const http::Request& request) {
    auto cookie = request.cookie(AuthenticatorService::cookie_name);
    if (cookie) {
        auto known = authenticator_.verify(*cookie, TokenKind::session);
        if (known) {
            auto family = (*known)->family;
            auto user = (*known)->user;
            auto ended = co_await logins_.end(family, user, request.context);
            if (!ended) co_return refuse(request, ended.error());
        }
    }
    auto response = no_content();
    response.fields.emplace_back("Set-Cookie", set_cookie("", std::chrono::seconds(0)));
    co_return response;
}

Routes::Answer Routes::me(const http::Request& request) {
    auto id = request.context.actor.id;
    if (!id && request.context.actor.api_key) {
        base::Error no_user{base::Reason::not_found, "user_not_found",
                            "This is an API key, which is no user."};
        co_return http::failure(request, no_user);
    }
    if (!id) {
        // Open mode knows what one may do, but not who one is.
        auto nobody = unauthenticated("This needs a login.");
        co_return http::failure(request, nobody);
    }
    auto account = co_await accounts_.account(*id, request.context);
    if (!account) co_return refuse(request, account.error());
    Json body;
    body["id"] = account->id;
    name_account(body, *account);
    body["role"] = name_of(account->role);
    if (!account->source.empty()) body["legacy_id"] = account->source;
    co_return private_answer(body);
}

Routes::Answer Routes::role(const http::Request& request) {
    auto id = id_of(request);
    if (!id) co_return refuse(request, id.error());
    auto read = texts_of(request, {"role"});
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto role = role_of(std::get<Texts>(read).at(0));
    if (!role) {
        auto error = wrong_word("role", "reader, author, editor, admin");
        co_return refuse(request, error);
    }
    auto account = co_await accounts_.set_role(*id, *role, request.context);
    if (!account) co_return refuse(request, account.error());
    co_return account_answer(*account);
}

Routes::Answer Routes::status(const http::Request& request) {
    auto id = id_of(request);
    if (!id) co_return refuse(request, id.error());
    auto read = texts_of(request, {"status"});
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto status = parse_status(std::get<Texts>(read).at(0));
    if (!status || *status == Status::pending) {
        auto error = wrong_word("status", "active, disabled");
        co_return refuse(request, error);
    }
    auto account = co_await accounts_.set_status(*id, *status, request.context);
    if (!account) co_return refuse(request, account.error());
    co_return account_answer(*account);
}

Routes::Answer Routes::jwks(const http::Request&) {
    http::Response response;
    response.body = *keys_.jwks();
    response.cache_control = "public, max-age=300";
    co_return response;
}

}  // namespace identity
