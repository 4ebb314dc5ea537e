#include "legacy/module.hpp"

#include "api_routes.hpp"
#include "compare_service.hpp"
#include "jobs.hpp"
#include "proxy_service.hpp"
#include "sessions_service.hpp"

namespace legacy {

namespace {

std::vector<LoginKind> kinds_that_count(const SessionConfig& config) {
    std::vector<LoginKind> kinds;
    if (config.engine == "whoami") kinds.push_back(LoginKind::cookie_asked);
    if (config.engine == "signed_cookies") kinds.push_back(LoginKind::cookie_signed);
    if (config.takes_signed_tokens()) kinds.push_back(LoginKind::simple_jwt);
    if (config.drf_tokens) kinds.push_back(LoginKind::framework_token);
    return kinds;
}

class RunningModule final : public Module {
public:
    /// `comparer`, `api` and `key_client` may be null.
    RunningModule(const Config& config, const host::Environment& environment,
                  std::unique_ptr<http::Client> client, std::unique_ptr<CompareService> comparer,
                  std::unique_ptr<ApiRoutes> api, SessionKeys session_keys,
                  std::unique_ptr<http::Client> key_client)
        : config_(config),
          clock_(environment.clock),
          metrics_(environment.metrics),
          session_keys_(std::move(session_keys)),
          key_client_(std::move(key_client)),
          public_keys_(key_client_ ? std::make_unique<PublicKeysService>(
                                         *key_client_, config_.sessions, environment.clock)
                                   : nullptr),
          login_traffic_(environment.clock),
          proxy_(config, environment, std::move(client)),
          comparer_(std::move(comparer)),
          api_(std::move(api)) {}

    std::string name() const override { return "legacy"; }
    Proxy& proxy() override { return proxy_; }
    Comparer* comparer() override { return comparer_.get(); }
    http::Limits route_limits() const override {
        return {config_.body_bytes_max, std::chrono::milliseconds(0)};
    }

    std::shared_ptr<const Sessions> sessions(
        const identity::Imports& imports, std::shared_ptr<const http::Authenticator> own) override {
        if (!config_.sessions.takes_cookies() && !config_.sessions.takes_tokens()) return nullptr;
        SessionsService::Parts parts{proxy_,   imports,        clock_,
                                     metrics_, login_traffic_, public_keys_.get()};
        return std::make_shared<SessionsService>(parts, config_.sessions, session_keys_,
                                                 std::move(own));
    }

    LoginsUsed logins_used() const override {
        return login_traffic_.used(kinds_that_count(config_.sessions));
    }

    /// The old routes, if a file says which.
    void add_routes(http::Router& router) override {
        if (api_) api_->add_routes(router);
    }

    /// A monolith that does not answer is no reason to send nobody here: what is native works.
    std::vector<operations::Check> checks() override {
        std::vector<operations::Check> checks;
        for (const auto& upstream : proxy_.upstreams()) {
            checks.push_back({"upstream " + upstream->name(), [] { return std::string(); },
                              [its = upstream.get()] { return its->warning(); }});
        }
        if (comparer_) {
            checks.push_back(
                {"legacy", [] { return std::string(); }, [this] { return comparer_->warning(); }});
        }
        return checks;
    }
    std::vector<operations::NamedJob> jobs() override { return {doctor_job(config_, metrics_)}; }

    base::Task<void> start() override {
        if (comparer_) comparer_->start();
        co_return base::Result<void>();
    }
    base::Task<void> stop(base::Deadline deadline) override {
        if (!comparer_) co_return base::Result<void>();
        co_return co_await comparer_->stop(deadline);
    }

private:
    const Config config_;
    const base::Clock& clock_;
    telemetry::Metrics& metrics_;
    const SessionKeys session_keys_;
    const std::unique_ptr<http::Client> key_client_;
    const std::unique_ptr<PublicKeysService> public_keys_;
    LoginTraffic login_traffic_;
    ProxyService proxy_;
    std::unique_ptr<CompareService> comparer_;
    std::unique_ptr<ApiRoutes> api_;
};

}  // namespace

std::vector<database::StoreFile> Module::stores(const Config& config,
                                                const std::filesystem::path& folder) {
    if (upstreams_of(config).empty()) return {};
    return {compare_store_file(folder)};
}

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment,
                                                   news::Types types) {
    auto client = http::make_client(config.limits.client, environment.metrics);
    if (!client) return client.error();
    auto api = open_api(config.api, std::move(types));
    if (!api) return api.error();
    auto session_keys = read_session_keys(config.sessions);
    if (!session_keys) return session_keys.error();
    std::unique_ptr<http::Client> key_client;
    if (!config.sessions.tokens_jwks_url.empty()) {
        auto made = http::make_client(config.limits.client, environment.metrics);
        if (!made) return made.error();
        key_client = std::move(*made);
    }
    std::unique_ptr<CompareService> comparer;
    if (!upstreams_of(config).empty()) {
        auto opened = open_comparer(config.compare, environment);
        if (!opened) return opened.error();
        comparer = std::move(*opened);
    }
    return std::unique_ptr<Module>(std::make_unique<RunningModule>(
        config, environment, std::move(*client), std::move(comparer), std::move(*api),
        std::move(*session_keys), std::move(key_client)));
}

}  // namespace legacy
