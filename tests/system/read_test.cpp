// GET of news: lists in all their forms, and what is refused.
#include <set>
#include <sstream>

#include "news/instance.hpp"
#include "shared_portal.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::failure_faults;
using support::new_item;
using tests::shared_portal;

namespace {

/// Items with publication times from 2020 on, a day apart but for pairs that share one, in mixed
/// order of creation.
void fill(const support::PortalProcess& portal, const std::string& type, int count) {
    for (int i = 0; i < count; ++i) {
        int day = (i * 7 % count) / 2;
        std::string time = "2020-0" + std::to_string(1 + day / 28) + "-" +
                           (day % 28 < 9 ? "0" : "") + std::to_string(1 + day % 28) + "T12:00:00Z";
        tests::create(portal, type,
                      new_item(type + " " + std::to_string(i), {{"published_at", time}}));
    }
}

std::set<std::int64_t> unique(const std::vector<std::int64_t>& ids) {
    return {ids.begin(), ids.end()};
}

std::vector<std::int64_t> ids_in(const json& items) {
    std::vector<std::int64_t> ids;
    for (const auto& item : items) ids.push_back(item.at("id"));
    return ids;
}

}  // namespace

TEST_CASE("what cannot be found or asked is refused by its own code", "[system]") {
    auto& portal = shared_portal();
    struct Case {
        const char* method;
        const char* target;
        int status;
        const char* code;
    };
    const Case cases[] = {
        {"GET", "/v1/news/weather", 404, "unknown_news_type"},
        {"GET", "/v1/news/weather/1", 404, "unknown_news_type"},
        {"GET", "/v1/news/weather/1/10", 404, "unknown_news_type"},
        {"GET", "/v1/news/weather/1/history", 404, "unknown_news_type"},
        {"GET", "/v1/news/weather/1/versions/1", 404, "unknown_news_type"},
        {"GET", "/v1/news/weather/1?as_of=2026-01-01T00:00:00Z", 404, "unknown_news_type"},
        {"GET", "/v1/news/Sports/1/10", 404, "unknown_news_type"},
        {"DELETE", "/v1/news/weather/1", 404, "unknown_news_type"},
        {"POST", "/v1/news/weather/1/publish", 404, "unknown_news_type"},
        {"GET", "/v1/news/sports/1", 404, "news_not_found"},
        {"GET", "/v1/news/sports/abc", 404, "news_not_found"},
        {"GET", "/v1/news/sports/-1", 404, "news_not_found"},
        {"GET", "/v1/news/sports/99999999999999999999", 404, "news_not_found"},
        {"GET", "/v1/news/sports/1/history", 404, "news_not_found"},
        {"GET", "/v1/news/sports/1/versions/1", 404, "news_not_found"},
        {"DELETE", "/v1/news/sports/1", 404, "news_not_found"},
        {"POST", "/v1/news/sports/1/publish", 404, "news_not_found"},
        {"POST", "/v1/news/sports/1/unpublish", 404, "news_not_found"},
        {"GET", "/v1/news/sports/0/10", 400, "malformed_page"},
        {"GET", "/v1/news/sports/-1/10", 400, "malformed_page"},
        {"GET", "/v1/news/sports/x/10", 400, "malformed_page"},
        {"GET", "/v1/news/sports/1.5/10", 400, "malformed_page"},
        {"GET", "/v1/news/sports/99999999999999999999/10", 400, "malformed_page"},
        {"GET", "/v1/news/sports/1/0", 400, "malformed_limit"},
        {"GET", "/v1/news/sports/1/101", 400, "malformed_limit"},
        {"GET", "/v1/news/sports/1/ten", 400, "malformed_limit"},
        {"GET", "/v1/news/all/0/10", 400, "malformed_page"},
        {"GET", "/v1/news/all/1/101", 400, "malformed_limit"},
        {"GET", "/v1/news/sports?limit=0", 400, "malformed_limit"},
        {"GET", "/v1/news/sports?limit=101", 400, "malformed_limit"},
        {"GET", "/v1/news/all?limit=x", 400, "malformed_limit"},
        {"GET", "/v1/news/sports?cursor=garbage", 400, "malformed_cursor"},
        {"GET", "/v1/news/all?cursor=AAAA", 400, "malformed_cursor"},
        {"GET", "/v1/news/tags/x?cursor=%2e%2e", 400, "malformed_cursor"},
        {"GET", "/v1/news/tags/x?limit=1000", 400, "malformed_limit"},
        {"GET", "/v1/news/sports/1?as_of=noon", 400, "malformed_time"},
        {"GET", "/v1", 404, "not_found"},
        {"GET", "/v1/news", 404, "not_found"},
        {"GET", "/v1/nothing", 404, "not_found"},
        {"GET", "/v1/news/sports/1/10/5", 404, "not_found"},
        {"GET", "/v1/news/sports/1/versions/1/x", 404, "not_found"},
        {"GET", "/metrics", 404, "not_found"},
        {"GET", "/jobs/1", 404, "not_found"},
    };
    for (const auto& one : cases) {
        INFO(one.method << ' ' << one.target);
        CHECK(failure_faults(portal.ask(one.method, one.target), one.status, one.code) == "");
    }
}

