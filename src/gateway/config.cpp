#include "client_service.hpp"
#include "gateway/module.hpp"
#include "origin.hpp"

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

    for (const auto& proxy : config.trusted_proxies) {
        if (!is_network(proxy)) {
            section.refuse("trusted_proxies",
                           "`" + proxy + "` is no address and no network like 10.0.0.0/8.");
        }
    }
    check_cors(section, config);
}

}  // namespace gateway
