// kill -9 in the middle of what only happens now and then: the first start, an import, a rebuild.
#include <signal.h>

#include <fstream>
#include <iostream>

#include "random_moments.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/json_checks.hpp"
#include "support/portal_process.hpp"
#include "support/sqlite_file.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::PortalProcess;

namespace {

void write_archive(const std::filesystem::path& file, int count) {
    std::ofstream out(file);
    for (int i = 0; i < count; ++i) {
        auto title = "Archived " + std::to_string(i);
        out << support::new_item(title, {{"source_id", "s" + std::to_string(i)},
                                         {"news_type", i % 2 ? "sports" : "politics"},
                                         {"tags", {"archive"}},
                                         {"published_at", "2021-05-04T10:20:30Z"}})
                   .dump()
            << '\n';
    }
}

std::int64_t stored(const PortalProcess& portal) {
    std::int64_t count = 0;
    for (const char* type : {"sports", "politics"}) {
        auto file = portal.command_file(type);
        if (!std::filesystem::exists(file)) return 0;
        try {
            count += support::number_from_database(file, "select count(*) from events");
        } catch (const std::runtime_error&) {
            // Killed before it had its tables.
        }
    }
    return count;
}

std::size_t listed(const PortalProcess& portal, const std::string& path) {
    support::HttpClient client(portal.address());
    std::size_t count = 0;
    for (std::string cursor;;) {
        auto page = client.request("GET", path + "?limit=100" + cursor).json();
        count += page.at("news").size();
        if (page.at("next").is_null()) return count;
        cursor = "&cursor=" + page["next"].get<std::string>();
    }
}

void check_verified(const PortalProcess& portal) {
    auto verified = portal.command({"verify"});
    INFO(verified.output << verified.errors);
    REQUIRE(verified.code == 0);
}

/// Kills it after a random time; true if it had not ended by itself.
bool kill_sometime(support::Process& process, tests::Dice& dice, std::chrono::milliseconds most) {
    dice.pause(0ms, most);
    process.signal(SIGKILL);
    auto code = process.wait(60s);
    return code == 128 + SIGKILL;
}

}  // namespace

TEST_CASE("a first start that is killed at any moment can be repeated", "[chaos]") {
    tests::Dice dice(tests::chaos_seed());
    int rounds = tests::is_long_run() ? 100 : 6;
    auto most = 100ms;
    {
        PortalProcess portal;
        auto started = std::chrono::steady_clock::now();
        portal.start();
        most = std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::steady_clock::now() - started) +
               20ms;
        CHECK(portal.stop() == 0);
    }
    int killed = 0;
    for (int round = 0; round < rounds; ++round) {
        PortalProcess portal;
        for (int i = 0; i < 3; ++i) {
            auto process = portal.begin({});
            if (kill_sometime(*process, dice, most)) ++killed;
        }
        portal.start();
        for (const char* type : {"sports", "politics", "famous"}) {
            CHECK(portal.post(std::string("/v1/news/") + type, support::new_item("first")).status ==
                  201);
        }
        CHECK(portal.get("/v1/news/all/1/10").news().size() == 3);
        CHECK(portal.stop() == 0);
        check_verified(portal);
    }
    CHECK(killed > rounds);
}

TEST_CASE("an import that is killed again and again is complete in the end, without repetitions",
          "[chaos]") {
    tests::Dice dice(tests::chaos_seed());
    // Small batches, so that there are many moments between them.
    PortalProcess portal(json{{"news", {{"import_batch_items", 20}}}});
    portal.make_data_folder();
    int count = tests::is_long_run() ? 50000 : 3000;
    auto file = portal.folder() / "archive.jsonl";
    write_archive(file, count);
    int kills = 0;
    int in_the_middle = 0;
    for (int attempt = 0; attempt < 200 && in_the_middle < 3; ++attempt) {
        auto process = portal.begin({"import", "news", file.string()});
        auto before = stored(portal);
        if (before == count) break;
        // Mostly once it is at work, sometimes before.
        if (dice.chance(80)) {
            auto log = portal.command_file("sports").string() + "-wal";
            support::eventually(
                [&] {
                    std::error_code none;
                    return std::filesystem::file_size(log, none) > 100000 && !none;
                },
                5s);
        }
        if (!kill_sometime(*process, dice, 150ms)) break;
        ++kills;
        auto now = stored(portal);
        CHECK(now >= before);
        if (now > 0 && now < count) ++in_the_middle;
    }
    std::cout << kills << " kills, " << stored(portal) << " of " << count << " items in"
              << std::endl;
    CHECK(in_the_middle > 0);

    auto finished = portal.command({"import", "news", file.string()});

    INFO(finished.output << finished.errors);
    CHECK(finished.code == 0);
    CHECK(stored(portal) == count);
    for (const char* type : {"sports", "politics"}) {
        auto sources = support::number_from_database(portal.command_file(type),
                                                     "select count(*) from sources");
        CHECK(sources == count / 2);
    }
    check_verified(portal);
    portal.start();
    CHECK(listed(portal, "/v1/news/all") == static_cast<std::size_t>(count));
    CHECK(listed(portal, "/v1/news/tags/archive") == static_cast<std::size_t>(count));
    CHECK(portal.stop() == 0);
}

TEST_CASE("a rebuild that is killed leaves the old view or the new one", "[chaos]") {
    tests::Dice dice(tests::chaos_seed());
    PortalProcess portal;
    portal.make_data_folder();
    auto file = portal.folder() / "archive.jsonl";
    write_archive(file, 2000);
    REQUIRE(portal.command({"import", "news", file.string()}).code == 0);
    portal.start();
    auto before = portal.get("/v1/news/sports/1/100").body;
    CHECK(portal.stop() == 0);
    int rounds = tests::is_long_run() ? 50 : 4;
    auto started = std::chrono::steady_clock::now();
    REQUIRE(portal.command({"rebuild", "--type", "sports"}).code == 0);
    auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - started);

    int killed = 0;
    for (int round = 0; round < rounds; ++round) {
        auto process = portal.begin({"rebuild", "--type", "sports"});
        if (kill_sometime(*process, dice, whole)) ++killed;
        check_verified(portal);
    }
    CHECK(killed > 0);

    // The same in a server: the command hears that its server is gone.
    for (int round = 0; round < rounds / 2; ++round) {
        portal.start();
        CHECK(portal.get("/v1/news/sports/1/100").body == before);
        auto command = portal.begin({"rebuild", "--type", "sports"});
        kill_sometime(portal.process(), dice, whole);
        auto code = command->wait(60s);
        INFO(command->errors());
        REQUIRE(code);
        CHECK((*code == 0 || *code == 1));
        check_verified(portal);
    }
    auto rebuilt = portal.command({"rebuild", "--type", "sports"});
    INFO(rebuilt.errors);
    CHECK(rebuilt.code == 0);
    check_verified(portal);
    portal.start();
    CHECK(portal.get("/v1/news/sports/1/100").body == before);
    CHECK(listed(portal, "/v1/news/sports") == 1000);
    CHECK(portal.stop() == 0);
}
