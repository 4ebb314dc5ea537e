#include "hub_service.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <set>

#include "event_json.hpp"
#include "telemetry/log.hpp"

namespace live {

namespace {

constexpr std::chrono::milliseconds longest_wait{1000};
constexpr std::chrono::seconds longest_read{5};

std::vector<std::string> names_of(const std::vector<HeardLog>& logs) {
    std::vector<std::string> names;
    for (const auto& log : logs) names.push_back(log.name);
    return names;
}

Positions shown_of(const std::vector<HeardLog>& logs) {
    Positions positions;
    for (const auto& log : logs) positions.push_back(log.shown->value());
    return positions;
}

/// Instead of the event there, or for who listens now: who hears it loads anew.
Part reset_at(std::int64_t position) {
    Entry entry;
    entry.position = position;
    entry.whole = reset_event("events_missed");
    entry.is_reset = true;
    Part part;
    part.end = position;
    part.entries.push_back(std::move(entry));
    return part;
}

void log_not_told(const std::string& subscription, std::int64_t position,
                  const std::string& error) {
    telemetry::log(telemetry::Level::error, "live", "an event is not told to who listens",
                   {{"subscription", subscription}, {"position", position}, {"error", error}});
}

Ring first_ring(const std::vector<HeardLog>& logs, const RingLimits& limits, Hub::Begin begin) {
    auto positions = shown_of(logs);
    if (begin == Hub::Begin::now) return begin_at(std::move(positions), names_of(logs));
    auto share =
        static_cast<std::int64_t>(limits.entries_max / std::max<std::size_t>(logs.size(), 1));
    for (auto& position : positions) position = std::max<std::int64_t>(position - share, 0);
    return begin_at(std::move(positions), names_of(logs));
}

}  // namespace

/// Its place is that of the ring, in memory.
class Hub::LogInbox final : public bus::Inbox {
public:
    LogInbox(Hub& hub, std::size_t log, std::string name)
        : hub_(hub), log_(log), name_(std::move(name)) {}

    const std::string& name() const override { return name_; }
    base::Task<bus::Progress> load() override {
        bus::Progress progress;
        progress.cursor.position = reached();
        co_return progress;
    }
    base::Task<std::vector<bus::Deferred>> apply(std::shared_ptr<const bus::Batch> batch) override {
        auto end = batch->end.position;
        if (!hub_.is_worth_telling(log_, *batch)) {
            hub_.pass_over(log_, end);
            co_return std::vector<bus::Deferred>();
        }
        const auto& shown = *hub_.logs_[log_].shown;
        auto is_shown = co_await shown.reached(end, hub_.clock_, longest_wait);
        if (!is_shown || !*is_shown) {
            co_return base::Error{base::Reason::unavailable, "view_behind",
                                  "The view does not show the newest events yet."};
        }
        // What was told before is not told again.
        for (auto next = after(*batch, reached()); next != batch->events.end();
             next = after(*batch, reached())) {
            bool is_held = !held_.empty();
            if (is_held && next->position > reached() + 1) {
                hub_.put(log_, reset_at(next->position - 1));
            }
            std::vector<bus::Event> events(next, is_held ? next + 1 : batch->events.end());
            auto told = co_await hub_.teller_.tell(log_, std::move(events));
            if (!told) co_return told.error();
            hub_.put(log_, std::move(*told));
        }
        if (reached() < end) hub_.put(log_, held_.empty() ? Part{{}, end} : reset_at(end));
        co_return std::vector<bus::Deferred>();
    }
    /// What cannot be told holds up nothing: who listens is told that something was missed, also
    /// when later events of that stream are left out.
    base::Task<void> park(bus::Event event, std::string error) override {
        log_not_told(name_, event.position, error);
        auto reset = reset_at(event.position);
        reset.hidden.push_back(event.stream);
        hub_.put(log_, std::move(reset));
        held_.insert(event.stream);
        co_return base::Result<void>();
    }
    base::Task<std::vector<bus::Parked>> parked() override { co_return std::vector<bus::Parked>(); }
    /// Of all that was left out was told that it was missed.
    base::Task<void> release(std::int64_t stream, std::shared_ptr<const bus::Batch>) override {
        held_.erase(stream);
        co_return base::Result<void>();
    }
    /// The log is another: who listens is told to load anew, and who comes with an id beyond it.
    base::Task<bus::Cursor> begin_anew(const bus::Feed& feed) override {
        held_.clear();
        auto head = feed.head().value();
        auto reset = reset_at(0);
        reset.end = head;
        hub_.put(log_, std::move(reset));
        co_return bus::Cursor{head, {}};
    }

private:
    using Next = std::vector<bus::Event>::const_iterator;
    static Next after(const bus::Batch& batch, std::int64_t position) {
        auto follows = [position](const bus::Event& event) { return event.position > position; };
        return std::find_if(batch.events.begin(), batch.events.end(), follows);
    }
    std::int64_t reached() const { return hub_.ring_.get()->reached[log_]; }

    Hub& hub_;
    const std::size_t log_;
    const std::string name_;
    std::set<std::int64_t> held_;  ///< streams of which events are left out
};

struct Hub::Hearing {
    Hearing(Hub& hub, std::size_t log, const std::string& name, const bus::Config& config,
            const host::Environment& environment)
        : inbox(hub, log, name),
          subscription(*hub.logs_[log].feed, inbox, environment.clock, config,
                       environment.background) {}

