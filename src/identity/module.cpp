#include "identity/module.hpp"

#include "accounts_service.hpp"
#include "api_keys_service.hpp"
#include "audit_store.hpp"
#include "authenticator_service.hpp"
#include "export_service.hpp"
#include "host/open_store.hpp"
#include "host/store_check.hpp"
#include "host/task_group.hpp"
#include "import_service.hpp"
#include "keys_service.hpp"
#include "login_service.hpp"
#include "maintenance_service.hpp"
#include "password_pool.hpp"
#include "revocations.hpp"
#include "routes.hpp"
#include "sessions_routes.hpp"
#include "telemetry/log.hpp"
#include "token_store.hpp"

namespace identity {

namespace {

/// Beside the life of a token: clocks may have been set back a little.
constexpr std::chrono::seconds skew{30};
constexpr std::int64_t loaded_at_once = 10000;

std::filesystem::path keys_file(const std::filesystem::path& folder) {
    return folder / "identity.keys.json";
}

std::chrono::seconds token_life_of(const Config& config) {
    return std::max(config.access_life_s, config.session_life_s) + skew;
}

PasswordCost cost_of(const Config& config) {
    return {config.password_memory_kib,
            config.password_passes,
            {config.legacy_iterations_max, config.password_memory_bytes_max,
             config.weak_legacy_hashes}};
}

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment,
                  std::unique_ptr<database::Database> database, std::unique_ptr<KeysService> keys)
        : tasks_("identity", environment),
          database_(std::move(database)),
          log_(*database_, environment.clock, "identity"),
          audit_(log_, config.log_logins),
          keys_(std::move(keys)),
          pool_(static_cast<std::size_t>(config.password_threads),
                static_cast<std::size_t>(config.password_queue_max),
                config.password_memory_bytes_max),
          rules_(environment.open_mode ? PasswordRules::any : PasswordRules::full),
          accounts_(*database_, audit_, pool_, revocations_, environment.clock, cost_of(config),
                    token_life_of(config), rules_),
          imports_(*database_, audit_, revocations_, environment.clock, token_life_of(config),
                   cost_of(config).django, rules_),
          logins_({*database_, audit_, pool_, revocations_, *keys_, environment.clock,
                   environment.metrics, rules_},
                  config, cost_of(config), token_life_of(config),
                  hash_password(random_text(16), cost_of(config))),
          sessions_(*database_, audit_, revocations_, environment.clock, token_life_of(config)),
          api_keys_(*database_, known_api_keys_, environment.clock, config.api_keys_max),
          authenticator_(*keys_, revocations_, known_api_keys_, environment.clock, config,
                         environment.metrics, rules_),
          maintenance_(*database_, revocations_, *keys_, environment.clock, environment.background),
          routes_(accounts_, logins_, authenticator_, *keys_, api_keys_, environment.clock) {
        authenticator_.rests_on([this] { return database_->usable(); });
        queue_gauge_ = environment.metrics.gauge(
            "portal_identity_password_queue", "Passwords that wait to be hashed.", {},
            [this] { return static_cast<double>(pool_.queued()); });
        memory_gauge_ = environment.metrics.gauge(
            "portal_identity_password_memory_bytes", "Memory of the passwords under way.", {},
            [this] { return static_cast<double>(pool_.memory_bytes()); });
        revocations_gauge_ = environment.metrics.gauge(
            "portal_identity_revocations", "Users and logins of which tokens count no more.", {},
            [this] { return static_cast<double>(revocations_.size()); });
    }

    /// The store first: what still waits in its queues speaks to the members that follow it.
    ~RunningModule() override { database_.reset(); }

    /// Before anybody asks: what is revoked, and what the time that passed has made due.
    base::Result<void> load() {
        std::optional<Revocation> last;
        for (;;) {
            auto work = [last](database::ReadTransaction& transaction)
                -> base::Result<std::vector<Revocation>> {
                return revocations_after(transaction, last, loaded_at_once);
            };
            auto part = base::run(database_->read<std::vector<Revocation>>(base::Deadline(), work));
            if (!part) return part.error();
            if (part->empty()) break;
            revocations_.add_all(*part);
            last = part->back();
        }
        auto keys = base::run(api_keys_.load());
        if (!keys) return keys;
        auto renewed = base::run(accounts_.renew_keys());
        if (!renewed) return renewed;
        return base::run(maintenance_.run_once());
    }

    Accounts& accounts() override { return accounts_; }
    Imports& imports() override { return imports_; }
    const Exports& exports() const override { return exports_; }
    const http::Authenticator& authenticator() const override { return authenticator_; }
    void add_routes(http::Router& router) override {
        routes_.add_to(router);
        add_sessions_routes(router, sessions_, accounts_, log_);
        router.add(operations::health_route("/v1/auth/healthcheck", checks()));
    }

    std::string name() const override { return "identity"; }
    std::vector<operations::Check> checks() override {
        return {host::store_check("identity", *database_, &log_)};
    }
    std::vector<const bus::Trail*> trails() const override { return {&log_}; }

    base::Task<void> start() override {
        tasks_.spawn("maintenance", "what is over is not forgotten",
                     [this] { return maintenance_.run(); });
        co_return base::Result<void>();
    }
    base::Task<void> stop(base::Deadline deadline) override {
        maintenance_.stop();
        pool_.stop();
        co_return co_await tasks_.ended(deadline);
    }
    const bus::Feed& feed() const override { return log_; }

private:
    host::TaskGroup tasks_;
    std::unique_ptr<database::Database> database_;
    bus::Log log_;
    AuditStore audit_;
    std::unique_ptr<KeysService> keys_;
    Revocations revocations_;
    PasswordPool pool_;
    const PasswordRules rules_;  ///< of open mode: for trials any password will do
    AccountsService accounts_;
    ImportService imports_;
    ExportService exports_{*database_};
    LoginService logins_;
    SessionsService sessions_;
    KnownApiKeys known_api_keys_;
    ApiKeysService api_keys_;
    AuthenticatorService authenticator_;
    MaintenanceService maintenance_;
    Routes routes_;
    telemetry::Metrics::Registration queue_gauge_;
    telemetry::Metrics::Registration memory_gauge_;
    telemetry::Metrics::Registration revocations_gauge_;
};

}  // namespace

std::vector<database::StoreFile> Module::stores(const Config&,
                                                const std::filesystem::path& folder) {
    return {{"identity", folder / "identity.db", database::StoreKind::log, "people"}};
}

std::vector<std::filesystem::path> Module::files(const Config&,
                                                 const std::filesystem::path& folder) {
    return {keys_file(folder)};
}

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment) {
    prepare_crypto();
    auto database = host::open_store(stores(config, environment.folder).front(), schema(),
                                     config.database, environment);
    if (!database) return database.error();
    auto keys = KeysService::open(keys_file(environment.folder),
                                  {config.key_life_s, token_life_of(config)}, environment.clock);
    if (!keys) return keys.error();
    auto module = std::make_unique<RunningModule>(config, environment, std::move(*database),
                                                  std::move(*keys));
    auto loaded = database::unless_out(module->load());
    if (!loaded) return loaded.error();
    return std::unique_ptr<Module>(std::move(module));
}

}  // namespace identity
