// kill -9 in the middle of what only happens now and then: the first start, an import, a rebuild.
#include <signal.h>

#include <fstream>
#include <iostream>

#include "random_moments.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/json_checks.hpp"
#include "support/portal_process.hpp"
#include "support/sqlite_file.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::PortalProcess;

namespace {

void write_archive(const std::filesystem::path& file, int count) {
    std::ofstream out(file);
    for (int i = 0; i < count; ++i) {
        auto title = "Archived " + std::to_string(i);
        out << support::new_item(title, {{"source_id", "s" + std::to_string(i)},
                                         {"news_type", i % 2 ? "sports" : "politics"},
                                         {"tags", {"archive"}},
                                         {"published_at", "2021-05-04T10:20:30Z"}})
                   .dump()
            << '\n';
    }
}

std::int64_t stored(const PortalProcess& portal) {
    std::int64_t count = 0;
    for (const char* type : {"sports", "politics"}) {
        auto file = portal.command_file(type);
        if (!std::filesystem::exists(file)) return 0;
        try {
            count += support::number_from_database(file, "select count(*) from events");
        } catch (const std::runtime_error&) {
            // Killed before it had its tables.
        }
    }
    return count;
}

std::size_t listed(const PortalProcess& portal, const std::string& path) {
    support::HttpClient client(portal.address());
    std::size_t count = 0;
    for (std::string cursor;;) {
        auto page = client.request("GET", path + "?limit=100" + cursor).json();
        count += page.at("news").size();
        if (page.at("next").is_null()) return count;
        cursor = "&cursor=" + page["next"].get<std::string>();
    }
}

void check_verified(const PortalProcess& portal) {
    auto verified = portal.command({"verify"});
    INFO(verified.output << verified.errors);
    REQUIRE(verified.code == 0);
}

const char* django_mapping = R"({
    "users": {"model": "auth.user", "login": "username", "password": "password", "active": "is_active"},
    "news": {"model": "a.story", "type": "section", "title": "title", "content": {"html": "body"},
             "published": {"if": {"live": true}}, "published_at": "at", "author": {"text": "Ann"},
             "slug": "slug", "url": "/{slug}/", "updated_at": "changed",
             "history": {"each": "a.oldstory[story] by at", "at": "at"}}})";

/// A site with `count` articles, each with an older state; of a later time some are gone, some
/// changed, some new.
void write_site(const std::filesystem::path& file, int count, bool later) {
    std::ofstream out(file);
    for (int i = 0; i < 50; ++i) {
        out << json{{"model", "auth.user"},
                    {"pk", i + 1},
                    {"fields",
                     {{"username", "user" + std::to_string(i)},
                      {"password", later && i % 10 == 0 ? "!changed" : "!none"},
                      {"is_active", true}}}}
                   .dump()
            << '\n';
    }
    auto story = [&](int i, const std::string& title) {
        auto number = std::to_string(i);
        out << json{{"model", "a.story"},
                    {"pk", i},
                    {"fields",
                     {{"section", i % 3 == 0 ? "politics" : "sports"},
                      {"title", title + number},
                      {"body", "<p>" + std::string(500, 'b') + number + "</p>"},
                      {"live", i % 5 != 0},
                      {"at", "2020-05-04T10:00:00Z"},
                      {"slug", "story-" + number},
                      {"changed", later ? "2020-06-05T00:00:00Z" : "2020-05-05T00:00:00Z"}}}}
                   .dump()
            << '\n'
            << json{{"model", "a.oldstory"},
                    {"pk", i},
                    {"fields",
                     {{"story", i}, {"title", "Old " + number}, {"at", "2020-05-04T11:00:00Z"}}}}
                   .dump()
            << '\n';
    };
    for (int i = 1; i <= count; ++i) {
        if (!later || i % 7 != 0) story(i, later && i % 4 == 0 ? "Changed " : "Story ");
    }
    if (later) {
        for (int i = count + 1; i <= count + count / 10; ++i) story(i, "New ");
    }
}

