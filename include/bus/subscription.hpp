#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "base/timer.hpp"
#include "bus/feed.hpp"
#include "bus/inbox.hpp"
#include "config/section.hpp"

namespace bus {

/// Limits of every subscription.
struct Config {
    std::int64_t batch_events_max = 500;
    std::int64_t attempts_max = 5;
    std::chrono::milliseconds retry_wait_ms{20};
    std::chrono::milliseconds poll_interval_ms{1000};
    /// No setting: where the wait between two attempts stops doubling.
    std::chrono::milliseconds retry_wait_max{5000};
};

void describe(config::Section& section, Config& config);

/// Brings the events of a feed to one inbox: at least once, in order per stream. A batch that fails
/// is tried event by event; the stream of one that still fails is parked and holds back nobody: it
/// is tried again by itself, after waits that double, up to Config::attempts_max times, and then at
/// the next start. An inbox that refuses (its disk is full) is asked again for as long as it takes.
/// A cursor that is none of the feed's history is found when it is loaded and on each read; the
/// inbox then begins anew, as one that is lost does. A feed that cannot be read says nothing
/// against a cursor.
/// Lives on one executor that one thread runs; stop() and the questions are thread-safe. Everything
/// it is given must outlive it.
class Subscription {
public:
    Subscription(const Feed& feed, Inbox& inbox, const base::Clock& clock, const Config& config,
                 base::Executor executor);

    /// Reads the cursor and holds it against the feed; `applied()` is right from here on, unless
    /// fits() is false.
    base::Task<void> load();
    /// Works until stop(). Spawn it once, after load().
    base::Task<void> run();

    enum class Stop {
        after_batch,  ///< the one that is under way
        when_heard,   ///< what is in the feed by now, as long as that succeeds at once
    };
    /// run() ends soon.
    void stop(Stop how = Stop::after_batch);

    /// False while what follows from the feed has to be made anew.
    bool fits() const { return fits_.load(); }
    /// Where it stood when load() found that it does not fit.
    const Cursor& loaded() const { return loaded_; }
    /// The position up to which the inbox has everything.
    const base::Watermark& applied() const { return inbox_.applied(); }
    /// How many positions it is behind.
    std::int64_t backlog() const;
    /// How many streams are put aside.
    std::size_t parked() const { return parked_.load(std::memory_order_relaxed); }
    /// Those that are, as the inbox tells it.
    base::Task<std::vector<Parked>> parked_streams() { return inbox_.parked(); }
    /// Tries a stream that is put aside now, as if for the first time. Refused with `not_parked`,
    /// `still_broken` and why, `not_running`, and as feed and inbox refuse.
    base::Task<void> retry(std::int64_t stream) { return ask(stream, false); }
    /// Goes on with a stream's later events, without those it has missed. Refused as retry(), and
    /// as Inbox::drop.
    base::Task<void> drop(std::int64_t stream) { return ask(stream, true); }

private:
    using Moment = base::Clock::Moment;
    using Shared = std::shared_ptr<const Batch>;

    /// What came of one look at the feed.
    enum class Step {
        worked,
        idle,     ///< there was nothing
        refused,  ///< not now: the feed or the inbox cannot
    };
    /// A stream that is put aside.
    struct Hold {
        Moment until{};
        std::chrono::milliseconds span{0};
        std::int64_t attempts = 0;
        bool given_up = false;
    };

    /// What an operator wants done with a stream.
    struct Request {
        std::int64_t stream = 0;
        bool drops = false;
        base::Completion<void> done;
    };

    base::Task<void> ask(std::int64_t stream, bool drops);
    bool has_requests();
    base::Task<void> answer_requests();
    base::Task<void> answer(std::int64_t stream, bool drops);
    std::vector<Request> take_requests(bool still_runs);

    base::Task<void> work();
    base::Task<Step> step();
    base::Task<Step> hear();
    base::Task<Step> begin_anew();
    base::Task<Step> deliver(Shared batch);
    base::Task<Step> deliver_one_by_one(Shared batch);
    /// Empty: applied; else why it cannot be. Refused as the inbox refuses.
    base::Task<std::string> try_to_apply(Shared batch);
    base::Task<void> park(Event event, std::string error);
    base::Task<void> release_due();
    /// Empty: it is taken back; else why not. Refused as feed and inbox refuse.
    base::Task<std::string> release(std::int64_t stream);
    base::Task<bool> fits_feed(Cursor cursor);

    void note_refusal(const base::Error& error);
    bool goes_on() const;
    Moment next_look() const;
    void put_aside(std::int64_t stream, bool is_broken);
    void take_back(std::int64_t stream);
    void moved_to(const Cursor& cursor);
    void lose(const char* why);

    const Feed& feed_;
    Inbox& inbox_;
    const base::Clock& clock_;
    const Config config_;
    base::Timer timer_;
    Cursor cursor_;
    Cursor loaded_;
    std::map<std::int64_t, Hold> held_;
    std::string refused_as_;  ///< what was said of the last refusal; empty: it works
    std::atomic<bool> fits_{true};
    std::atomic<std::size_t> parked_{0};
    std::atomic<bool> stopping_{false};
    std::atomic<std::int64_t> stop_at_{0};  ///< while stopping: hear up to here
    std::mutex requests_mutex_;
    std::vector<Request> requests_;
    bool running_ = false;  ///< under the mutex: somebody answers them
};

}  // namespace bus
