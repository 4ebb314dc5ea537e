// `portal verify` finds what was changed behind the program's back; `portal rebuild` mends views.
#include <atomic>
#include <thread>

#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/sqlite_file.hpp"

using nlohmann::json;
using support::new_item;
using support::PortalProcess;

namespace {

/// A stopped server's data: five items, seven events.
std::vector<json> make_content(PortalProcess& portal) {
    portal.start();
    std::vector<json> items;
    for (int i = 0; i < 5; ++i) {
        items.push_back(tests::create(portal, "sports",
                                      new_item("item " + std::to_string(i), {{"tags", {"x"}}})));
    }
    REQUIRE(
        portal.put("/v1/news/sports", {{"id", items[1]["id"]}, {"version", 1}, {"title", "new"}})
            .status == 201);
    REQUIRE(portal.ask("DELETE", tests::path_of(items[4])).status == 200);
    REQUIRE(portal.stop() == 0);
    return items;
}

const char* const open_log =
    "drop trigger events_are_not_changed; drop trigger events_are_not_deleted; ";

std::string id_text(const json& item) {
    return std::to_string(item.at("id").get<std::int64_t>());
}

}  // namespace

TEST_CASE("verify is content with what the server has written, also while it serves", "[system]") {
    PortalProcess portal;
    make_content(portal);
    for (bool serving : {false, true}) {
        if (serving) portal.start();
        auto verified = portal.command({"verify"});
        INFO(verified.output << verified.errors);
        CHECK(verified.code == 0);
        CHECK(verified.output.find("sports: 7 events, 5 articles, the view is up to date: good") !=
              std::string::npos);
        CHECK(verified.output.find("famous: 0 events, 0 articles") != std::string::npos);
    }
    CHECK(portal.stop() == 0);
}

TEST_CASE("verify names the event that was changed", "[system]") {
    struct Case {
        const char* sql;
        const char* says;
    };
    const Case cases[] = {
        {"update events set body = replace(body, 'item 2', 'item X') where position = 3",
         "position 3"},
        {"update events set actor = 1 where position = 2", "position 2"},
        {"update events set recorded_at = recorded_at + 1 where position = 5", "position 5"},
        {"update events set type = 'article_removed.v1' where position = 6", "position 6"},
        {"update events set hash = zeroblob(32) where position = 4", "position 4"},
        {"delete from events where position = 6", "position 6"},
        {"delete from events where position = 7", "the log"},
    };
    for (const auto& one : cases) {
        INFO(one.sql);
        PortalProcess portal;
        make_content(portal);
        support::change_database(portal.command_file("sports"), std::string(open_log) + one.sql);

        auto verified = portal.command({"verify"});

        INFO(verified.output << verified.errors);
        CHECK(verified.code == 1);
        CHECK(verified.output.find("NOT GOOD") != std::string::npos);
        CHECK(verified.output.find(one.says) != std::string::npos);
        CHECK(
            verified.output.find("politics: 0 events, 0 articles, the view is up to date: good") !=
            std::string::npos);
    }
}

TEST_CASE("verify looks at the stores of people, too", "[system]") {
    PortalProcess portal;
    make_content(portal);
    portal.start();
    for (const char* name : {"ann", "ben", "cleo"}) {
        json user{{"name", name},
                  {"email", std::string(name) + "@example.org"},
                  {"password", "correct horse battery"}};
        REQUIRE(portal.post("/v1/users", user).status == 201);
    }
    CHECK(portal.stop() == 0);
    auto verified = portal.command({"verify"});
    CHECK(verified.code == 0);
    for (const char* line : {"users: 3 events: good", "identity: 0 events: good",
                             "site: 0 events: good", "recommendation: the file is whole: good"}) {
        CHECK(verified.output.find(line) != std::string::npos);
    }
    support::change_database(
        portal.data() / "users.db",
        std::string(open_log) + "update events set actor = 1 where position = 2");
    verified = portal.command({"verify"});
    CHECK(verified.code == 1);
    CHECK(verified.output.find("users: 3 events: NOT GOOD") != std::string::npos);
    CHECK(verified.output.find("position 2") != std::string::npos);
}

TEST_CASE("the log's triggers refuse what would change the past", "[system]") {
    PortalProcess portal;
    make_content(portal);
    for (const char* sql : {"update events set body = '{}' where position = 1",
                            "delete from events where position = 7",
                            "pragma recursive_triggers = on; insert or replace into events "
                            "select * from events where position = 1"}) {
        INFO(sql);
        CHECK_THROWS_WITH(support::change_database(portal.command_file("sports"), sql),
                          Catch::Contains("never"));
    }
    CHECK(portal.command({"verify"}).code == 0);
}

