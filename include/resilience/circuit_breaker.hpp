#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "base/result.hpp"
#include "config/section.hpp"

namespace resilience {

/// When a breaker opens and how it closes again; describe() says what each means.
struct CircuitBreakerConfig {
    std::int64_t window_slices = 10;
    std::chrono::milliseconds slice{1000};
    std::int64_t calls_min = 20;
    std::int64_t failed_percent = 50;
    std::int64_t slow_percent = 80;
    std::chrono::milliseconds slow_call{1000};
    std::chrono::milliseconds open_min{5000};
    std::chrono::milliseconds open_max{60000};
    std::int64_t half_open_permits = 3;
    std::chrono::milliseconds half_open_limit{30000};
};

void describe(config::Section& section, CircuitBreakerConfig& config);

/// Keeps calls away from one dependency while it does not answer, and finds out by a few of them
/// when it does again. Thread-safe; its size does not depend on the number of calls. It must
/// outlive its permits.
///
///     closed ──too many failed or slow──▶ open ──its time is over──▶ half_open
///        ▲                                 ▲                            │
///        └─────────probes were good────────┼──probes were bad───────────┘
///
/// Too many: a share of calls_min calls or more in a window; or all of three or more for as long as
/// a window is. An open breaker stays so for open_min, twice as long after each bad probing, at
/// most open_max. Half open, it lets `half_open_permits` calls through and judges them by the same
/// shares. One that never reports has failed after half_open_limit, so this state always ends.
class CircuitBreaker {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Now = std::function<Time()>;
    enum class State : std::uint8_t { closed, open, half_open };
    /// Hears of each change of state, on the thread whose call made it, with no lock held: of two
    /// at the same moment in either order.
    using Heard = std::function<void(State from, State to)>;

    /// All since the start, for metrics.
    struct Counts {
        std::uint64_t succeeded = 0;
        std::uint64_t failed = 0;     ///< with those that were dropped
        std::uint64_t slow = 0;       ///< of either kind
        std::uint64_t abandoned = 0;  ///< dropped without a word
        std::uint64_t refused = 0;
        std::uint64_t opened = 0;
    };

    /// The leave to make one call, to be told how it ended: dropped without a word it counts as a
    /// failure. Belongs to one thread at a time.
    class Permit {
    public:
        Permit(Permit&& other) noexcept;
        Permit& operator=(Permit&&) = delete;
        ~Permit();

        void succeeded() { report(Outcome::succeeded); }
        void failed() { report(Outcome::failed); }
        /// The call was not made, or its end says nothing about the dependency.
        void cancelled() { report(Outcome::cancelled); }

    private:
        friend class CircuitBreaker;
        enum class Outcome : std::uint8_t { succeeded, failed, abandoned, cancelled };
        Permit(CircuitBreaker& breaker, std::uint64_t period, std::uint64_t id, Time began)
            : breaker_(&breaker), period_(period), id_(id), began_(began) {}
        void report(Outcome outcome);

        CircuitBreaker* breaker_;  ///< null: it has reported
        std::uint64_t period_;
        std::uint64_t id_;
        Time began_;
    };

    explicit CircuitBreaker(const CircuitBreakerConfig& config, Heard heard = {},
                            Now now = std::chrono::steady_clock::now);

    /// Refused with `circuit_open` (unavailable) while the dependency is given rest; retry_after
    /// says for how long.
    base::Result<Permit> acquire();

    /// `open` until somebody asks after its time is over.
    State state() const;
    Counts counts() const;

private:
    struct Slice {
        std::int64_t number = -1;
        std::int64_t calls = 0;
        std::int64_t failed = 0;
        std::int64_t slow = 0;
    };
    struct Probe {
        std::uint64_t id;
        Time expires;
    };
    struct Change {
        State from;
        State to;
    };
    /// At most two in one call: of a state whose time was over, and of what follows.
    struct Changes {
        std::array<Change, 2> list{};
        std::size_t size = 0;
    };

    void report(const Permit& permit, Permit::Outcome outcome);
    base::Result<Permit> acquire_locked(Time now, Changes& changes);
    void record(const Permit& permit, Permit::Outcome, bool slow, Time now, Changes& changes);
    void record_probe(Permit::Outcome outcome, bool slow, Time now, Changes& changes);
    void expire_probes(Time now, Changes& changes);
    bool too_bad(const Slice& sum, std::int64_t calls) const;
    bool only_fails(Time began, bool failed, Time now);
    void enter(State next, Time now, Changes& changes);
    void tell(const Changes& changes) const;
    Time latest(Time now);
    base::Error refusal(std::chrono::nanoseconds wait);

    const CircuitBreakerConfig config_;
    const Heard heard_;
    const Now now_;
    mutable std::mutex mutex_;
    State state_ = State::closed;
    std::uint64_t period_ = 0;  ///< grows with each change: what a late report belongs to
    std::uint64_t next_id_ = 0;
    Time latest_{};
    Time open_until_{};
    std::chrono::milliseconds open_span_{0};  ///< of the last opening; 0: none since it was closed
    std::vector<Slice> slices_;               ///< closed: a ring by number
    std::int64_t failed_in_row_ = 0;          ///< closed: since the last good call
    Time failing_since_{};                    ///< when the first of these began
    std::vector<Probe> out_;                  ///< half open: permits that have not reported
    Slice probed_{};                          ///< half open: what those that have reported said
    Counts counts_{};
};

}  // namespace resilience
