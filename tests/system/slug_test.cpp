// Items by their slug and by where they were imported from, through the whole server.
#include <fstream>

#include "shared_portal.hpp"
#include "support/catch.hpp"

using nlohmann::json;
using support::new_item;
using support::PortalProcess;

TEST_CASE("an item is read by its slug, and an earlier one leads to the new one", "[system]") {
    PortalProcess portal;
    portal.start();
    auto item = tests::create(portal, "sports", new_item("Late goal!"));
    CHECK(item.at("slug") == "late-goal");
    CHECK(item.at("content_format") == "text");
    CHECK(item.at("extra") == json::object());

    auto by_slug = portal.get("/v1/news/sports/by-slug/late-goal");
    CHECK(by_slug.status == 200);
    CHECK(by_slug.news() == item);
    CHECK(by_slug.field("ETag") == portal.get(tests::path_of(item)).field("ETag"));

    json change{{"id", item["id"]}, {"version", 1}, {"slug", "späte-tore"}, {"extra", {{"a", 1}}}};
    auto changed = portal.put("/v1/news/sports", change);
    REQUIRE(changed.status == 201);
    CHECK(changed.news().at("extra") == json{{"a", 1}});
    auto moved = portal.get("/v1/news/sports/by-slug/late-goal");
    CHECK(moved.status == 301);
    CHECK(moved.field("Location") == "/v1/news/sports/by-slug/sp%C3%A4te-tore");
    CHECK(portal.get("/v1/news/sports/by-slug/sp%C3%A4te-tore").news() == changed.news());

    auto taken = portal.post("/v1/news/sports", new_item("X", {{"slug", "late-goal"}}));
    CHECK(support::failure_faults(taken, 409, "slug_taken") == "");
    auto bad = portal.post("/v1/news/sports", new_item("X", {{"slug", "a b"}}));
    CHECK(support::failure_faults(bad, 422, "invalid_news") == "");
    auto rtf = portal.post("/v1/news/sports", new_item("X", {{"content_format", "rtf"}}));
    CHECK(support::failure_faults(rtf, 422, "invalid_news") == "");
    CHECK(support::failure_faults(portal.get("/v1/news/sports/by-slug/nothing"), 404,
                                  "news_not_found") == "");
    CHECK(support::failure_faults(portal.get("/v1/news/weather/by-slug/late-goal"), 404,
                                  "unknown_news_type") == "");
    REQUIRE(portal.ask("DELETE", tests::path_of(item)).status == 200);
    CHECK(portal.get("/v1/news/sports/by-slug/late-goal").status == 404);
    CHECK(portal.get("/v1/news/sports/by-slug/sp%C3%A4te-tore").status == 404);
}

TEST_CASE("an imported item keeps what it had, and is read by where it came from", "[system]") {
    PortalProcess portal;
    portal.start();
    auto file = portal.folder() / "archive.jsonl";
    auto import = [&](const std::string& title, const std::string& option = "") {
        json line{{"source_id", 42},
                  {"news_type", "politics"},
                  {"title", title},
                  {"content", "<p onclick=\"x()\">" + std::string(300000, 'c') + "</p>"},
                  {"content_format", "html"},
                  {"author", "Ann"},
                  {"legacy_id", "news.article:42"},
                  {"slug", "mayor"},
                  {"extra", {{"subtitle", "Late"}}},
                  {"language", "pt-br"},
                  {"related", json::array({{{"type", "sports"}, {"id", 5}}})},
                  {"created_at", "2019-01-01T00:00:00Z"},
                  {"updated_at", "2019-02-01T00:00:00Z"},
                  {"published_at", "2019-01-02T00:00:00Z"}};
        std::ofstream(file) << line.dump() << '\n';
        std::vector<std::string> arguments{"import", "news", file.string()};
        if (!option.empty()) arguments.push_back(option);
        auto finished = portal.command(arguments);
        INFO(finished.output << finished.errors);
        CHECK(finished.code == 0);
        return finished.output;
    };
    import("Mayor");
    auto answer = portal.get("/v1/legacy/news.article/42");
    REQUIRE(answer.status == 200);
    auto item = answer.news();
    CHECK(item.at("legacy_id") == "news.article:42");
    CHECK(item.at("content_format") == "html");
    CHECK(item.at("extra") == json{{"subtitle", "Late"}});
    CHECK(item.at("language") == "pt-BR");
    CHECK(item.at("related")[0].at("id") == 5);
    CHECK(item.at("created_at") == "2019-01-01T00:00:00.000Z");
    CHECK(item.at("updated_at") == "2019-02-01T00:00:00.000Z");
    CHECK(answer.field("Content-Type").starts_with("application/json"));
    CHECK(portal.get("/v1/news/politics/by-slug/mayor").news() == item);
    CHECK(portal.get("/v1/legacy/news.article/43").status == 404);

    json change{{"id", item["id"]}, {"version", 1}, {"title", "Ours"}};
    REQUIRE(portal.put("/v1/news/politics", change).status == 201);
    CHECK(import("Mayor").find("1 already there") != std::string::npos);
    CHECK(import("Theirs").find("--theirs takes the file's: 42") != std::string::npos);
    CHECK(portal.get(tests::path_of(item)).news().at("title") == "Ours");
    CHECK(import("Theirs", "--theirs").find("1 updated") != std::string::npos);
    CHECK(portal.get(tests::path_of(item)).news().at("title") == "Theirs");
    REQUIRE(portal.ask("POST", tests::path_of(item) + "/unpublish").status == 200);
    CHECK(portal.stop() == 0);
    CHECK(portal.command({"verify"}).code == 0);
}
