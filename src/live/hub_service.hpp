#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/snapshot.hpp"
#include "base/watermark.hpp"
#include "board_service.hpp"
#include "bus/feed.hpp"
#include "bus/subscription.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "host/task_group.hpp"
#include "places_service.hpp"
#include "teller.hpp"

namespace live {

/// A log that is heard, under the name that ids have for it.
struct HeardLog {
    std::string name;
    const bus::Feed* feed = nullptr;
    /// Up to where its view goes: nothing is told before it can be looked up.
    const base::Watermark* shown = nullptr;
};

/// Hears several logs and puts what is told of them into one ring, once, for all who listen. What
/// is asked here is thread-safe.
class Hub {
public:
    /// `begin`: the ring may begin so far back that it has what was told before a restart. `logs`
    /// in the order of their names. `readers`: who listens; while nobody does, little is made
    /// ready. What it is given outlives it.
    enum class Begin { back, now };
    Hub(std::vector<HeardLog> logs, Teller& teller, const RingLimits& limits, Begin begin,
        std::shared_ptr<const Places> readers, const bus::Config& config,
        const host::Environment& environment, const std::string& kind);
    ~Hub();

    const std::vector<std::string>& names() const { return names_; }
    /// Where each log is heard from. Before start().
    base::Result<void> load();
    void start(host::TaskGroup& tasks);
    void stop();
    std::vector<host::NamedSubscription> subscriptions() const;
    /// Something that is in no log, for who listens now.
    void tell(Entry entry);

    /// Where someone begins who wants nothing of what was.
    Positions now() const;
    /// Up to where all could be told by now.
    Positions shown() const;
    /// The newest position of a log.
    std::int64_t head(std::size_t log) const { return logs_[log].feed->head().value(); }
    /// The next part of a log, straight from it; at its end it leads nowhere. Of what cannot be
    /// told it says that something was missed.
    base::Task<Part> read(std::size_t log, std::int64_t position);
    /// The readers of an I/O thread. Called on it.
    base::Task<std::shared_ptr<Board>> board(std::size_t thread);

private:
    class LogInbox;
    struct Hearing;

    void put(std::size_t log, Part told);
    void pass_over(std::size_t log, std::int64_t end);
    bool is_worth_telling(std::size_t log, const bus::Batch& batch) const;
    base::Task<Part> tell_first(std::size_t log, std::vector<bus::Event> events);

    const std::vector<HeardLog> logs_;
    std::vector<std::string> names_;
    Teller& teller_;
    const RingLimits limits_;
    const Begin begin_;
    const std::shared_ptr<const Places> readers_;
    const base::Clock& clock_;
    const std::string kind_;
    telemetry::Counter& told_;
    Positions begun_at_;  ///< what is before it is past
    base::Snapshot<Ring> ring_;
    std::vector<std::unique_ptr<Hearing>> hearings_;
    std::mutex put_mutex_;
    std::mutex boards_mutex_;
    std::vector<std::shared_ptr<Board>> boards_;
};

}  // namespace live
