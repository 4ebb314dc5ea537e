#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "base/snapshot.hpp"
#include "base/task.hpp"
#include "base/timer.hpp"
#include "http/body.hpp"
#include "ring.hpp"

namespace live {

/// The readers of one I/O thread: where each waits for what comes next. They go on a few at a time,
/// so that other requests of the thread have their turn between them, however many they are.
/// Belongs to that thread, but for wake().
class Board : public std::enable_shared_from_this<Board> {
public:
    /// What it refers to outlives it.
    Board(const base::Snapshot<Ring>& ring, const base::Clock& clock, base::Executor executor);

    /// The newest; good until the caller waits.
    const Ring& ring() { return ring_.get(); }
    /// Until there may be something new, until `moment`, or until nobody wants it any more: that is
    /// looked at four times a second.
    base::Task<void> wait(const http::BodyWriter& to, base::Clock::Moment moment);
    /// All who wait go on. Thread-safe.
    void wake();

    /// So many go on at a time.
    static constexpr std::size_t slice = 64;

private:
    /// Expired once it goes on.
    struct Waiting {
        std::weak_ptr<base::Wait> wait;
        const http::BodyWriter* to = nullptr;
    };

    void wake_all();
    void wake_some();
    void wake_unwanted();
    void begin_watch();
    static base::Task<void> watch(std::shared_ptr<Board> board);

    base::Snapshot<Ring>::Reader ring_;
    const base::Clock& clock_;
    const base::Executor executor_;
    std::vector<Waiting> waiting_;
    std::deque<Waiting> due_;  ///< who has waited longest goes on first
    bool is_watching_ = false;
    std::atomic<bool> is_woken_{false};
};

}  // namespace live
