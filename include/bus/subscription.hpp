#pragma once

#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "base/watermark.hpp"
#include "bus/log.hpp"
#include "config/section.hpp"

namespace bus {

/// Limits of every subscription.
struct Config {
    std::int64_t batch_events_max = 500;
    std::int64_t attempts_max = 5;
    std::chrono::milliseconds retry_wait_ms{20};
    std::chrono::milliseconds poll_interval_ms{1000};
};

void describe(config::Section& section, Config& config);

/// Puts an event into the subscriber's own tables. On the writer thread of the subscriber's
/// database; may be called again for an event whose earlier attempt was rolled back. Throws when
/// it cannot: then it is tried again and, after Config::attempts_max, its stream is parked.
class Subscriber {
public:
    virtual ~Subscriber() = default;
    virtual void apply(database::Transaction& transaction, const Event& event) = 0;
};

/// Brings the events of a log to one subscriber: at least once, in order, with the cursor in the
/// same transaction as the work, so a repeated event changes nothing. A stream whose handler keeps
/// failing is parked (table `parked`) and holds back nobody else; it is tried again at each start.
/// Lives on one executor; wake() and stop() are thread-safe. Everything it is given must outlive
/// it.
class Subscription {
public:
    Subscription(std::string name, Log& source, database::Database& target, Subscriber& subscriber,
                 const base::Clock& clock, const Config& config, base::Executor executor);
    ~Subscription();

    /// Reads the cursor; `applied()` is right from here on.
    base::Task<void> load();
    /// Works until stop(). Spawn it once, after load().
    base::Task<void> run();
    /// run() ends after the batch that is under way.
    void stop();
    void wake();

    /// The position up to which the subscriber's tables are committed: what a page made from them
    /// may be dated with.
    base::Watermark& applied() { return applied_; }
    const base::Watermark& applied() const { return applied_; }
    /// How many events wait.
    std::int64_t backlog() const { return source_.head() - applied_.value(); }
    std::size_t parked() const { return parked_count_.load(std::memory_order_relaxed); }

private:
    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          base::Executor>;
    using Batch = std::shared_ptr<const std::vector<Event>>;

    base::Task<void> retry_parked();
    base::Task<void> sleep(std::chrono::milliseconds span);
    base::Task<bool> apply(Batch events);
    base::Task<bool> apply_one(Batch events, std::size_t index);
    base::Task<void> park(Event event, std::string error);

    std::string name_;
    Log& source_;
    database::Database& target_;
    Subscriber& subscriber_;
    const base::Clock& clock_;
    Config config_;
    base::Executor executor_;
    Timer timer_;
    base::Watermark applied_;
    std::set<std::int64_t> parked_streams_;
    std::atomic<std::size_t> parked_count_{0};
    std::atomic<bool> stopping_{false};
    std::atomic<bool> awake_{false};
    std::size_t number_;
};

/// The tables `cursors` and `parked`, for Options::migrations of a database that subscribes.
database::MigrationSet subscriber_schema();

/// The cursor of a subscription in its database, 0 before the first event.
std::int64_t read_cursor(database::ReadTransaction& transaction, std::string_view subscription);
void write_cursor(database::Transaction& transaction, std::string_view subscription,
                  std::int64_t position);

}  // namespace bus
