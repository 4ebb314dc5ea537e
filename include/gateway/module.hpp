#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bus/feed.hpp"
#include "config/section.hpp"
#include "database/database.hpp"
#include "database/store_file.hpp"
#include "gateway/migration.hpp"
#include "gateway/route_config.hpp"
#include "gateway/sign_limits.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "http/request_observer.hpp"
#include "http/route_chooser.hpp"
#include "identity/imports.hpp"
#include "legacy/comparison.hpp"
#include "legacy/proxy.hpp"
#include "telemetry/metrics.hpp"

namespace gateway {

/// How often one client may ask for routes of one class; 0: as often as it likes. The `same_`
/// limits hold for one method and target by themselves.
struct Limits {
    std::int64_t per_second = 0;
    std::int64_t per_minute = 0;
    std::int64_t same_per_second = 0;
    std::int64_t same_per_minute = 0;

    bool operator==(const Limits&) const = default;
};

/// Settings of the gateway; describe() says what each means.
struct Config {
    std::vector<std::string> trusted_proxies{};
    struct {
        std::vector<std::string> origins{};
        std::vector<std::string> headers{"Authorization",
                                         "Baggage",
                                         "Content-Type",
                                         "Idempotency-Key",
                                         "If-Match",
                                         "If-None-Match",
                                         "If-Modified-Since",
                                         "If-Unmodified-Since",
                                         "Last-Event-ID",
                                         "Prefer",
                                         "Range",
                                         "Sentry-Trace",
                                         "Traceparent",
                                         "Tracestate",
                                         "X-CSRF-Token",
                                         "X-Request-Id",
                                         "X-Requested-With"};
        std::vector<std::string> headers_exposed{
            "ETag",        "Link",        "Location", "RateLimit", "RateLimit-Policy",
            "Retry-After", "X-Request-Id"};
        bool credentials = false;
        std::chrono::seconds max_age{600};
    } cors;
    struct {
        std::int64_t clients_max = 100000;
        Limits read{};
        Limits write{};
        Limits registration{0, 10, 0, 0};
        Limits login{0, 10, 0, 0};
    } throttle;
    SignLimits signs{};
    std::vector<RouteConfig> routes{};
    std::int64_t routes_max = 200;
    std::vector<std::string> session_cookies{"sessionid"};
    std::chrono::milliseconds native_timeout{2000};
    ReadyLimits ready{};
    database::Config database{};
};

void describe(config::Section& section, Config& config);

/// For open mode: registration and login without the limits that they have as delivered, since a
/// trial is one client that registers many. Limits that were configured otherwise stay.
Config for_open_mode(Config config);

/// What each request passes before it is known who asks, in this order:
///
/// 1. Who is the client? Behind a trusted proxy (or on a unix socket) the last address of
///    X-Forwarded-For that is no trusted proxy; else whoever holds the connection, whatever the
///    request says. X-Forwarded-Proto is believed of the same. A peer that sends X-Forwarded-For
///    and is not trusted is warned of, once.
/// 2. May a page of another origin have the answer (CORS)? Not asked where another server answers,
///    as that one knows. Only the origins of the list. Answers a preflight. Also what is refused
///    before it is routed says so, if its Origin has come.
/// 3. `signs`: does the client look like an attack that is to be refused? 429 `client_blocked`, or
///    429 `too_many_requests`; see SignLimits.
/// 4. Does the client ask too often? 429 `too_many_requests` with Retry-After, RateLimit and
///    RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10). An address that many clients seem
///    to share, since what they say of themselves differs, is warned of when one is refused, once.
///
/// `config` must be valid, as after describe(). `metrics` outlives the result.
http::Interceptors pipeline(const Config& config, telemetry::Metrics& metrics,
                            std::shared_ptr<const http::Interceptor> signs);

/// Whom the gateway asks. All of them outlive it.
struct Neighbours {
    legacy::Proxy* proxy = nullptr;        ///< null: there is no monolith
    legacy::Comparer* comparer = nullptr;  ///< null: nothing is compared
    http::Limits forwarded{};              ///< of what is passed on
    /// Of the public listener, with a proxy.
    const http::Authenticator* authenticator = nullptr;
    identity::Imports* imports = nullptr;  ///< null: nobody came from the monolith
    /// The models that the monolith owns, without which it is not done; null: none.
    std::function<std::vector<std::string>()> owned_by_monolith{};
};

/// What each request passes first, and who answers it. Serves /v1/migration/…
class Module : public host::Module {
public:
    static std::vector<database::StoreFile> stores(const Config& config,
                                                   const std::filesystem::path& folder);
    /// Opens the store, `gateway.db`, and tells the comparer of the routes. In open mode as
    /// for_open_mode(). The comparer's thread has the last number of the environment's io_threads.
    /// Refused with `unknown_upstream`, and as database::Database::open is.
    static base::Result<std::unique_ptr<Module>> open(const Config& config,
                                                      const host::Environment& environment,
                                                      Neighbours neighbours);

    /// Of the public listener: see pipeline().
    virtual const http::Interceptors& interceptors() const = 0;
    /// Of the public listener: looks for attack signs in what clients ask.
    virtual std::shared_ptr<const http::RequestObserver> observer() = 0;
    /// GET /clients of the operations listener: those that look like an attack.
    virtual void add_operator_routes(http::Router& router) = 0;
    /// Of the public listener; null if there is no monolith. add_routes() comes before its begin().
    virtual std::shared_ptr<http::RouteChooser> chooser() = 0;
    virtual Migration& migration() = 0;
    /// `route_mode_changed`, `route_mode_undone`: see gateway/events.hpp.
    virtual const bus::Feed& feed() const = 0;
};

}  // namespace gateway
