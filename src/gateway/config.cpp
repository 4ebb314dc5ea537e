#include <algorithm>
#include <array>
#include <set>

#include "client_service.hpp"
#include "gateway/module.hpp"
#include "origin.hpp"
#include "path_pattern.hpp"
#include "signs_config.hpp"

namespace gateway {

namespace {

void describe_limits(config::Section& section, Limits& limits) {
    constexpr config::Range range{0, 1000000};
    section.integer("per_second", limits.per_second, range, "0: no limit.");
    section.integer("per_minute", limits.per_minute, range, "0: no limit.");
    section.integer("same_per_second", limits.same_per_second, range,
                    "Of the same method and target as written, against clients that ask again and "
                    "again by mistake: whoever wants can vary the target. 0: no limit.");
    section.integer("same_per_minute", limits.same_per_minute, range,
                    "Of the same method and target; 0: no limit.");
}

/// All names of the headers that scripts see stand in every answer to them.
constexpr std::size_t exposed_bytes_max = 320;

void check_names(config::Section& section, const char* setting,
                 const std::vector<std::string>& names, std::size_t bytes_max) {
    std::size_t bytes = 0;
    for (const auto& name : names) {
        bytes += name.size() + 2;
        // A star is a name to HTTP, but to browsers it means everything but Authorization.
        if (!is_field_name(name) || name == "*") {
            section.refuse(setting, "`" + name + "` is no header's name of at most 64 bytes.");
        }
    }
    if (bytes <= bytes_max) return;
    section.refuse(setting, "these names have " + std::to_string(bytes) + " bytes; at most " +
                                std::to_string(bytes_max) + " are taken.");
}

/// Leaves the origins as browsers send them.
void check_cors(config::Section& section, Config& config) {
    for (auto& origin : config.cors.origins) {
        auto normal = normal_origin(origin);
        if (!normal) {
            section.refuse("cors.origins", "`" + origin +
                                               "` is no origin: scheme, host and perhaps a port, "
                                               "as https://www.example.org, without a slash; a "
                                               "name with other letters in its xn-- form.");
            continue;
        }
        origin = *normal;
        if (origin == "*" && config.cors.credentials) {
            section.refuse("cors.credentials",
                           "cannot be on while everybody is allowed: any page could act as the "
                           "user who looks at it.");
        }
    }
    check_names(section, "cors.headers", config.cors.headers, 4096);
    check_names(section, "cors.headers_exposed", config.cors.headers_exposed, exposed_bytes_max);
}

constexpr std::array<std::string_view, 7> method_names = {"DELETE", "GET",  "HEAD", "OPTIONS",
                                                          "PATCH",  "POST", "PUT"};

/// Of a rule, a group: what stands in addresses, metrics and tables.
bool is_short_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    });
}

bool reads(const RouteConfig& route) {
    const auto& methods = route.methods;
    return methods.empty() || std::any_of(methods.begin(), methods.end(), [](const auto& method) {
               return method == "GET" || method == "HEAD";
           });
}

void check_path(config::Section& section, const RouteConfig& route) {
    auto pattern = PathPattern::parse(route.path);
    if (!pattern) {
        section.refuse("path", "`" + route.path + "` " + pattern.error().message +
                                   "; a path is written as /api/articles/{id} or /api/{rest...}.");
    } else if (is_always_native(route.path)) {
        section.refuse("path", "what begins with /v1/ or /console is always answered here.");
    }
}

void check_route(config::Section& section, const RouteConfig& route) {
    if (!is_short_name(route.name) || route.name == unmatched_name) {
        section.refuse("name", "`" + route.name +
                                   "` is no name of a route: up to 64 small letters, digits, "
                                   "hyphens, dots or underscores, and not `unmatched`.");
    }
    if (!route.group.empty() && !is_short_name(route.group)) {
        section.refuse("group", "`" + route.group +
                                    "` is no name of a group: up to 64 small letters, digits, "
                                    "hyphens, dots or underscores.");
    }
    check_path(section, route);
    for (const auto& method : route.methods) {
        if (std::find(method_names.begin(), method_names.end(), method) != method_names.end()) {
            continue;
        }
        section.refuse("methods", "`" + method + "` is no method; they are written as GET.");
    }
    bool shared =
        route.mode == "canary" || route.mode == "native_or_legacy" || route.mode == "shadow";
    if (shared && !reads(route)) {
        section.refuse("mode", route.mode +
                                   " holds for GET and HEAD alone, and this route has neither: a "
                                   "write goes to one side.");
    }
    for (const auto& cookie : route.stick) {
        bool reserved = cookie == stick_to_session || cookie == stick_to_address;
        if (!is_field_name(cookie) || (reserved && route.stick.size() > 1)) {
            section.refuse("stick", "expected names of cookies, or `session` or `address` alone.");
        }
    }
}

