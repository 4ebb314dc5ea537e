#include "news/instance.hpp"

#include "command_service.hpp"
#include "count_store.hpp"
#include "host/open_store.hpp"
#include "host/task_group.hpp"
#include "importer_service.hpp"
#include "list_store.hpp"
#include "name_store.hpp"
#include "projector.hpp"
#include "query_service.hpp"
#include "rebuild.hpp"
#include "scheduler.hpp"
#include "telemetry/log.hpp"
#include "version_store.hpp"

namespace news {

namespace {

/// The view's inbox: a view that is none of its log's history is replaced as a whole.
class ViewInbox final : public bus::StoreInbox {
public:
    using Replace = std::function<base::Task<bus::Cursor>()>;

    ViewInbox(database::Database& view, Projector& projector, const base::Clock& clock,
              Replace replace)
        : StoreInbox(view_subscription, view, projector, clock), replace_(std::move(replace)) {}

    base::Task<bus::Cursor> begin_anew(const bus::Feed&) override { co_return co_await replace_(); }

private:
    Replace replace_;
};

/// So many articles from before slugs are given one at once.
constexpr std::int64_t named_at_once = 500;

class RunningInstance final : public Instance {
public:
    RunningInstance(std::string type, const Config& config, const host::Environment& environment,
                    std::unique_ptr<database::Database> commands,
                    std::unique_ptr<database::Database> view)
        : type_(std::move(type)),
          config_(config),
          clock_(environment.clock),
          scheduled_(environment.scheduled),
          tasks_("news-" + type_, environment),
          command_database_(std::move(commands)),
          view_database_(std::move(view)),
          log_(*command_database_, environment.clock, "news-" + type_),
          projector_(type_),
          inbox_(*view_database_, projector_, environment.clock, [this] { return replace(); }),
          subscription_(log_, inbox_, environment.clock, config.bus, environment.background),
          events_(*command_database_, log_, environment.clock, config.stream_bytes_max),
          importer_(*command_database_, log_, environment.clock),
          command_service_(events_, importer_, inbox_.applied(), environment.clock, type_,
                           config.view_wait_ms, config.embeds),
          query_service_(*view_database_, *command_database_, inbox_.applied(), environment.clock,
                         type_, config.author_lists),
          scheduler_(*view_database_, events_, command_service_, environment.clock, type_,
                     config.schedule_interval_ms, environment.background) {
        telemetry::Labels labels{{"type", type_}};
        backlog_gauge_ = environment.metrics.gauge(
            "portal_news_view_backlog_events", "Events that the view does not show yet.", labels,
            [this] { return static_cast<double>(backlog()); });
        parked_gauge_ = environment.metrics.gauge(
            "portal_news_parked_streams", "Articles whose events the view could not take.", labels,
            [this] { return static_cast<double>(parked()); });
        head_gauge_ = environment.metrics.gauge(
            "portal_news_log_position", "The newest position of the log.", labels,
            [this] { return static_cast<double>(log_.head().value()); });
    }

    /// The stores first: what still waits in their queues speaks to the members that follow them.
    ~RunningInstance() override {
        command_database_.reset();
        view_database_.reset();
    }

    const std::string& type() const override { return type_; }
    Commands& commands() override { return command_service_; }
    const Queries& queries() const override { return query_service_; }
    Importer& importer() override { return importer_; }

    const bus::Feed& feed() const override { return log_; }
    const bus::Trail& trail() const override { return log_; }

    base::Result<void> load(bool accept_older_data) {
        auto filled = base::run(events_.fill_states());
        if (!filled) {
            // Without them every answer is right all the same, but takes longer.
            telemetry::log(telemetry::Level::warning, "news",
                           "the states beside the log are not complete",
                           {{"type", type_}, {"error", filled.error().code}});
        }
        auto counted = fill_view_counts();
        if (!counted) {
            // Nobody is told a number then.
            telemetry::log(telemetry::Level::warning, "news", "the articles are not counted",
                           {{"type", type_}, {"error", counted.error().code}});
        }
        auto named = name_articles();
        if (!named) {
            // They are shown without a slug then.
            telemetry::log(telemetry::Level::warning, "news", "not all articles have a slug yet",
                           {{"type", type_}, {"error", named.error().code}});
        }
        auto listed = list_by_author();
        if (!listed) {
            query_service_.lists_authors(false);
            telemetry::log(telemetry::Level::warning, "news",
                           "the lists by author are as they were",
                           {{"type", type_}, {"error", listed.error().code}});
        }
        auto loaded = base::run(subscription_.load());
        if (!loaded || subscription_.fits()) return loaded;
        // A view is never ahead of its log, so this is not the log that it was made from.
        if (subscription_.loaded().position > log_.head().value() && !accept_older_data) {
            return base::Error{
                base::Reason::conflict, "older_data",
                "The log of " + type_ + " (news-" + type_ +
                    ".command.db) is older than what its view has seen: it ends at event " +
                    std::to_string(log_.head().value()) + ", the view is at " +
                    std::to_string(subscription_.loaded().position) +
                    ". Put the newer file back, or start with --accept-older-data to go on with "
                    "this one."};
        }
        query_service_.view_fits(false);
        return {};
    }

