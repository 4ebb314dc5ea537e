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
    const std::string lists[] = {"/v1/news/sports", "/v1/news/all", "/v1/news/sports/1/10",
                                 "/v1/news/all/1/10", "/v1/news/tags/x"};
    for (const auto& list : lists) {
        for (const char* bad :
             {"status=x", "language=e%20n", "from=x", "to=2026-05-04", "from=", "author=%20"}) {
            INFO(list << '?' << bad);
            auto answer = portal.get(list + "?" + bad);
            CHECK(failure_faults(answer, 400, "malformed_filter") == "");
        }
        std::string many = "fields=id";
        for (int i = 0; i < 64; ++i) many += ",id";
        for (const std::string& bad :
             {std::string("fields=titel"), std::string("fields="), std::string("fields=id,,title"),
              std::string("fields=id,ID"), many}) {
            INFO(list << '?' << bad);
            CHECK(failure_faults(portal.get(list + "?" + bad), 400, "malformed_fields") == "");
        }
        for (const char* bad : {"count=2", "count=", "count=1&from=2026-05-04T00:00:00Z"}) {
            INFO(list << '?' << bad);
            CHECK(failure_faults(portal.get(list + "?" + bad), 400, "malformed_count") == "");
        }
        for (const char* other : {"utm_source=x", "fbclid=x", "Author=x", "tags=x", "page=2"}) {
            INFO(list << '?' << other);
            CHECK(portal.get(list + "?" + other).status == 200);
        }
    }
    CHECK(failure_faults(portal.get("/v1/news/sports?tag=a&author=b"), 400, "malformed_filter") ==
          "");
    CHECK(failure_faults(portal.get("/v1/news/tags/x?tag=y"), 400, "malformed_filter") == "");
    for (const char* both : {"/v1/news/sports?language=de&tag=a", "/v1/news/tags/x?language=de",
                             "/v1/news/all/1/10?language=de&author=Ann"}) {
        INFO(both);
        CHECK(failure_faults(portal.get(both), 422, "combination_not_kept") == "");
    }
    CHECK(failure_faults(portal.get("/v1/news/sports?author=Ann"), 422, "no_author_lists") == "");
}

TEST_CASE("lists are filtered by tag, byline and time, counted, and shown in part", "[system]") {
    support::PortalProcess portal(json{{"news", {{"author_lists", true}}}});
    portal.start();
    auto add = [&](const char* type, const char* title, int day, const char* author,
                   const json& tags) {
        auto at = "2026-02-0" + std::to_string(day) + "T10:00:00Z";
        json more{{"published_at", at}, {"author", author}, {"tags", tags}};
        more["content"] = std::string(100000, 'c');
        if (author == std::string("Ben")) more["language"] = "pt-BR";
        tests::create(portal, type, new_item(title, more));
    };
    add("sports", "one", 1, "Ann", {"cup"});
    add("sports", "two", 2, "Ben", {"cup", "final"});
    add("politics", "three", 3, "Ann", {"cup"});
    add("sports", "four", 4, "Ann", json::array());
    add("sports", "five", 5, "Ann", {"cup"});
    auto titles = [&](const std::string& target) {
        std::string all;
        auto answer = portal.get(target);
        CHECK(answer.status == 200);
        for (const auto& item : answer.news()) all += item.at("title").get<std::string>() + " ";
        return all;
    };
    struct Case {
        const char* target;
        const char* titles;
    };
    for (const auto& [target, expected] : std::initializer_list<Case>{
             {"/v1/news/sports?tag=cup", "five two one "},
             {"/v1/news/all?tag=cup", "five three two one "},
             {"/v1/news/sports?author=Ann", "five four one "},
             {"/v1/news/all?author=%20Ann%20", "five four three one "},
             {"/v1/news/all?author=nobody", ""},
             {"/v1/news/sports?from=2026-02-02T10:00:00Z", "five four two "},
             {"/v1/news/sports?to=2026-02-02T10:00:00Z", "two one "},
             {"/v1/news/all?from=2026-02-02T10:00:00.001Z&to=2026-02-04T09:59:59Z", "three "},
             {"/v1/news/sports?tag=cup&from=2026-02-02T10:00:00Z", "five two "},
             {"/v1/news/sports?author=Ann&to=2026-02-04T12:00:00%2B02:00", "four one "},
             {"/v1/news/sports/1/2?tag=cup", "five two "},
             {"/v1/news/sports/2/2?tag=cup", "one "},
             {"/v1/news/sports/2/1?author=Ann&to=2026-02-04T10:00:00Z", "one "},
             {"/v1/news/all?language=pt-BR", "two "},
             {"/v1/news/all?language=pt", ""},
             {"/v1/news/sports/1/2?language=PT-br&to=2026-02-02T10:00:00Z", "two "},
             {"/v1/news/tags/cup?from=2026-02-03T00:00:00Z", "five three "},
             {"/v1/news/tags/cup?to=2026-02-03T10:00:00Z&limit=2", "three two "}}) {
        INFO(target);
        CHECK(titles(target) == expected);
    }
    // A walk goes on where it was.
    std::string walked;
    std::string next;
    for (int pages = 0; pages < 9; ++pages) {
        auto target = "/v1/news/all?author=Ann&to=2026-02-05T09:00:00Z&limit=1";
        auto answer = portal.get(target + (next.empty() ? "" : "&cursor=" + next));
        for (const auto& item : answer.news()) walked += item.at("title").get<std::string>() + " ";
        if (answer.json().at("next").is_null()) break;
        next = answer.json().at("next");
    }
    CHECK(walked == "four three one ");

    CHECK(portal.get("/v1/news/sports?count=1&limit=1").json().at("count") == 4);
    CHECK(portal.get("/v1/news/all?count=1&tag=cup").json().at("count") == 4);
    CHECK(portal.get("/v1/news/sports/1/1?count=1&author=Ann").json().at("count") == 3);
    CHECK_FALSE(portal.get("/v1/news/sports?count=0").json().contains("count"));

    auto sparse = portal.get("/v1/news/all?fields=slug,id,title,description,published_at");
    CHECK(sparse.body.size() < 5000);
    REQUIRE(sparse.news().size() == 5);
    for (const auto& item : sparse.news()) {
        CHECK(item.size() == 5);
        CHECK(item.contains("slug"));
    }
    CHECK(portal.get("/v1/news/sports?fields=content&limit=1").news()[0].size() == 1);
    // Kept under its own name, and right again when something changes.
    CHECK(titles("/v1/news/sports?tag=final") == "two ");
    add("sports", "six", 6, "Ben", {"final"});
    CHECK(titles("/v1/news/sports?tag=final") == "six two ");
    CHECK(titles("/v1/news/sports?language=pt-BR") == "six two ");
    CHECK(titles("/v1/news/sports?language=pt-BR&limit=1") == "six ");
    CHECK(portal.get("/v1/news/all?count=1&language=pt-BR").json().at("count") == 2);
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
