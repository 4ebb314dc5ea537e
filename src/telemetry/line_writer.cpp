#include "line_writer.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <new>

#include "base/thread.hpp"

namespace telemetry {

LineWriter& line_writer() {
    static LineWriter& held = *new LineWriter;
    return held;
}

void LineWriter::start(std::vector<std::shared_ptr<Output>> outputs, std::size_t blocks_max,
                       Complain complain) {
    std::lock_guard lock(mutex_);
    complain_ = complain;
    outputs_ = std::move(outputs);
    // So that handing over never allocates but for a new block.
    full_.reserve(blocks_max);
    empty_.reserve(blocks_max);
    blocks_max_ = blocks_max;
    running_ = true;
    try {
        thread_ = std::thread([this] { run(); });
    } catch (...) {
        running_ = false;
        throw;
    }
}

void LineWriter::stop() {
    {
        std::lock_guard lock(mutex_);
        running_ = false;
        changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
    outputs_.clear();
    empty_.clear();
    blocks_ = 0;
}

void LineWriter::exchange(std::unique_ptr<LineBlock>& block) {
    std::lock_guard lock(mutex_);
    if (!running_) return block->clear();
    if (empty_.empty() && blocks_ < blocks_max_) {
        if (auto* fresh = new (std::nothrow) LineBlock) {
            empty_.emplace_back(fresh);
            ++blocks_;
        }
    }
    if (empty_.empty()) {
        lost_.fetch_add(block->lines, std::memory_order_relaxed);
        return block->clear();
    }
    full_.push_back(std::move(block));
    block = std::move(empty_.back());
    empty_.pop_back();
    if (full_.size() == 1) changed_.notify_one();
}

void LineWriter::run() {
    base::name_thread("log-blocks");
    // Whoever answers requests goes first: lines can be dropped, and are counted then. On Linux a
    // thread has a niceness of its own.
    constexpr int behind_others = 19;
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), behind_others);
    std::vector<std::unique_ptr<LineBlock>> taken;
    std::unique_lock lock(mutex_);
    taken.reserve(blocks_max_);
    for (;;) {
        changed_.wait(lock, [this] { return !full_.empty() || !running_; });
        if (full_.empty()) return;
        taken.swap(full_);
        full_.reserve(blocks_max_);
        lock.unlock();
        for (auto& block : taken) write(*block);
        lock.lock();
        for (auto& block : taken) {
            block->clear();
            empty_.push_back(std::move(block));
        }
        taken.clear();
    }
}

void LineWriter::write(const LineBlock& block) {
    for (auto& output : outputs_) {
        try {
            output->write_lines(block.text());
        } catch (const std::exception& failure) {
            complain_of(failure);
        }
    }
}

void LineWriter::complain_of(const std::exception& failure) {
    auto now = std::chrono::steady_clock::now();
    if (now < silent_until_) return;
    silent_until_ = now + std::chrono::seconds(1);
    complain_(failure.what());
}

}  // namespace telemetry
