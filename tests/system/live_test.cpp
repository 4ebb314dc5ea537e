// Live streams as clients have them: over sockets, across a kill, with one that is slow.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <map>

#include "people.hpp"
#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/streamed_answer.hpp"

using nlohmann::json;
using support::new_item;
using support::PortalProcess;
using support::StreamedAnswer;

namespace {

/// The ids of the items that came with events, of one type or of all: what came, in order.
std::vector<std::int64_t> items_of(const std::string& content, const std::string& type = "") {
    std::vector<std::int64_t> ids;
    const std::string line = "\ndata: ";
    for (auto at = content.find(line); at != content.npos; at = content.find(line, at + 1)) {
        auto begin = at + line.size();
        auto data = content.substr(begin, content.find('\n', begin) - begin);
        auto news = json::parse(data).at("news");
        if (type.empty() || news.at("news_type") == type) ids.push_back(news.at("id"));
    }
    return ids;
}

std::string last_id(const std::string& content) {
    auto at = content.rfind("\nid: ");
    REQUIRE(at != std::string::npos);
    return content.substr(at + 5, content.find('\n', at + 1) - at - 5);
}

int readers_of(const PortalProcess& portal) {
    support::HttpClient client(portal.operations());
    auto metrics = client.request("GET", "/metrics").body;
    auto at = metrics.find("\nportal_live_readers{kind=\"public\"} ");
    REQUIRE(at != std::string::npos);
    return std::stoi(metrics.substr(metrics.find(' ', at) + 1));
}

}  // namespace

TEST_CASE("a live stream tells all that is public once and in order, also across kill -9",
          "[system]") {
    auto settings = tests::enforced();
    settings["live"]["heartbeat_ms"] = 200;
    PortalProcess portal(settings);
    portal.start();
    auto ann = tests::log_in(portal, tests::create_person(portal, "author", "ann")).bearer();
    auto eve = tests::log_in(portal, tests::create_person(portal, "editor", "eve")).bearer();
    auto make = [&](const std::string& type, const json& item) {
        auto made = portal.post("/v1/news/" + type, item, ann);
        REQUIRE(made.status == 201);
        return made.news()["id"].get<std::int64_t>();
    };
    std::string said;
    std::vector<std::int64_t> expected;
    {
        StreamedAnswer live(portal.address(), "/v1/live", eve);
        CHECK(live.head().field("Content-Type") == "text/event-stream; charset=utf-8");
        CHECK(live.head().field("Cache-Control") == "no-store");
        CHECK(live.head().field("X-Accel-Buffering") == "no");
        expected.push_back(make("sports", new_item("First")));
        // Also an editor hears only what everybody may see.
        make("sports", new_item("Secret", {{"status", "draft"}}));
        auto later = tests::time_from_now(std::chrono::hours(1));
        make("sports", new_item("Secret, too", {{"embargo_until", later}}));
        expected.push_back(make("politics", new_item("Second")));
        said = live.until("\"Second\"");
        said = live.until(":\nid: famous:0,politics:1,sports:3\n\n");
    }
    // Which of two types comes first is not said.
    auto told = items_of(said);
    CHECK(std::is_permutation(told.begin(), told.end(), expected.begin(), expected.end()));
    CHECK(said.find("Secret") == std::string::npos);
    CHECK(said.starts_with("retry: "));

    expected.clear();
    for (int i = 0; i < 5; ++i) expected.push_back(make("sports", new_item("Missed")));
    portal.kill();
    portal.start();
    auto path = "/v1/news/sports/" + std::to_string(expected.front());
    {
        StreamedAnswer live(portal.address(), "/v1/live", {{"Last-Event-ID", last_id(said)}});
        REQUIRE(portal.ask("DELETE", path, "", eve).status == 200);
        said = live.until("event: removed");
        said = live.until(":\nid:");
        // A server that goes ends streams as they should end: after a whole event.
        portal.process().signal(SIGTERM);
        said = live.rest();
        CHECK(live.complete());
        CHECK(said.ends_with("\n\n"));
    }
    expected.push_back(expected.front());
    CHECK(items_of(said) == expected);
    CHECK(portal.process().wait(support::stop_limit) == 0);
    CHECK(portal.breakdowns().empty());
}

