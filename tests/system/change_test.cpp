// Every change of an item: revise, publish, unpublish, remove, restore; and its history.
#include "base/clock.hpp"
#include "shared_portal.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::failure_faults;
using support::new_item;
using tests::path_of;
using tests::shared_portal;

namespace {

/// What `GET` of the item and each list say of it is the same as `item`.
void check_read_everywhere(const support::PortalProcess& portal, const json& item) {
    CHECK(portal.get(path_of(item)).news() == item);
    auto type = item.at("news_type").get<std::string>();
    for (const auto& list : {"/v1/news/" + type + "/1/100", "/v1/news/" + type + "?limit=100",
                             std::string("/v1/news/all/1/100")}) {
        json found;
        for (const auto& one : portal.get(list).news()) {
            if (one["id"] == item["id"]) found = one;
        }
        INFO(list);
        if (item.at("status") == "published") {
            CHECK(found == item);
        } else {
            CHECK(found.is_null());
        }
    }
}

json base_of(const json& item) {
    return {{"id", item.at("id")}, {"version", item.at("version")}};
}

}  // namespace

TEST_CASE("a revision names its version and changes only what it names", "[system]") {
    auto& portal = shared_portal();
    auto item = tests::create(portal, "politics", new_item("before", {{"tags", {"a", "b"}}}));
    check_read_everywhere(portal, item);

    auto body = base_of(item);
    body["title"] = "after";
    body["tags"] = {"c"};
    body["created_at"] = "2001-01-01T00:00:00Z";
    auto answer = portal.put("/v1/news/politics", body);

    REQUIRE(answer.status == 201);
    auto expected = item;
    expected["title"] = "after";
    expected["tags"] = {"c"};
    expected["version"] = 2;
    expected["updated_at"] = answer.news().at("updated_at");
    CHECK(answer.news() == expected);
    CHECK(answer.news().at("updated_at") >= item.at("updated_at"));
    CHECK(answer.field("Location") == path_of(item));
    check_read_everywhere(portal, expected);
}

TEST_CASE("a revision that is stale, or based on nothing, is refused", "[system]") {
    auto& portal = shared_portal();
    auto item = tests::create(portal, "politics", new_item("contended"));
    auto etag = portal.get(path_of(item)).field("ETag");
    auto id = item.at("id");
    REQUIRE(
        portal.put("/v1/news/politics", {{"id", id}, {"version", 1}, {"title", "second"}}).status ==
        201);

    auto stale = portal.put("/v1/news/politics", {{"id", id}, {"version", 1}, {"title", "x"}});
    CHECK(failure_faults(stale, 409, "version_conflict") == "");
    CHECK(stale.json().value("current_version", 0) == 2);
    auto future = portal.put("/v1/news/politics", {{"id", id}, {"version", 3}, {"title", "x"}});
    CHECK(failure_faults(future, 409, "version_conflict") == "");
    auto missing = portal.put("/v1/news/politics", {{"id", id}, {"title", "x"}});
    CHECK(failure_faults(missing, 428, "precondition_required") == "");
    json change = {{"id", id}, {"title", "x"}};
    for (const auto& bad : {etag, "W/" + portal.get(path_of(item)).field("ETag"),
                            std::string("\"nonsense\""), std::string("2")}) {
        INFO(bad);
        auto answer = portal.put("/v1/news/politics", change, {{"If-Match", bad}});
        CHECK(failure_faults(answer, 412, "precondition_failed") == "");
    }
    CHECK(tests::title_of(portal, item) == "second");

    auto good = portal.get(path_of(item)).field("ETag");
    CHECK(portal.put("/v1/news/politics", {{"id", id}, {"title", "third"}}, {{"If-Match", good}})
              .status == 201);
    CHECK(portal
              .put("/v1/news/politics", {{"id", id}, {"title", "fourth"}},
                   {{"If-Match", etag + ", " + portal.get(path_of(item)).field("ETag")}})
              .status == 201);
    CHECK(portal.put("/v1/news/politics", {{"id", id}, {"title", "fifth"}}, {{"If-Match", "*"}})
              .status == 201);
    CHECK(tests::title_of(portal, item) == "fifth");
}