TEST_CASE("pages are newest first, whole, and empty past the end", "[system]") {
    auto& portal = shared_portal();
    fill(portal, "paged", 25);

    std::vector<std::int64_t> all;
    for (int page = 1; page <= 3; ++page) {
        auto answer = portal.get("/v1/news/paged/" + std::to_string(page) + "/10");
        REQUIRE(answer.status == 200);
        CHECK(answer.json().size() == 2);
        CHECK(answer.news().size() == (page < 3 ? 10 : 5));
        CHECK(support::is_in_order(answer.news()));
        for (const auto& item : answer.news()) CHECK(support::item_faults(item) == "");
        for (auto id : support::ids_of(answer)) all.push_back(id);
    }
    CHECK(unique(all).size() == 25);
    CHECK(support::ids_of(portal.get("/v1/news/paged/1/100")) == all);
    for (const char* past : {"/v1/news/paged/4/10", "/v1/news/paged/1000000/100"}) {
        auto answer = portal.get(past);
        CHECK(answer.status == 200);
        CHECK(answer.json() == json({{"status", "success"}, {"news", json::array()}}));
    }
}

TEST_CASE("a keyset walk shows each item once, in order, and ends", "[system]") {
    auto& portal = shared_portal();
    fill(portal, "walked", 23);
    auto expected = support::ids_of(portal.get("/v1/news/walked/1/100"));
    REQUIRE(expected.size() == 23);

    for (int limit : {1, 2, 7, 22, 23, 24, 100}) {
        INFO("limit " << limit);
        auto items = tests::walk(portal, "/v1/news/walked", limit);
        CHECK(ids_in(items) == expected);
        CHECK(support::is_in_order(items));
    }
    CHECK(portal.get("/v1/news/walked").news().size() == 10);

    // What is published while somebody walks does not shift what they have not seen.
    auto first = portal.get("/v1/news/walked?limit=10");
    tests::create(portal, "walked", new_item("newer"));
    auto rest = portal.get("/v1/news/walked?limit=100&cursor=" +
                           first.json().at("next").get<std::string>());
    auto seen = support::ids_of(first);
    for (auto id : support::ids_of(rest)) seen.push_back(id);
    CHECK(seen == expected);
}

TEST_CASE("the lists over all types are flat and newest first", "[system]") {
    support::PortalProcess portal;
    portal.start();
    std::vector<std::int64_t> newest_first;
    for (int i = 0; i < 45; ++i) {
        const char* types[] = {"sports", "politics", "famous"};
        auto time = "2024-01-01T00:" + std::to_string(10 + i) + ":00Z";
        auto news = tests::create(portal, types[i % 3],
                                  new_item("flat " + std::to_string(i), {{"published_at", time}}));
        newest_first.insert(newest_first.begin(), news.at("id").get<std::int64_t>());
    }

    // A page of all types is that page of each of them: 3 × 10.
    auto page = portal.get("/v1/news/all/1/10");
    REQUIRE(page.status == 200);
    CHECK(page.json().size() == 2);
    CHECK(page.news().size() == 30);
    CHECK(support::is_in_order(page.news()));
    CHECK(support::ids_of(page) ==
          std::vector<std::int64_t>(newest_first.begin(), newest_first.begin() + 30));
    CHECK(portal.get("/v1/news/all/2/10").news().size() == 15);
    CHECK(portal.get("/v1/news/all/3/10").news().empty());

    CHECK(ids_in(tests::walk(portal, "/v1/news/all", 7)) == newest_first);
    CHECK(ids_in(tests::walk(portal, "/v1/news/all", 45)) == newest_first);
    CHECK(portal.stop() == 0);
}

TEST_CASE("a tag is found across types, whatever characters it has", "[system]") {
    auto& portal = shared_portal();
    for (const std::string tag : {"plain", "two words", "slash/ed", "100%", "ünï", "a+b",
                                  "q?x=1&y#z", "%2F", "..", "{type}"}) {
        INFO(tag);
        auto first = tests::create(portal, "tagged", new_item("a", {{"tags", {"other", tag}}}));
        tests::create(portal, "hidden", new_item("b", {{"tags", {tag}}}));
        tests::create(portal, "tagged", new_item("c", {{"tags", {tag + "x"}}}));
        tests::create(portal, "tagged", new_item("d", {{"tags", {tag}}, {"status", "draft"}}));
        auto path = "/v1/news/tags/" + support::percent_encoded(tag);

        auto answer = portal.get(path);

        REQUIRE(answer.status == 200);
        CHECK(answer.news().size() == 2);
        for (const auto& item : answer.news()) {
            CHECK(support::item_faults(item) == "");
            bool has = false;
            for (const auto& one : item["tags"]) has = has || one == tag;
            CHECK(has);
        }
        CHECK(tests::walk(portal, path, 1).size() == 2);
        auto changed = portal.put("/v1/news/tagged",
                                  {{"id", first["id"]}, {"version", 1}, {"tags", {"other"}}});
        CHECK(changed.status == 201);
        CHECK(portal.get(path).news().size() == 1);
    }
    CHECK(portal.get("/v1/news/tags/nobody%20has%20it").json() ==
          json({{"status", "success"}, {"news", json::array()}, {"next", nullptr}}));
}