/// All that is in the folder but when it was stored, and the ids of users, which are random.
std::vector<std::string> content_of(const PortalProcess& portal) {
    std::vector<std::string> all;
    auto add = [&](const std::filesystem::path& file, const std::string& sql) {
        auto rows = support::rows_from_database(file, sql);
        all.insert(all.end(), rows.begin(), rows.end());
    };
    for (const char* type : {"sports", "politics"}) {
        add(portal.command_file(type),
            "select stream || ' ' || version || ' ' || type || ' ' || body from events"
            " order by stream, version");
        add(portal.command_file(type), "select source_id || item_hash from sources order by 1");
    }
    add(portal.data() / "identity.db",
        "select login || ' ' || status || ' ' || password from accounts order by login");
    add(portal.data() / "users.db", "select name from users order by name");
    add(portal.data() / "site.db",
        "select path || ' ' || coalesce(target, '') from redirects order by 1");
    return all;
}

/// Kills it after a random time; true if it had not ended by itself.
bool kill_sometime(support::Process& process, tests::Dice& dice, std::chrono::milliseconds most) {
    dice.pause(0ms, most);
    process.signal(SIGKILL);
    auto code = process.wait(60s);
    return code == 128 + SIGKILL;
}

}  // namespace

TEST_CASE("a first start that is killed at any moment can be repeated", "[chaos]") {
    tests::Dice dice(tests::chaos_seed());
    const int rounds = tests::times(6, 100);
    auto most = 100ms;
    {
        PortalProcess portal;
        auto started = std::chrono::steady_clock::now();
        portal.start();
        most = std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::steady_clock::now() - started) +
               20ms;
        CHECK(portal.stop() == 0);
    }
    int killed = 0;
    for (int round = 0; round < rounds; ++round) {
        PortalProcess portal;
        for (int i = 0; i < 3; ++i) {
            auto process = portal.begin({});
            if (kill_sometime(*process, dice, most)) ++killed;
        }
        portal.start();
        for (const char* type : {"sports", "politics", "famous"}) {
            CHECK(portal.post(std::string("/v1/news/") + type, support::new_item("first")).status ==
                  201);
        }
        CHECK(portal.get("/v1/news/all/1/10").news().size() == 3);
        CHECK(portal.stop() == 0);
        check_verified(portal);
    }
    CHECK(killed > rounds);
}

TEST_CASE("an import that is killed again and again is complete in the end, without repetitions",
          "[chaos]") {
    tests::Dice dice(tests::chaos_seed());
    // Small batches, so that there are many moments between them.
    PortalProcess portal(json{{"news", {{"import_batch_items", 20}}}});
    portal.make_data_folder();
    int count = tests::is_long_run() ? 50000 : 3000;
    auto file = portal.folder() / "archive.jsonl";
    write_archive(file, count);
    int kills = 0;
    int in_the_middle = 0;
    for (int attempt = 0; attempt < 200 && in_the_middle < 3; ++attempt) {
        auto process = portal.begin({"import", "news", file.string()});
        auto before = stored(portal);
        if (before == count) break;
        // Mostly once it is at work, sometimes before.
        if (dice.chance(80)) {
            auto log = portal.command_file("sports").string() + "-wal";
            support::eventually(
                [&] {
                    std::error_code none;
                    return std::filesystem::file_size(log, none) > 100000 && !none;
                },
                5s);
        }
        if (!kill_sometime(*process, dice, 150ms)) break;
        ++kills;
        auto now = stored(portal);
        CHECK(now >= before);
        if (now > 0 && now < count) ++in_the_middle;
    }
    std::cout << kills << " kills, " << stored(portal) << " of " << count << " items in"
              << std::endl;
    CHECK(in_the_middle > 0);

    auto finished = portal.command({"import", "news", file.string()});

    INFO(finished.output << finished.errors);
    CHECK(finished.code == 0);
    CHECK(stored(portal) == count);
    for (const char* type : {"sports", "politics"}) {
        auto sources = support::number_from_database(portal.command_file(type),
                                                     "select count(*) from sources");
        CHECK(sources == count / 2);
    }
    check_verified(portal);
    portal.start();
    CHECK(listed(portal, "/v1/news/all") == static_cast<std::size_t>(count));
    CHECK(listed(portal, "/v1/news/tags/archive") == static_cast<std::size_t>(count));
    CHECK(portal.stop() == 0);
}

