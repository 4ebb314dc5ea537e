// Lines that go to the log by the block.
#include "telemetry/line_buffer.hpp"

#include <sys/stat.h>

#include <array>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "line_writer.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/temporary_folder.hpp"
#include "telemetry/log.hpp"

#if defined(__SANITIZE_ADDRESS__)
// Of the sanitizer's own library; its header is not installed with the compiler.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void*,
                                                                           std::size_t),
                                                         void (*released)(const volatile void*));
#endif

namespace {

using nlohmann::json;
using telemetry::LineBuffer;

const auto time_of_test = *base::parse_rfc3339("2026-05-04T10:20:30.123456Z");

std::vector<json> lines_in(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::vector<json> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(json::parse(line));
    return lines;
}

telemetry::LogTarget to_file(const std::filesystem::path& path) {
    telemetry::LogTarget target;
    target.console = false;
    target.file = path;
    target.blocks = true;
    return target;
}

void add_line(LineBuffer& lines, std::int64_t number) {
    lines.begin(time_of_test, "http", "request");
    lines.text("path", "/v1/news/sports", 256);
    lines.number("number", number);
    lines.end();
}

#if defined(__SANITIZE_ADDRESS__)
thread_local bool counting = false;
thread_local std::size_t allocations = 0;

void count_allocation(const volatile void*, std::size_t) {
    if (counting) ++allocations;
}
void ignore_release(const volatile void*) {}
#endif

}  // namespace

TEST_CASE("a line of a block is one JSON object, bounded and escaped", "[telemetry]") {
    support::TemporaryFolder folder;
    telemetry::start_log(to_file(folder / "portal.log"));
    {
        LineBuffer lines;
        lines.begin(time_of_test, "http", "request");
        lines.text("path", "/a\n\"b\"\x1b" + std::string(300, 'x'), 256);
        lines.number("status", -7);
        lines.thousandths("ms", 1234567);
        lines.thousandths("none", -5);
        lines.truth("cut", true);
        lines.end();
        // What does not fit becomes no line, and the next one is whole.
        lines.begin(time_of_test, "http", "request");
        lines.text("path", std::string(5000, 'y'), 5000);
        lines.end();
        add_line(lines, 1);
    }
    telemetry::stop_log();
    std::ifstream file(folder / "portal.log");
    std::string first;
    std::getline(file, first);
    CHECK(first.starts_with(R"({"time":"2026-05-04T10:20:30.123Z","level":"info","module":"http",)"
                            R"("message":"request","path":"/a\n\"b\"\u001bxxx)"));
    auto lines = lines_in(folder / "portal.log");
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].at("path").get<std::string>().size() == 256);
    CHECK(lines[0].at("status") == -7);
    CHECK(first.find("\"ms\":1234.567,\"none\":0.000,\"cut\":true}") != std::string::npos);
    CHECK(lines[1].at("number") == 1);
}

TEST_CASE("lines of several threads come whole, each thread's in their order", "[telemetry]") {
    support::TemporaryFolder folder;
    auto target = to_file(folder / "portal.log");
    target.queue_lines = 100000;
    telemetry::start_log(target);
    constexpr std::int64_t each = 500;
    std::vector<std::thread> threads;
    for (std::int64_t thread = 0; thread < 3; ++thread) {
        threads.emplace_back([thread] {
            LineBuffer lines;
            for (std::int64_t i = 0; i < each; ++i) add_line(lines, thread * each + i);
        });
    }
    for (int i = 0; i < 100; ++i) telemetry::log(telemetry::Level::info, "test", "between");
    for (auto& thread : threads) thread.join();
    telemetry::stop_log();
    std::array<std::int64_t, 3> next{0, each, 2 * each};
    std::size_t others = 0;
    for (const auto& line : lines_in(folder / "portal.log")) {
        if (!line.contains("number")) {
            ++others;
            continue;
        }
        auto number = line.at("number").get<std::int64_t>();
        CHECK(number == next[static_cast<std::size_t>(number / each)]++);
    }
    CHECK(others == 100);
    CHECK(next == std::array<std::int64_t, 3>{each, 2 * each, 3 * each});
}

