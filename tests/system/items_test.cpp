// What is being written, over all types, as an author, an editor and a reader see it.
#include "people.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using nlohmann::json;
using support::failure_faults;
using support::new_item;
using support::PortalProcess;

TEST_CASE("the newsroom lists items in every state, each author's own, and all for editors",
          "[system]") {
    auto settings = tests::enforced();
    settings["news"]["workflow"] = {{"politics", "review"}};
    PortalProcess portal(settings);
    portal.start();
    auto ann = tests::log_in(portal, tests::create_person(portal, "author", "ann"));
    auto ben = tests::log_in(portal, tests::create_person(portal, "author", "ben"));
    auto eve = tests::log_in(portal, tests::create_person(portal, "editor", "eve"));
    auto rob = tests::log_in(portal, tests::create_person(portal, "reader", "rob"));
    auto items = [&](const tests::Login& who, const std::string& query = "") {
        auto answer = portal.get("/v1/newsroom/items" + query, who.bearer());
        INFO(query);
        REQUIRE(answer.status == 200);
        CHECK(answer.field("Cache-Control") == "private, no-store");
        return answer.json();
    };
    auto titles = [&](const tests::Login& who, const std::string& query = "") {
        std::string all;
        const auto listed = items(who, query)["news"];
        for (const auto& item : listed) {
            all += (all.empty() ? "" : " ") + item["title"].get<std::string>();
        }
        return all;
    };
    auto create = [&](const tests::Login& who, const std::string& type, const std::string& title,
                      json members) {
        auto made = portal.post("/v1/news/" + type, new_item(title, members), who.bearer());
        REQUIRE(made.status == 201);
        return "/v1/news/" + type + "/" + std::to_string(made.news()["id"].get<std::int64_t>());
    };
    const json draft{{"status", "draft"}, {"tags", {"cup"}}};
    create(ann, "sports", "One", draft);
    auto two = create(ann, "politics", "Two", draft);
    create(ben, "sports", "Three", draft);
    create(ben, "sports", "Four", {{"published_at", "2098-01-01T00:00:00Z"}});
    create(ann, "sports", "Five", {{"tags", {"cup", "goal"}}});
    REQUIRE(portal.post(two + "/submit", json::object(), ann.bearer()).status == 200);

    CHECK(titles(eve) == "Two Five Four Three One");
    CHECK(titles(ann) == "Two Five One");
    CHECK(titles(ben) == "Four Three");
    CHECK(titles(eve, "?mine=1") == "");
    CHECK(titles(eve, "?status=draft,in_review&sort=oldest") == "One Three Two");
    CHECK(titles(eve, "?status=scheduled&type=sports") == "Four");
    CHECK(titles(ben, "?tag=cup") == "Three");
    CHECK(titles(eve, "?tag=cup") == "Two Five Three One");
    CHECK(titles(ann, "?tag=goal&status=published") == "Five");
    CHECK(titles(ann, "?to=2001-01-01T00:00:00Z") == "");
    auto counts = items(eve)["counts"];
    CHECK(counts == json{{"draft", 2},
                         {"in_review", 1},
                         {"approved", 0},
                         {"scheduled", 1},
                         {"published", 1},
                         {"removed", 0},
                         {"killed", 0}});
    CHECK(items(ann)["counts"]["scheduled"] == 0);
    auto item = items(ben, "?status=scheduled")["news"][0];
    CHECK(item["status"] == "scheduled");
    CHECK(item["published_at"] == "2098-01-01T00:00:00.000Z");
    CHECK_FALSE(item.contains("content"));

    // Others change what was shown meanwhile.
    auto first = items(eve, "?limit=2");
    REQUIRE(portal.post(two + "/withdraw", json::object(), ann.bearer()).status == 200);
    auto next = "?limit=2&cursor=" + first["next"].get<std::string>();
    CHECK(titles(eve, next) == "Four Three");
    CHECK(titles(ann, next) == "One");

    CHECK(support::eventually([&] { return titles(eve, "?q=three") == "Three"; }));
    CHECK(titles(ben, "?q=three&status=draft") == "Three");
    CHECK(titles(ann, "?q=three") == "");
    CHECK(titles(ben, "?q=five") == "");

    auto refused = [&](const char* query) {
        return failure_faults(portal.get(std::string("/v1/newsroom/items") + query, eve.bearer()),
                              422, "combination_not_kept");
    };
    CHECK(refused("?tag=cup&author=Ann") == "");
    CHECK(refused("?sort=relevance") == "");
    CHECK(refused("?q=three&sort=oldest") == "");
    CHECK(refused("?q=three&from=2026-01-01T00:00:00Z") == "");
    CHECK(refused("?q=three&status=removed") == "");
    CHECK(failure_faults(portal.get("/v1/newsroom/items", rob.bearer()), 403, "forbidden") == "");
    CHECK(failure_faults(portal.get("/v1/newsroom/items"), 401, "unauthenticated") == "");
    CHECK(portal.breakdowns().empty());
}
