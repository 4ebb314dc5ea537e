// kill -9 while articles change: the index of the search has what the news have, and no word more.
#include <signal.h>

#include <filesystem>
#include <iostream>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/sqlite_file.hpp"
#include "writer.hpp"

using namespace std::chrono_literals;
using support::PortalProcess;
using tests::Writer;

namespace {

constexpr int writers_count = 4;
constexpr int titles_asked = 20;

/// Address, version and title of each.
std::set<std::string> all_of(const PortalProcess& portal, const std::string& target) {
    support::HttpClient client(portal.address());
    std::set<std::string> items;
    for (std::string cursor;;) {
        auto page = client.request("GET", target + "limit=100" + cursor).json();
        for (const auto& item : page.at("news")) {
            items.insert(item.at("news_type").get<std::string>() + '/' + item.at("id").dump() +
                         " v" + item.at("version").dump() + ": " +
                         item.at("title").get<std::string>());
        }
        if (page.at("next").is_null()) return items;
        cursor = "&cursor=" + page["next"].get<std::string>();
    }
}

/// Whether views and index have heard all that there is.
bool has_heard_all(const PortalProcess& portal) {
    std::istringstream lines(
        support::HttpClient(portal.operations()).request("GET", "/metrics").body);
    int hearers = 0;
    for (std::string line; std::getline(lines, line);) {
        bool is_asked = line.starts_with("portal_listener_backlog_events{module=\"search\"") ||
                        line.starts_with("portal_news_view_backlog_events{");
        if (!is_asked) continue;
        if (!line.ends_with(" 0")) return false;
        ++hearers;
    }
    return hearers == 6;
}

/// Everything that is listed is found by a tag that all have, and each by its title alone.
void check_found(const PortalProcess& portal, tests::Dice& dice) {
    REQUIRE(support::eventually([&] { return has_heard_all(portal); }));
    auto listed = all_of(portal, "/v1/news/all?");
    CHECK(all_of(portal, "/v1/search?q=chaos+&sort=newest&") == listed);
    std::vector<std::string> items(listed.begin(), listed.end());
    for (int i = 0; i < titles_asked && !items.empty(); ++i) {
        auto last = static_cast<int>(items.size()) - 1;
        const auto& item = items[static_cast<std::size_t>(dice.number(0, last))];
        auto title = item.substr(item.find(": ") + 2);
        title.replace(title.find(' '), 1, "+");
        CHECK(all_of(portal, "/v1/search?q=%22" + title + "%22&") == std::set{item});
    }
}

/// What a stopped server's index has, but for where it stands.
std::vector<std::string> content_of_index(const std::filesystem::path& file) {
    auto rows = support::rows_from_database(
        file,
        "select d.news_type, d.article, d.version, d.owner, d.published_at, d.place >= 0,"
        " t.title, d.tags, t.content from documents d join texts t on t.place = d.place"
        " order by d.news_type, d.article");
    auto words = support::rows_from_database(file, "select word, documents from words order by 1");
    rows.insert(rows.end(), words.begin(), words.end());
    return rows;
}

}  // namespace

TEST_CASE("the index of the search is that of its news after kill -9, and as one made anew",
          "[chaos]") {
    tests::Dice dice(tests::chaos_seed());
    PortalProcess portal;
    std::vector<Writer> writers;
    for (int i = 0; i < writers_count; ++i) writers.emplace_back(i, dice.seed());
    const int rounds = tests::times(4, 300);
    tests::Progress progress("kills", rounds);
    for (int round = 1; round <= rounds; ++round) {
        INFO("round " << round);
        portal.start();
        for (auto& writer : writers) writer.check(portal, 0);
        std::vector<std::thread> threads;
        for (auto& writer : writers) {
            threads.emplace_back([&] { writer.work(portal); });
        }
        dice.pause(300ms, 900ms);
        portal.process().signal(SIGKILL);
        for (auto& thread : threads) thread.join();
        portal.kill();
        for (const auto& writer : writers) REQUIRE(writer.faults() == std::vector<std::string>());
        portal.start();
        check_found(portal, dice);
        portal.kill();
        progress.step();
    }

    portal.start();
    check_found(portal, dice);
    REQUIRE(portal.stop() == 0);
    auto file = portal.data() / "search.db";
    auto kept = content_of_index(file);
    int unanswered = 0;
    for (const auto& writer : writers) unanswered += writer.unanswered();
    std::cout << rounds << " kills, " << unanswered << " changes cut off, " << kept.size()
              << " documents and words" << std::endl;
    CHECK(kept.size() > 100);
    CHECK(unanswered >= rounds);
    std::filesystem::remove(file);
    portal.start();
    check_found(portal, dice);
    REQUIRE(portal.stop() == 0);
    CHECK(content_of_index(file) == kept);
    CHECK(portal.breakdowns() == std::vector<std::string>());
}
