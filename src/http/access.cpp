#include "access.hpp"

#include "base/text.hpp"

namespace http {

namespace {

constexpr std::int64_t user_id_max = (std::int64_t{1} << 53) - 1;

base::Role least_role(Access access) {
    switch (access) {
        case Access::anyone:
            return base::Role::anonymous;
        case Access::login:
            return base::Role::reader;
        case Access::author:
            return base::Role::author;
        case Access::editor:
            return base::Role::editor;
        case Access::admin:
            return base::Role::admin;
    }
    return base::Role::admin;
}

}  // namespace

base::Result<void> check_access(Access access, const base::Actor& actor) {
    if (actor.role >= least_role(access)) return {};
    if (actor.role == base::Role::anonymous) {
        return base::Error{base::Reason::unauthenticated, "unauthenticated", "This needs a login."};
    }
    return base::Error{base::Reason::forbidden, "forbidden", "You may not do this."};
}

base::Result<base::Actor> OpenAuthenticator::authenticate(const Request& request) const {
    base::Actor actor;
    actor.role = base::Role::admin;
    auto cookie = request.cookie("user_id");
    if (!cookie) return actor;
    auto id = base::parse_number(*cookie, user_id_max);
    if (id && *id > 0) actor.id = *id;
    return actor;
}

base::Result<base::Actor> AnonymousAuthenticator::authenticate(const Request&) const {
    return base::Actor{};
}

base::Result<void> authorize(const Route& route, const Authenticator& authenticator,
                             Request& request) {
    if (route.credentials != Credentials::ignored) {
        auto actor = authenticator.authenticate(request);
        // What anyone may read is read also while nobody can be told from anybody.
        bool is_for_all = route.access == Access::anyone &&
                          (request.method == Method::get || request.method == Method::head);
        bool is_unknown = !actor && actor.error().reason == base::Reason::unavailable;
        if (!actor && !(is_unknown && is_for_all)) return actor.error();
        if (actor) request.context.actor = *actor;
    }
    return check_access(route.access, request.context.actor);
}

}  // namespace http
