// Slugs: how articles get theirs, keep them, and are found by them; and what imports bring beside.
#include "slug.hpp"

#include <nlohmann/json.hpp>

#include "article.hpp"
#include "event_store.hpp"
#include "fixture.hpp"
#include "news/article_json.hpp"
#include "news/verify.hpp"
#include "slug_store.hpp"
#include "support/sqlite_file.hpp"

namespace news {

namespace {

using nlohmann::json;

base::Result<Article> revise(Fixture& news, ArticleId id, Revision revision) {
    auto command = news.command();
    command.expected = Expected{{}, true};
    return base::run(news.instance->commands().revise(id, std::move(revision), command));
}

base::Result<Article> with_slug(Fixture& news, ArticleId id, const std::string& slug) {
    Revision revision;
    revision.slug = slug;
    return revise(news, id, std::move(revision));
}

std::vector<std::string> problems(Fixture& news) {
    return verify(news.folder.path(), "sports", [](std::int64_t, std::int64_t) {}).problems;
}

std::string fields_of(const base::Error& error) {
    std::string fields;
    for (const auto& problem : error.details) fields += problem.field + " ";
    return fields;
}

using LogChange = std::function<void(database::Transaction&, bus::Log&)>;

/// Into a log that no server has.
void change_log(const std::filesystem::path& file, const base::Clock& clock,
                const LogChange& change) {
    database::Options options;
    options.name = "log";
    options.file = file;
    options.migrations = command_schema();
    auto database = *database::Database::open(std::move(options));
    bus::Log log(*database, clock, "news-sports");
    auto work = [&](database::Transaction& transaction) -> base::Result<bool> {
        change(transaction, log);
        return true;
    };
    REQUIRE(base::run(database->write<bool>(base::Deadline(), 0, work)));
}

/// Two articles of one title, one of which has another since.
void write_old_log(const std::filesystem::path& file, const base::Clock& clock) {
    change_log(file, clock, [](database::Transaction& transaction, bus::Log& log) {
        const char* body =
            R"({"title":"Late goal","description":"","content":"C","author":"A","tags":[],)"
            R"("status":"published","published_at":"2026-03-01T12:00:00.123Z"})";
        for (ArticleId id : {71, 72}) {
            log.append(transaction, {id, 1, "article_created.v1", body, 7, "test"});
        }
        log.append(transaction,
                   {72, 2, "article_revised.v1", R"({"title":"Another title"})", 7, "test"});
    });
}

}  // namespace

TEST_CASE("a slug is made from the title, and a taken one gets a number", "[news]") {
    Fixture news;
    CHECK(news.create("Late goal!").slug == "late-goal");
    CHECK(news.create("Late goal").slug == "late-goal-2");
    for (int i = 3; i <= 20; ++i) {
        CHECK(news.create("LATE GOAL").slug == "late-goal-" + std::to_string(i));
    }
    CHECK(news.create("?!").slug == "news");
    NewArticle chosen{"Late goal", "", "Content", "Ann", {}};
    chosen.slug = "the-goal";
    auto created = base::run(news.instance->commands().create(chosen, news.command()));
    REQUIRE(created);
    CHECK(created->slug == "the-goal");
    CHECK(base::run(news.instance->queries().article(created->id, {}))->slug == "the-goal");
}

TEST_CASE("a slug that is another's, or was once, is refused, and one of its own comes back",
          "[news]") {
    Fixture news;
    auto first = news.create("First");
    auto second = news.create("Second");
    REQUIRE(with_slug(news, first.id, "premier"));

    for (const char* taken : {"first", "premier"}) {
        auto refused = with_slug(news, second.id, taken);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == "slug_taken");
        CHECK(refused.error().reason == base::Reason::conflict);
        NewArticle another{"Another", "", "Content", "Ann", {}};
        another.slug = taken;
        CHECK_FALSE(base::run(news.instance->commands().create(another, news.command())));
    }
    CHECK(news.create("First").slug == "first-2");
    auto back = with_slug(news, first.id, "first");
    REQUIRE(back);
    CHECK(back->slug == "first");
    CHECK(base::run(news.instance->queries().by_slug("premier", {}))->id == first.id);
    // A title that changes leaves the address as it is.
    Revision retitled;
    retitled.title = "Something else";
    CHECK(revise(news, first.id, retitled)->slug == "first");
    CHECK(revise(news, first.id, Revision{})->slug == "first");
    news.close();
    CHECK(problems(news).empty());
}