TEST_CASE("a revision that is malformed or breaks a rule changes nothing", "[system]") {
    auto& portal = shared_portal();
    auto item = tests::create(portal, "politics", new_item("kept"));
    struct Case {
        json changed;
        int status;
        const char* code;
    };
    const Case cases[] = {
        {{{"title", ""}}, 422, "invalid_news"},
        {{{"author", std::string(51, 'a')}, {"description", std::string(501, 'd')}},
         422,
         "invalid_news"},
        {{{"title", 5}}, 400, "malformed_news"},
        {{{"tags", "x"}}, 400, "malformed_news"},
        {{{"version", "1"}}, 400, "malformed_news"},
        {{{"version", -1}}, 400, "malformed_news"},
        {{{"version", 1.5}}, 400, "malformed_news"},
        {{{"id", "x"}}, 400, "malformed_news"},
        {{{"id", 1}}, 404, "news_not_found"},
    };
    for (const auto& one : cases) {
        auto body = base_of(item);
        body.update(one.changed);
        INFO(one.changed.dump());
        CHECK(failure_faults(portal.put("/v1/news/politics", body), one.status, one.code) == "");
    }
    json without_id = {{"version", 1}, {"title", "x"}};
    CHECK(failure_faults(portal.put("/v1/news/politics", without_id), 400, "malformed_news") == "");
    auto other_type = base_of(item);
    CHECK(failure_faults(portal.put("/v1/news/sports", other_type), 404, "news_not_found") == "");
    CHECK(portal.get(path_of(item)).news() == item);
}

TEST_CASE("an item goes out of the lists when unpublished and comes back when published",
          "[system]") {
    auto& portal = shared_portal();
    auto item = tests::create(portal, "politics", new_item("on and off"));

    auto off = portal.ask("POST", path_of(item) + "/unpublish");
    REQUIRE(off.status == 200);
    CHECK(off.json().at("status") == "success");
    CHECK(support::item_faults(off.news()) == "");
    CHECK(off.news().at("status") == "draft");
    CHECK(off.news().at("version") == 2);
    CHECK(off.news().at("published_at").is_null());
    check_read_everywhere(portal, off.news());
    CHECK(failure_faults(portal.ask("POST", path_of(item) + "/unpublish"), 409, "not_published") ==
          "");

    auto on = portal.ask("POST", path_of(item) + "/publish");
    REQUIRE(on.status == 200);
    CHECK(on.news().at("status") == "published");
    CHECK(on.news().at("version") == 3);
    CHECK(support::item_faults(on.news()) == "");
    check_read_everywhere(portal, on.news());
    CHECK(failure_faults(portal.ask("POST", path_of(item) + "/publish"), 409,
                         "already_published") == "");

    auto etag = on.field("ETag");
    auto stale =
        portal.ask("POST", path_of(item) + "/unpublish", "", {{"If-Match", off.field("ETag")}});
    CHECK(failure_faults(stale, 412, "precondition_failed") == "");
    CHECK(portal.ask("POST", path_of(item) + "/unpublish", "", {{"If-Match", etag}}).status == 200);
    auto past = portal.post(path_of(item) + "/publish", {{"published_at", "2020-02-02T02:02:02Z"}});
    CHECK(past.news().at("published_at") == "2020-02-02T02:02:02.000Z");
    CHECK(past.news().at("status") == "published");
}