TEST_CASE("who reads no live events is cut, and nobody else waits for that", "[system]") {
    PortalProcess portal(json{{"http", {{"threads", 1}, {"write_stall_timeout_ms", 1000}}},
                              {"live", {{"buffer_events_max", 16}, {"heartbeat_ms", 500}}}});
    portal.start();
    // It reads its head, and then nothing.
    StreamedAnswer slow(portal.address(), "/v1/live");
    StreamedAnswer quick(portal.address(), "/v1/live");
    CHECK(readers_of(portal) == 2);
    const std::string large(190000, 'x');
    int count = 0;
    bool is_cut = support::eventually([&] {
        auto item = new_item("Item " + std::to_string(++count), {{"content", large}});
        REQUIRE(portal.post("/v1/news/sports", item).status == 201);
        quick.until("\"Item " + std::to_string(count) + "\"");
        return readers_of(portal) == 1;
    });
    CHECK(is_cut);
    // The last is whole once what follows it has begun.
    auto end = ":\nid: famous:0,politics:0,sports:" + std::to_string(count) + "\n";
    CHECK(items_of(quick.until(end)).size() == static_cast<std::size_t>(count));
    slow.rest();
    CHECK_FALSE(slow.complete());
    CHECK(portal.breakdowns().empty());
}

TEST_CASE("what an item said is not in the live events before it once it was taken back",
          "[system]") {
    PortalProcess portal(tests::enforced());
    portal.start();
    auto eve = tests::log_in(portal, tests::create_person(portal, "editor", "eve")).bearer();
    auto later = tests::time_from_now(std::chrono::hours(1));
    const std::string secret = "The word that nobody may read";
    int count = 0;
    for (const std::string way : {"killed", "unpublished", "removed", "embargoed"}) {
        INFO(way);
        auto start = "/v1/live?since=famous:0,politics:0,sports:" + std::to_string(count) + "&";
        auto made = portal.post("/v1/news/sports",
                                new_item("Item", {{"content", secret}, {"tags", {"cup"}}}), eve);
        REQUIRE(made.status == 201);
        auto path = "/v1/news/sports/" + made.news()["id"].dump();
        {
            StreamedAnswer there(portal.address(), start + "tags=cup");
            CHECK(there.until("event: published").find("reset") == std::string::npos);
            CHECK(there.until(secret).find(secret) != std::string::npos);
            int status = 0;
            if (way == "killed") {
                status = portal.post(path + "/kill", {{"notice", "Sorry."}}, eve).status;
            } else if (way == "unpublished") {
                status = portal.ask("POST", path + "/unpublish", "", eve).status;
            } else if (way == "removed") {
                status = portal.ask("DELETE", path, "", eve).status;
            } else {
                json change{{"id", made.news()["id"]}, {"embargo_until", later}};
                auto as_it_is = eve;
                as_it_is.emplace_back("If-Match", portal.get(path).field("ETag"));
                status = portal.put("/v1/news/sports", change, as_it_is).status;
            }
            REQUIRE(status / 100 == 2);
            there.until("event: " + (way == "embargoed" ? "unpublished" : way));
        }
        count += 2;
        for (const char* query : {"follow=0", "tags=cup&follow=0", "types=sports&follow=0"}) {
            INFO(query);
            StreamedAnswer once(portal.address(), start + query);
            auto said = once.rest();
            CHECK(once.complete());
            CHECK(said.find(secret) == std::string::npos);
            auto ids = items_of(said);
            CHECK(ids == std::vector<std::int64_t>(2, made.news()["id"].get<std::int64_t>()));
        }
    }
    CHECK(portal.breakdowns().empty());
}

TEST_CASE("a reader who was away for thousands of events and a restart gets each once, in order",
          "[system]") {
    const int count = std::getenv("PORTAL_TEST_LONG") ? 10000 : 600;
    PortalProcess portal;
    portal.start();
    auto begin = last_id(StreamedAnswer(portal.address(), "/v1/live?follow=0").rest());
    const std::vector<std::string> types = {"sports", "politics"};
    std::map<std::string, std::vector<std::int64_t>> expected;
    auto client = std::make_unique<support::HttpClient>(portal.address());
    for (int i = 0; i < count; ++i) {
        if (i == count / 2) {
            client.reset();
            portal.kill();
            portal.start();
            client = std::make_unique<support::HttpClient>(portal.address());
        }
        const auto& type = types[static_cast<std::size_t>(i % 3 == 0)];
        auto made = client->request("POST", "/v1/news/" + type, new_item("Missed").dump(),
                                    {{"Content-Type", "application/json"}});
        REQUIRE(made.status == 201);
        expected[type].push_back(json::parse(made.body)["news"]["id"]);
    }
    StreamedAnswer live(portal.address(), "/v1/live?follow=0&since=" + begin);
    auto told = live.rest();
    CHECK(live.complete());
    CHECK(items_of(told).size() == static_cast<std::size_t>(count));
    // An id is one item's of its type; another type may have it, too.
    for (const auto& type : types) CHECK(items_of(told, type) == expected[type]);
    CHECK(portal.breakdowns().empty());
}