TEST_CASE("verify names the row of a view that is not what the log says, rebuild mends it",
          "[system]") {
    PortalProcess portal;
    auto items = make_content(portal);
    portal.start();
    auto before = portal.get("/v1/news/sports/1/100").body;
    auto before_tags = portal.get("/v1/news/tags/x").body;
    CHECK(portal.stop() == 0);
    auto id = id_text(items[2]);
    const std::string changes[] = {
        "update articles_a set title = 'another' where id = " + id,
        "update articles_a set status = 'draft' where id = " + id,
        "update articles_a set version = 9 where id = " + id,
        "delete from articles_a where id = " + id,
        "insert into articles_a (id, version, status, published_at, created_at, updated_at,"
        " created_by, title, description, content, author, tags) select 7, version, status,"
        " published_at, created_at, updated_at, created_by, title, description, content, author,"
        " tags from articles_a where id = " +
            id,
        "delete from article_tags_a where id = " + id,
        "update article_tags_a set tag = 'y' where id = " + id,
    };
    for (const auto& sql : changes) {
        INFO(sql);
        // A rebuild leaves the view in the other slot, so two of them bring it back to this one.
        support::change_database(portal.query_file("sports"), sql);
        auto verified = portal.command({"verify"});
        INFO(verified.output);
        CHECK(verified.code == 1);
        CHECK(verified.output.find("view: ") != std::string::npos);
        CHECK(verified.output.find(sql.starts_with("insert") ? "article 7 " : id) !=
              std::string::npos);

        for (int i = 0; i < 2; ++i) {
            auto rebuilt = portal.command({"rebuild", "--type", "sports"});
            CHECK(rebuilt.code == 0);
            CHECK(rebuilt.output.find("from 7 events") != std::string::npos);
            CHECK(portal.command({"verify"}).code == 0);
        }
    }
    portal.start();
    CHECK(portal.get("/v1/news/sports/1/100").body == before);
    CHECK(portal.get("/v1/news/tags/x").body == before_tags);
    CHECK(portal.stop() == 0);
}

TEST_CASE("verify finds a damaged file", "[system]") {
    PortalProcess portal;
    make_content(portal);
    support::change_database(portal.command_file("sports"),
                             "pragma writable_schema = on; update sqlite_schema set rootpage = 2 "
                             "where name = 'sources'");
    auto verified = portal.command({"verify"});
    INFO(verified.output << verified.errors);
    CHECK(verified.code == 1);
}

TEST_CASE("a view is rebuilt while the server serves and others write", "[system]") {
    PortalProcess portal;
    portal.start();
    for (int i = 0; i < 200; ++i) {
        tests::create(portal, "sports", new_item("old " + std::to_string(i), {{"tags", {"x"}}}));
    }
    auto untouched =
        portal.get("/v1/news/sports?limit=100&cursor=" +
                   portal.get("/v1/news/sports?limit=100").json()["next"].get<std::string>());
    std::atomic<bool> done{false};
    std::vector<std::string> faults;
    int written = 0;
    std::thread writer([&] {
        support::HttpClient client(portal.address());
        support::Fields fields = {{"Content-Type", "application/json"}};
        while (!done) {
            auto title = "new " + std::to_string(written);
            auto body = new_item(title, {{"tags", {"x"}}}).dump();
            auto created = client.request("POST", "/v1/news/sports", body, fields);
            if (created.status != 201) faults.push_back("created: " + created.body);
            ++written;
            // What is written is read, from the old view or the new one.
            auto read = client.request("GET", created.field("Location"));
            if (read.body != created.body) faults.push_back("read: " + read.body);
            auto list = client.request("GET", "/v1/news/sports/1/1");
            if (list.news().at(0) != created.news()) faults.push_back("listed: " + list.body);
        }
    });
    int rebuilds = 0;
    for (; rebuilds < 5; ++rebuilds) {
        if (portal.command({"rebuild", "--type", "sports"}).code != 0) break;
    }
    done = true;
    writer.join();

    CHECK(rebuilds == 5);
    CHECK(faults == std::vector<std::string>());
    CHECK(written > 0);
    auto all = tests::walk(portal, "/v1/news/sports", 100);
    CHECK(all.size() == static_cast<std::size_t>(200 + written));
    CHECK(support::is_in_order(all));
    CHECK(tests::walk(portal, "/v1/news/tags/x", 100).size() == all.size());
    CHECK(json(std::vector<json>(all.end() - 100, all.end())) == untouched.news());
    CHECK(portal.stop() == 0);
    auto verified = portal.command({"verify"});
    INFO(verified.output);
    CHECK(verified.code == 0);
}
