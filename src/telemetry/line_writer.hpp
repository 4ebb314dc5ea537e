#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "outputs.hpp"

namespace telemetry {

/// Whole lines, one after the other.
struct LineBlock {
    static constexpr std::size_t bytes_max = 32 * 1024;

    std::string_view text() const { return {bytes.data(), size}; }
    void clear() { size = lines = 0; }

    std::size_t size = 0;
    std::size_t lines = 0;
    std::array<char, bytes_max> bytes;  // not initialised: it is filled before it is read
};

/// The way of blocks from the threads that fill them to the outputs: a pool of so many, and a
/// thread that writes. One per process, never destroyed. Thread-safe.
class LineWriter {
public:
    /// What an output throws (its disk is full) goes to `complain`, once a second at most; the
    /// lines are counted by the output. Throws std::system_error if there is no thread to be had.
    using Complain = void (*)(const std::string& why);
    void start(std::vector<std::shared_ptr<Output>> outputs, std::size_t blocks_max,
               Complain complain);
    /// Writes what has been handed over, and ends the thread.
    void stop();

    /// Takes a filled block and gives an empty one for it. Where none is left, or nobody writes,
    /// `block` itself is emptied.
    void exchange(std::unique_ptr<LineBlock>& block);

    /// Lines for which there was no block.
    const std::atomic<std::uint64_t>& lost() const { return lost_; }

private:
    void run();
    void write(const LineBlock& block);
    void complain_of(const std::exception& failure);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::shared_ptr<Output>> outputs_;
    std::vector<std::unique_ptr<LineBlock>> full_;
    std::vector<std::unique_ptr<LineBlock>> empty_;
    std::size_t blocks_max_ = 0;
    std::size_t blocks_ = 0;  ///< that are full, empty, or being written
    bool running_ = false;
    Complain complain_ = nullptr;
    std::chrono::steady_clock::time_point silent_until_{};
    std::atomic<std::uint64_t> lost_{0};
    std::thread thread_;
};

LineWriter& line_writer();

}  // namespace telemetry
