#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/task.hpp"
#include "http/interceptor.hpp"
#include "http/message.hpp"

namespace http {

struct SplitPath;

/// Who may call a route. Each includes those after it. Rules that look at the object itself (own or
/// other's) stand in the service, which gets the Actor.
enum class Access { anyone, login, author, editor, admin };

/// Tells who sent a request. Implemented by identity, or by one of the two below. Called on the I/O
/// thread once for each request whose route does not ignore credentials, before the route's Access
/// is checked; must not block. request.credentials says what those that do not hold lead to. A
/// refusal (`unauthenticated`; `forbidden` where a cookie's request lacks its CSRF token) is sent
/// as it is; a request without credentials is an anonymous Actor.
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

/// Answers one request. Runs on the connection's thread; the request outlives it. Made from either
/// of two forms: `(const Request&)` is called when the whole body is in the request, `(Request&,
/// BodyReader&)` at once, and reads the body in pieces.
class Handler {
public:
    using Whole = std::function<base::Task<Response>(const Request&)>;
    using Pieces = std::function<base::Task<Response>(Request&, BodyReader&)>;

    Handler() = default;
    template <class Call>
        requires(!std::is_same_v<Call, Handler> &&
                 std::is_invocable_v<Call&, Request&, BodyReader&>)
    Handler(Call call) : call_(Pieces(std::move(call))) {}
    template <class Call>
        requires std::is_invocable_v<Call&, const Request&>
    Handler(Call call) : call_(Whole(std::move(call))) {}

    bool takes_whole_body() const { return std::holds_alternative<Whole>(call_); }
    base::Task<Response> operator()(Request& request, BodyReader& body) const {
        if (auto* whole = std::get_if<Whole>(&call_)) return (*whole)(request);
        return std::get<Pieces>(call_)(request, body);
    }

private:
    std::variant<Whole, Pieces> call_;
};

/// An answer that is ready and costs no waiting, or null: then the handler is called. Asked of a
/// GET's route when everything before has let the request pass. Must not allocate to find one.
using Cached = std::function<std::shared_ptr<const PreparedResponse>(const Request&)>;

/// What one request of a route may take; what is not said is as the server is configured.
struct Limits {
    std::optional<std::int64_t> body_bytes{};
    /// From its head to its answer's. Zero: none, for what waits until something happens.
    std::optional<std::chrono::milliseconds> deadline{};
};

/// One method on one path, who may call it, and what answers.
struct Route {
    Method method;
    /// `/v1/news/{type}/{id}`: a literal wins over `map-{id}.xml`, that over a parameter, all over
    /// a tail such as `/console/{path...}`, which is all that follows, or nothing. 16 segments.
    std::string pattern;
    Access access;
    Handler handler;
    RateClass rate_class = RateClass::standard;
    /// Where `access` asks for somebody it is `required` whatever stands here.
    Credentials credentials = Credentials::optional;
    Limits limits{};
    Cached cached{};
    /// Another server answers, through the handler: who may read its answer from a browser (CORS)
    /// is its own business.
    bool elsewhere = false;
    std::size_t number = 0;  ///< the router gives it: see Router::numbers()
};

/// Which handler answers a path. Filled before the server starts, immutable after.
class Router {
public:
    static constexpr std::size_t segments_max = 16;

    /// `aliases`: path prefixes that mean another one (`/news/v1` → `/v1/news`); the longest wins.
    explicit Router(std::map<std::string, std::string> aliases = {});
    Router(Router&&) noexcept;
    ~Router();

    /// Two routes of the same method and pattern are a bug (assert). A GET also serves HEAD.
    void add(Route route);
    /// Answers, by whatever method, all paths that no route has. Its pattern is only a name. Once.
    /// Gives the route as it is kept, with its number.
    const Route& fallback(Route route);

    struct Match {
        const Route* route = nullptr;  ///< null: no such path, or not this method
        std::string_view allow{};  ///< if it is null, but the path exists: its methods, as Allow
                                   ///< wants them; lives as long as the router
    };
    /// Fills request.path and request.parameters. Allocates nothing that the request has room for.
    Match match(Request& request) const;

    /// Each route has a number below this one, 0 stands for no route; the pattern of a number,
    /// which several may share, is `unmatched` for that.
    std::size_t numbers() const { return routes_.size() + 2; }
    std::string_view pattern(std::size_t number) const;

    /// Every route but the fallback, in the order added: for the contract test and the
    /// documentation.
    const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

private:
    struct Node;
    struct Alias;
    void apply_alias(Request& request, SplitPath& split) const;

    std::vector<Alias> aliases_;  ///< the longest first
    std::unique_ptr<Node> root_;
    std::vector<std::unique_ptr<Route>> routes_;
    std::unique_ptr<Route> fallback_;
};

}  // namespace http
