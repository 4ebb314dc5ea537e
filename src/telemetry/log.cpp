#include "telemetry/log.hpp"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <mutex>

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "base/context.hpp"
#include "console.hpp"
#include "json_line.hpp"
#include "line_writer.hpp"
#include "outputs.hpp"
#include "telemetry/breakdowns.hpp"

namespace telemetry {

namespace {

using Pool = spdlog::details::thread_pool;

/// One started log. The logger outlives the pool: a thread that still holds it after stop_log()
/// finds the pool gone, instead of freed memory.
struct Started {
    std::weak_ptr<Pool> pool;
    std::shared_ptr<spdlog::async_logger> logger;
    std::shared_ptr<ConsoleOutput> console;  ///< null if there is none
    std::shared_ptr<FileOutput> file;        ///< null if there is none
};

struct State {
    std::atomic<Level> level{Level::info};
    std::atomic<Started*> current{nullptr};
    std::shared_ptr<Pool> pool{};
    std::vector<std::unique_ptr<Started>> all{};
};

/// Of lines of a usual length.
constexpr std::size_t lines_per_block = 100;
constexpr std::size_t request_id_bytes_max = 128;

/// Never destroyed: threads may log until the process is gone.
State& state() {
    static State& held = *new State;
    return held;
}

void complain(const std::string& what) {
    write_at_once(open_line(base::SystemClock().now(), Level::error, "telemetry",
                            "A log line could not be written.", {{"cause", what}}, {}) +
                  "}\n");
}

void send(std::string line) {
    auto* started = state().current.load(std::memory_order_acquire);
    auto pool = started ? started->pool.lock() : nullptr;
    if (!pool) {
        write_at_once(line + "}\n");
        return;
    }
    started->logger->log(spdlog::level::info, spdlog::string_view_t(line));
}

/// Says who asked, or may hold a key: nobody else's business.
bool is_private(std::string_view name) {
    return name == "client" || name == "peer" || name == "url" || name == "email";
}

struct TextOf {
    std::string operator()(std::string_view value) const { return scrubbed(value); }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return std::to_string(value); }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
};

void keep_if_wanted(Level level, std::string_view module, std::string_view message,
                    std::initializer_list<Field> fields, std::string_view request_id,
                    const base::Trace& trace) {
    if (!breakdowns_on() || module == "reporting") return;
    Breakdown breakdown;
    breakdown.at = base::SystemClock().now();
    breakdown.level = level;
    breakdown.module = module;
    breakdown.message = scrubbed(message);
    breakdown.request_id = request_id.substr(0, request_id_bytes_max);
    if (trace) {
        breakdown.trace_id = base::trace_id(trace);
        breakdown.span_id = base::span_id(trace.span);
    }
    for (const auto& field : fields) {
        if (is_private(field.name)) continue;
        auto text = std::visit(TextOf(), field.value);
        // What its own collectors do is told to nobody.
        if (field.name == dependency_field && text.starts_with("reporting:")) return;
        if (field.name == "route") {
            breakdown.route = std::move(text);
        } else {
            breakdown.fields.emplace_back(field.name, std::move(text));
        }
    }
    keep(std::move(breakdown));
}

}  // namespace

void start_log(const LogTarget& target) {
    auto started = std::make_unique<Started>();
    std::vector<std::shared_ptr<Output>> outputs;
    if (target.console) {
        started->console = std::make_shared<ConsoleOutput>();
        outputs.push_back(started->console);
    }
    if (!target.file.empty()) {
        started->file =
            std::make_shared<FileOutput>(target.file, target.file_bytes_max, target.files_max);
        outputs.push_back(started->file);
    }
    stop_log();
    auto& log = state();
    log.level = target.level;
    log.pool = std::make_shared<Pool>(std::max<std::size_t>(target.queue_lines, 1), 1);
    for (auto& output : outputs) output->follow(*log.pool, line_writer().lost());
    started->pool = log.pool;
    // The formatter is the outputs' own affair.
    started->logger =
        std::make_shared<spdlog::async_logger>("portal", outputs.begin(), outputs.end(), log.pool,
                                               spdlog::async_overflow_policy::overrun_oldest);
    started->logger->set_level(spdlog::level::trace);
    started->logger->set_error_handler(complain);
    log.all.push_back(std::move(started));
    log.current = log.all.back().get();
    if (target.blocks && log_enabled(Level::info)) {
        line_writer().start(std::move(outputs), target.queue_lines / lines_per_block + 2, complain);
    }
}

void reopen_log() {
    auto* started = state().current.load(std::memory_order_acquire);
    if (!started || !started->file) return;
    started->file->reopen();
    // Whatever the level: it is this line that has the file opened.
    send(open_line(base::SystemClock().now(), Level::info, "telemetry", "the log file is reopened",
                   {}, {}));
}

std::uint64_t console_lines_dropped() {
    auto* started = state().current.load(std::memory_order_acquire);
    return started && started->console ? started->console->dropped() : 0;
}

void stop_log() {
    // Several stores of a dying disk may end the process at the same moment.
    static std::mutex& one = *new std::mutex;
    std::lock_guard lock(one);
    auto& log = state();
    log.current = nullptr;
    line_writer().stop();
    log.pool.reset();  // waits until the queue is written
}

bool log_enabled(Level level) {
    return level >= state().level.load(std::memory_order_relaxed);
}

void log(Level level, std::string_view module, std::string_view message,
         std::initializer_list<Field> fields, std::string_view request_id) {
    if (level >= Level::error) keep_if_wanted(level, module, message, fields, request_id, {});
    if (!log_enabled(level)) return;
    send(open_line(base::SystemClock().now(), level, module, message, fields, request_id));
}

void log(Level level, std::string_view module, std::string_view message,
         std::initializer_list<Field> fields, const base::Context& context) {
    if (level >= Level::error) {
        keep_if_wanted(level, module, message, fields, context.request_id, context.trace);
    }
    if (!log_enabled(level)) return;
    auto trace = context.trace ? base::trace_id(context.trace) : std::string();
    send(open_line(base::SystemClock().now(), level, module, message, fields, context.request_id,
                   trace));
}

}  // namespace telemetry