    LogInbox inbox;
    bus::Subscription subscription;
};

Hub::Hub(std::vector<HeardLog> logs, Teller& teller, const RingLimits& limits, Begin begin,
         std::shared_ptr<const Places> readers, const bus::Config& config,
         const host::Environment& environment, const std::string& kind)
    : logs_(std::move(logs)),
      names_(names_of(logs_)),
      teller_(teller),
      limits_(limits),
      begin_(begin),
      readers_(std::move(readers)),
      clock_(environment.clock),
      kind_(kind),
      told_(environment.metrics.counter("portal_live_events_total",
                                        "Events that were made ready for those who listen.",
                                        {{"kind", kind}})),
      begun_at_(shown_of(logs_)),
      ring_(std::make_shared<const Ring>(first_ring(logs_, limits, begin))),
      boards_(environment.io_threads) {
    auto bounded = config;
    bounded.batch_events_max = std::min(config.batch_events_max, events_at_once);
    for (std::size_t i = 0; i < logs_.size(); ++i) {
        auto name = kind_ + "-" + names_[i];
        hearings_.push_back(std::make_unique<Hearing>(*this, i, name, bounded, environment));
    }
}

Hub::~Hub() = default;

base::Result<void> Hub::load() {
    for (auto& hearing : hearings_) {
        auto loaded = base::run(hearing->subscription.load());
        if (!loaded) return loaded.error();
    }
    return {};
}

void Hub::start(host::TaskGroup& tasks) {
    for (auto& hearing : hearings_) {
        auto hear = [&subscription = hearing->subscription] { return subscription.run(); };
        tasks.spawn(hearing->inbox.name(), "live streams do not hear what is new", std::move(hear));
    }
}

void Hub::stop() {
    for (auto& hearing : hearings_) hearing->subscription.stop();
}

std::vector<host::NamedSubscription> Hub::subscriptions() const {
    std::vector<host::NamedSubscription> all;
    for (const auto& hearing : hearings_) {
        all.push_back({"live." + hearing->inbox.name(), &hearing->subscription});
    }
    return all;
}

base::Task<Part> Hub::read(std::size_t log, std::int64_t position) {
    Part none{{}, position};
    const auto& heard = logs_[log];
    auto up_to = heard.shown->value();
    if (up_to <= position) co_return none;
    auto most = std::min(up_to - position, events_at_once);
    auto deadline = base::Deadline::in(longest_read);
    auto events = co_await heard.feed->after(position, most, deadline);
    if (!events) co_return events.error();
    auto is_later = [up_to](const bus::Event& event) { return event.position > up_to; };
    events->erase(std::find_if(events->begin(), events->end(), is_later), events->end());
    // Positions may have gaps.
    none.end = up_to;
    if (events->empty()) co_return none;
    auto first = events->front();
    try {
        auto told = co_await teller_.tell(log, std::move(*events));
        co_return told;
    } catch (const std::exception&) {
        // Some event of them cannot be told.
    }
    std::vector<bus::Event> alone{std::move(first)};
    co_return co_await tell_first(log, std::move(alone));
}

/// Or that it cannot be told.
base::Task<Part> Hub::tell_first(std::size_t log, std::vector<bus::Event> events) {
    auto position = events.front().position;
    try {
        auto told = co_await teller_.tell(log, std::move(events));
        co_return told;
    } catch (const std::exception& failure) {
        log_not_told(kind_ + "-" + names_[log], position, failure.what());
    }
    auto reset = reset_at(position);
    reset.entries.front().log = log;
    co_return reset;
}

void Hub::tell(Entry entry) {
    auto log = entry.log;
    if (readers_->taken() == 0) return;
    Part told;
    told.entries.push_back(std::move(entry));
    put(log, std::move(told));
}

void Hub::put(std::size_t log, Part told) {
    told_.add(told.entries.size());
    bool is_heard = !told.entries.empty();
    {
        std::lock_guard lock(put_mutex_);
        auto next = after(*ring_.get(), log, std::move(told), names_, limits_);
        ring_.replace(std::make_shared<const Ring>(std::move(next)));
    }
    if (!is_heard) return;  // who listens hears of it with the next heartbeat
    std::lock_guard lock(boards_mutex_);
    for (auto& board : boards_) {
        if (board) board->wake();
    }
}

/// An import that nobody listens to costs next to nothing: whoever comes then and has missed it
/// reads it from the log.
bool Hub::is_worth_telling(std::size_t log, const bus::Batch& batch) const {
    if (readers_->taken() > 0) return true;
    if (begin_ == Begin::now) return false;
    bool is_much = head(log) - ring_.get()->reached[log] >= events_at_once;
    bool is_new = batch.end.position > begun_at_[log];
    return !is_much || !is_new;
}

void Hub::pass_over(std::size_t log, std::int64_t end) {
    std::lock_guard lock(put_mutex_);
    auto next = without(*ring_.get(), log, end, names_);
    ring_.replace(std::make_shared<const Ring>(std::move(next)));
}

Positions Hub::shown() const {
    return shown_of(logs_);
}

Positions Hub::now() const {
    auto positions = ring_.get()->reached;
    raise(positions, begun_at_);
    return positions;
}

base::Task<std::shared_ptr<Board>> Hub::board(std::size_t thread) {
    auto executor = co_await boost::asio::this_coro::executor;
    std::lock_guard lock(boards_mutex_);
    auto& board = boards_.at(thread);
    if (!board) board = std::make_shared<Board>(ring_, clock_, executor);
    co_return board;
}

}  // namespace live
