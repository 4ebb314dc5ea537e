#pragma once

#include <spdlog/async.h>
#include <spdlog/sinks/sink.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

namespace telemetry {

/// Where lines end. Each output tells the whole story: a line that comes through says how many were
/// lost before it (`dropped`), in a queue or here. Two threads write: that of log() and that of the
/// blocks.
class Output : public spdlog::sinks::sink {
public:
    /// Whose losses count, too. Before the first line; both outlive every one.
    void follow(spdlog::details::thread_pool& queue, const std::atomic<std::uint64_t>& lines_lost) {
        queue_ = &queue;
        lines_lost_ = &lines_lost;
        reported_ = losses();
    }

    void log(const spdlog::details::log_msg& line) final;
    /// Whole lines.
    void write_lines(std::string_view lines);
    void flush() final {}
    void set_pattern(const std::string&) final {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) final {}

    /// Thread-safe.
    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

protected:
    /// False if the line is lost; an exception if somebody should hear why.
    virtual bool write(std::string_view line) = 0;
    /// So many bytes at most are written at a time, if they are of several lines.
    virtual std::size_t piece_bytes() const = 0;

private:
    std::uint64_t losses() const;

    std::mutex mutex_;
    spdlog::details::thread_pool* queue_ = nullptr;
    const std::atomic<std::uint64_t>* lines_lost_ = nullptr;
    std::atomic<std::uint64_t> dropped_{0};
    std::uint64_t reported_ = 0;
};

/// Standard error, which nobody may be reading.
class ConsoleOutput final : public Output {
protected:
    bool write(std::string_view line) override;
    /// What a pipe takes whole or not at all (pipe(7)).
    std::size_t piece_bytes() const override { return 4096; }
};

/// A file that is begun anew when it would grow beyond a size: `portal.log` becomes `portal.1.log`,
/// that one `portal.2.log` …, and the oldest goes. A pipe or a device is only written to.
class FileOutput final : public Output {
public:
    /// Throws std::runtime_error, with a sentence, if the file cannot be opened.
    FileOutput(std::filesystem::path file, std::size_t bytes_max, std::size_t files_max);
    ~FileOutput() override;

    /// From the next line on the file of that name is written, whatever the one written now is
    /// called by then. Thread-safe.
    void reopen() { reopen_.store(true, std::memory_order_relaxed); }

protected:
    bool write(std::string_view line) override;
    std::size_t piece_bytes() const override { return std::string_view::npos; }

private:
    void open(int more_flags = 0);
    void rotate();
    std::filesystem::path older(std::size_t number) const;

    const std::filesystem::path file_;
    const std::size_t bytes_max_;
    const std::size_t files_max_;
    std::atomic<bool> reopen_{false};
    int descriptor_ = -1;
    bool regular_ = false;
    std::size_t bytes_ = 0;
};

}  // namespace telemetry
