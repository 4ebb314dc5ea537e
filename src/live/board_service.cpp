#include "board_service.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "telemetry/log.hpp"

namespace live {

namespace {

constexpr std::chrono::milliseconds watch_interval{250};

}  // namespace

Board::Board(const base::Snapshot<Ring>& ring, const base::Clock& clock, base::Executor executor)
    : ring_(ring), clock_(clock), executor_(std::move(executor)) {}

base::Task<void> Board::wait(const http::BodyWriter& to, base::Clock::Moment moment) {
    auto wait = std::make_shared<base::Wait>(executor_);
    waiting_.push_back({wait, &to});
    begin_watch();
    co_return co_await wait->until(clock_, moment);
}

void Board::wake() {
    if (is_woken_.exchange(true)) return;
    boost::asio::post(executor_, [board = shared_from_this()] { board->wake_all(); });
}

void Board::wake_all() {
    is_woken_.store(false);
    bool goes_on = !due_.empty();
    std::move(waiting_.begin(), waiting_.end(), std::back_inserter(due_));
    waiting_.clear();
    if (!goes_on) wake_some();
}

/// Whoever is woken is put into the thread's queue, and the rest behind them.
void Board::wake_some() {
    for (std::size_t i = 0; i < slice && !due_.empty(); ++i) {
        if (auto wait = due_.front().wait.lock()) wait->ring();
        due_.pop_front();
    }
    if (due_.empty()) return;
    boost::asio::post(executor_, [board = shared_from_this()] { board->wake_some(); });
}

void Board::wake_unwanted() {
    auto is_over = [](const Waiting& waiting) {
        auto wait = waiting.wait.lock();
        if (wait && !waiting.to->wanted()) wait->ring();
        return !wait;
    };
    std::erase_if(waiting_, is_over);
}

void Board::begin_watch() {
    if (std::exchange(is_watching_, true)) return;
    auto ended = [board = shared_from_this()](std::exception_ptr thrown, base::Result<void>) {
        if (!thrown) return;
        board->is_watching_ = false;
        try {
            std::rethrow_exception(thrown);
        } catch (const std::exception& failure) {
            telemetry::log(telemetry::Level::error, "live", "readers were not looked after",
                           {{"error", failure.what()}});
        }
    };
    boost::asio::co_spawn(executor_, watch(shared_from_this()), std::move(ended));
}

base::Task<void> Board::watch(std::shared_ptr<Board> board) {
    base::Timer timer(board->clock_, board->executor_);
    while (!board->waiting_.empty()) {
        co_await timer.pause(watch_interval);
        board->wake_unwanted();
    }
    // Who comes from here on begins it anew.
    board->is_watching_ = false;
    co_return base::Result<void>();
}

}  // namespace live
