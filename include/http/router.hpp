#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "http/message.hpp"

namespace http {

/// Who may call a route. Each includes those after it. Rules that look at the object itself (own or
/// other's) stand in the service, which gets the Actor.
enum class Access { anyone, login, author, editor, admin };

/// Tells who sent a request. Implemented by identity, or by one of the two below. Called on the I/O
/// thread for each request before its route's Access is checked; must not block. A refusal
/// (`unauthenticated`; `forbidden` where a cookie's request lacks its CSRF token) is sent as it is;
/// a request without credentials is an anonymous Actor.
class Authenticator {
public:
    virtual ~Authenticator() = default;
    virtual base::Result<base::Actor> authenticate(const Request& request) const = 0;
};

/// Open mode: everybody is an admin; the cookie `user_id` only says whose visit it is.
class OpenAuthenticator final : public Authenticator {
public:
    base::Result<base::Actor> authenticate(const Request& request) const override;
};

/// Enforced mode while there is no identity module: everybody is anonymous.
class AnonymousAuthenticator final : public Authenticator {
public:
    base::Result<base::Actor> authenticate(const Request& request) const override;
};

/// One policy that each request of a listener passes before it is known who asks: where the client
/// is, who may call from a browser, how often. A listener has an ordered list of them. Called on
/// the I/O threads, from all of them at once; must not block.
class Interceptor {
public:
    virtual ~Interceptor() = default;
    /// An answer ends the request here; nothing lets it go on. Sees the head, with the route's
    /// kind, and no body. May correct request.peer and add to request.answer_lines.
    virtual std::optional<Response> before(Request& request) const = 0;
    /// Hears of a request that is refused before before() was asked, as for its form or its host;
    /// of its fields only those are known that had come. May add to request.answer_lines.
    virtual void refused(Request&) const {}
};

using Interceptors = std::vector<std::shared_ptr<const Interceptor>>;

/// Answers one request. Runs on the connection's thread; the request outlives it.
using Handler = std::function<base::Task<Response>(const Request&)>;

/// An answer that can be given at once, without waiting and without the router, or null. Asked
/// first for each GET and HEAD. Only for what anyone may read.
using Shortcut = std::function<std::shared_ptr<const PreparedResponse>(const Request&)>;

/// One method on one path, who may call it, and what answers.
struct Route {
    Method method;
    std::string pattern;  ///< `/v1/news/{type}/{id}`: a literal segment wins over a parameter
    Access access;
    Handler handler;
    RouteKind kind = RouteKind::standard;
};

/// Which handler answers a path. Filled before the server starts, immutable after.
class Router {
public:
    /// `aliases`: path prefixes that mean another one (`/news/v1` → `/v1/news`).
    explicit Router(std::map<std::string, std::string> aliases = {});
    Router(Router&&) noexcept;
    ~Router();

    /// Two routes of the same method and pattern are a bug (assert). A GET also serves HEAD.
    void add(Route route);

    struct Match {
        const Route* route = nullptr;  ///< null: no such path, or not this method
        std::string allow;             ///< if the path exists: its methods, as Allow wants them
    };
    /// Fills request.path and request.parameters.
    Match match(Request& request) const;

    /// Every route, in the order added: for the contract test and the documentation.
    const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

private:
    struct Node;
    std::map<std::string, std::string> aliases_;
    std::unique_ptr<Node> root_;
    std::vector<std::unique_ptr<Route>> routes_;
};

}  // namespace http
