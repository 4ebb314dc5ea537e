#include "telemetry/log.hpp"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <vector>

#include "json_line.hpp"

namespace telemetry {

namespace {

using Pool = spdlog::details::thread_pool;

/// Ends a line on the writing thread, where it is known how many lines were lost before it. There
/// is one per output, so that each of them tells the whole story.
class LineEnd final : public spdlog::formatter {
public:
    explicit LineEnd(Pool& pool) : pool_(pool) {}

    void format(const spdlog::details::log_msg& line, spdlog::memory_buf_t& out) override {
        out.append(line.payload.begin(), line.payload.end());
        auto dropped = pool_.overrun_counter();
        if (dropped != reported_) {
            auto member = ",\"dropped\":" + std::to_string(dropped - reported_);
            out.append(member.data(), member.data() + member.size());
            reported_ = dropped;
        }
        constexpr std::string_view end = "}\n";
        out.append(end.begin(), end.end());
    }

    std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<LineEnd>(*this);
    }

private:
    Pool& pool_;
    std::size_t reported_ = 0;
};

/// One started log. The logger outlives the pool: a thread that still holds it after stop_log()
/// finds the pool gone, instead of freed memory.
struct Started {
    std::weak_ptr<Pool> pool;
    std::shared_ptr<spdlog::async_logger> logger;
};

struct State {
    std::atomic<Level> level{Level::info};
    std::atomic<Started*> current{nullptr};
    std::shared_ptr<Pool> pool{};
    std::vector<std::unique_ptr<Started>> all{};
};

/// Never destroyed: threads may log until the process is gone.
State& state() {
    static State& held = *new State;
    return held;
}

/// One write(2) per line, so that lines of several threads do not mix.
void write_to_console(std::string line) {
    line += "}\n";
    std::string_view rest = line;
    while (!rest.empty()) {
        auto written = ::write(STDERR_FILENO, rest.data(), rest.size());
        if (written <= 0) return;  // there is nowhere left to say so
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

void complain(const std::string& what) {
    write_to_console(open_line(base::SystemClock().now(), Level::error, "telemetry",
                               "A log line could not be written.", {{"cause", what}}, {}));
}

std::vector<spdlog::sink_ptr> make_sinks(const LogTarget& target) {
    std::vector<spdlog::sink_ptr> sinks;
    if (target.console) sinks.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
    if (target.file.empty()) return sinks;
    try {
        // spdlog counts the older files only.
        auto older = std::max<std::size_t>(target.files_max, 1) - 1;
        sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
            target.file.string(), std::max<std::size_t>(target.file_bytes_max, 1), older));
    } catch (const spdlog::spdlog_ex& failure) {
        throw std::runtime_error(std::string("The log cannot be written: ") + failure.what() + ".");
    }
    return sinks;
}

}  // namespace

void start_log(const LogTarget& target) {
    auto sinks = make_sinks(target);
    stop_log();
    auto& log = state();
    log.level = target.level;
    log.pool = std::make_shared<Pool>(std::max<std::size_t>(target.queue_lines, 1), 1);
    auto logger =
        std::make_shared<spdlog::async_logger>("portal", sinks.begin(), sinks.end(), log.pool,
                                               spdlog::async_overflow_policy::overrun_oldest);
    logger->set_level(spdlog::level::trace);
    // What was logged before a crash must be in the file; the write is the other thread's time.
    logger->flush_on(spdlog::level::trace);
    logger->set_formatter(std::make_unique<LineEnd>(*log.pool));
    logger->set_error_handler(complain);
    log.all.push_back(std::make_unique<Started>(Started{log.pool, std::move(logger)}));
    log.current = log.all.back().get();
}

void stop_log() {
    auto& log = state();
    log.current = nullptr;
    log.pool.reset();  // waits until the queue is written
}

bool log_enabled(Level level) {
    return level >= state().level.load(std::memory_order_relaxed);
}

void log(Level level, std::string_view module, std::string_view message,
         std::initializer_list<Field> fields, std::string_view request_id) {
    if (!log_enabled(level)) return;
    auto line = open_line(base::SystemClock().now(), level, module, message, fields, request_id);
    auto* started = state().current.load(std::memory_order_acquire);
    auto pool = started ? started->pool.lock() : nullptr;
    if (!pool) {
        write_to_console(std::move(line));
        return;
    }
    started->logger->log(spdlog::level::info, spdlog::string_view_t(line));
}

}  // namespace telemetry