TEST_CASE("a slug that cannot stand in an address is refused", "[news]") {
    Fixture news;
    auto article = news.create("First");
    for (const auto& bad : {std::string(), std::string("a b"), std::string("a/b"),
                            std::string(201, 'a'), std::string("..")}) {
        CAPTURE(bad);
        auto refused = with_slug(news, article.id, bad);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == "invalid_news");
        CHECK(fields_of(refused.error()) == "slug ");
    }
}

TEST_CASE("a view that is made anew has the same slugs, earlier ones too", "[news]") {
    Fixture news;
    auto first = news.create("First");
    REQUIRE(with_slug(news, first.id, "premier"));
    news.create("First");

    REQUIRE(base::run(news.instance->rebuild([](std::int64_t, std::int64_t) {})));

    CHECK(base::run(news.instance->queries().by_slug("first", {}))->id == first.id);
    CHECK(base::run(news.instance->queries().by_slug("premier", {}))->id == first.id);
    CHECK(base::run(news.instance->queries().by_slug("first-2", {})));
    REQUIRE(base::run(news.instance->rebuild([](std::int64_t, std::int64_t) {})));
    CHECK(base::run(news.instance->queries().by_slug("first", {}))->id == first.id);
    news.close();
    CHECK(problems(news).empty());
    support::change_database(news.folder / "news-sports.query.db", "delete from article_slugs_a");
    CHECK(problems(news).size() == 1);
}

TEST_CASE("articles from before slugs get theirs from their first title and id", "[news]") {
    Fixture news;
    news.close();
    // As an older version has left them: their first events have no slug.
    write_old_log(news.folder / "news-sports.command.db", news.clock);
    news.open();
    REQUIRE(*base::run(news.instance->caught_up(std::chrono::seconds(10))));

    auto check_all = [&] {
        for (ArticleId id : {71, 72}) {
            auto slug = "late-goal-" + std::to_string(id);
            CHECK(base::run(news.instance->queries().by_slug(slug, {}))->id == id);
            CHECK(base::run(news.instance->queries().article(id, {}))->slug == slug);
            CHECK(base::run(news.instance->queries().version(id, 1, news.editor()))->slug == slug);
        }
    };
    check_all();
    CHECK(base::run(news.instance->queries().article(72, {}))->title == "Another title");
    auto fresh = news.create("Late goal");
    CHECK(fresh.slug == "late-goal");
    CHECK(with_slug(news, fresh.id, "late-goal-71").error().code == "slug_taken");
    CHECK(with_slug(news, fresh.id, "late-goal-73"));
    CHECK(with_slug(news, 71, "goal"));
    CHECK(base::run(news.instance->queries().by_slug("late-goal-71", {}))->id == 71);
    CHECK(with_slug(news, 71, "late-goal-71"));
    news.close();
    CHECK(problems(news).empty());

    // The view of such a version has no names for them. It is in the slot of one that was made
    // anew.
    support::change_database(news.folder / "news-sports.query.db", "delete from article_names_b");
    support::change_database(news.folder / "news-sports.query.db", "delete from names_filled");
    CHECK(problems(news).empty());
    news.open();
    check_all();
    news.close();
    CHECK(problems(news).empty());
    support::change_database(news.folder / "news-sports.query.db",
                             "update article_names_b set slug = 'another' where article = 71");
    CHECK(problems(news).size() == 1);
}

TEST_CASE("a first event that comes again changes nothing", "[news]") {
    Fixture news;
    auto article = news.create("First", {"x"});
    news.close();
    auto view = news.folder / "news-sports.query.db";
    // The cursor of before: the view hears the event once more.
    support::change_database(view, "update cursors set position = 0, hash = null");
    news.open();
    REQUIRE(*base::run(news.instance->caught_up(std::chrono::seconds(10))));
    CHECK(news.instance->parked() == 0);
    CHECK(news.titles(1, 10) == std::vector<std::string>{"First"});
    CHECK(base::run(news.instance->queries().counts(news.editor()))->published == 1);
}