void describe_route(config::Section& section, RouteConfig& route) {
    section.text("name", route.name, "How it is called in commands, reports and metrics.");
    section.text("path", route.path,
                 "/api/articles/{id}, or with all that follows: /api/{rest...}. A slash at the end "
                 "does not count.");
    section.list("methods", route.methods, "As GET, POST; GET also serves HEAD. Empty: all.");
    section.choice("mode", route.mode,
                   {"proxied", "shadow", "canary", "native", "native_or_legacy"},
                   "At the first start; later it is set with `portal migrate set`. proxied: the "
                   "monolith answers. shadow: as well, and our answer is compared. canary: we "
                   "answer a share of the clients. native: we answer. native_or_legacy: the "
                   "monolith answers where we cannot.");
    section.integer("percent", route.percent, {0, 100},
                    "Of the clients, for canary; at the first start, as mode.");
    section.list("stick", route.stick,
                 "What tells one client from another, for canary: the session's cookie if there is "
                 "one, else the first of these cookies that there is, else the address. `session`: "
                 "no further cookie. `address`: that alone.");
    section.text("group", route.group,
                 "Routes of one group, for canary, have the same clients on the same side. Empty: "
                 "all routes without one are a group.");
    section.text("upstream", route.upstream,
                 "Which upstream, by its name; empty: as legacy says for the path.");
    section.boolean("buffer", route.buffer,
                    "Requests and answers pass whole; off for streams and long polls.");
    section.boolean("upgrade", route.upgrade, "Connections may become websockets.");
    auto& compare = section.section("compare", "How our answers are held against the monolith's.");
    compare.integer("percent", route.compare_percent, {0, 100},
                    "Of the GETs, in every mode but proxied and native_or_legacy; at the first "
                    "start, as mode.");
    legacy::describe(compare, route.compare);
    check_route(section, route);
}

void describe_routes(config::Section& section, Config& config) {
    section.objects("routes", config.routes,
                    "Which side answers what, while there is a monolith (legacy); the first that "
                    "is for a request counts. What none is for the monolith answers, but for /v1/, "
                    "/console and /.well-known/jwks.json.",
                    describe_route);
    section.integer("routes_max", config.routes_max, {1, 1000},
                    "Routes that there may be; about 40 KiB each.");
    section.list("session_cookies", config.session_cookies,
                 "Cookies of the monolith that say whose session it is.");
    section.duration("native_timeout_ms", config.native_timeout, {1, 600000},
                     "How long we may take on a native_or_legacy route before the monolith is "
                     "asked.");
    auto& ready = section.section("ready", "When a report says that a route is ready.");
    ready.integer("compared_min", config.ready.compared_min, {1, 1000000000},
                  "Answers that were compared.");
    ready.integer("differs_max_millionths", config.ready.differs_max_millionths, {0, 1000000},
                  "Of a million answers so many may differ, as far as 95 % sure; without a single "
                  "one, 1,000 compared say 3,000.");
    ready.integer("quiet_h", config.ready.quiet_h, {0, 8760},
                  "Hours without a new kind of difference; and without a request to the monolith "
                  "before `portal migrate finish`.");
}

void check_routes(config::Section& section, const Config& config) {
    if (std::ssize(config.routes) > config.routes_max) {
        section.refuse("routes", "there are " + std::to_string(config.routes.size()) +
                                     "; at most " + std::to_string(config.routes_max) +
                                     " may be (gateway.routes_max).");
    }
    std::set<std::string> names;
    for (const auto& route : config.routes) {
        if (names.insert(route.name).second) continue;
        section.refuse("routes", "two are called `" + route.name + "`.");
    }
    for (const auto& cookie : config.session_cookies) {
        if (is_field_name(cookie)) continue;
        section.refuse("session_cookies", "`" + cookie + "` is no name of a cookie.");
    }
}

}  // namespace

Config for_open_mode(Config config) {
    const Config delivered;
    auto& throttle = config.throttle;
    if (throttle.registration == delivered.throttle.registration) throttle.registration = {};
    if (throttle.login == delivered.throttle.login) throttle.login = {};
    return config;
}

void describe(config::Section& section, Config& config) {
    section.list("trusted_proxies", config.trusted_proxies,
                 "Addresses or networks (10.0.0.0/8) whose X-Forwarded-For is believed; that of a "
                 "unix socket's client always is.");
    auto& cors = section.section("cors", "Pages of other origins in a browser.");
    cors.list("origins", config.cors.origins,
              "Who may read answers, as https://www.example.org; * for everybody. Empty: nobody.");
    cors.list("headers", config.cors.headers,
              "Request headers that their pages may send, besides those that any page may.");
    cors.list("headers_exposed", config.cors.headers_exposed,
              "Headers of an answer that their scripts see, besides those that any script does.");
    cors.boolean("credentials", config.cors.credentials,
                 "With the cookie of their user; not together with *. The session's cookie is "
                 "SameSite=Lax, so a browser sends it from the same site only (app.example.org to "
                 "api.example.org); pages of other sites log in with a token.");
    cors.duration("max_age_s", config.cors.max_age, {0, 86400},
                  "How long a browser may remember what it was told.");
    auto& throttle = section.section("throttle", "How often one client may ask.");
    throttle.integer("clients_max", config.throttle.clients_max, {1000, 10000000},
                     "Clients that are counted at a time, per class; about 300 bytes each.");
    describe_limits(throttle.section("read", "GET and HEAD."), config.throttle.read);
    describe_limits(throttle.section("write", "Everything else."), config.throttle.write);
    describe_limits(
        throttle.section(
            "registration",
            "POST /v1/users, and PUT of a user: both tell whether an address is taken."),
        config.throttle.registration);
    describe_limits(throttle.section("login", "POST /v1/auth/token and /v1/auth/session."),
                    config.throttle.login);
    describe_signs(section.section("signs",
                                   "What a client looks like that is no reader: see "
                                   "docs/operations.md, Attack signs."),
                   config.signs);
    describe_routes(section, config);
    describe(section.section("database", "Limits of gateway.db."), config.database);

    for (const auto& proxy : config.trusted_proxies) {
        if (!is_network(proxy)) {
            section.refuse("trusted_proxies",
                           "`" + proxy + "` is no address and no network like 10.0.0.0/8.");
        }
    }
    check_cors(section, config);
    check_routes(section, config);
}

}  // namespace gateway
