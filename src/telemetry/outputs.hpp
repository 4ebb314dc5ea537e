#pragma once

#include <spdlog/async.h>
#include <spdlog/sinks/sink.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace telemetry {

/// Where lines end. Each output tells the whole story: a line that comes through says how many were
/// lost before it (`dropped`), in the queue or here. Used by the writing thread alone, but for what
/// is marked.
class Output : public spdlog::sinks::sink {
public:
    /// Whose losses count, too. Before the first line; it outlives every one.
    void follow(spdlog::details::thread_pool& queue) { queue_ = &queue; }

    void log(const spdlog::details::log_msg& line) final;
    void flush() final {}
    void set_pattern(const std::string&) final {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) final {}

    /// Thread-safe.
    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

protected:
    /// False if the line is lost; an exception if somebody should hear why.
    virtual bool write(std::string_view line) = 0;

private:
    spdlog::details::thread_pool* queue_ = nullptr;
    std::atomic<std::uint64_t> dropped_{0};
    std::uint64_t reported_ = 0;
};

/// Standard error, which nobody may be reading.
class ConsoleOutput final : public Output {
protected:
    bool write(std::string_view line) override;
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