TEST_CASE("an article keeps an object of the site's own, within limits", "[news]") {
    Fixture news;
    auto article = news.create("First");
    auto with_extra = [&](const json& extra) {
        auto revision = revision_from_json(json{{"extra", extra}});
        if (!revision) return base::Result<Article>(revision.error());
        return revise(news, article.id, std::move(*revision));
    };
    auto kept = with_extra({{"b", {1, 2}}, {"a", "é"}});
    REQUIRE(kept);
    CHECK(kept->extra == R"({"a":"é","b":[1,2]})");
    CHECK(with_extra({{"a", "é"}, {"b", {1, 2}}})->extra == kept->extra);
    CHECK(*base::run(news.instance->queries().article(article.id, {})) ==
          *with_extra(json::parse(kept->extra)));
    CHECK(with_extra(json::object())->extra.empty());

    CHECK(with_extra({{"a", std::string(20000, 'x')}}).error().code == "invalid_news");
    CHECK(with_extra("text").error().code == "malformed_news");
    json deep = json::object();
    for (int i = 1; i < 8; ++i) deep = json{{"a", deep}};
    CHECK(with_extra(deep));
    auto deeper = with_extra(json{{"a", deep}});
    REQUIRE_FALSE(deeper);
    CHECK(fields_of(deeper.error()) == "extra ");
}

TEST_CASE("an article and an imported one say what their content is written in", "[news]") {
    json body{{"title", "T"}, {"content", "<p>C"}, {"author", "A"}, {"content_format", "html"}};
    auto article = new_article_from_json(body);
    REQUIRE(article);
    CHECK(article->content_format == ContentFormat::html);
    body["content_format"] = "rtf";
    auto refused = new_article_from_json(body);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "invalid_news");
    CHECK(fields_of(refused.error()) == "content_format ");
    body["source_id"] = "1";
    CHECK_FALSE(imported_article_from_json(body));
    body["content_format"] = "markdown";
    auto imported = imported_article_from_json(body);
    REQUIRE(imported);
    CHECK(imported->content_format == ContentFormat::markdown);
}

TEST_CASE("an article from before slugs is named as the view has it, not as the log goes on",
          "[news]") {
    Fixture news;
    news.close();
    auto log = news.folder / "news-sports.command.db";
    auto view = news.folder / "news-sports.query.db";
    write_old_log(log, news.clock);
    news.open();
    REQUIRE(*base::run(news.instance->caught_up(std::chrono::seconds(10))));
    news.close();
    // The view is of an older version, and behind: its log says more.
    support::change_database(view, "delete from article_names_b; delete from names_filled");
    change_log(log, news.clock, [](database::Transaction& transaction, bus::Log& to) {
        to.append(transaction, {71, 2, "article_revised.v1", R"({"slug":"goal"})", 7, "test"});
        take_slug(transaction, "goal", 71);
    });

    news.open();
    REQUIRE(*base::run(news.instance->caught_up(std::chrono::seconds(10))));

    for (const char* slug : {"goal", "late-goal-71"}) {
        auto found = base::run(news.instance->queries().by_slug(slug, {}));
        REQUIRE(found);
        CHECK(found->id == 71);
    }
    CHECK(base::run(news.instance->queries().article(71, {}))->slug == "goal");
    news.close();
    CHECK(problems(news).empty());
}

TEST_CASE("verify tells of slugs that are taken and are nobody's, and of the reverse", "[news]") {
    Fixture news;
    auto first = news.create("First");
    REQUIRE(with_slug(news, first.id, "premier"));
    auto second = news.create("Second");
    news.close();
    auto log = news.folder / "news-sports.command.db";
    CHECK(problems(news).empty());

    support::change_database(log, "delete from article_slugs where slug = 'first'");
    REQUIRE(problems(news).size() == 1);
    CHECK(problems(news)[0].find("first") != std::string::npos);
    support::change_database(log, "insert into article_slugs (slug, stream) values ('first', " +
                                      std::to_string(first.id) + ")");
    CHECK(problems(news).empty());
    for (auto id : {second.id, second.id + 1}) {
        auto values = "('premier', " + std::to_string(id) + ")";
        support::change_database(log, "insert into article_slugs (slug, stream) values " + values);
        REQUIRE(problems(news).size() == 1);
        CHECK(problems(news)[0].find("premier") != std::string::npos);
        support::change_database(log, "delete from article_slugs where (slug, stream) = " + values);
    }
    CHECK(problems(news).empty());
}

}  // namespace news
