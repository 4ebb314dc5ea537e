#include "sessions_routes.hpp"

#include <limits>

#include "base/text.hpp"
#include "host/trail_json.hpp"

namespace identity {

namespace {

using Answer = base::Task<http::Response>;
using Json = nlohmann::ordered_json;

constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;
constexpr std::int64_t limit_default = 10;
constexpr std::int64_t limit_max = 100;

http::Response answer_of(const Json& body) {
    http::Response response;
    response.body = body.dump();
    response.cache_control = "no-store";
    return response;
}

/// Clients know people as users, not as accounts.
http::Response refuse(const http::Request& request, const base::Error& error) {
    if (error.code != "account_not_found") return http::failure(request, error);
    return http::failure(request,
                         {base::Reason::not_found, "user_not_found", "There is no such user."});
}

/// No number, no user: 0 is nobody's id.
UserId id_of(const http::Request& request) {
    return base::parse_number(request.parameter("id"), id_max).value_or(0);
}

/// A number of the query from 1 on; `otherwise` where there is none.
base::Result<std::int64_t> number_of(const http::Request& request, const char* name,
                                     std::int64_t otherwise, std::int64_t most) {
    auto text = request.query_parameter(name);
    if (!text || text->empty()) return otherwise;
    auto number = base::parse_number(*text, most);
    if (number && *number > 0) return *number;
    return base::Error{base::Reason::invalid, std::string("malformed_") + name,
                       std::string("The query `") + name + "` must be a number from 1 to " +
                           std::to_string(most) + "."};
}

Json time_or_null(const std::optional<base::Time>& time) {
    return time ? Json(base::to_rfc3339(*time)) : Json(nullptr);
}

class AccountRoutes {
public:
    AccountRoutes(SessionsService& sessions, const AccountsService& accounts, const bus::Log& log)
        : sessions_(sessions), accounts_(accounts), log_(log) {}

    Answer list(const http::Request& request) {
        auto id = id_of(request);
        auto logins = co_await sessions_.logins(id, request.context);
        if (!logins) co_return refuse(request, logins.error());
        auto listed = Json::array();
        for (const auto& login : *logins) {
            Json one;
            one["id"] = std::to_string(login.family);
            one["since"] = time_or_null(login.since);
            one["last_used"] = time_or_null(login.last_used);
            one["expires_at"] = base::to_rfc3339(login.expires_at);
            listed.push_back(std::move(one));
        }
        Json body;
        body["sessions"] = std::move(listed);
        co_return answer_of(body);
    }

    Answer end(const http::Request& request) {
        auto id = id_of(request);
        auto ended = co_await sessions_.end_all(id, request.context);
        if (!ended) co_return refuse(request, ended.error());
        http::Response response;
        response.status = 204;
        response.cache_control = "no-store";
        co_return response;
    }

    Answer history(const http::Request& request) {
        auto after = number_of(request, "after", std::numeric_limits<std::int64_t>::max(), id_max);
        if (!after) co_return http::failure(request, after.error());
        auto limit = number_of(request, "limit", limit_default, limit_max);
        if (!limit) co_return http::failure(request, limit.error());
        auto id = id_of(request);
        auto entries = co_await log_.trail_of(id, *after, *limit, request.context.deadline);
        if (!entries) co_return refuse(request, entries.error());
        if (entries->empty()) {
            // Of somebody who was erased the log still knows; of one who never was, nobody.
            auto account = co_await accounts_.account(id, request.context);
            if (!account) co_return refuse(request, account.error());
        }
        auto events = Json::array();
        for (const auto& entry : *entries) events.push_back(host::to_json(log_.source(), entry));
        Json body;
        body["events"] = std::move(events);
        body["next"] = nullptr;
        bool may_be_more = std::ssize(*entries) == *limit && entries->back().version > 1;
        if (may_be_more) body["next"] = entries->back().version;
        co_return answer_of(body);
    }

private:
    SessionsService& sessions_;
    const AccountsService& accounts_;
    const bus::Log& log_;
};

}  // namespace

void add_sessions_routes(http::Router& router, SessionsService& sessions,
                         const AccountsService& accounts, const bus::Log& log) {
    using http::Method;
    auto routes = std::make_shared<AccountRoutes>(sessions, accounts, log);
    auto add = [&](Method method, const char* pattern,
                   Answer (AccountRoutes::*handler)(const http::Request&)) {
        auto call = [routes, handler](const http::Request& request) {
            return (routes.get()->*handler)(request);
        };
        router.add({method, pattern, http::Access::admin, std::move(call)});
    };
    // The logins that can be refreshed.
    add(Method::get, "/v1/auth/users/{id}/sessions", &AccountRoutes::list);
    // Ends all of them, and those of browsers. 204.
    add(Method::del, "/v1/auth/users/{id}/sessions", &AccountRoutes::end);
    // ?after=&limit=: what this module's log has of the account, the newest first.
    add(Method::get, "/v1/auth/users/{id}/history", &AccountRoutes::history);
}

}  // namespace identity
