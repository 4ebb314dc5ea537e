#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace base {
struct Context;
}

namespace telemetry {

enum class Level { debug, info, warning, error, critical };

/// One structured member of a log line. The value is copied before log() returns.
struct Field {
    using Value = std::variant<std::string_view, std::int64_t, double, bool>;

    Field(std::string_view n, std::string_view v) : name(n), value(v) {}
    Field(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
    Field(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
    Field(std::string_view n, bool v) : name(n), value(v) {}
    Field(std::string_view n, double v) : name(n), value(v) {}
    template <class Integer>
        requires std::is_integral_v<Integer>
    Field(std::string_view n, Integer v) : name(n), value(static_cast<std::int64_t>(v)) {}

    std::string_view name;
    Value value;
};

/// Where log lines go. Set up once, by main, before any thread is started.
struct LogTarget {
    Level level = Level::info;
    bool console = true;           ///< to standard error, as far as somebody takes it
    std::filesystem::path file{};  ///< and to this file; empty: to none
    std::size_t file_bytes_max = 10 * 1024 * 1024;
    std::size_t files_max = 5;  ///< `portal.log`, `portal.1.log` …; older ones are deleted
    std::size_t queue_lines = 8192;
    bool blocks = false;  ///< also takes about as many lines of LineBuffers
};

/// Starts the writing thread. Before it, log() writes to standard error at once. The queue between
/// log() and that thread is bounded; when it is full the oldest lines go, and the next line that
/// gets through says how many (`dropped`). Every line is flushed to the file when it is written.
/// Throws std::runtime_error, with a sentence for a person, if the file cannot be opened.
void start_log(const LogTarget& target);

/// Has the log file opened anew by its name, so that another program may have moved it away. Does
/// nothing without one. Thread-safe.
void reopen_log();

/// Lines that standard error did not take, since the log was started: the console never holds up
/// the file or the process. The next line that it takes says so, too (`dropped`). Thread-safe.
std::uint64_t console_lines_dropped();

/// A sentence for a person, on standard error. Waits for a reader, but only a second. False if it
/// is lost.
bool write_console(std::string_view text);

/// Writes what is queued, then ends the thread; log() goes to standard error again. Also before a
/// deliberate exit, while other threads still log. Not from two threads at once.
void stop_log();

/// True if a line of this level would be written: ask before costly fields.
bool log_enabled(Level level);

/// One JSON line: time, level, module, message, request_id (when there is one), then the fields.
/// Control characters are escaped. Never pass a password, token, cookie or e-mail address.
/// Thread-safe; does not block.
void log(Level level, std::string_view module, std::string_view message,
         std::initializer_list<Field> fields = {}, std::string_view request_id = {});
/// The same, of a request: with its id, and that of its trace if it is in one.
void log(Level level, std::string_view module, std::string_view message,
         std::initializer_list<Field> fields, const base::Context& context);

}  // namespace telemetry