TEST_CASE("drafts are in no list", "[system]") {
    auto& portal = shared_portal();
    auto shown = [&](const json& item) {
        for (const char* list :
             {"/v1/news/famous/1/100", "/v1/news/famous?limit=100", "/v1/news/all/1/100",
              "/v1/news/all?limit=100", "/v1/news/tags/secret"}) {
            auto ids = support::ids_of(portal.get(list));
            if (std::find(ids.begin(), ids.end(), item.at("id")) != ids.end()) return true;
        }
        return false;
    };
    auto draft = tests::create(portal, "famous",
                               new_item("draft", {{"status", "draft"}, {"tags", {"secret"}}}));
    auto later = tests::create(
        portal, "famous",
        new_item("later", {{"published_at", tests::time_from_now(1h)}, {"tags", {"secret"}}}));
    CHECK_FALSE(shown(draft));
    CHECK_FALSE(shown(later));

    CHECK(portal.ask("POST", tests::path_of(draft) + "/publish").status == 200);
    CHECK(shown(draft));
    CHECK(portal.ask("POST", tests::path_of(draft) + "/unpublish").status == 200);
    CHECK_FALSE(shown(draft));
}

TEST_CASE("unknown query parameters change nothing", "[system]") {
    auto& portal = shared_portal();
    auto news = tests::create(portal, "politics", new_item("plain"));
    auto path = tests::path_of(news);
    auto plain = portal.get(path);
    auto with = portal.get(path + "?utm_source=x&limit=abc");
    CHECK(with.status == 200);
    CHECK(with.body == plain.body);
    CHECK(with.field("ETag") == plain.field("ETag"));
    CHECK(portal.get("/v1/news/politics/1/10?limit=999&cursor=x").status == 200);
    CHECK(portal.get("/v1/news/politics?limit=").status == 200);
}

TEST_CASE("a filter that a list does not have is refused, whatever else stands there is not",
          "[system]") {
    auto& portal = shared_portal();
    for (const char* list : {"/v1/news/sports", "/v1/news/all", "/v1/news/sports/1/10",
                             "/v1/news/all/1/10", "/v1/news/tags/x"}) {
        for (const char* name : {"author", "status", "tag", "from", "to", "language"}) {
            auto target = std::string(list) + "?" + name + "=x";
            INFO(target);
            CHECK(failure_faults(portal.get(target), 400, "malformed_filter") == "");
        }
        for (const char* other : {"utm_source=x", "fbclid=x", "Author=x", "tags=x", "page=2"}) {
            auto target = std::string(list) + "?" + other;
            INFO(target);
            CHECK(portal.get(target).status == 200);
        }
    }
}

TEST_CASE("a text that cannot be seen, or asked for, is no title, byline or tag", "[system]") {
    auto& portal = shared_portal();
    for (const char* bad : {"a\nb", "\u200b", "\t\u2060"}) {
        for (const char* field : {"title", "author", "tags"}) {
            json value = bad;
            if (field == std::string("tags")) value = json::array({std::string("t") + bad + "\n."});
            auto answer = portal.post("/v1/news/sports", new_item("t", {{field, value}}));
            INFO(answer.body);
            CHECK(failure_faults(answer, 422, "invalid_news") == "");
            CHECK(answer.json().at("details").at(0).at("field") == field);
        }
    }
}

TEST_CASE("no news type can have the name of another route", "[system]") {
    support::PortalProcess portal;
    auto routes = portal.command({"--print-routes"});
    REQUIRE(routes.code == 0);
    std::istringstream lines(routes.output);
    const std::string start = "/v1/news/";
    std::set<std::string> words;
    for (std::string method, pattern, access; lines >> method >> pattern >> access;) {
        if (!pattern.starts_with(start)) continue;
        auto word = pattern.substr(start.size(), pattern.find('/', start.size()) - start.size());
        if (!word.starts_with('{')) words.insert(word);
    }
    CHECK(words.contains("tags"));
    words.insert("all");
    for (const auto& word : words) {
        INFO(word);
        CHECK_FALSE(news::is_news_type(word));
        auto refused = portal.command({"--check-config", "--set", "news.types=[\"" + word + "\"]"});
        CHECK(refused.code == 2);
        CHECK(refused.errors.find("\"" + word + "\", which is a fixed word") != std::string::npos);
    }
}
