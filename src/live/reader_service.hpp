#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "http/body.hpp"
#include "hub_service.hpp"
#include "places_service.hpp"
#include "telemetry/metrics.hpp"

namespace live {

/// How readers are served.
struct ReaderLimits {
    std::chrono::milliseconds heartbeat{15000};
    std::chrono::milliseconds retry{3000};
    std::int64_t catch_up_events_max = 10000;
    std::chrono::milliseconds catch_up_longest{60000};  ///< from the logs
    /// How long one stream lasts; nothing: until somebody ends it.
    std::optional<std::chrono::milliseconds> longest{};
};

/// What became of readers.
struct ReaderCounters {
    telemetry::Counter& slow;
    telemetry::Counter& caught_up;
    telemetry::Counter& reset;
};

/// Where a reader begins, and what it wants.
struct ReaderStart {
    Filter filter;
    Positions positions;
    Positions goal{};     ///< not empty: it ends once it has been told that far
    std::string reset{};  ///< not empty: it has missed something, and is told so at first
    std::string client{};
    std::shared_ptr<void> place{};  ///< counted while it lives
};

/// One who listens: first to what it has missed, from the logs in bounded steps, then to what
/// comes, from the ring. Whoever is so slow that the ring has gone on without it is closed, to come
/// again with the id that it has. Runs on its connection's thread.
class Reader {
public:
    /// `catch_ups`: places for those who read from the logs. What is given by reference outlives
    /// it.
    Reader(Hub& hub, std::shared_ptr<Board> board, ReaderStart start,
           std::shared_ptr<Places> catch_ups, const ReaderLimits& limits,
           const ReaderCounters& counters, const base::Clock& clock);

    /// Until nobody wants it, or it has to end.
    static base::Task<void> run(std::shared_ptr<Reader> reader, http::BodyWriter& to);

private:
    using Shared = std::shared_ptr<const Entry>;

    base::Task<void> work(http::BodyWriter& to);
    base::Task<void> greet(http::BodyWriter& to);
    base::Task<bool> catch_up(http::BodyWriter& to);
    base::Task<bool> read_logs(http::BodyWriter& to);
    base::Task<std::shared_ptr<void>> turn(http::BodyWriter& to);
    base::Task<void> tell_part(const Part& part, http::BodyWriter& to);
    base::Task<void> write(const Entry& entry, bool has_own_id, http::BodyWriter& to);
    base::Task<void> follow(http::BodyWriter& to);
    base::Task<bool> tell_new(http::BodyWriter& to);
    base::Task<void> beat(http::BodyWriter& to);
    base::Task<void> part_with(http::BodyWriter& to);
    std::optional<std::size_t> lagging();
    bool has_time() const { return clock_.steady() < std::min(end_, caught_up_by_); }
    bool is_fresh() { return board_->ring().hidings == hidings_; }
    Shared next(bool& is_late);

    Hub& hub_;
    const std::shared_ptr<Board> board_;
    ReaderStart start_;
    const std::shared_ptr<Places> catch_ups_;
    const ReaderLimits& limits_;
    const ReaderCounters& counters_;
    const base::Clock& clock_;
    std::uint64_t number_ = 0;   ///< of the next entry of the ring
    std::uint64_t hidings_ = 0;  ///< of the ring, before a part of a log was read
    std::uint64_t came_at_ = 0;  ///< the number of the first entry that was new then
    base::Clock::Moment next_beat_{};
    base::Clock::Moment end_ = base::Clock::Moment::max();
    base::Clock::Moment caught_up_by_ = base::Clock::Moment::max();
};

}  // namespace live