TEST_CASE("a rebuild that is killed leaves the old view or the new one", "[chaos]") {
    tests::Dice dice(tests::chaos_seed());
    PortalProcess portal;
    portal.make_data_folder();
    auto file = portal.folder() / "archive.jsonl";
    write_archive(file, 2000);
    REQUIRE(portal.command({"import", "news", file.string()}).code == 0);
    portal.start();
    auto before = portal.get("/v1/news/sports/1/100").body;
    CHECK(portal.stop() == 0);
    const int rounds = tests::times(4, 50);
    auto started = std::chrono::steady_clock::now();
    REQUIRE(portal.command({"rebuild", "--type", "sports"}).code == 0);
    auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - started);

    int killed = 0;
    for (int round = 0; round < rounds; ++round) {
        auto process = portal.begin({"rebuild", "--type", "sports"});
        if (kill_sometime(*process, dice, whole)) ++killed;
        check_verified(portal);
    }
    CHECK(killed > 0);

    // The same in a server: the command hears that its server is gone.
    for (int round = 0; round < rounds / 2; ++round) {
        portal.start();
        CHECK(portal.get("/v1/news/sports/1/100").body == before);
        auto command = portal.begin({"rebuild", "--type", "sports"});
        kill_sometime(portal.process(), dice, whole);
        auto code = command->wait(60s);
        INFO(command->errors());
        REQUIRE(code);
        CHECK((*code == 0 || *code == 1));
        check_verified(portal);
    }
    auto rebuilt = portal.command({"rebuild", "--type", "sports"});
    INFO(rebuilt.errors);
    CHECK(rebuilt.code == 0);
    check_verified(portal);
    portal.start();
    CHECK(portal.get("/v1/news/sports/1/100").body == before);
    CHECK(listed(portal, "/v1/news/sports") == 1000);
    CHECK(portal.stop() == 0);
}

TEST_CASE("a Django site's import that is killed again and again ends as one that was not",
          "[chaos]") {
    tests::Dice dice(tests::chaos_seed());
    int count = tests::is_long_run() ? 20000 : 1500;
    const int kills_wanted = tests::times(20, 100);
    json settings{{"django", {{"batch_rows", 50}}}, {"news", {{"types", {"sports", "politics"}}}}};
    PortalProcess portal(settings);
    PortalProcess control(settings);
    auto mapping = portal.folder() / "mapping.json";
    std::ofstream(mapping) << django_mapping;
    int kills = 0;
    for (bool later : {false, true}) {
        auto dump = portal.folder() / (later ? "later.jsonl" : "site.jsonl");
        write_site(dump, count, later);
        std::vector<std::string> command{"import",     "django",    "--mapping",  mapping.string(),
                                         "--vanished", "unpublish", dump.string()};
        control.make_data_folder();
        auto started = std::chrono::steady_clock::now();
        auto whole = control.command(command);
        auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - started);
        INFO(whole.output << whole.errors);
        REQUIRE(whole.code == 0);

        portal.make_data_folder();
        // Some end before they are killed: what is left to import gets less each time.
        const int enough = kills + kills_wanted / 2;
        const int attempts_max = 4 * kills_wanted;
        for (int i = 0; i < attempts_max && (i < kills_wanted || kills < enough); ++i) {
            auto process = portal.begin(command);
            if (kill_sometime(*process, dice, took)) ++kills;
        }
        auto finished = portal.command(command);
        INFO(finished.output << finished.errors);
        REQUIRE(finished.code == 0);
        CHECK(content_of(portal) == content_of(control));
        check_verified(portal);
        auto again = portal.command(command);
        CHECK(again.output.find("= 0 added + 0 updated") != std::string::npos);
        CHECK(content_of(portal) == content_of(control));
    }
    std::cout << kills << " kills" << std::endl;
    CHECK(kills >= kills_wanted);
}