TEST_CASE("a removed item is gone for everyone, but not its history", "[system]") {
    auto& portal = shared_portal();
    auto item = tests::create(portal, "politics", new_item("to be removed", {{"tags", {"gone"}}}));
    auto path = path_of(item);
    auto stale = portal.ask("DELETE", path, "", {{"If-Match", "\"nonsense\""}});
    CHECK(failure_faults(stale, 412, "precondition_failed") == "");

    auto answer = portal.ask("DELETE", path);
    REQUIRE(answer.status == 200);
    CHECK(answer.json() == json({{"status", "success"}, {"news_id", item["id"]}}));

    CHECK(failure_faults(portal.get(path), 404, "news_not_found") == "");
    CHECK(failure_faults(portal.ask("DELETE", path), 404, "news_not_found") == "");
    CHECK(failure_faults(portal.ask("POST", path + "/publish"), 404, "news_not_found") == "");
    CHECK(failure_faults(portal.ask("POST", path + "/unpublish"), 404, "news_not_found") == "");
    auto body = base_of(item);
    body["version"] = 2;
    CHECK(failure_faults(portal.put("/v1/news/politics", body), 404, "news_not_found") == "");
    CHECK(portal.get("/v1/news/tags/gone").news().empty());
    for (auto id : support::ids_of(portal.get("/v1/news/politics/1/100"))) CHECK(id != item["id"]);

    CHECK(portal.get(path + "/history").json().at("history").size() == 2);
    CHECK(portal.get(path + "/versions/1").news() == item);

    auto restored = portal.post(path + "/restore", {{"version", 1}});
    REQUIRE(restored.status == 201);
    CHECK(restored.news().at("version") == 3);
    CHECK(restored.news().at("status") == "published");
    check_read_everywhere(portal, restored.news());
}

TEST_CASE("restore makes an earlier state a new version", "[system]") {
    auto& portal = shared_portal();
    auto first = tests::create(portal, "politics", new_item("one", {{"tags", {"x"}}}));
    auto body = base_of(first);
    body.update({{"title", "two"}, {"content", "other"}, {"tags", json::array()}});
    REQUIRE(portal.put("/v1/news/politics", body).status == 201);
    REQUIRE(portal.ask("DELETE", path_of(first)).status == 200);
    auto path = path_of(first) + "/restore";

    CHECK(failure_faults(portal.post(path, {{"version", 9}}), 422, "version_not_found") == "");
    CHECK(failure_faults(portal.post(path, {{"version", 0}}), 422, "version_not_found") == "");
    CHECK(failure_faults(portal.post(path, {{"version", 3}}), 422, "version_removed") == "");
    CHECK(failure_faults(portal.post(path, json::object()), 400, "malformed_news") == "");
    CHECK(failure_faults(portal.post(path, {{"version", "1"}}), 400, "malformed_news") == "");

    auto answer = portal.post(path, {{"version", 1}});
    REQUIRE(answer.status == 201);
    auto expected = first;
    expected["version"] = 4;
    expected["updated_at"] = answer.news().at("updated_at");
    CHECK(answer.news() == expected);
    CHECK(answer.field("Location") == path_of(first));
    CHECK(portal.post(path, {{"version", 2}}).news().at("title") == "two");
}

TEST_CASE("the history says who changed what and when", "[system]") {
    auto& portal = shared_portal();
    support::Fields ann = {{"Cookie", "theme=dark; user_id=41"}};
    auto created = portal.post("/v1/news/politics", new_item("h1", {{"tags", {"t"}}}), ann).news();
    auto path = path_of(created);
    auto revised =
        portal.put("/v1/news/politics",
                   {{"id", created["id"]}, {"version", 1}, {"title", "h2"}, {"author", "B"}});
    REQUIRE(revised.status == 201);
    REQUIRE(portal.ask("POST", path + "/unpublish").status == 200);
    REQUIRE(portal.post(path + "/publish", {{"published_at", tests::time_from_now(1h)}}).status ==
            200);
    REQUIRE(portal.ask("POST", path + "/publish").status == 200);
    REQUIRE(portal.ask("DELETE", path).status == 200);
    REQUIRE(portal.post(path + "/restore", {{"version", 1}}, ann).status == 201);

    auto answer = portal.get(path + "/history");

    REQUIRE(answer.status == 200);
    CHECK(answer.json().at("status") == "success");
    CHECK(answer.json().at("news_id") == created["id"]);
    auto history = answer.json().at("history");
    const char* types[] = {"article_created.v1",   "article_revised.v1",   "article_unpublished.v1",
                           "article_scheduled.v1", "article_published.v1", "article_removed.v1",
                           "article_restored.v1"};
    REQUIRE(history.size() == std::size(types));
    for (std::size_t i = 0; i < history.size(); ++i) {
        const auto& entry = history[i];
        INFO(entry.dump());
        CHECK(entry.size() == 5);
        CHECK(entry.at("version") == i + 1);
        CHECK(entry.at("type") == types[i]);
        CHECK(entry.at("actor") == (i == 0 || i == 6 ? json(41) : json()));
        CHECK(support::is_time(entry.at("at")));
        if (i > 0) CHECK(entry["at"] >= history[i - 1]["at"]);
    }
    CHECK(history[1]["changes"] == json({{"title", {"h1", "h2"}}, {"author", {"A. Writer", "B"}}}));
    CHECK(history[0]["changes"]["title"] == json({nullptr, "h1"}));
    CHECK(history[5]["changes"]["status"] == json({"published", "removed"}));
    CHECK(history[6]["changes"]["title"] == json({"h2", "h1"}));
}

