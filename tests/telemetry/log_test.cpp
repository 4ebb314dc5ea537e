#include "telemetry/log.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "json_line.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/temporary_folder.hpp"

namespace {

using nlohmann::json;
using telemetry::Level;

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

std::vector<json> lines_of(const std::string& text) {
    std::vector<json> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
    return lines;
}

/// Standard error goes to `descriptor` for as long as this lives.
class ErrorsTo {
public:
    explicit ErrorsTo(int descriptor) : saved_(::dup(STDERR_FILENO)) {
        ::dup2(descriptor, STDERR_FILENO);
    }
    ~ErrorsTo() {
        ::dup2(saved_, STDERR_FILENO);
        ::close(saved_);
    }
    ErrorsTo(const ErrorsTo&) = delete;
    ErrorsTo& operator=(const ErrorsTo&) = delete;

private:
    int saved_;
};

telemetry::LogTarget to_file(const std::filesystem::path& path) {
    telemetry::LogTarget target;
    target.console = false;
    target.file = path;
    return target;
}

}  // namespace

TEST_CASE("text in a log line stays one JSON string, whatever is in it", "[telemetry]") {
    struct Row {
        std::string text;
        std::string expected;
    };
    const std::vector<Row> rows = {
        {"plain", R"("plain")"},
        {"", R"("")"},
        {"say \"no\" \\", R"("say \"no\" \\")"},
        {"a\nb\r\t", R"("a\nb\u000d\u0009")"},
        {std::string("\0\x1b[31m\x7f", 7), R"("\u0000\u001b[31m\u007f")"},
        {"\xC2\x80\xC2\x9F\xC2\xA0", "\"\\u0080\\u009f\xC2\xA0\""},
        {"Zürich 日本 🗞", R"("Zürich 日本 🗞")"},
        {"\xff", "\"\xEF\xBF\xBD\""},
        {"a\xc3", "\"a\xEF\xBF\xBD\""},
        {"\xed\xa0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    };
    for (const auto& [text, expected] : rows) {
        CAPTURE(text);
        std::string out;
        telemetry::append_json_string(out, text);
        CHECK(out == expected);
        CHECK_NOTHROW(json::parse(out));
    }
}

TEST_CASE("a log line names its time, level, module, message, request and fields", "[telemetry]") {
    auto time = *base::parse_rfc3339("2026-05-04T10:20:30.123456Z");
    auto line = telemetry::open_line(time, Level::warning, "news", "late",
                                     {{"type", "sports"},
                                      {"late_ms", 1200},
                                      {"share", 0.25},
                                      {"first", true},
                                      {"odd", std::nan("")}},
                                     "r-1");
    CHECK(line + '}' == R"({"time":"2026-05-04T10:20:30.123Z","level":"warning","module":"news",)"
                        R"("message":"late","request_id":"r-1","type":"sports","late_ms":1200,)"
                        R"("share":0.25,"first":true,"odd":null})");
    auto bare = telemetry::open_line(time, Level::info, "news", "m", {}, "");
    CHECK_FALSE(json::parse(bare + '}').contains("request_id"));
}

TEST_CASE("before the log is started, and after, lines go to standard error", "[telemetry]") {
    support::TemporaryFolder folder;
    auto errors = folder / "errors";
    int descriptor = ::open(errors.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    REQUIRE(descriptor >= 0);
    {
        ErrorsTo redirected(descriptor);
        telemetry::log(Level::error, "main", "too early");
        telemetry::start_log(to_file(folder / "portal.log"));
        telemetry::log(Level::error, "main", "in the file");
        telemetry::stop_log();
        telemetry::log(Level::error, "main", "too late");
    }
    ::close(descriptor);

    auto on_console = lines_of(read_file(errors));
    REQUIRE(on_console.size() == 2);
    CHECK(on_console[0]["message"] == "too early");
    CHECK(on_console[1]["message"] == "too late");
    auto in_file = lines_of(read_file(folder / "portal.log"));
    REQUIRE(in_file.size() == 1);
    CHECK(in_file[0]["message"] == "in the file");
}

TEST_CASE("lines below the level are not written", "[telemetry]") {
    support::TemporaryFolder folder;
    auto target = to_file(folder / "portal.log");
    target.level = Level::warning;
    telemetry::start_log(target);
    CHECK_FALSE(telemetry::log_enabled(Level::info));
    CHECK(telemetry::log_enabled(Level::error));
    telemetry::log(Level::info, "main", "hidden");
    telemetry::log(Level::critical, "main", "shown");
    telemetry::stop_log();
    telemetry::start_log(to_file(folder / "other.log"));
    telemetry::stop_log();

    auto lines = lines_of(read_file(folder / "portal.log"));
    REQUIRE(lines.size() == 1);
    CHECK(lines[0]["level"] == "critical");
}

TEST_CASE("the file is rotated by size, and the oldest is deleted", "[telemetry]") {
    support::TemporaryFolder folder;
    auto target = to_file(folder / "portal.log");
    target.file_bytes_max = 4096;
    target.files_max = 3;
    telemetry::start_log(target);
    for (int i = 0; i < 400; ++i) {
        telemetry::log(Level::info, "main", std::string(100, 'x'), {{"i", i}});
    }
    telemetry::stop_log();

    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        ++files;
        CHECK(entry.file_size() <= 4096);
    }
    CHECK(files == 3);
    auto newest = lines_of(read_file(folder / "portal.log"));
    REQUIRE_FALSE(newest.empty());
    CHECK(newest.back()["i"] == 399);
}

TEST_CASE("when the file stands still, the oldest lines go and are counted", "[telemetry]") {
    // Given a file that takes nothing for a while: a pipe takes 64 KiB, then the writing thread
    // hangs.
    support::TemporaryFolder folder;
    auto path = folder / "portal.log";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    int end = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
    REQUIRE(end >= 0);
    ::fcntl(end, F_SETFL, 0);
    auto target = to_file(path);
    target.queue_lines = 16;
    telemetry::start_log(target);
    constexpr std::size_t logged = 5000;

    // When far more is logged than fits, nobody waits,
    for (std::size_t i = 0; i < logged; ++i) {
        telemetry::log(Level::info, "main", std::string(100, 'x'), {{"i", i}});
    }
    std::string text;
    std::thread reader([&] {
        auto last = "\"i\":" + std::to_string(logged - 1);
        char buffer[4096];
        while (text.find(last) == std::string::npos) {
            auto got = ::read(end, buffer, sizeof buffer);
            if (got <= 0) break;
            text.append(buffer, static_cast<std::size_t>(got));
        }
    });
    telemetry::stop_log();
    reader.join();
    ::close(end);

    // then each line was either written or is in the count, and the newest came through.
    auto lines = lines_of(text);
    REQUIRE_FALSE(lines.empty());
    std::size_t dropped = 0;
    for (const auto& line : lines) dropped += line.value("dropped", std::size_t{0});
    CHECK(dropped > 0);
    CHECK(lines.size() + dropped == logged);
    CHECK(lines.back()["i"] == logged - 1);
}

TEST_CASE("a console that nobody reads loses lines, and holds up neither file nor end",
          "[telemetry]") {
    support::TemporaryFolder folder;
    bool is_pipe = GENERATE(true, false);
    CAPTURE(is_pipe);
    int ends[2];
    REQUIRE((is_pipe ? ::pipe(ends) : ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) == 0);
    constexpr std::size_t logged = 5000;
    auto target = to_file(folder / "portal.log");
    target.console = true;
    target.queue_lines = 10000;
    std::string text;
    auto read_what_is_there = [&] {
        ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
        char buffer[4096];
        for (ssize_t got; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
            text.append(buffer, static_cast<std::size_t>(got));
        }
    };
    {
        ErrorsTo redirected(ends[1]);
        telemetry::start_log(target);
        for (std::size_t i = 0; i < logged; ++i) {
            telemetry::log(Level::info, "main", std::string(200, 'x'), {{"i", i}});
        }
        // The file has everything while the console stands still,
        support::eventually([&] {
            return read_file(target.file).find("\"i\":" + std::to_string(logged - 1) + '}') !=
                   std::string::npos;
        });
        CHECK(telemetry::console_lines_dropped() > 0);
        // and when somebody reads again, the next line says how many were lost.
        read_what_is_there();
        telemetry::log(Level::info, "main", "the end");
        telemetry::stop_log();
        read_what_is_there();
    }
    ::close(ends[0]);
    ::close(ends[1]);

    CHECK(lines_of(read_file(target.file)).size() == logged + 1);
    std::size_t whole = 0;
    std::size_t dropped = 0;
    std::size_t cut = 0;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        auto parsed = json::parse(line, nullptr, false);
        if (parsed.is_discarded()) {
            ++cut;
            continue;
        }
        ++whole;
        dropped += parsed.value("dropped", std::size_t{0});
    }
    CHECK(dropped > 0);
    CHECK(whole + dropped == logged + 1);
    CHECK(cut <= 1);
}

TEST_CASE("a log file that was moved away is opened again by its name", "[telemetry]") {
    support::TemporaryFolder folder;
    auto target = to_file(folder / "logs" / "portal.log");
    target.level = Level::error;
    telemetry::start_log(target);
    telemetry::log(Level::error, "main", "before");
    support::eventually([&] { return !read_file(target.file).empty(); });
    auto moved = folder / "logs" / "portal.log-20260504";
    std::filesystem::rename(target.file, moved);

    telemetry::log(Level::error, "main", "between");
    support::eventually([&] { return read_file(moved).find("between") != std::string::npos; });
    telemetry::reopen_log();
    support::eventually([&] { return std::filesystem::exists(target.file); });
    telemetry::log(Level::error, "main", "after");
    telemetry::stop_log();

    auto lines = lines_of(read_file(target.file));
    REQUIRE(lines.size() == 2);
    CHECK(lines[0]["message"] == "the log file is reopened");
    CHECK(lines[1]["message"] == "after");
    CHECK(lines_of(read_file(moved)).size() == 2);
}

TEST_CASE("the log may end while others still log", "[telemetry]") {
    support::TemporaryFolder folder;
    int nowhere = ::open("/dev/null", O_WRONLY);
    ErrorsTo redirected(nowhere);
    ::close(nowhere);
    std::atomic<bool> done{false};
    auto work = [&] {
        while (!done) telemetry::log(Level::info, "main", "line");
    };
    std::thread first(work), second(work);
    for (int i = 0; i < 20; ++i) {
        telemetry::start_log(to_file(folder / "portal.log"));
        telemetry::stop_log();
    }
    done = true;
    first.join();
    second.join();
    CHECK_NOTHROW(lines_of(read_file(folder / "portal.log")));
}

TEST_CASE("a log file that cannot be opened is refused with a sentence", "[telemetry]") {
    support::TemporaryFolder folder;
    std::ofstream(folder / "file") << "x";
    auto target = to_file(folder / "file" / "portal.log");
    CHECK_THROWS_WITH(telemetry::start_log(target), Catch::Contains("portal.log"));
}
