// Old items go to archives and come back, through the whole server.
#include <filesystem>
#include <fstream>

#include "shared_portal.hpp"
#include "support/catch.hpp"

using nlohmann::json;
using support::new_item;
using support::PortalProcess;

TEST_CASE(
    "what is archived is read by its addresses, is in no list, and comes back when it changes",
    "[system]") {
    PortalProcess portal;
    portal.start();
    auto file = portal.folder() / "old.jsonl";
    std::ofstream out(file);
    for (const char* number : {"1", "2"}) {
        auto old = new_item(std::string("Old ") + number,
                            {{"source_id", std::string("story:") + number},
                             {"legacy_id", std::string("news.story:") + number},
                             {"slug", std::string("old-") + number},
                             {"news_type", "sports"},
                             {"published_at", "2015-05-04T10:20:30Z"},
                             {"updated_at", "2015-05-05T10:20:30Z"}});
        out << old.dump() << '\n';
    }
    out.close();
    REQUIRE(portal.command({"import", "news", file.string()}).code == 0);
    auto young = tests::create(portal, "sports", new_item("Young"));
    auto first = portal.get("/v1/news/sports/by-slug/old-1").news();
    auto second = portal.get("/v1/news/sports/by-slug/old-2").news();
    auto paths = {tests::path_of(first), tests::path_of(first) + "/history",
                  tests::path_of(first) + "/versions/1",
                  std::string("/v1/news/sports/by-slug/old-1"),
                  std::string("/v1/legacy/news.story/1")};
    std::map<std::string, std::string> before;
    for (const auto& path : paths) before[path] = portal.get(path).body;

    CHECK(portal.command({"archive"}).code == 2);
    CHECK(portal.command({"archive", "--before", "yesterday"}).code == 2);
    CHECK(portal.command({"archive", "--bring-back", "4711"}).code == 2);
    CHECK(portal.command({"archive", "--before", "2100-01-01"}).code != 0);
    auto archived = portal.command({"archive", "--before", "2020-01-01"});

    INFO(archived.output << archived.errors);
    REQUIRE(archived.code == 0);
    CHECK_THAT(archived.output, Catch::Contains("sports: 2 articles with 2 events"));
    CHECK_THAT(archived.output, Catch::Contains("The server runs"));
    for (const auto& path : paths) {
        CAPTURE(path);
        auto answer = portal.get(path);
        CHECK(answer.status == 200);
        CHECK(answer.body == before[path]);
    }
    CHECK(support::ids_of(portal.get("/v1/news/sports/1/10")) ==
          std::vector<std::int64_t>{young.at("id").get<std::int64_t>()});
    json change{{"id", second["id"]}, {"version", 1}, {"title", "Old, but better"}};
    auto changed = portal.put("/v1/news/sports", change);
    REQUIRE(changed.status == 201);
    CHECK(portal.get("/v1/news/sports/1/10").news().size() == 2);
    auto verified = portal.command({"verify"});
    INFO(verified.output << verified.errors);
    CHECK(verified.code == 0);
    CHECK_THAT(verified.output, Catch::Contains("1 archived"));
    CHECK(portal.stop() == 0);

    auto archive = portal.data() / "archive/news-sports-2015.db";
    std::filesystem::rename(archive, portal.folder() / "kept.db");
    CHECK(portal.command({"verify"}).code == 1);
    portal.start();
    CHECK(support::failure_faults(portal.get(tests::path_of(first)), 503, "archive_unreadable") ==
          "");
    CHECK(portal.get("/v1/news/sports/1/10").news().size() == 2);
    CHECK(portal.stop() == 0);
    std::filesystem::rename(portal.folder() / "kept.db", archive);

    auto id = std::to_string(first.at("id").get<std::int64_t>());
    auto back = portal.command({"archive", "--bring-back", id, "--type", "sports"});
    INFO(back.output << back.errors);
    CHECK(back.code == 0);
    portal.start();
    CHECK(portal.get("/v1/news/sports/1/10").news().size() == 3);
    CHECK(portal.get(tests::path_of(first)).body == before[tests::path_of(first)]);
    CHECK(portal.stop() == 0);
}
