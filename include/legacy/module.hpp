#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/section.hpp"
#include "database/store_file.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "http/client.hpp"
#include "http/router.hpp"
#include "identity/imports.hpp"
#include "legacy/compare_config.hpp"
#include "legacy/comparison.hpp"
#include "legacy/config_api.hpp"
#include "legacy/login_use.hpp"
#include "legacy/proxy.hpp"
#include "legacy/session_config.hpp"
#include "legacy/sessions.hpp"
#include "news/types.hpp"
#include "resilience/circuit_breaker.hpp"

namespace legacy {

/// One server of the monolith.
struct UpstreamConfig {
    std::string name{};
    std::string prefix = "/";
    std::string url{};
    std::int64_t weight = 1;
};

/// One folder of the monolith's that is served here.
struct StaticFolder {
    std::string path{};    ///< `/static/`
    std::string folder{};  ///< as STATIC_ROOT has it
};

/// What is asked of a monolith differs from what is asked of a service that is built for it.
struct UpstreamLimits {
    UpstreamLimits();
    http::ClientConfig client{};
    resilience::CircuitBreakerConfig breaker{};
};

/// Settings of the way to the monolith; describe() says what each means.
struct Config {
    std::string upstream{};
    std::vector<UpstreamConfig> upstreams{};
    std::int64_t body_bytes_max = 100 * 1024 * 1024;
    std::int64_t buffer_bytes = 64 * 1024;
    std::int64_t spool_bytes_max = 1024 * 1024 * 1024;
    std::int64_t disk_free_bytes_min = 100 * 1024 * 1024;
    std::int64_t compare_bytes_max = 256 * 1024;
    std::chrono::milliseconds answer_timeout{600000};
    std::vector<std::string> headers_dropped{
        "CF-Connecting-IP",  "Client-Cert",         "Client-Cert-Chain",    "Remote-User",
        "SSL-Client-Verify", "True-Client-IP",      "X-Auth-Request-Email", "X-Auth-Request-User",
        "X-Client-IP",       "X-Cluster-Client-IP", "X-Original-URL",       "X-Remote-User",
        "X-Rewrite-URL",     "X-SSL-Client-Verify"};
    UpstreamLimits limits{};
    std::vector<StaticFolder> static_folders{};
    CompareConfig compare{};
    ApiConfig api{};
    SessionConfig sessions{};
};

void describe(config::Section& section, Config& config);

/// The upstreams of a valid configuration, also of one that names only `upstream`.
std::vector<UpstreamConfig> upstreams_of(const Config& config);

/// The way to the monolith that portal stands in front of, if there is one.
class Module : public host::Module {
public:
    static std::vector<database::StoreFile> stores(const Config& config,
                                                   const std::filesystem::path& folder);
    /// Opens what comparisons have shown, `legacy.db`, if there is a monolith. `config` is valid,
    /// as after describe(). Refused with `ca_unusable` as http::make_client() is, as
    /// database::Database::open is, and with `cannot_read` or `invalid_legacy_api` (all that is
    /// wrong, each with its path) if the file of the old routes cannot be used, and with
    /// `secret_file_unusable` (invalid) if a file of the site's secret keys cannot.
    static base::Result<std::unique_ptr<Module>> open(const Config& config,
                                                      const host::Environment& environment,
                                                      news::Types types);

    /// Lives as long as the module, which must outlive the server that calls it.
    virtual Proxy& proxy() = 0;
    /// Null if there is no monolith. Works from start() to stop(): what its asks use must be there.
    virtual Comparer* comparer() = 0;
    /// Of a route whose requests are passed on: how large they may be; and no deadline, since the
    /// proxy has limits of its own for each step.
    virtual http::Limits route_limits() const = 0;
    /// Who sends a request by a login of the site, or else as `own` says; null if no login of the
    /// site counts here. Used no longer than the module; `imports` outlives it.
    virtual std::shared_ptr<const Sessions> sessions(
        const identity::Imports& imports, std::shared_ptr<const http::Authenticator> own) = 0;
    /// How often such logins are still used. Thread-safe.
    virtual LoginsUsed logins_used() const = 0;
};

}  // namespace legacy