    void guard(const ChangeGuard& guard) override { events_.guard(guard); }
    void start() override {
        tasks_.spawn("projector", "the view does not follow its log",
                     [this] { return subscription_.run(); });
        if (!scheduled_) return;
        tasks_.spawn("scheduler", "nothing is published at its time",
                     [this] { return scheduler_.run(); });
    }

    base::Task<void> stop(base::Deadline deadline) override {
        subscription_.stop();
        scheduler_.stop();
        co_return co_await tasks_.ended(deadline);
    }

    std::int64_t backlog() const override { return subscription_.backlog(); }
    std::size_t parked() const override { return subscription_.parked(); }
    bus::Subscription& subscription() override { return subscription_; }
    bool view_fits() const override { return subscription_.fits(); }
    std::chrono::seconds ahead_of_clock() const override { return log_.ahead_of_clock(); }
    bool writable() const override { return command_database_->writable(); }
    std::string warning() const override {
        auto first = command_database_->warning();
        return first.empty() ? view_database_->warning() : first;
    }

    base::Task<bool> caught_up(std::chrono::milliseconds span) override {
        co_return co_await subscription_.applied().reached(log_.head().value(), clock_, span);
    }

    base::Task<std::int64_t> rebuild(
        std::function<void(std::int64_t, std::int64_t)> progress) override {
        if (rebuilding_.exchange(true)) co_return rebuild_running();
        auto swapped = [this] { query_service_.view_replaced(); };
        base::Result<std::int64_t> count = base::deadline_passed();
        std::exception_ptr failure;
        try {
            auto wanted = rebuild_of(std::move(swapped));
            auto rebuilt = co_await rebuild_view(std::move(wanted), std::move(progress));
            count = std::move(rebuilt);
        } catch (...) {
            failure = std::current_exception();
        }
        rebuilding_.store(false);
        if (failure) std::rethrow_exception(failure);
        co_return count;
    }

private:
    /// Before the first event is applied: what was not counted from the beginning is never right.
    base::Result<void> fill_view_counts() {
        auto look = [](database::ReadTransaction& transaction) -> base::Result<bool> {
            return read_counts(transaction, active_slot(transaction)).has_value();
        };
        auto known = base::run(view_database_->read<bool>(base::Deadline(), std::move(look)));
        if (!known) return known.error();
        if (*known) return {};
        auto work = [](database::Transaction& transaction) -> base::Result<void> {
            fill_counts(transaction, active_slot(transaction));
            return {};
        };
        return base::run(view_database_->write<void>(base::Deadline(), 0, std::move(work)));
    }

    /// Gives the articles of the time before slugs theirs, a few at a time.
    base::Result<void> name_articles() {
        using Articles = std::vector<Unnamed>;
        using States = std::vector<ArticleState>;
        auto ask = [](database::ReadTransaction& view) -> base::Result<bool> {
            return names_are_filled(view);
        };
        auto filled = base::run(view_database_->read<bool>(base::Deadline(), std::move(ask)));
        if (!filled) return filled.error();
        ArticleId last = 0;
        for (bool more = !*filled; more;) {
            auto look = [last](database::ReadTransaction& view) -> base::Result<Articles> {
                return unnamed(view, active_slot(view), last, named_at_once);
            };
            auto articles =
                base::run(view_database_->read<Articles>(base::Deadline(), std::move(look)));
            if (!articles) return articles.error();
            more = !articles->empty();
            if (more) last = articles->back().id;
            // The view may be behind: what its log says beyond comes as to every view.
            auto read = [&articles](database::ReadTransaction& log) -> base::Result<States> {
                States states;
                for (const auto& [id, version] : *articles) {
                    auto state = read_state(log, id, version);
                    if (state) states.push_back(std::move(*state));
                }
                return states;
            };
            auto states =
                base::run(command_database_->read<States>(base::Deadline(), std::move(read)));
            if (!states) return states.error();
            auto work = [&states, more](database::Transaction& view) -> base::Result<void> {
                auto slot = active_slot(view);
                for (const auto& state : *states) put_names(view, slot, state);
                if (!more) note_names_filled(view);
                return {};
            };
            auto put = base::run(view_database_->write<void>(base::Deadline(), 0, std::move(work)));
            if (!put) return put.error();
        }
        return {};
    }

