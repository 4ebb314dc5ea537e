#include "news/instance.hpp"

#include <algorithm>

#include "archive_service.hpp"
#include "archives_service.hpp"
#include "base/turn.hpp"
#include "command_service.hpp"
#include "heading_service.hpp"
#include "host/open_store.hpp"
#include "host/task_group.hpp"
#include "importer_service.hpp"
#include "item_service.hpp"
#include "projector.hpp"
#include "query_service.hpp"
#include "rebuild.hpp"
#include "scheduler.hpp"
#include "telemetry/log.hpp"
#include "version_store.hpp"
#include "view_preparation_service.hpp"

namespace news {

namespace {

/// The view's inbox: a view that is none of its log's history, or whose file is gone, is replaced
/// as a whole.
class ViewInbox final : public bus::StoreInbox {
public:
    using Replace = std::function<base::Task<bus::Cursor>()>;

    ViewInbox(database::Database& view, const database::Database& commands, const bus::Log& log,
              Projector& projector, const base::Clock& clock, Replace replace)
        : StoreInbox(view_subscription, view, projector, clock),
          view_(view),
          commands_(commands),
          log_(log),
          replace_(std::move(replace)) {}

    base::Task<bus::Progress> load() override {
        auto progress = co_await StoreInbox::load();
        // One with nothing in it is no answer to who asks for what the log has, or may have.
        bool has_events = log_.head().value() > 0 || !commands_.usable();
        is_empty_ = progress && progress->cursor.position == 0 && has_events;
        co_return progress;
    }
    bool is_lost() const override { return is_empty_ || !view_.usable(); }
    base::Task<bus::Cursor> begin_anew(const bus::Feed&) override {
        auto cursor = co_await replace_();
        if (cursor) is_empty_ = false;
        co_return cursor;
    }

private:
    const database::Database& view_;
    const database::Database& commands_;
    const bus::Log& log_;
    Replace replace_;
    bool is_empty_ = false;
};

/// How soon after another a view's file is begun anew, on a disk that spoils each.
constexpr std::chrono::milliseconds renewal_pause_min{1000};
constexpr std::chrono::milliseconds renewal_pause_max{60 * 1000};

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
          inbox_(*view_database_, *command_database_, log_, projector_, environment.clock,
                 [this] { return replace(); }),
          subscription_(log_, inbox_, environment.clock, config.bus, environment.background),
          events_(*command_database_, log_, environment.clock, config.stream_bytes_max),
          archives_(type_, config.database, environment),
          archive_service_(archive_parts()),
          importer_(*command_database_, log_, archive_service_, environment.clock),
          command_service_(events_, importer_, archive_service_, inbox_.applied(),
                           environment.clock, type_, config.view_wait_ms, config.embeds,
                           workflow_of(config, type_)),
          query_service_(*view_database_, *command_database_, archives_, inbox_.applied(),
                         environment.clock, type_, config.author_lists),
          item_service_(*view_database_, type_, [this] { return query_service_.ready(); }),
          heading_service_(*view_database_, environment.clock, type_,
                           [this] { return query_service_.ready(); }),
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
    const Items& items() const override { return item_service_; }
    const Headings& headings() const override { return heading_service_; }
    Importer& importer() override { return importer_; }
    Archiver& archiver() override { return archive_service_; }

    const bus::Feed& feed() const override { return log_; }
    const bus::Trail& trail() const override { return log_; }