TEST_CASE("lines that the outputs are too slow for are dropped and counted", "[telemetry]") {
    support::TemporaryFolder folder;
    // Given an output that waits: a pipe that nobody reads yet.
    auto pipe = folder / "portal.log";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    std::vector<std::string> read;
    std::promise<void> go_on;
    std::thread reader([&, wanted = go_on.get_future()] {
        std::ifstream file(pipe);
        wanted.wait();
        for (std::string line; std::getline(file, line) && line != "end";) read.push_back(line);
    });
    auto target = to_file(pipe);
    target.queue_lines = 128;  // three blocks
    telemetry::start_log(target);
    auto before = telemetry::line_writer().lost().load();
    constexpr std::int64_t sent = 20000;
    {
        LineBuffer lines;
        for (std::int64_t i = 0; i < sent; ++i) add_line(lines, i);
        CHECK(telemetry::line_writer().lost() > before);
    }
    go_on.set_value();
    // Then the next block that gets through says how many are missing.
    CHECK(support::eventually([] {
        LineBuffer lines;
        add_line(lines, -1);
        auto lost = telemetry::line_writer().lost().load();
        lines.hand_over();
        return telemetry::line_writer().lost() == lost;
    }));
    telemetry::stop_log();
    std::ofstream(pipe) << "end" << std::endl;
    reader.join();
    std::int64_t came = 0;
    std::int64_t dropped = 0;
    for (const auto& text : read) {
        auto line = json::parse(text);
        if (line.contains("dropped")) {
            dropped += line.at("dropped").get<std::int64_t>();
        } else if (line.at("number") >= 0) {
            ++came;
        }
    }
    CHECK(dropped > 0);
    CHECK(came + dropped >= sent);
}

TEST_CASE("without a log that takes blocks lines go nowhere", "[telemetry]") {
    LineBuffer lines;
    for (std::int64_t i = 0; i < 1000; ++i) add_line(lines, i);
    lines.hand_over();
    support::TemporaryFolder folder;
    auto target = to_file(folder / "portal.log");
    target.blocks = false;
    telemetry::start_log(target);
    add_line(lines, 1);
    lines.hand_over();
    telemetry::stop_log();
    CHECK(lines_in(folder / "portal.log").empty());
}

#if defined(__SANITIZE_ADDRESS__)
TEST_CASE("a log that takes no line loses lines, counts them, and ends nothing", "[telemetry]") {
    // Of all files that cannot be written the one that is always there.
    telemetry::start_log(to_file("/dev/full"));
    {
        LineBuffer lines;
        for (int i = 0; i < 2000; ++i) add_line(lines, i);
    }
    telemetry::stop_log();

    support::TemporaryFolder folder;
    telemetry::start_log(to_file(folder / "portal.log"));
    {
        LineBuffer lines;
        add_line(lines, 7);
    }
    telemetry::stop_log();
    auto written = lines_in(folder / "portal.log");
    REQUIRE(written.size() == 1);
    CHECK(written[0]["number"] == 7);
}

TEST_CASE("a line costs no allocation once there are enough blocks", "[telemetry]") {
    REQUIRE(__sanitizer_install_malloc_and_free_hooks(count_allocation, ignore_release) != 0);
    support::TemporaryFolder folder;
    telemetry::start_log(to_file(folder / "portal.log"));
    LineBuffer lines;
    for (std::int64_t i = 0; i < 50000; ++i) add_line(lines, i);
    // Where the writer is behind on a busy machine, one more block may be needed; a line that costs
    // one would cost it each time.
    for (int attempt = 0; attempt < 10; ++attempt) {
        allocations = 0;
        counting = true;
        for (std::int64_t i = 0; i < 50; ++i) add_line(lines, i);
        counting = false;
        if (allocations == 0) break;
    }
    CHECK(allocations == 0);
    telemetry::stop_log();
}
#endif