    /// As the configuration says. Where that is so already it writes nothing.
    base::Result<void> list_by_author() {
        auto work = [wanted = config_.author_lists](
                        database::Transaction& transaction) -> base::Result<void> {
            keep_author_lists(transaction, active_slot(transaction), wanted);
            return {};
        };
        return base::run(view_database_->write<void>(base::Deadline(), 0, std::move(work)));
    }

    base::Error rebuild_running() const {
        return {base::Reason::unavailable, "rebuild_running",
                "The view of " + type_ + " is being rebuilt already."};
    }

    ViewRebuild rebuild_of(std::function<void()> swapped) {
        return {*view_database_,
                log_,
                clock_,
                type_,
                config_.bus.batch_events_max,
                config_.view_stall_max_ms,
                std::move(swapped)};
    }

    /// For the inbox. A rebuild that somebody has asked for uses the same slot: this waits for it.
    base::Task<bus::Cursor> replace() {
        query_service_.view_fits(false);
        query_service_.view_replaced();
        if (rebuilding_.exchange(true)) co_return rebuild_running();
        auto swapped = [this] {
            query_service_.view_replaced();
            query_service_.view_fits(true);
        };
        base::Result<bus::Cursor> cursor = base::deadline_passed();
        std::exception_ptr failure;
        try {
            auto wanted = rebuild_of(std::move(swapped));
            auto replaced = co_await replace_view(std::move(wanted));
            cursor = std::move(replaced);
        } catch (...) {
            failure = std::current_exception();
        }
        rebuilding_.store(false);
        if (failure) std::rethrow_exception(failure);
        co_return cursor;
    }

    std::string type_;
    Config config_;
    const base::Clock& clock_;
    const bool scheduled_;
    host::TaskGroup tasks_;
    std::unique_ptr<database::Database> command_database_;
    std::unique_ptr<database::Database> view_database_;
    bus::Log log_;
    Projector projector_;
    ViewInbox inbox_;
    bus::Subscription subscription_;
    EventStore events_;
    ImporterService importer_;
    CommandService command_service_;
    QueryService query_service_;
    Scheduler scheduler_;
    std::atomic<bool> rebuilding_{false};
    telemetry::Metrics::Registration backlog_gauge_;
    telemetry::Metrics::Registration parked_gauge_;
    telemetry::Metrics::Registration head_gauge_;
};

}  // namespace

std::vector<database::StoreFile> store_files(const std::filesystem::path& folder,
                                             const std::string& type) {
    // Which types there are is up to the configuration of a start, so each is a group.
    auto group = "news-" + type;
    auto file = [&](const char* side, database::StoreKind kind) {
        auto name = group + side;
        return database::StoreFile{name, folder / (name + ".db"), kind, group, {}};
    };
    auto commands = file(".command", database::StoreKind::log);
    commands.derived = {"article_states", "states_filled"};
    return {std::move(commands), file(".query", database::StoreKind::view)};
}

base::Result<std::unique_ptr<Instance>> Instance::open(std::string type, const Config& config,
                                                       const host::Environment& environment) {
    auto files = store_files(environment.folder, type);
    auto commands = host::open_store(files[0], command_schema(), config.database, environment);
    if (!commands) return commands.error();
    // NORMAL may lose the newest transactions of the view, cursor and all: they are projected
    // again.
    auto view = host::open_store(files[1], query_schema(), config.database, environment);
    if (!view) return view.error();
    auto instance = std::make_unique<RunningInstance>(std::move(type), config, environment,
                                                      std::move(*commands), std::move(*view));
    auto loaded = instance->load(environment.accept_older_data);
    if (!loaded) return loaded.error();
    return std::unique_ptr<Instance>(std::move(instance));
}

}  // namespace news