TEST_CASE("an item can be read as it was at any version and at any time", "[system]") {
    auto& portal = shared_portal();
    std::vector<json> states{tests::create(portal, "politics", new_item("v1"))};
    auto path = path_of(states[0]);
    auto keep = [&](const support::Answer& answer) {
        REQUIRE(answer.status < 300);
        states.push_back(answer.news());
        tests::pass_millisecond_of(states.back());
    };
    tests::pass_millisecond_of(states[0]);
    keep(portal.put("/v1/news/politics",
                    {{"id", states[0]["id"]}, {"version", 1}, {"title", "v2"}}));
    keep(portal.ask("POST", path + "/unpublish"));
    keep(portal.put("/v1/news/politics",
                    {{"id", states[0]["id"]}, {"version", 3}, {"title", "v4"}}));

    for (std::size_t i = 0; i < states.size(); ++i) {
        INFO("version " << i + 1);
        CHECK(portal.get(path + "/versions/" + std::to_string(i + 1)).news() == states[i]);
        auto at = states[i]["updated_at"].get<std::string>();
        CHECK(portal.get(path + "?as_of=" + at).news() == states[i]);
        // The whole of its millisecond counts, and a time between two versions is the earlier one.
        at.insert(at.size() - 1, "999");
        CHECK(portal.get(path + "?as_of=" + support::percent_encoded(at)).news() == states[i]);
    }
    auto moved =
        base::to_rfc3339(*base::parse_rfc3339(states[1]["updated_at"].get<std::string>()) + 2h);
    moved.replace(moved.size() - 1, 1, "%2B02:00");
    CHECK(portal.get(path + "?as_of=" + moved).news() == states[1]);
    CHECK(failure_faults(portal.get(path + "?as_of=2020-01-01T00:00:00Z"), 404,
                         "version_not_found") == "");
    for (const char* version : {"0", "5", "x", "-1"}) {
        INFO(version);
        CHECK(failure_faults(portal.get(path + "/versions/" + version), 404, "version_not_found") ==
              "");
    }
}

TEST_CASE("a POST that names an item is a change of it, never a second one", "[system]") {
    auto& portal = shared_portal();
    auto item = tests::create(portal, "famous", new_item("once", {{"tags", {"only one"}}}));
    auto body = base_of(item);
    body["title"] = "twice";

    auto revised = portal.post("/v1/news/famous", body);

    REQUIRE(revised.status == 201);
    CHECK(revised.news().at("id") == item.at("id"));
    CHECK(revised.news().at("version") == 2);
    CHECK(revised.news().at("title") == "twice");
    CHECK(portal.get("/v1/news/tags/only%20one").news().size() == 1);
    CHECK(failure_faults(portal.post("/v1/news/famous", body), 409, "version_conflict") == "");
    body.erase("version");
    CHECK(failure_faults(portal.post("/v1/news/famous", body), 428, "precondition_required") == "");
    auto without_id = new_item("new", {{"version", 1}});
    CHECK(failure_faults(portal.post("/v1/news/famous", without_id), 422, "invalid_news") == "");
    without_id["id"] = "7";
    CHECK(failure_faults(portal.post("/v1/news/famous", without_id), 400, "malformed_news") == "");
}