    base::Result<void> load(bool accept_older_data) {
        auto archives = open_archives();
        if (!archives) return archives;
        auto filled = base::run(events_.fill_states());
        if (!filled) {
            // Without them every answer is right all the same, but takes longer.
            telemetry::log(telemetry::Level::warning, "news",
                           "the states beside the log are not complete",
                           {{"type", type_}, {"error", filled.error().code}});
        }
        if (view_database_->usable()) {
            note_lists(base::run(prepare_view(view_to_prepare())));
        }
        auto loaded = base::run(subscription_.load());
        if (loaded && subscription_.fits()) settle_archives();
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
    bool readable() const override { return view_fits() && view_database_->usable(); }
    bool has_room() const override {
        return command_database_->state() != database::Database::State::open ||
               command_database_->writable();
    }
    std::string warning() const override {
        auto first = command_database_->warning();
        if (first.empty()) first = view_database_->warning();
        return first.empty() ? archives_.warning() : first;
    }

    base::Task<bool> caught_up(std::chrono::milliseconds span) override {
        co_return co_await subscription_.applied().reached(log_.head().value(), clock_, span);
    }

    base::Task<std::int64_t> rebuild(
        std::function<void(std::int64_t, std::int64_t)> progress) override {
        base::Turn turn(view_turn_);
        if (!turn.is_mine()) co_return rebuild_running();
        auto swapped = [this] { query_service_.view_replaced(); };
        auto wanted = rebuild_of(std::move(swapped));
        co_return co_await rebuild_view(std::move(wanted), std::move(progress));
    }

private:
    ViewToPrepare view_to_prepare() {
        return {*view_database_, *command_database_, type_, config_.author_lists};
    }

    ArchiveParts archive_parts() {
        return {*command_database_,
                *view_database_,
                archives_,
                clock_,
                type_,
                view_turn_,
                [this] { return subscription_.fits(); },
                [this] { query_service_.view_replaced(); }};
    }

    base::Result<void> open_archives() {
        using Names = std::vector<std::string>;
        auto look = [](database::ReadTransaction& log) -> base::Result<Names> {
            return bus::archives_of(log);
        };
        auto names = base::run(command_database_->read<Names>(base::Deadline(), std::move(look)));
        if (!names) return database::unless_out(names.error());
        for (const auto& name : *names) {
            if (archives_.is_there(name)) {
                auto opened = archives_.open(name);
                if (!opened) return opened.error();
                continue;
            }
            auto needed = is_needed(name);
            if (!needed) return needed.error();
            archives_.note_missing(name, *needed);
        }
        return {};
    }

    /// Whether an archive has what the log has not itself, as it does after a restore.
    base::Result<bool> is_needed(const std::string& archive) {
        constexpr std::int64_t at_once = 1000;
        using Ids = std::vector<ArticleId>;
        bool needed = false;
        ArticleId last = 0;
        for (bool more = true; more && !needed;) {
            auto look = [&](database::ReadTransaction& log) -> base::Result<Ids> {
                auto ids = bus::archived_after(log, archive, last, at_once);
                for (auto id : ids) needed = needed || !bus::has_bodies(log, id);
                return ids;
            };
            auto ids = base::run(command_database_->read<Ids>(base::Deadline(), look));
            if (!ids) return ids.error();
            more = !ids->empty();
            if (more) last = ids->back();
        }
        return needed;
    }

    /// What cannot be settled now is at the next start, or when somebody archives again.
    void settle_archives() {
        auto settled = base::run(archive_service_.settle());
        if (settled || database::is_out(settled.error())) return;
        telemetry::log(telemetry::Level::warning, "news",
                       "lists may not have what archives say that they have",
                       {{"type", type_}, {"error", settled.error().code}});
    }

    void note_lists(const base::Result<bool>& as_wanted) {
        query_service_.lists_authors(config_.author_lists && as_wanted && *as_wanted);
    }

    base::Error rebuild_running() const {
        return {base::Reason::unavailable, "rebuild_running",
                "The view of " + type_ +
                    " is being rebuilt already, or items are being archived. Try again in a "
                    "moment."};
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
        base::Turn turn(view_turn_);
        if (!turn.is_mine()) co_return rebuild_running();
        co_return co_await make_view();
    }

    base::Task<bus::Cursor> make_view() {
        // What cannot be made anew is left as it is.
        auto log = command_database_->usable();
        if (!log) co_return log.error();
        auto view = view_database_->usable();
        if (!view && !may_renew()) co_return view.error();
        if (!view) {
            auto renewed = co_await view_database_->renew();
            if (!renewed) co_return renewed.error();
        }
        auto listed = co_await prepare_view(view_to_prepare());
        note_lists(listed);
        auto swapped = [this] {
            query_service_.view_replaced();
            query_service_.view_fits(true);
        };
        auto wanted = rebuild_of(std::move(swapped));
        co_return co_await replace_view(std::move(wanted));
    }

    bool may_renew() {
        auto now = clock_.steady();
        if (now < renewal_next_) return false;
        bool is_calm = now > renewal_next_ + renewal_pause_max;
        renewal_pause_ =
            is_calm ? renewal_pause_min : std::min(2 * renewal_pause_, renewal_pause_max);
        renewal_next_ = now + renewal_pause_;
        return true;
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
    Archives archives_;
    const base::Turn::Taken view_turn_ = std::make_shared<std::atomic<bool>>(false);
    ArchiveService archive_service_;
    ImporterService importer_;
    CommandService command_service_;
    QueryService query_service_;
    ItemService item_service_;
    HeadingService heading_service_;
    Scheduler scheduler_;
    base::Clock::Moment renewal_next_{};
    std::chrono::milliseconds renewal_pause_ = renewal_pause_min;
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
