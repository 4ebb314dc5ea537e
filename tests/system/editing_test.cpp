// What editors have beside articles: over HTTP, by several people, across a kill.
#include "people.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using nlohmann::json;
using support::failure_faults;
using support::new_item;
using support::PortalProcess;

TEST_CASE(
    "unsaved work outlives a kill and ends with the save, and notes and links are for those "
    "who work on an item",
    "[system]") {
    PortalProcess portal(tests::enforced());
    portal.start();
    auto ann = tests::log_in(portal, tests::create_person(portal, "author", "ann"));
    auto ben = tests::log_in(portal, tests::create_person(portal, "author", "ben"));
    auto eve = tests::log_in(portal, tests::create_person(portal, "editor", "eve"));
    auto as = [](const tests::Login& who) { return who.bearer(); };

    auto made =
        portal.post("/v1/news/sports", new_item("Late goal", {{"status", "draft"}}), as(ann));
    REQUIRE(made.status == 201);
    auto item = made.news();
    auto path = "/v1/news/sports/" + std::to_string(item["id"].get<std::int64_t>());

    json unsaved{{"version", 1}, {"members", {{"title", "Later goal"}}}};
    REQUIRE(portal.put(path + "/working-copy", unsaved, as(ann)).status == 200);
    CHECK(failure_faults(portal.put(path + "/working-copy", unsaved, as(ben)), 404,
                         "news_not_found") == "");
    CHECK(failure_faults(portal.put(path + "/working-copy", {{"members", {}}}, as(ann)), 400,
                         "malformed_working_copy") == "");
    portal.kill();
    portal.start();
    auto kept = portal.get(path + "/working-copy", as(ann));
    REQUIRE(kept.status == 200);
    CHECK(kept.json()["working_copy"]["members"] == unsaved["members"]);
    CHECK(kept.field("Cache-Control") == "no-store");
    CHECK(portal.get(path + "/working-copy", as(eve)).json()["working_copy"] == nullptr);
    CHECK(portal.get("/v1/newsroom/working-copies", as(ann)).json()["working_copies"].size() == 1);
    CHECK(portal.get("/v1/newsroom/working-copies", as(eve)).json()["working_copies"].empty());
    json save{{"id", item["id"]}, {"version", 1}, {"title", "Later goal"}};
    REQUIRE(portal.put("/v1/news/sports", save, as(ann)).status == 201);
    CHECK(support::eventually([&] {
        return portal.get(path + "/working-copy", as(ann)).json()["working_copy"] == nullptr;
    }));
    CHECK(portal.ask("DELETE", path + "/working-copy", "", as(ann)).status == 204);

    auto key = as(eve);
    key.emplace_back("Idempotency-Key", "one");
    auto note = portal.post(path + "/notes", {{"text", "Ask the club."}}, key);
    REQUIRE(note.status == 201);
    auto same = portal.post(path + "/notes", {{"text", "Ask the club."}}, key);
    CHECK(same.json() == note.json());
    CHECK(failure_faults(portal.post(path + "/notes", {{"text", "  "}}, as(eve)), 422,
                         "invalid_note") == "");
    REQUIRE(portal.post(path + "/notes", {{"text", "Done."}}, as(ann)).status == 201);
    auto notes = portal.get(path + "/notes?limit=1", as(ann)).json();
    CHECK(notes["notes"][0]["text"] == "Done.");
    auto rest = portal.get(path + "/notes?cursor=" + notes["next"].get<std::string>(), as(ann));
    CHECK(rest.json()["notes"] == json::array({note.json()["note"]}));
    auto note_path = path + "/notes/" + std::to_string(note.json()["note"]["id"].get<int>());
    CHECK(failure_faults(portal.ask("DELETE", note_path, "", as(ann)), 403, "forbidden") == "");
    CHECK(portal.ask("DELETE", note_path, "", as(eve)).status == 204);

    REQUIRE(portal.ask("PUT", path + "/presence", "", as(ann)).status == 200);
    auto both = portal.ask("PUT", path + "/presence", "", as(eve)).json();
    CHECK(both["presence"].size() == 2);
    CHECK(portal.ask("DELETE", path + "/presence", "", as(ann)).status == 204);
    CHECK(portal.get(path + "/presence", as(ann)).json()["presence"].size() == 1);

    auto link = portal.ask("POST", path + "/preview-link", "", as(ann));
    REQUIRE(link.status == 201);
    auto shown_at = link.json()["preview"]["path"].get<std::string>();
    auto shown = portal.get(shown_at);
    REQUIRE(shown.status == 200);
    CHECK(shown.news().at("title") == "Later goal");
    CHECK(shown.news().at("status") == "draft");
    CHECK(shown.field("Cache-Control") == "no-store");
    CHECK(shown.field("X-Robots-Tag") == "noindex, nofollow");
    CHECK(portal.get(path).status == 404);
    CHECK(failure_faults(portal.post(path + "/preview-link", {{"hours", 1000}}, as(ann)), 422,
                         "invalid_preview") == "");
    CHECK(portal.ask("DELETE", path + "/preview-link", "", as(eve)).status == 204);
    CHECK(failure_faults(portal.get(shown_at), 404, "preview_not_found") == "");
    CHECK(portal.breakdowns().empty());
}
