#include <filesystem>
#include <fstream>

#include "database/store_file.hpp"
#include "document_store.hpp"
#include "fixture.hpp"
#include "support/faulty_file_system.hpp"
#include "support/sqlite_file.hpp"

namespace search {

namespace {

int status_of(Fixture& it, const std::string& query) {
    return it.ask("/v1/search" + query).status;
}

std::string error_of(Fixture& it, const std::string& query) {
    auto answer = it.ask("/v1/search" + query);
    return nlohmann::json::parse(std::get<std::string>(answer.body)).value("error", "");
}

void write_some(Fixture& it) {
    it.write({1, "The cup final", "Runners were running to the stadium."});
    it.write({2, "A house for sale", "Nobody wins a cup here.", "2026-06-04T10:00:00Z"});
    it.write({.id = 3,
              .title = "Elections",
              .content = "The final count.",
              .published_at = "2026-07-01T00:00:00Z",
              .tags = {"Vote", "New York"},
              .author = "Bob",
              .type = "politics"});
}

/// What the store has, in an order that does not depend on how it came there.
std::vector<std::string> words_in_store(const Fixture& it) {
    database::StoreReader store(Module::stores(it.config, it.folder.path()).front());
    std::vector<std::string> all;
    auto& transaction = store.refresh();
    auto words = transaction.prepare("select word, documents from words order by word");
    while (words.step()) {
        all.push_back(std::string(words.text(0)) + ' ' + std::to_string(words.integer(1)));
    }
    auto documents = transaction.prepare(
        "select d.place, t.title, d.version from documents d join texts t on t.place = d.place"
        " order by d.news_type, d.article");
    while (documents.step()) {
        all.push_back(std::to_string(documents.integer(0)) + ' ' + std::string(documents.text(1)) +
                      ' ' + std::to_string(documents.integer(2)));
    }
    return all;
}

}  // namespace

TEST_CASE("articles are found by their words, phrases, and without others") {
    Fixture it;
    write_some(it);
    CHECK(it.ids("q=cup+") == "1 2");
    CHECK(it.ids("q=cup&sort=newest") == "2 1");
    CHECK(it.ids("q=final+count+") == "3");
    CHECK(it.ids("q=%22cup+final%22") == "1");
    CHECK(it.ids("q=%22final+cup%22") == "");
    CHECK(it.ids("q=cup+-house") == "1");
    CHECK(it.ids("q=stad") == "1");
    CHECK(it.ids("q=stad+") == "");
    CHECK(it.ids("q=runs+") == "1");
    CHECK(it.ids("q=run+") == "1");
    CHECK(it.ids("q=-cup") == "");
    CHECK(it.ids("q=%21%21") == "");
    CHECK(it.ids("q=%22%27*+NEAR(+final+col:") == "");
    CHECK(it.ids("q=new+york+") == "3");
    CHECK(it.ids("q=bob") == "3");
}

TEST_CASE("an answer has the items of lists, with what was found, and facets") {
    Fixture it;
    write_some(it);
    auto answer = it.search("q=final");
    REQUIRE(answer.at("news").size() == 2);
    CHECK(answer.at("status") == "success");
    CHECK(answer.at("next").is_null());
    CHECK_FALSE(answer.contains("partial"));
    CHECK(answer.at("news")[0].at("highlight").at("title") == "The cup <mark>final</mark>");
    CHECK(answer.at("news")[1].at("highlight").at("snippet") == "The <mark>final</mark> count.");
    const auto& facets = answer.at("facets");
    CHECK(facets.at("type").dump() ==
          R"([{"count":1,"value":"politics"},{"count":1,"value":"sports"}])");
    CHECK(facets.at("tag").size() == 2);
    CHECK(facets.at("author").size() == 2);
    CHECK(facets.at("month")[0].at("value") == "2026-07");
}

TEST_CASE("a search is narrowed down by type, tag, byline, time and language") {
    Fixture it;
    write_some(it);
    CHECK(it.ids("q=final&type=sports") == "1");
    CHECK(it.ids("q=final&tag=New+York") == "3");
    CHECK(it.ids("q=final&tag=york") == "");
    CHECK(it.ids("q=final&author=Bob") == "3");
    CHECK(it.ids("q=cup&from=2026-06-04") == "2");
    CHECK(it.ids("q=cup&to=2026-05-04") == "1");
    CHECK(it.ids("q=cup&to=2026-05-04T10:20:30.122Z") == "");
    CHECK(it.ids("q=cup&language=en") == "1 2");
    CHECK(it.ids("q=cup&language=de") == "");
    it.happens(1, "article_revised.v1", {{"language", "de-AT"}, {"content", "Alte Häuser"}});
    CHECK(it.ids("q=haus&language=de") == "1");
    CHECK(it.ids("q=cup&language=en") == "2");
}

TEST_CASE("what is asked in another form is refused") {
    Fixture it;
    CHECK(error_of(it, "") == "malformed_q");
    CHECK(error_of(it, "?q=") == "malformed_q");
    CHECK(error_of(it, "?q=a%00b") == "malformed_q");
    CHECK(error_of(it, "?q=%ff") == "malformed_q");
    CHECK(status_of(it, "?q=" + std::string(256, 'a')) == 200);
    CHECK(error_of(it, "?q=" + std::string(257, 'a')) == "malformed_q");
    CHECK(error_of(it, "?q=1+2+3+4+5+6+7+8+9+10+11+12+13+14+15+16+17") == "malformed_q");
    CHECK(error_of(it, "?q=a&type=cooking") == "malformed_type");
    CHECK(error_of(it, "?q=a&from=yesterday") == "malformed_from");
    CHECK(error_of(it, "?q=a&to=2026-13-01") == "malformed_to");
    CHECK(error_of(it, "?q=a&language=English") == "malformed_language");
    CHECK(error_of(it, "?q=a&sort=oldest") == "malformed_sort");
    CHECK(error_of(it, "?q=a&limit=101") == "malformed_limit");
    CHECK(error_of(it, "?q=a&cursor=x") == "malformed_cursor");
    CHECK(status_of(it, "?q=a&limit=0") == 400);
}

TEST_CASE("each order leads on from part to part, and gives everything once") {
    Fixture it;
    for (int i = 1; i <= 12; ++i) {
        it.write({i, "A cup " + std::to_string(i), "Text.",
                  "2026-05-" + std::to_string(10 + i / 3) + "T00:00:00Z"});
    }
    for (const char* sort : {"newest", "relevance"}) {
        CAPTURE(sort);
        std::string query = std::string("q=cup&limit=5&sort=") + sort;
        std::set<std::int64_t> seen;
        std::string cursor;
        int parts = 0;
        do {
            auto answer = it.search(query + (cursor.empty() ? "" : "&cursor=" + cursor));
            CHECK(answer.contains("facets") == cursor.empty());
            for (const auto& item : answer.at("news")) {
                CHECK(seen.insert(item.at("id").get<std::int64_t>()).second);
            }
            // What is new meanwhile comes with the next search.
            it.write({100 + parts, "A new cup", "Text.", "2026-06-01T00:00:00Z"});
            cursor = answer.at("next").is_null() ? "" : answer.at("next").get<std::string>();
            ++parts;
        } while (!cursor.empty());
        CHECK(parts == 3);
        // The second time with those that were new the first time.
        CHECK(seen.size() == (std::string(sort) == "newest" ? 12 : 15));
    }
}

TEST_CASE("a draft is found by its author and by editors alone") {
    Fixture it;
    it.write({1, "A public cup"});
    it.write({.id = 2, .title = "A secret cup", .published_at = "", .owner = 7});
    it.write({.id = 3, .title = "Another secret cup", .published_at = "", .owner = 8});
    auto found_by = [&](base::Actor actor, bool drafts) {
        auto found = it.find({.text = "cup", .drafts = drafts}, actor);
        std::set<news::ArticleId> ids;
        for (const auto& hit : found.hits) ids.insert(hit.id);
        return ids;
    };
    using Ids = std::set<news::ArticleId>;
    CHECK(found_by({}, true) == Ids{1});
    CHECK(found_by({7, base::Role::reader}, true) == Ids{1});
    CHECK(found_by({7, base::Role::author}, true) == Ids{1, 2});
    CHECK(found_by({9, base::Role::editor}, true) == Ids{1, 2, 3});
    CHECK(found_by({9, base::Role::editor}, false) == Ids{1});
    CHECK(it.ids("q=cup") == "1");
    CHECK(it.search("q=secret").at("facets").at("author").empty());
}

TEST_CASE("what happens to an article changes what finds it") {
    Fixture it;
    it.write({1, "A cup"});
    it.happens(1, "article_revised.v1", {{"title", "A bowl"}});
    CHECK(it.ids("q=cup") == "");
    CHECK(it.ids("q=bowl") == "1");
    it.happens(1, "article_unpublished.v1");
    CHECK(it.ids("q=bowl") == "");
    it.happens(1, "article_published.v1", {{"published_at", "2026-05-05T00:00:00Z"}});
    CHECK(it.ids("q=bowl") == "1");
    CHECK(it.ids("q=bowl&from=2026-05-05") == "1");
    it.happens(1, "article_removed.v1");
    CHECK(it.ids("q=bowl") == "");
}

TEST_CASE("what is no more public when it is asked is left out, though the index has it") {
    Fixture it;
    write_some(it);
    news::Article draft;
    draft.id = 1;
    it.sports_queries.put(draft);
    CHECK(it.ids("q=cup") == "2");
}

TEST_CASE("what is killed, withdrawn or not yet out is not found") {
    Fixture it;
    it.write({1, "A cup"});
    it.write({2, "A cup"});
    it.write({3, "A cup"});
    it.write({.id = 4, .title = "A cup", .published_at = ""});
    it.happens(1, "article_killed.v1", {{"notice", "It was wrong."}});
    it.happens(2, "article_unpublished.v1");
    CHECK(it.ids("q=cup") == "3");
    auto answer = it.search("q=cup");
    CHECK(answer.at("facets").at("type").at(0).at("count") == 1);
    Question drafts{.text = "cup", .drafts = true};
    auto seen = it.find(drafts, {7, base::Role::editor});
    REQUIRE(seen.hits.size() == 3);
    for (const auto& hit : seen.hits) CHECK(hit.id != 1);
}

TEST_CASE("what is under embargo is not in anybody's index before its end") {
    Fixture it;
    it.write({.id = 1, .title = "A cup", .published_at = ""});
    auto found_by = [&](base::Actor actor, bool drafts) {
        return it.find({.text = "cup", .drafts = drafts}, actor).hits.size();
    };
    it.happens(
        1, "article_published.v1",
        {{"published_at", "2026-05-04T10:00:00Z"}, {"embargo_until", "2026-05-05T10:00:00Z"}});
    CHECK(found_by({}, false) == 0);
    CHECK(found_by({7, base::Role::reader}, true) == 0);
    CHECK(found_by({9, base::Role::editor}, true) == 1);
    it.happens(1, "article_embargo_ended.v1",
               {{"status", "published"}, {"published_at", "2026-05-05T10:00:00Z"}});
    CHECK(found_by({}, false) == 1);
}

TEST_CASE("a text that the item has no more is not shown in it") {
    Fixture it;
    it.write({1, "A cup of Mr Smith", "Mr Smith won."});
    auto shown = it.search("q=smith").at("news").at(0).at("highlight");
    CHECK(shown.at("snippet") == "Mr <mark>Smith</mark> won.");
    // Corrected, and not heard here yet.
    news::Article corrected;
    corrected.id = 1;
    corrected.version = 2;
    corrected.title = "A cup";
    corrected.status = news::Status::published;
    corrected.published_at = base::parse_rfc3339("2026-05-04T10:20:30.123Z");
    it.sports_queries.put(corrected);
    shown = it.search("q=smith").at("news").at(0).at("highlight");
    CHECK(shown == nlohmann::json{{"title", ""}, {"snippet", ""}});
}

TEST_CASE("words without spaces are found in phrases, and before other words") {
    Fixture it;
    it.write({1, "東京2020 Games"});
    it.write({2, "서울시 축구 경기"});
    CHECK(it.ids("q=%E6%9D%B1%E4%BA%AC2020") == "1");
    CHECK(it.ids("q=%22%EC%84%9C%EC%9A%B8%EC%8B%9C%20%EC%B6%95%EA%B5%AC%22") == "2");
    CHECK(it.ids("q=%22%EC%84%9C%EC%9A%B8%20%EC%B6%95%EA%B5%AC%22") == "");
}

TEST_CASE("words that begin with what is typed are looked for while they are not too frequent") {
    Fixture it;
    it.write({.id = 1, .title = "Storm"});
    it.write({.id = 2, .title = "Stormy"});
    it.write({.id = 3, .title = "Stormiest"});
    CHECK(it.ids("q=storm&sort=newest") == "3 2 1");
    CHECK(it.ids("q=stor&sort=newest") == "3 2 1");
    it.close();
    auto file = it.folder.path() / "search.db";
    auto are = [&](const char* word, int documents) {
        support::change_database(file, "update words set documents = " + std::to_string(documents) +
                                           " where word = '" + word + "'");
    };
    are("storm", 20'000);
    it.open();
    CHECK(it.ids("q=storm") == "1");
    // Nothing is there as it stands: then the most frequent one is looked for in any case.
    CHECK(it.ids("q=stor") == "1");
    it.close();
    are("stormy", 19'999);
    are("storm", 1);
    it.open();
    CHECK(it.ids("q=storm&sort=newest") == "2 1");
    CHECK(it.ids("q=storm+") == "1");
}

TEST_CASE("an article that comes back from the archive is found again, though the index is new") {
    Fixture it;
    it.write({1, "A cup"});
    it.write({2, "A bowl"});
    it.close();
    std::filesystem::remove(it.folder.path() / "search.db");
    it.sports.archive(1);
    it.open();
    CHECK(it.ids("q=cup") == "");
    // Heard before the feed shows the rest again, as it may be.
    it.happens(1, "article_revised.v1", {{"title", "A golden cup"}});
    CHECK(it.ids("q=golden") == "");
    it.sports.archive(1, false);
    for (int i = 0; i < 20; ++i) {
        it.clock.advance(std::chrono::seconds(1));
        it.settle();
    }
    CHECK(it.ids("q=golden") == "1");
    CHECK(it.ids("q=bowl") == "2");
}

TEST_CASE("an event that cannot be taken does not keep the index from being whole") {
    Fixture it;
    it.write({1, "A cup"});
    it.close();
    std::filesystem::remove(it.folder.path() / "search.db");
    it.sports.archive(1);
    it.sports.add(1, R"({"title": "A golden cup"})", "article_revised.v1");
    it.open();
    CHECK_FALSE(it.search("q=cup").contains("partial"));
}

TEST_CASE(
    "types that the configuration has no more are forgotten, and heard anew when they are back") {
    Fixture it;
    for (int i = 1; i <= 250; ++i) it.write({.id = i, .title = "A cup", .type = "politics"});
    it.write({1, "A cup"});
    it.close();
    it.has_politics = false;
    it.open();
    auto answer = it.search("q=cup");
    CHECK(answer.at("facets").at("type").size() == 1);
    CHECK(it.ids("q=cup&limit=100") == "1");
    it.close();
    it.has_politics = true;
    it.open();
    CHECK(it.search("q=cup&limit=100").at("news").size() == 100);
}

TEST_CASE("a type that is not whole is told to who has asked for it") {
    Fixture it;
    write_some(it);
    it.close();
    std::filesystem::remove(it.folder.path() / "search.db");
    it.politics.refuse(true);
    it.open();
    CHECK(it.search("q=cup").at("failed") == nlohmann::json{"politics"});
    CHECK_FALSE(it.search("q=cup&type=sports").contains("failed"));
    CHECK(it.search("q=cup&type=politics").at("failed") == nlohmann::json{"politics"});
}

TEST_CASE("the words of a removed article are gone from the file") {
    Fixture it;
    for (int i = 1; i <= 300; ++i) {
        it.write({i, "Article " + std::to_string(i), "words and zyxw" + std::to_string(i % 40)});
    }
    it.write({999, "Quetzalcoatlus", "The unmistakableword and others."});
    it.settle();
    it.happens(999, "article_removed.v1");
    // The purge looks every few seconds, and rests between its steps.
    for (int i = 0; i < 200; ++i) {
        it.clock.advance(std::chrono::seconds(1));
        it.settle();
    }
    it.close();
    auto bytes = it.bytes_of_store();
    CHECK(bytes.find("article") != bytes.npos);
    CHECK(bytes.find("nmistakableword") == bytes.npos);
    CHECK(bytes.find("uetzalcoatlus") == bytes.npos);
    it.open();
    CHECK(it.ids("q=words&limit=100").size() > 100);
}

TEST_CASE("the index is the same however it came to be") {
    Fixture it;
    write_some(it);
    it.happens(1, "article_revised.v1", {{"title", "A bowl"}, {"content", "Other words."}});
    it.happens(2, "article_unpublished.v1");
    it.write({4, "Removed soon"});
    it.happens(4, "article_removed.v1");
    it.close();
    auto kept = words_in_store(it);
    SECTION("a lost file is made anew") {
        std::filesystem::remove(it.folder.path() / "search.db");
    }
    SECTION("a damaged one, too") {
        std::ofstream(it.folder.path() / "search.db", std::ios::binary) << "this is no store";
    }
    SECTION("and one of another history") {
        it.sports.change_history();
    }
    SECTION("and one whose words were made for another language") {
        it.config.language = "de";
        it.open();
        it.close();
        CHECK(words_in_store(it) != kept);
        it.config.language = "en";
    }
    it.open();
    it.close();
    CHECK(words_in_store(it) == kept);
    it.open();
    CHECK(it.ids("q=bowl") == "1");
}

TEST_CASE("a store that fails while it serves is refused, and made anew when it can be") {
    support::FaultyFileSystem::install();
    Fixture it;
    write_some(it);
    support::take_away(it.folder.path() / "search.db");
    support::FaultyFileSystem::writes_until_full = 0;
    it.write({4, "Another cup"});
    auto refused = error_of(it, "?q=cup");
    int status = status_of(it, "?q=cup");
    it.clock.advance(std::chrono::minutes(1));
    it.settle();
    auto refused_later = error_of(it, "?q=cup");
    support::FaultyFileSystem::heal();
    CHECK(status == 503);
    CHECK(refused == "store_unreadable");
    CHECK(refused_later == "store_unreadable");
    for (int i = 0; i < 20; ++i) {
        it.clock.advance(std::chrono::seconds(1));
        it.settle();
    }
    CHECK(it.ids("q=cup&sort=newest") == "2 4 1");
    CHECK_FALSE(it.search("q=cup").contains("partial"));
}

TEST_CASE("an index of another language holds up no start, also without room for a new one") {
    support::FaultyFileSystem::install();
    Fixture it;
    write_some(it);
    it.close();
    it.config.language = "de";
    support::FaultyFileSystem::writes_until_full = 0;
    it.open();
    auto refused = error_of(it, "?q=cup");
    support::FaultyFileSystem::heal();
    CHECK(refused == "store_unreadable");
    for (int i = 0; i < 20; ++i) {
        it.clock.advance(std::chrono::seconds(1));
        it.settle();
    }
    CHECK(it.ids("q=cup+&sort=newest") == "2 1");
    CHECK_FALSE(it.search("q=cup").contains("partial"));
    it.close();
    it.open();
    CHECK(it.ids("q=cup+") == "1 2");
}

TEST_CASE("the index is whole in itself after many changes") {
    Fixture it;
    for (int i = 1; i <= 60; ++i) it.write({i, "Title " + std::to_string(i), "Häuser 東京 text"});
    for (int i = 1; i <= 60; i += 2) {
        it.happens(i, "article_revised.v1", {{"content", "running " + std::to_string(i)}});
    }
    for (int i = 1; i <= 60; i += 5) it.happens(i, "article_removed.v1");
    CHECK(it.ids("q=%E6%9D%B1%E4%BA%AC&limit=100").size() > 50);
    it.close();
    database::Options options;
    options.file = it.folder.path() / "search.db";
    options.name = "search";
    options.migrations = schema();
    auto opened = database::Database::open(options);
    REQUIRE(opened);
    auto work = [](database::Transaction& transaction) -> base::Result<std::int64_t> {
        entries().check(transaction);
        auto row = transaction.prepare("select count(*) from documents");
        row.step();
        return row.integer(0);
    };
    auto count = base::run((*opened)->write<std::int64_t>(base::Deadline(), 0, work));
    REQUIRE(count);
    CHECK(*count == 48);
}

}  // namespace search
