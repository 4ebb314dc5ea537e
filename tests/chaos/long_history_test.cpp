// One article with very many large versions: what a save of it costs, what its history costs, and
// what others notice of that.
#include <algorithm>
#include <atomic>
#include <iostream>
#include <thread>

#include "random_moments.hpp"
#include "support/catch.hpp"
#include "support/json_checks.hpp"
#include "support/portal_process.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::PortalProcess;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t content_bytes = 100000;

struct GrowingAuthor {
    explicit GrowingAuthor(const PortalProcess& portal) : client(portal.address()) {}

    json create() {
        auto item = support::new_item("Grows");
        item["content"] = content();
        auto made = client.request("POST", "/v1/news/sports", item.dump(), as_json);
        REQUIRE(made.status == 201);
        return made.news();
    }
    /// One more version; how long that took, in milliseconds.
    double save(json& item) {
        json change = {{"id", item["id"]}, {"version", item["version"]}, {"content", content()}};
        auto began = Clock::now();
        auto saved = client.request("PUT", "/v1/news/sports", change.dump(), as_json);
        std::chrono::duration<double, std::milli> took = Clock::now() - began;
        REQUIRE(saved.status == 201);
        item = saved.news();
        return took.count();
    }
    /// Each version has another content.
    std::string content() {
        return std::to_string(++number) + " " + std::string(content_bytes, 'x');
    }

    support::HttpClient client;
    const support::Fields as_json{{"Content-Type", "application/json"}};
    int number = 0;
};

double share_of(std::vector<double> all, double share) {
    std::sort(all.begin(), all.end());
    return all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))];
}

/// What readers of lists wait, in milliseconds, until `enough` is set.
std::vector<double> read_politics(const PortalProcess& portal, const std::atomic<bool>& enough) {
    std::vector<double> took;
    support::HttpClient client(portal.address());
    for (int i = 0; !enough; ++i) {
        auto began = Clock::now();
        auto target = "/v1/news/politics/" + std::to_string(i % 7 + 1) + "/7";
        REQUIRE(client.request("GET", target).status == 200);
        took.push_back(std::chrono::duration<double, std::milli>(Clock::now() - began).count());
        std::this_thread::sleep_for(2ms);
    }
    return took;
}

}  // namespace

TEST_CASE("a save of an article with thousands of large versions costs what one of a new one does",
          "[chaos]") {
    bool is_long = tests::is_long_run();
    int versions = is_long ? 5000 : 200;
    PortalProcess portal(json{{"news", {{"stream_bytes_max", 1LL << 30}}},
                              {"orchestrator", {{"cache_bytes_max", 0}}}});
    portal.start();
    GrowingAuthor author(portal);
    for (int i = 0; i < 50; ++i) {
        REQUIRE(portal.post("/v1/news/politics", support::new_item("beside")).status == 201);
    }
    auto old = author.create();
    for (int i = 1; i < versions; ++i) author.save(old);
    // One after the other, so that what the machine does else hits both.
    std::vector<double> of_old;
    std::vector<double> of_fresh;
    for (int i = 0; i < 40; ++i) {
        auto fresh = author.create();
        of_fresh.push_back(author.save(fresh));
        of_old.push_back(author.save(old));
    }
    auto save_old = share_of(of_old, 0.5);
    auto save_fresh = share_of(of_fresh, 0.5);
    CHECK(save_old <= 2 * save_fresh + 2);

    // Others read, first alone and then beside somebody who walks through all of the history.
    std::atomic<bool> enough{false};
    std::vector<double> alone;
    std::thread before([&] { alone = read_politics(portal, enough); });
    std::this_thread::sleep_for(is_long ? 10s : 2s);
    enough = true;
    before.join();
    enough = false;
    std::vector<double> beside;
    std::thread during([&] { beside = read_politics(portal, enough); });
    auto path = "/v1/news/sports/" + std::to_string(old["id"].get<std::int64_t>()) + "/history";
    std::size_t largest = 0;
    int entries = 0;
    auto until = Clock::now() + (is_long ? 10s : 2s);
    do {
        entries = 0;
        std::string next;
        do {
            auto page = author.client.request(
                "GET", path + "?limit=100" + (next.empty() ? "" : "&cursor=" + next));
            REQUIRE(page.status == 200);
            largest = std::max(largest, page.body.size());
            auto body = page.json();
            entries += static_cast<int>(body["history"].size());
            next = body["next"].is_null() ? "" : body["next"].get<std::string>();
        } while (!next.empty());
    } while (Clock::now() < until);
    enough = true;
    during.join();
    CHECK(entries == old["version"]);
    // No content, unless it is asked for.
    CHECK(largest < 100 * 1000);
    auto slow_alone = share_of(alone, 0.99);
    auto slow_beside = share_of(beside, 0.99);
    // On a machine that others use as well, a slow one in a hundred means little.
    CHECK(slow_beside <= 2 * slow_alone + (is_long ? 1 : 50));
    std::cout << versions << " versions: save " << save_old << " ms, of a new one " << save_fresh
              << " ms; lists p99 " << slow_alone << " ms alone, " << slow_beside
              << " ms beside its history; largest part of that " << largest << " bytes"
              << std::endl;
    CHECK(portal.stop() == 0);
}
