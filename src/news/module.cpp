#include "news/module.hpp"

#include "command_service.hpp"
#include "projector.hpp"
#include "query_service.hpp"
#include "rebuild.hpp"
#include "scheduler.hpp"
#include "telemetry/log.hpp"

namespace news {

namespace {

/// For co_spawn: whatever ends a background task early is said.
auto report_end(std::string what, std::string type) {
    return [what = std::move(what), type = std::move(type)](std::exception_ptr thrown,
                                                            const base::Result<void>& result) {
        std::string error;
        try {
            if (thrown) std::rethrow_exception(thrown);
            if (!result) error = result.error().message;
        } catch (const std::exception& failure) {
            error = failure.what();
        }
        if (error.empty()) return;
        telemetry::log(telemetry::Level::critical, "news", what,
                       {{"type", type}, {"error", error}});
    };
}

class RunningInstance final : public Instance {
public:
    RunningInstance(std::string type, const Config& config, Dependencies dependencies,
                    std::unique_ptr<database::Database> commands,
                    std::unique_ptr<database::Database> view)
        : type_(std::move(type)),
          config_(config),
          executor_(dependencies.background),
          command_database_(std::move(commands)),
          view_database_(std::move(view)),
          log_(*command_database_, dependencies.clock, "news-" + type_),
          projector_(type_),
          subscription_(view_subscription, log_, *view_database_, projector_, dependencies.clock,
                        config.bus, executor_),
          events_(*command_database_, log_, dependencies.clock),
          command_service_(events_, subscription_.applied(), dependencies.clock, type_,
                           config.view_wait_ms),
          query_service_(*view_database_, *command_database_, subscription_.applied(), type_),
          scheduler_(*view_database_, events_, command_service_, dependencies.clock, type_,
                     config.schedule_interval_ms, executor_) {
        telemetry::Labels labels{{"type", type_}};
        backlog_gauge_ = dependencies.metrics.gauge(
            "portal_news_view_backlog_events", "Events that the view does not show yet.", labels,
            [this] { return static_cast<double>(backlog()); });
        parked_gauge_ = dependencies.metrics.gauge(
            "portal_news_parked_streams", "Articles whose events the view could not take.", labels,
            [this] { return static_cast<double>(parked()); });
        head_gauge_ = dependencies.metrics.gauge(
            "portal_news_log_position", "The newest position of the log.", labels,
            [this] { return static_cast<double>(log_.head()); });
    }

    /// The stores first: what still waits in their queues speaks to the members that follow them.
    ~RunningInstance() override {
        command_database_.reset();
        view_database_.reset();
    }

    const std::string& type() const override { return type_; }
    Commands& commands() override { return command_service_; }
    const Queries& queries() const override { return query_service_; }

    base::Result<void> load() {
        auto filled = base::run(events_.fill_states());
        if (!filled) {
            // Without them every answer is right all the same, but takes longer.
            telemetry::log(telemetry::Level::warning, "news",
                           "the states beside the log are not complete",
                           {{"type", type_}, {"error", filled.error().code}});
        }
        return base::run(subscription_.load());
    }

    void start(bool with_scheduler) override {
        boost::asio::co_spawn(executor_, subscription_.run(),
                              report_end("the projector has ended", type_));
        if (!with_scheduler) return;
        boost::asio::co_spawn(executor_, scheduler_.run(),
                              report_end("the scheduler has ended", type_));
    }

    void stop() override {
        subscription_.stop();
        scheduler_.stop();
    }

    std::int64_t backlog() const override { return subscription_.backlog(); }
    std::size_t parked() const override { return subscription_.parked(); }
    bool writable() const override { return command_database_->writable(); }

    base::Task<bool> caught_up(std::chrono::milliseconds span) override {
        co_return co_await subscription_.applied().reached(log_.head(), span);
    }

    base::Task<std::int64_t> rebuild(
        std::function<void(std::int64_t, std::int64_t)> progress) override {
        if (rebuilding_.exchange(true)) {
            co_return base::Error{base::Reason::conflict, "rebuild_running",
                                  "The view of " + type_ + " is being rebuilt already."};
        }
        auto swapped = [this] { query_service_.view_replaced(); };
        base::Result<std::int64_t> count = base::deadline_passed();
        std::exception_ptr failure;
        try {
            auto rebuilt =
                co_await rebuild_view(*view_database_, log_, type_, config_.bus.batch_events_max,
                                      config_.view_stall_max_ms, std::move(progress), swapped);
            count = std::move(rebuilt);
        } catch (...) {
            failure = std::current_exception();
        }
        rebuilding_.store(false);
        if (failure) std::rethrow_exception(failure);
        co_return count;
    }

private:
    std::string type_;
    Config config_;
    base::Executor executor_;
    std::unique_ptr<database::Database> command_database_;
    std::unique_ptr<database::Database> view_database_;
    bus::Log log_;
    Projector projector_;
    bus::Subscription subscription_;
    EventStore events_;
    CommandService command_service_;
    QueryService query_service_;
    Scheduler scheduler_;
    std::atomic<bool> rebuilding_{false};
    telemetry::Metrics::Registration backlog_gauge_;
    telemetry::Metrics::Registration parked_gauge_;
    telemetry::Metrics::Registration head_gauge_;
};

base::Result<std::unique_ptr<database::Database>> open_store(
    const std::string& type, const char* side, bool durable,
    std::vector<database::MigrationSet> schema, const Config& config,
    const Instance::Dependencies& dependencies) {
    database::Options options;
    options.name = "news-" + type + "." + side;
    options.file = dependencies.folder / (options.name + ".db");
    options.durable = durable;
    options.migrations = std::move(schema);
    options.limits = config.database;
    options.metrics = &dependencies.metrics;
    options.on_fatal = dependencies.on_fatal;
    return database::Database::open(std::move(options));
}

}  // namespace

base::Result<std::unique_ptr<Instance>> Instance::open(std::string type, const Config& config,
                                                       Dependencies dependencies) {
    auto commands = open_store(type, "command", true, command_schema(), config, dependencies);
    if (!commands) return commands.error();
    // NORMAL may lose the newest transactions of the view, cursor and all: they are projected
    // again.
    auto view = open_store(type, "query", false, query_schema(), config, dependencies);
    if (!view) return view.error();
    auto instance = std::make_unique<RunningInstance>(
        std::move(type), config, std::move(dependencies), std::move(*commands), std::move(*view));
    auto loaded = instance->load();
    if (!loaded) return loaded.error();
    return std::unique_ptr<Instance>(std::move(instance));
}

}  // namespace news