TEST_CASE("a PUT with status or published_at does what it says, or says why not", "[system]") {
    auto& portal = shared_portal();
    auto item = tests::create(portal, "famous", new_item("draft", {{"status", "draft"}}));
    auto put = [&](json changes) {
        changes["id"] = item.at("id");
        changes["version"] = item.at("version");
        auto answer = portal.put("/v1/news/famous", changes);
        if (answer.status == 201) item = answer.news();
        return answer;
    };

    REQUIRE(put({{"published_at", "1999-12-31T23:59:59Z"}, {"title", "out"}}).status == 201);
    CHECK(item.at("status") == "published");
    CHECK(item.at("published_at") == "1999-12-31T23:59:59.000Z");
    CHECK(item.at("title") == "out");
    CHECK(item.at("version") == 2);
    REQUIRE(put({{"published_at", "2001-01-01T00:00:00Z"}}).status == 201);
    CHECK(item.at("published_at") == "2001-01-01T00:00:00.000Z");
    auto whole = item;
    REQUIRE(put(whole).status == 201);
    CHECK(item.at("published_at") == whole.at("published_at"));
    CHECK(item.at("status") == "published");

    auto ahead = tests::time_from_now(1h);
    CHECK(failure_faults(put({{"published_at", ahead}}), 422, "invalid_news") == "");
    CHECK(failure_faults(put({{"published_at", nullptr}}), 422, "invalid_news") == "");
    CHECK(failure_faults(put({{"status", "removed"}}), 422, "invalid_news") == "");
    CHECK(failure_faults(put({{"published_at", "soon"}}), 422, "invalid_news") == "");
    REQUIRE(put({{"status", "draft"}, {"published_at", ahead}}).status == 201);
    CHECK(item.at("status") == "draft");
    CHECK(item.at("published_at") == ahead);
    REQUIRE(put({{"published_at", nullptr}}).status == 201);
    CHECK(item.at("published_at").is_null());
    REQUIRE(put({{"status", "published"}}).status == 201);
    CHECK(item.at("status") == "published");
}

TEST_CASE("a long history comes in parts", "[system]") {
    auto& portal = shared_portal();
    auto item = tests::create(portal, "politics", new_item("part 1"));
    for (int version = 1; version < 6; ++version) {
        REQUIRE(portal
                    .put("/v1/news/politics", {{"id", item.at("id")},
                                               {"version", version},
                                               {"content", "part " + std::to_string(version + 1)}})
                    .status == 201);
    }
    auto path = path_of(item) + "/history";
    CHECK(portal.get(path).json().at("next").is_null());
    CHECK(portal.get(path).json().at("history")[1]["changes"] ==
          json({{"content", {item.at("content"), "part 2"}}}));

    std::vector<int> versions;
    std::string next;
    do {
        auto part = portal.get(path + "?limit=4&content=0&cursor=" + next).json();
        for (const auto& entry : part.at("history")) {
            versions.push_back(entry.at("version"));
            CHECK_FALSE(entry.at("changes").contains("content"));
            CHECK(entry.at("content_left_out") == true);
        }
        next = part.at("next").is_null() ? "" : part.at("next").get<std::string>();
    } while (!next.empty());
    CHECK(versions == std::vector<int>{1, 2, 3, 4, 5, 6});

    CHECK(failure_faults(portal.get(path + "?limit=0"), 400, "malformed_limit") == "");
    CHECK(failure_faults(portal.get(path + "?cursor=x"), 400, "malformed_cursor") == "");
    CHECK(failure_faults(portal.get(path + "?content=yes"), 400, "malformed_content") == "");
}
