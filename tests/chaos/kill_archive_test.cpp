// kill -9 while articles go to archives: each is where it was, or archived, and is read as before.
#include <signal.h>

#include <fstream>
#include <iostream>
#include <map>

#include "random_moments.hpp"
#include "support/catch.hpp"
#include "support/json_checks.hpp"
#include "support/portal_process.hpp"
#include "support/sqlite_file.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::PortalProcess;

namespace {

void write_archivable_items(const std::filesystem::path& file, int count) {
    std::ofstream out(file);
    for (int i = 0; i < count; ++i) {
        auto number = std::to_string(i);
        auto year = std::to_string(2015 + i % 3);
        out << support::new_item("Old " + number, {{"source_id", "s" + number},
                                                   {"news_type", "sports"},
                                                   {"content", std::string(2000, 'c') + number},
                                                   {"published_at", year + "-05-04T10:20:30Z"},
                                                   {"updated_at", year + "-05-05T10:20:30Z"}})
                   .dump()
            << '\n';
    }
}

/// What the server says of each item, by its address.
std::map<std::string, std::string> read_all(const PortalProcess& portal,
                                            std::map<std::string, std::string> known) {
    support::HttpClient client(portal.address());
    if (known.empty()) {
        for (std::string cursor;;) {
            auto page = client.request("GET", "/v1/news/sports?limit=100" + cursor).json();
            for (const auto& item : page.at("news")) {
                known["/v1/news/sports/" + std::to_string(item.at("id").get<std::int64_t>())];
            }
            if (page.at("next").is_null()) break;
            cursor = "&cursor=" + page["next"].get<std::string>();
        }
    }
    for (auto& [path, answer] : known) answer = client.request("GET", path).body;
    return known;
}

std::int64_t archived(const PortalProcess& portal) {
    return support::number_from_database(portal.command_file("sports"),
                                         "select count(*) from archived_streams");
}

void check_all_whole(const PortalProcess& portal) {
    auto verified = portal.command({"verify"});
    INFO(verified.output << verified.errors);
    REQUIRE(verified.code == 0);
}

}  // namespace

TEST_CASE("archiving that is killed again and again loses nothing, and ends as one that was not",
          "[chaos]") {
    tests::Dice dice(tests::chaos_seed());
    const int count = tests::is_long_run() ? 20000 : 1500;
    const int kills_wanted = tests::times(8, 100);
    PortalProcess portal(json{{"news", {{"types", {"sports"}}}}});
    portal.make_data_folder();
    auto file = portal.folder() / "old.jsonl";
    write_archivable_items(file, count);
    REQUIRE(portal.command({"import", "news", file.string()}).code == 0);
    portal.start();
    auto before = read_all(portal, {});
    REQUIRE(before.size() == static_cast<std::size_t>(count));
    std::vector<std::string> command{"archive", "--before", "2020-01-01"};
    int kills = 0;
    int in_the_middle = 0;
    std::int64_t now = 0;
    for (int i = 0; i < kills_wanted && now < count; ++i) {
        // With the server that does it, and without one.
        bool serves = i % 2 == 0;
        if (!serves) portal.kill();
        auto archiving = portal.begin(command);
        // The first ones early, however fast the machine is.
        dice.pause(50ms, 200ms * (i + 1));
        auto& killed = serves ? portal.process() : *archiving;
        killed.signal(SIGKILL);
        if (killed.wait(60s) == 128 + SIGKILL) ++kills;
        archiving->wait(60s);
        if (serves) portal.kill();
        now = archived(portal);
        if (now > 0 && now < count) ++in_the_middle;
        check_all_whole(portal);
        portal.start();
    }
    CHECK(read_all(portal, before) == before);
    CHECK(portal.stop() == 0);
    auto finished = portal.command(command);
    INFO(finished.output << finished.errors);
    REQUIRE(finished.code == 0);
    std::cout << kills << " kills, " << in_the_middle << " in the middle; " << finished.output;
    CHECK(kills > 0);
    CHECK(in_the_middle > 0);
    CHECK(archived(portal) == count);
    check_all_whole(portal);
    portal.start();
    CHECK(portal.get("/v1/news/sports/1/10").news().empty());
    CHECK(read_all(portal, before) == before);
    CHECK(portal.stop() == 0);
}
