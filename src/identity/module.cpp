#include "identity/module.hpp"

#include "accounts_service.hpp"
#include "audit_store.hpp"
#include "authenticator_service.hpp"
#include "keys_service.hpp"
#include "login_service.hpp"
#include "maintenance_service.hpp"
#include "password_pool.hpp"
#include "revocations.hpp"
#include "routes.hpp"
#include "telemetry/log.hpp"
#include "token_store.hpp"

namespace identity {

namespace {

/// Beside the life of a token: clocks may have been set back a little.
constexpr std::chrono::seconds skew{30};
constexpr std::int64_t loaded_at_once = 10000;

std::chrono::seconds token_life_of(const Config& config) {
    return std::max(config.access_life_s, config.session_life_s) + skew;
}

PasswordCost cost_of(const Config& config) {
    return {config.password_memory_kib, config.password_passes, config.legacy_iterations_max};
}

/// For co_spawn: whatever ends the maintenance early is said.
void report_end(std::exception_ptr thrown, const base::Result<void>& result) {
    std::string error;
    try {
        if (thrown) std::rethrow_exception(thrown);
        if (!result) error = result.error().message;
    } catch (const std::exception& failure) {
        error = failure.what();
    }
    if (error.empty()) return;
    telemetry::log(telemetry::Level::critical, "identity", "the maintenance has ended",
                   {{"error", error}});
}

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, Dependencies dependencies,
                  std::unique_ptr<database::Database> database, std::unique_ptr<KeysService> keys)
        : executor_(dependencies.background),
          database_(std::move(database)),
          log_(*database_, dependencies.clock, "identity"),
          audit_(log_, config.log_logins),
          keys_(std::move(keys)),
          pool_(static_cast<std::size_t>(config.password_threads),
                static_cast<std::size_t>(config.password_queue_max)),
          accounts_(*database_, audit_, pool_, revocations_, dependencies.clock, cost_of(config),
                    token_life_of(config)),
          logins_({*database_, audit_, pool_, revocations_, *keys_, dependencies.clock,
                   dependencies.metrics},
                  config, cost_of(config), token_life_of(config),
                  hash_password(random_text(16), cost_of(config))),
          authenticator_(*keys_, revocations_, dependencies.clock, config, dependencies.metrics),
          maintenance_(*database_, revocations_, *keys_, dependencies.clock, executor_),
          routes_(accounts_, logins_, authenticator_, *keys_) {
        queue_gauge_ = dependencies.metrics.gauge(
            "portal_identity_password_queue", "Passwords that wait to be hashed.", {},
            [this] { return static_cast<double>(pool_.queued()); });
        revocations_gauge_ = dependencies.metrics.gauge(
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
        return base::run(maintenance_.run_once());
    }

    Accounts& accounts() override { return accounts_; }
    const http::Authenticator& authenticator() const override { return authenticator_; }
    void add_routes(http::Router& router) override { routes_.add_to(router); }

    void start() override { boost::asio::co_spawn(executor_, maintenance_.run(), report_end); }
    void stop() override {
        maintenance_.stop();
        pool_.stop();
    }
    const bus::Feed& feed() const override { return log_; }
    std::chrono::seconds ahead_of_clock() const override { return log_.ahead_of_clock(); }
    bool writable() const override { return database_->writable(); }

private:
    base::Executor executor_;
    std::unique_ptr<database::Database> database_;
    bus::Log log_;
    AuditStore audit_;
    std::unique_ptr<KeysService> keys_;
    Revocations revocations_;
    PasswordPool pool_;
    AccountsService accounts_;
    LoginService logins_;
    AuthenticatorService authenticator_;
    MaintenanceService maintenance_;
    Routes routes_;
    telemetry::Metrics::Registration queue_gauge_;
    telemetry::Metrics::Registration revocations_gauge_;
};

}  // namespace

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   Dependencies dependencies) {
    prepare_crypto();
    database::Options options;
    options.name = "identity";
    options.file = dependencies.folder / "identity.db";
    options.migrations = schema();
    options.limits = config.database;
    options.metrics = &dependencies.metrics;
    options.on_fatal = dependencies.on_fatal;
    auto database = database::Database::open(std::move(options));
    if (!database) return database.error();
    auto keys = KeysService::open(dependencies.folder / "identity.keys.json",
                                  {config.key_life_s, token_life_of(config)}, dependencies.clock);
    if (!keys) return keys.error();
    auto module = std::make_unique<RunningModule>(config, std::move(dependencies),
                                                  std::move(*database), std::move(*keys));
    auto loaded = module->load();
    if (!loaded) return loaded.error();
    return std::unique_ptr<Module>(std::move(module));
}

}  // namespace identity
