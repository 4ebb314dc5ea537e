#include "bus/subscription.hpp"

#include <boost/asio/redirect_error.hpp>

#include "telemetry/log.hpp"

namespace migrations {
database::MigrationSet bus_subscriber();
}

namespace bus {

using namespace std::chrono_literals;

namespace {

constexpr auto retry_wait_max = 5000ms;
using Done = base::Result<bool>;

}  // namespace

void describe(config::Section& section, Config& config) {
    section.integer("batch_events_max", config.batch_events_max, {1, 100000},
                    "Events that a subscriber applies in one transaction at most.");
    section.integer("attempts_max", config.attempts_max, {1, 100},
                    "How often an event is tried before its stream is parked.");
    section.duration("retry_wait_ms", config.retry_wait_ms, {1, 5000},
                     "Wait before the second attempt; it doubles with each, up to 5 s.");
    section.duration("poll_interval_ms", config.poll_interval_ms, {10, 60000},
                     "How often a subscriber looks at the log without being woken.");
}

database::MigrationSet subscriber_schema() {
    return migrations::bus_subscriber();
}

std::int64_t read_cursor(database::ReadTransaction& transaction, std::string_view subscription) {
    auto row = transaction.prepare("select position from cursors where subscription = ?");
    row.bind(1, subscription);
    return row.step() ? row.integer(0) : 0;
}

void write_cursor(database::Transaction& transaction, std::string_view subscription,
                  std::int64_t position) {
    transaction
        .prepare(
            "insert into cursors (subscription, position) values (?1, ?2)"
            " on conflict (subscription) do update set position = excluded.position")
        .bind(1, subscription)
        .bind(2, position)
        .run();
}

Subscription::Subscription(std::string name, Log& source, database::Database& target,
                           Subscriber& subscriber, const base::Clock& clock, const Config& config,
                           base::Executor executor)
    : name_(std::move(name)),
      source_(source),
      target_(target),
      subscriber_(subscriber),
      clock_(clock),
      config_(config),
      executor_(executor),
      timer_(executor),
      number_(source_.subscribe([this] { wake(); })) {}

Subscription::~Subscription() {
    source_.unsubscribe(number_);
}

void Subscription::wake() {
    // One wake-up under way is enough: run() looks at the log's head, not at who woke it.
    if (awake_.exchange(true)) return;
    boost::asio::post(executor_, [this] {
        awake_.store(false);
        timer_.cancel();
    });
}

void Subscription::stop() {
    stopping_.store(true);
    boost::asio::post(executor_, [this] { timer_.cancel(); });
}

base::Task<void> Subscription::sleep(std::chrono::milliseconds span) {
    timer_.expires_after(span);
    boost::system::error_code cancelled;
    auto token = boost::asio::redirect_error(base::use_task, cancelled);
    co_await timer_.async_wait(token);
    co_return base::Result<void>();
}

base::Task<void> Subscription::load() {
    auto work = [this](database::ReadTransaction& transaction) -> base::Result<std::int64_t> {
        auto rows = transaction.prepare("select stream from parked where subscription = ?");
        rows.bind(1, name_);
        while (rows.step()) parked_streams_.insert(rows.integer(0));
        return read_cursor(transaction, name_);
    };
    auto cursor = co_await target_.read<std::int64_t>(base::Deadline(), std::move(work));
    if (!cursor) co_return cursor.error();
    applied_.advance(*cursor);
    parked_count_.store(parked_streams_.size());
    co_return base::Result<void>();
}

base::Task<void> Subscription::run() {
    co_await retry_parked();
    auto wait = config_.retry_wait_ms;
    while (!stopping_.load()) {
        if (source_.head() <= applied_.value()) {
            co_await sleep(config_.poll_interval_ms);
            continue;
        }
        auto events =
            co_await source_.feed(base::Deadline(), applied_.value(), config_.batch_events_max);
        bool done = false;
        if (events && !events->empty()) {
            auto batch = std::make_shared<const std::vector<Event>>(std::move(*events));
            auto applied = co_await apply(batch);
            done = applied && *applied;
        }
        if (done) {
            wait = config_.retry_wait_ms;
            continue;
        }
        // The file is full or overloaded: that is nobody's event's fault, so nothing is parked.
        co_await sleep(wait);
        wait = std::min<std::chrono::milliseconds>(wait * 2, retry_wait_max);
    }
    co_return base::Result<void>();
}

base::Task<bool> Subscription::apply(Batch events) {
    auto work = [this, events](database::Transaction& transaction) -> Done {
        for (const auto& event : *events) {
            if (!parked_streams_.contains(event.stream)) subscriber_.apply(transaction, event);
        }
        auto last = events->back().position;
        write_cursor(transaction, name_, last);
        transaction.after_commit([this, last] { applied_.advance(last); });
        return true;
    };
    bool broken = false;
    try {
        auto done = co_await target_.write<bool>(base::Deadline(), 0, std::move(work));
        co_return done;
    } catch (const std::exception& failure) {
        broken = true;
        telemetry::log(telemetry::Level::warning, "bus",
                       "a batch failed, its events are tried one by one",
                       {{"subscription", name_}, {"error", failure.what()}});
    }
    for (std::size_t i = 0; broken && i < events->size(); ++i) {
        auto done = co_await apply_one(events, i);
        if (!done) co_return done.error();
    }
    co_return true;
}

base::Task<bool> Subscription::apply_one(Batch events, std::size_t index) {
    auto wait = config_.retry_wait_ms;
    std::string error;
    for (std::int64_t attempt = 1; attempt <= config_.attempts_max; ++attempt) {
        auto work = [this, events, index](database::Transaction& transaction) -> Done {
            const auto& event = (*events)[index];
            if (!parked_streams_.contains(event.stream)) subscriber_.apply(transaction, event);
            write_cursor(transaction, name_, event.position);
            transaction.after_commit(
                [this, position = event.position] { applied_.advance(position); });
            return true;
        };
        try {
            auto done = co_await target_.write<bool>(base::Deadline(), 0, std::move(work));
            co_return done;
        } catch (const std::exception& failure) {
            error = failure.what();
        }
        if (attempt < config_.attempts_max) co_await sleep(wait);
        wait = std::min<std::chrono::milliseconds>(wait * 2, retry_wait_max);
    }
    auto event = (*events)[index];
    auto parked = co_await park(std::move(event), std::move(error));
    if (!parked) co_return parked.error();
    co_return true;
}

base::Task<void> Subscription::park(Event event, std::string error) {
    telemetry::log(telemetry::Level::error, "bus",
                   "a stream is parked: its events are not applied until it is tried again at the "
                   "next start",
                   {{"subscription", name_},
                    {"stream", event.stream},
                    {"position", event.position},
                    {"error", error}},
                   event.correlation_id);
    auto work = [this, event, error](database::Transaction& transaction) -> Done {
        transaction
            .prepare(
                "insert into parked (subscription, stream, position, attempts, error, parked_at)"
                " values (?, ?, ?, ?, ?, ?) on conflict do nothing")
            .bind(1, name_)
            .bind(2, event.stream)
            .bind(3, event.position)
            .bind(4, config_.attempts_max)
            .bind(5, error)
            .bind(6, base::to_micros(clock_.now()))
            .run();
        write_cursor(transaction, name_, event.position);
        transaction.after_commit([this, event] {
            parked_streams_.insert(event.stream);
            parked_count_.store(parked_streams_.size());
            applied_.advance(event.position);
        });
        return true;
    };
    auto done = co_await target_.write<bool>(base::Deadline(), 0, std::move(work));
    if (!done) co_return done.error();
    co_return base::Result<void>();
}

base::Task<void> Subscription::retry_parked() {
    auto streams = parked_streams_;
    for (auto stream : streams) {
        auto last = applied_.value();
        auto find = [this,
                     stream](database::ReadTransaction& transaction) -> base::Result<std::int64_t> {
            auto row = transaction.prepare(
                "select position from parked where subscription = ? and stream = ?");
            row.bind(1, name_).bind(2, stream);
            return row.step() ? row.integer(0) : 0;
        };
        auto first = co_await target_.read<std::int64_t>(base::Deadline(), std::move(find));
        auto events = co_await source_.stream(base::Deadline(), stream);
        if (!first || !events) continue;
        auto missed = std::make_shared<const std::vector<Event>>(std::move(*events));
        auto work = [this, missed, stream, last,
                     from = *first](database::Transaction& transaction) -> Done {
            for (const auto& event : *missed) {
                if (event.position >= from && event.position <= last) {
                    subscriber_.apply(transaction, event);
                }
            }
            transaction.prepare("delete from parked where subscription = ? and stream = ?")
                .bind(1, name_)
                .bind(2, stream)
                .run();
            transaction.after_commit([this, stream] {
                parked_streams_.erase(stream);
                parked_count_.store(parked_streams_.size());
            });
            return true;
        };
        try {
            co_await target_.write<bool>(base::Deadline(), 0, std::move(work));
        } catch (const std::exception& failure) {
            telemetry::log(
                telemetry::Level::warning, "bus", "a parked stream still fails",
                {{"subscription", name_}, {"stream", stream}, {"error", failure.what()}});
        }
    }
    co_return base::Result<void>();
}

}  // namespace bus
