// Redirects and lists on a real store.
#include <algorithm>

#include "base/task_scope.hpp"
#include "fixture.hpp"
#include "site/events.hpp"
#include "site/verify.hpp"
#include "support/sqlite_file.hpp"

namespace site {

namespace {

using namespace std::chrono_literals;

std::string code(const auto& result) {
    return result ? "" : result.error().code;
}

/// Every event of the module's log, in order.
std::vector<Event> all_events(Fixture& site) {
    auto read = base::run(site.module->feed().after(0, 1000, {}));
    REQUIRE(read);
    std::vector<Event> events;
    for (const auto& event : *read) events.push_back(site_event(event));
    return events;
}

std::vector<std::string> paths(Fixture& site, const std::string& after, std::int64_t limit) {
    auto listed = base::run(site.module->redirects().list(after, limit, {}));
    REQUIRE(listed);
    std::vector<std::string> all;
    for (const auto& redirect : *listed) all.push_back(redirect.from);
    return all;
}

std::vector<ListEntry> items(std::initializer_list<std::int64_t> ids) {
    std::vector<ListEntry> entries;
    for (auto id : ids) entries.emplace_back(ListItem{"sports", id});
    return entries;
}

std::vector<RedirectChange> thousand() {
    std::vector<RedirectChange> changes;
    for (int i = 1000; i < 2000; ++i) {
        auto number = std::to_string(i);
        changes.push_back(lead("/archive/" + number + ".html", "/news/" + number));
    }
    return changes;
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("an old address leads to the last target of its chain, in whatever spelling it is asked",
          "[site]") {
    Fixture site;
    site.open();
    auto stored =
        site.put({lead("/%61lt", "/b"), lead("/b", "/c", false), lead("/c", "/d"),
                  lead("/elsewhere", "https://example.org/x"), lead("/gone", std::nullopt),
                  lead("/was", "/gone"), lead("/query", "/alt?x=1")});
    REQUIRE(stored);
    CHECK(stored->stored == 7);
    CHECK(stored->total == 7);

    struct Row {
        const char* path;
        std::optional<std::string> to;
        bool permanent;
    };
    const std::vector<Row> rows = {
        {"/alt", "/d", false},  // one step of it is for now only
        {"/%61%6Ct", "/d", false},
        {"/c", "/d", true},
        {"/elsewhere", "https://example.org/x", true},
        {"/gone", std::nullopt, true},
        {"/was", std::nullopt, true},
        {"/query", "/alt?x=1", true},  // what has a query is another address than its path
    };
    for (const auto& [path, to, permanent] : rows) {
        CAPTURE(path);
        auto resolution = site.resolve(path);
        REQUIRE(resolution);
        CHECK(resolution->to == to);
        CHECK(resolution->permanent == permanent);
    }
    CHECK(site.resolve("/%61lt")->path == "/alt");
    CHECK(code(site.resolve("/d")) == "path_not_found");
    CHECK(code(site.resolve("alt")) == "malformed_path");
    CHECK(code(site.resolve("/alt?x")) == "malformed_path");
}

TEST_CASE(
    "a path with a slash at its end, or without, leads where the other does, unless it leads "
    "elsewhere itself",
    "[site]") {
    Fixture site;
    site.open();
    REQUIRE(site.put({lead("/storm", "/a"), lead("/blog/storm/", "/b"), lead("/two", "/c"),
                      lead("/two/", "/d"), lead("/", "/home"), lead("/to", "/storm/")}));
    CHECK(site.resolve("/storm/")->to == "/a");
    CHECK(site.resolve("/storm/")->path == "/storm/");
    CHECK(site.resolve("/blog/storm")->to == "/b");
    CHECK(site.resolve("/two")->to == "/c");
    CHECK(site.resolve("/two/")->to == "/d");
    CHECK(site.resolve("/")->to == "/home");
    CHECK(code(site.resolve("/storm//")) == "path_not_found");
    // Where a redirect leads is an address as it stands.
    CHECK(site.resolve("/to")->to == "/storm/");
}

TEST_CASE("no path is led back to itself by the slash at its end", "[site]") {
    Fixture site;
    site.open();
    REQUIRE(site.put({lead("/about", "/about/"), lead("/x", "/y"), lead("/y/", "/x/"),
                      lead("/team/", "/about?all#top"), lead("/far", "https://example.org/far/")}));
    CHECK(site.resolve("/about")->to == "/about/");
    CHECK(code(site.resolve("/about/")) == "path_not_found");
    CHECK(site.resolve("/x")->to == "/y");
    CHECK(code(site.resolve("/y")) == "path_not_found");
    CHECK(site.resolve("/y/")->to == "/x/");
    CHECK(code(site.resolve("/x/")) == "path_not_found");
    CHECK(site.resolve("/team")->to == "/about?all#top");
    CHECK(site.resolve("/far/")->to == "https://example.org/far/");
}

TEST_CASE("an address of an article that readers do not see leads nowhere", "[site]") {
    Fixture site;
    site.news_of("sports", news::Status::published);
    site.news_of("sports", news::Status::draft);
    site.news_of("sports", news::Status::removed);
    site.open();
    REQUIRE(site.put({lead("/1", "/v1/news/sports/1"), lead("/2", "/v1/news/sports/2"),
                      lead("/3", "/v1/news/sports/3"), lead("/4", "/v1/news/sports/4"),
                      lead("/5", "/v1/news/gardens/1"), lead("/6", "/v1/news/sports/latest"),
                      lead("/old", "/2")}));
    CHECK(site.resolve("/1")->to == "/v1/news/sports/1");
    for (const char* path : {"/2", "/3", "/4", "/old"}) {
        CAPTURE(path);
        CHECK(code(site.resolve(path)) == "path_not_found");
    }
    CHECK(site.resolve("/5")->to == "/v1/news/gardens/1");
    CHECK(site.resolve("/6")->to == "/v1/news/sports/latest");
}

TEST_CASE("redirects that came from another site are told by their rows", "[site]") {
    Fixture site;
    site.open();
    auto from_row = [](RedirectChange change, const char* source) {
        change.redirect.source = source;
        return change;
    };
    auto sources = [&] {
        std::string all;
        auto found = base::run(site.module->redirects().imported_of("a.redirect:", "", 10, {}));
        REQUIRE(found);
        for (const auto& one : *found) all += one.from + " " + one.source + " ";
        return all;
    };
    REQUIRE(site.put({from_row(lead("/a", "/x"), "a.redirect:1"),
                      from_row(lead("/b", "/x"), "a.redirect:2"),
                      from_row(lead("/c", "/x"), "a.story:1"), lead("/d", "/x")}));
    CHECK(sources() == "/a a.redirect:1 /b a.redirect:2 ");
    // Who says the same does not take it over; who says something else does.
    CHECK(site.put({lead("/a", "/x")})->unchanged == 1);
    CHECK(site.put({from_row(lead("/d", "/x"), "a.redirect:3")})->unchanged == 1);
    CHECK(site.put({lead("/b", "/y")})->stored == 1);
    CHECK(sources() == "/a a.redirect:1 ");
    CHECK(site.put({from_row(lead("/a", "/x"), "a.redirect:9")})->stored == 1);
    CHECK(sources() == "/a a.redirect:9 ");
    site.close();
    CHECK(verify(site.folder.path()).empty());
}

TEST_CASE("a chain is followed only so far as is configured", "[site]") {
    Fixture site;
    site.config.redirect_hops_max = 3;
    site.open();
    REQUIRE(site.put({lead("/1", "/2"), lead("/2", "/3"), lead("/3", "/4"), lead("/4", "/5")}));
    CHECK(site.resolve("/1")->to == "/4");
    CHECK(site.resolve("/2")->to == "/5");
}

TEST_CASE("of one call all redirects are stored or none", "[site]") {
    Fixture site;
    site.open();
    REQUIRE(site.put({lead("/b", "/a"), lead("/x", "/y")}));
    struct Row {
        std::vector<RedirectChange> changes;
        const char* code;
    };
    const std::vector<Row> rows = {
        {{lead("/new", "/z"), lead("/a", "/b")}, "redirect_loop"},
        {{lead("/new", "/z"), lead("/bad?", "/b")}, "invalid_redirects"},
        {{forget("/x"), lead("/same", "/same")}, "redirect_loop"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.code);
        CHECK(code(site.put(row.changes)) == row.code);
        CHECK(site.events() == 1);
        CHECK(paths(site, "", 10) == Paths{"/b", "/x"});
    }
    // What closes the circle may be opened by the same call.
    REQUIRE(site.put({lead("/a", "/b"), forget("/b")}));
    CHECK(site.resolve("/a")->to == "/b");
    CHECK(verify(site.folder.path()).empty());
}

TEST_CASE("what is so already changes nothing and is no event", "[site]") {
    Fixture site;
    site.open();
    REQUIRE(site.put({lead("/a", "/b"), lead("/gone", std::nullopt)}));
    auto again = site.put({lead("/a", "/b"), lead("/gone", std::nullopt), forget("/never")});
    REQUIRE(again);
    CHECK(again->unchanged == 3);
    CHECK(again->total == 2);
    CHECK(site.events() == 1);

    auto mixed = site.put({lead("/a", "/b"), lead("/gone", "/back"), forget("/never")});
    REQUIRE(mixed);
    CHECK(mixed->stored == 1);
    CHECK(mixed->unchanged == 2);
    auto events = all_events(site);
    REQUIRE(events.size() == 2);
    CHECK(std::get<RedirectsChanged>(events[1]).stored.size() == 1);
    CHECK(std::get<RedirectsChanged>(events[1]).removed.empty());
}

TEST_CASE("redirects are read in parts, in the order of their paths", "[site]") {
    Fixture site;
    site.open();
    REQUIRE(site.put({lead("/b", "/z"), lead("/a", "/z"), lead("/B", "/z"), lead("/a/c", "/z"),
                      lead("/%C3%A9", "/z")}));
    CHECK(paths(site, "", 3) == Paths{"/%C3%A9", "/B", "/a"});
    CHECK(paths(site, "/a", 3) == Paths{"/a/c", "/b"});
    CHECK(paths(site, "/a/b", 1) == Paths{"/a/c"});
    CHECK(paths(site, "/b", 3).empty());
}

TEST_CASE("there are no more redirects than configured, and those there are can always go",
          "[site]") {
    Fixture site;
    site.config.redirects_max = 3;
    site.open();
    REQUIRE(site.put({lead("/1", "/x"), lead("/2", "/x")}));
    CHECK(code(site.put({lead("/3", "/x"), lead("/4", "/x")})) == "too_many_redirects");
    // What goes makes room in the same call.
    auto stored = site.put({lead("/3", "/x"), lead("/4", "/x"), forget("/1")});
    REQUIRE(stored);
    CHECK(stored->total == 3);
    site.close();
    site.config.redirects_max = 1;
    site.open();
    CHECK(code(site.put({lead("/5", "/x")})) == "too_many_redirects");
    CHECK(site.put({lead("/2", "/changed")}));
    CHECK(site.put({forget("/2")})->total == 2);
    CHECK_THAT(site.metrics.text(), Catch::Contains("portal_site_redirects 2"));
}

TEST_CASE("a thousand redirects are one event", "[site]") {
    Fixture site;
    site.open();
    auto stored = site.put(thousand());
    REQUIRE(stored);
    CHECK(stored->stored == 1000);
    CHECK(site.events() == 1);
    CHECK(site.resolve("/archive/1999.html")->to == "/news/1999");
    CHECK(site.put(thousand())->unchanged == 1000);
    CHECK(verify(site.folder.path()).empty());
}

TEST_CASE("the same call with redirects again is answered the same, and does nothing", "[site]") {
    Fixture site;
    site.open();
    auto first = site.put({lead("/a", "/b"), lead("/c", "/d")}, site.command("key"));
    REQUIRE(first);
    REQUIRE(site.put({lead("/a", "/elsewhere")}));
    site.close();
    site.open();
    auto again = site.put({lead("/a", "/b"), lead("/c", "/d")}, site.command("key"));
    REQUIRE(again);
    CHECK(again->stored == first->stored);
    CHECK(again->total == first->total);
    CHECK(site.resolve("/a")->to == "/elsewhere");
    CHECK(site.events() == 2);
    CHECK(code(site.put({lead("/a", "/c")}, site.command("key", "other"))) ==
          "idempotency_key_reused");
    // What was refused may be tried again with its key.
    CHECK(code(site.put({lead("/l", "/l")}, site.command("loop"))) == "redirect_loop");
    CHECK(site.put({lead("/l", "/m")}, site.command("loop")));
    // After a day it is another call.
    site.clock.advance(25h);
    CHECK(site.put({lead("/a", "/b"), lead("/c", "/d")}, site.command("key"))->stored == 1);
}

TEST_CASE("a list is made, changed, removed and made again, and its history tells all", "[site]") {
    Fixture site;
    site.open();
    auto made = site.put_list("front", items({1, 2}));
    REQUIRE(made);
    CHECK(made->is_new);
    CHECK(made->list.version == 1);
    site.clock.advance(1h);
    auto changed = site.put_list("front", {ListItem{"politics", 1, true}, ListSlot{}}, 1);
    REQUIRE(changed);
    CHECK_FALSE(changed->is_new);
    CHECK(changed->list.version == 2);
    CHECK(changed->list.updated_at == site.clock.now());
    REQUIRE(site.put_list("sports-top", {}));
    auto read = site.list("front");
    REQUIRE(read);
    CHECK(read->entries == changed->list.entries);

    CHECK(*site.remove_list("front") == 3);
    CHECK(code(site.list("front")) == "list_not_found");
    CHECK(code(site.remove_list("front")) == "list_not_found");
    auto all = base::run(site.module->lists().all({}));
    REQUIRE(all);
    REQUIRE(all->size() == 1);
    CHECK(all->front().name == "sports-top");

    auto again = site.put_list("front", items({9}));
    REQUIRE(again);
    CHECK(again->is_new);
    CHECK(again->list.version == 4);

    auto history = base::run(site.module->lists().history("front", 0, 3, {}));
    REQUIRE(history);
    REQUIRE(history->entries.size() == 3);
    CHECK(*history->entries[0].entries == items({1, 2}));
    CHECK(history->entries[0].actor == 7);
    CHECK(*history->entries[1].entries == changed->list.entries);
    CHECK(history->entries[2].type == "list_removed.v1");
    CHECK_FALSE(history->entries[2].entries.has_value());
    REQUIRE(history->next);
    auto rest = base::run(site.module->lists().history("front", *history->next, 3, {}));
    REQUIRE(rest);
    REQUIRE(rest->entries.size() == 1);
    CHECK(rest->entries[0].version == 4);
    CHECK_FALSE(rest->next);
    CHECK(code(base::run(site.module->lists().history("never", 0, 3, {}))) == "list_not_found");
    CHECK(verify(site.folder.path()).empty());
}

TEST_CASE("of many who change a list at the same moment one wins", "[site]") {
    Fixture site;
    site.open();
    REQUIRE(site.put_list("front", {}));
    std::vector<std::int64_t> won;
    int conflicts = 0;
    {
        base::TaskScope scope;
        for (std::int64_t i = 1; i <= 30; ++i) {
            auto by = Fixture::command(i);
            by.expected = Expected();
            by.expected->versions = {1};
            scope.spawn(site.module->lists().put("front", items({i}), by),
                        [&, i](const base::Result<PutList>& put) {
                            if (put) won.push_back(i);
                            if (!put && put.error().code == "version_conflict") ++conflicts;
                        });
        }
        scope.wait(0);
    }
    REQUIRE(won.size() == 1);
    CHECK(conflicts == 29);
    CHECK(site.list("front")->version == 2);
    CHECK(site.list("front")->entries == items({won.front()}));
}

TEST_CASE("of many who make lists at the same moment each has its own history", "[site]") {
    Fixture site;
    site.open();
    {
        base::TaskScope scope;
        for (int i = 0; i < 20; ++i) {
            auto name = "list-" + std::to_string(i);
            scope.spawn(site.module->lists().put(name, items({i + 1}), Fixture::command()),
                        [](const base::Result<PutList>& put) { CHECK(put); });
        }
        scope.wait(0);
    }
    for (int i = 0; i < 20; ++i) {
        auto history =
            base::run(site.module->lists().history("list-" + std::to_string(i), 0, 10, {}));
        REQUIRE(history);
        REQUIRE(history->entries.size() == 1);
        CHECK(*history->entries[0].entries == items({i + 1}));
    }
    CHECK(verify(site.folder.path()).empty());
}

TEST_CASE("the same call with a list again is answered with the list of then", "[site]") {
    Fixture site;
    site.open();
    auto first = site.put_list("front", items({1}), std::nullopt, site.command("key"));
    REQUIRE(first);
    REQUIRE(site.put_list("front", items({2}), 1));
    REQUIRE(site.remove_list("front"));
    site.close();
    site.open();
    auto again = site.put_list("front", items({1}), std::nullopt, site.command("key"));
    REQUIRE(again);
    CHECK(again->is_new);
    CHECK(again->list.version == 1);
    CHECK(again->list.entries == items({1}));
    CHECK(again->list.updated_at == first->list.updated_at);
    CHECK(code(site.list("front")) == "list_not_found");
    CHECK(site.events() == 3);
}

TEST_CASE("a list has only types that are configured", "[site]") {
    Fixture site;
    site.open();
    CHECK(code(site.put_list("front", {ListItem{"weather", 1}})) == "invalid_list");
    CHECK(code(site.put_list("front", {ListSlot{"weather"}})) == "invalid_list");
    CHECK(code(site.put_list("No name", {})) == "invalid_list");
    CHECK(site.events() == 0);
}

TEST_CASE("there are no more names of lists than configured, with those of removed lists",
          "[site]") {
    Fixture site;
    site.config.lists_max = 2;
    site.open();
    REQUIRE(site.put_list("a", {}));
    REQUIRE(site.put_list("b", {}));
    REQUIRE(site.remove_list("a"));
    CHECK(code(site.put_list("c", {})) == "too_many_lists");
    CHECK(site.put_list("a", {}));
    CHECK(site.events() == 4);
}

TEST_CASE("a restart keeps redirects, lists and their events", "[site]") {
    Fixture site;
    site.open();
    REQUIRE(site.put({lead("/a", "/b", false), lead("/gone", std::nullopt)}));
    REQUIRE(site.put_list("front", {ListItem{"sports", 5, true}, ListSlot{"politics"}}));
    auto before = site.list("front");
    site.close();
    site.open();
    CHECK(site.resolve("/a")->to == "/b");
    CHECK_FALSE(site.resolve("/a")->permanent);
    CHECK_FALSE(site.resolve("/gone")->to);
    CHECK(site.list("front")->entries == before->entries);
    CHECK(site.list("front")->updated_at == before->updated_at);
    CHECK_THAT(site.metrics.text(), Catch::Contains("portal_site_redirects 2"));
    auto events = all_events(site);
    REQUIRE(events.size() == 2);
    CHECK(std::get<ListChanged>(events[1]).entries == before->entries);
}

TEST_CASE("whatever was changed behind the module's back is found by verify", "[site]") {
    const char* changes[] = {
        "update redirects set target = '/other' where path = '/a'",
        "update redirects set permanent = 0 where path = '/a'",
        "update redirects set event_position = 2 where path = '/a'",
        "delete from redirects where path = '/a'",
        "insert into redirects select '/new', target, permanent, event_position, source from "
        "redirects"
        " where path = '/a'",
        "insert into redirects values ('/removed', '/x', 1, 1, null)",
        "update redirects set source = 'a.b:1' where path = '/a'",
        "update totals set redirects = 7",
        "update totals set lists = 7",
        "update lists set entries = '[]' where name = 'front'",
        "update lists set version = 2 where name = 'front'",
        "update lists set removed = 1 where name = 'front'",
        "update lists set name = 'other' where name = 'front'",
        "delete from lists where name = 'front'",
    };
    for (const auto* sql : changes) {
        CAPTURE(sql);
        Fixture site;
        site.open();
        REQUIRE(site.put({lead("/a", "/b"), lead("/removed", "/x"), lead("/back", "/x")}));
        REQUIRE(site.put({forget("/removed"), forget("/back")}));
        REQUIRE(site.put({lead("/back", "/y")}));
        REQUIRE(site.put_list("front", items({1})));
        site.close();
        CHECK(verify(site.folder.path()).empty());
        support::change_database(site.folder / "site.db", sql);
        CHECK_FALSE(verify(site.folder.path()).empty());
    }
}

}  // namespace site
