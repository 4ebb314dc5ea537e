// Long histories: what they may not cost, and what is kept beside the log for that.
#include <numeric>

#include "bus/log.hpp"
#include "database/database.hpp"
#include "event_json.hpp"
#include "event_store.hpp"
#include "fixture.hpp"
#include "news/verify.hpp"
#include "support/sqlite_file.hpp"
#include "version_store.hpp"

namespace news {

namespace {

using namespace std::chrono_literals;

std::string content_of(int version) {
    return std::to_string(version) + std::string(20000, 'x');
}

/// Makes versions 2 to `last` of an article, each with another content, as a busy author would.
void revise_often(Fixture& news, ArticleId id, int last) {
    for (int version = 2; version <= last; ++version) {
        Revision revision;
        revision.content = content_of(version);
        revision.title = "Title " + std::to_string(version);
        auto revised =
            base::run(news.instance->commands().revise(id, revision, news.command(version - 1)));
        REQUIRE(revised);
        news.clock.advance(1s);
    }
}

std::filesystem::path command_file(Fixture& news) {
    return news.folder / "news-sports.command.db";
}

}  // namespace

TEST_CASE("an article has only so many bytes of history, and can be taken down beyond them",
          "[news]") {
    Fixture news;
    news.close();
    news.config.stream_bytes_max = 100000;
    news.open();
    auto id = news.create("Title 1").id;
    // Given an article that has nearly all the history that one may have, a start ago.
    revise_often(news, id, 5);
    news.close();
    support::change_database(command_file(news), "delete from article_states");
    support::change_database(command_file(news), "delete from states_filled");
    news.open();
    auto& again = news.instance->commands();

    Revision revision;
    revision.content = content_of(6);
    auto refused = base::run(again.revise(id, revision, news.command(5)));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == base::Reason::conflict);
    CHECK(refused.error().code == "article_history_full");
    CHECK(refused.error().message.find("news.stream_bytes_max") != std::string::npos);
    auto restored = base::run(again.restore(id, 2, news.command()));
    REQUIRE_FALSE(restored);
    CHECK(restored.error().code == "article_history_full");
    // What still fits is taken, until nothing does.
    Revision small;
    small.title = "Small";
    CHECK(base::run(again.revise(id, small, news.command(5))));

    // Others are not concerned, and it can be taken from readers.
    CHECK(base::run(again.create({"Another", "", content_of(1), "Ann", {}}, news.command())));
    news.close();
    news.config.stream_bytes_max = 64 * 1024;
    news.open();
    auto& full = news.instance->commands();
    auto taken_back = base::run(full.unpublish(id, news.command()));
    REQUIRE(taken_back);
    auto published = base::run(full.publish(id, std::nullopt, news.command()));
    REQUIRE_FALSE(published);
    CHECK(published.error().code == "article_history_full");
    CHECK(base::run(full.remove(id, news.command())));
    news.close();
    auto report = verify(news.folder.path(), "sports", [](std::int64_t, std::int64_t) {});
    CHECK(report.problems.empty());
}

TEST_CASE("an article with a long history can be changed, read at any version, and taken down",
          "[news]") {
    Fixture news;
    auto created = news.create("Title 1");
    auto id = created.id;
    news.clock.advance(1s);
    revise_often(news, id, 65);
    const auto& queries = news.instance->queries();
    auto& commands = news.instance->commands();

    for (Version version : {1, 2, 19, 20, 21, 40, 59, 65}) {
        auto then = base::run(queries.version(id, version, news.editor()));
        REQUIRE(then);
        CHECK(then->title == "Title " + std::to_string(version));
        CHECK(then->version == version);
        if (version > 1) CHECK(then->content == content_of(static_cast<int>(version)));
        auto same = base::run(queries.as_of(id, then->updated_at, news.editor()));
        REQUIRE(same);
        CHECK(*same == *then);
    }
    CHECK_FALSE(base::run(queries.as_of(id, created.created_at - 1s, news.editor())));

    auto unpublished = base::run(commands.unpublish(id, news.command()));
    REQUIRE(unpublished);
    CHECK(unpublished->content == content_of(65));
    auto published = base::run(commands.publish(id, std::nullopt, news.command()));
    REQUIRE(published);
    CHECK(published->content == content_of(65));
    auto removed = base::run(commands.remove(id, news.command()));
    REQUIRE(removed);
    CHECK(*removed == 68);
    auto restored = base::run(commands.restore(id, 30, news.command()));
    REQUIRE(restored);
    CHECK(restored->content == content_of(30));
    CHECK(restored->version == 69);

    auto report = verify(news.folder.path(), "sports", [](std::int64_t, std::int64_t) {});
    CHECK(report.problems == std::vector<std::string>{});
}

TEST_CASE("publish, unpublish and remove do not read what they do not need", "[news]") {
    Fixture news;
    auto id = news.create("Title 1").id;
    revise_often(news, id, 45);
    news.close();
    {
        // Older bodies that cannot be read any more would be met by whoever reads them.
        auto file = command_file(news);
        support::change_database(file, "drop trigger events_are_not_changed");
        support::change_database(file, "update events set body = '{damaged' where version < 45");
    }
    news.open();

    CHECK(base::run(news.instance->commands().unpublish(id, news.command())));
    CHECK(base::run(news.instance->commands().publish(id, std::nullopt, news.command())));
    CHECK(base::run(news.instance->commands().remove(id, news.command())));
}

TEST_CASE("a removal does not need the newest content either", "[news]") {
    Fixture news;
    auto id = news.create("Title 1").id;
    revise_often(news, id, 3);
    news.close();
    {
        auto file = command_file(news);
        support::change_database(file, "drop trigger events_are_not_changed");
        support::change_database(file, "update events set body = '{damaged'");
    }
    news.open();

    CHECK(base::run(news.instance->commands().remove(id, news.command())));
}

TEST_CASE("the past of a foreign draft is as little looked at as that of nothing", "[news]") {
    Fixture news;
    NewArticle article{"Draft", "", "Content", "Ann", {}, true};
    auto draft = base::run(news.instance->commands().create(article, news.command()));
    REQUIRE(draft);
    news.close();
    {
        // Whoever reads the draft to find out whose it is, needs longer for it, or breaks here.
        auto file = command_file(news);
        support::change_database(file, "drop trigger events_are_not_changed");
        support::change_database(file, "update events set body = '{damaged'");
    }
    news.open();
    base::Context other;
    other.actor = {8, base::Role::author};
    const auto& queries = news.instance->queries();

    for (ArticleId id : {draft->id, ArticleId(1)}) {
        CHECK(base::run(queries.history(id, {}, other)).error().code == "news_not_found");
        CHECK(base::run(queries.version(id, 1, other)).error().code == "news_not_found");
        CHECK(base::run(queries.as_of(id, news.clock.now(), other)).error().code ==
              "news_not_found");
    }
}

TEST_CASE("the states beside the log are few, and made again when they are gone", "[news]") {
    Fixture news;
    auto id = news.create("Title 1").id;
    news.create("Once");
    revise_often(news, id, 45);
    news.close();
    {
        auto file = command_file(news);
        CHECK(support::number_from_database(file, "select count(*) from article_states") ==
              3);  // 20, 40 and 45
        support::change_database(file, "delete from article_states");
        support::change_database(file, "delete from states_filled");
    }
    news.open();
    CHECK(base::run(news.instance->queries().version(id, 44, news.editor()))->title == "Title 44");
    news.close();
    {
        auto file = command_file(news);
        CHECK(support::number_from_database(file, "select count(*) from article_states") == 3);
        // Gone without a word: slower, and right all the same.
        support::change_database(file, "delete from article_states");
    }
    news.open();
    Revision revision;
    revision.title = "After";
    auto revised = base::run(news.instance->commands().revise(id, revision, news.command(45)));
    REQUIRE(revised);
    CHECK(revised->content == content_of(45));
    CHECK(revised->version == 46);
    auto report = verify(news.folder.path(), "sports", [](std::int64_t, std::int64_t) {});
    CHECK(report.problems == std::vector<std::string>{});
}

TEST_CASE("verify sees a state that is not what the log says", "[news]") {
    Fixture news;
    auto id = news.create("Title 1").id;
    revise_often(news, id, 3);
    news.close();
    support::change_database(command_file(news), "update article_states set title = 'Forged'");

    auto report = verify(news.folder.path(), "sports", [](std::int64_t, std::int64_t) {});

    REQUIRE(report.problems.size() == 1);
    CHECK_THAT(report.problems[0], Catch::Contains("at version 3"));
}

TEST_CASE("a small history is told whole, a large one without content unless it is asked for",
          "[news]") {
    Fixture news;
    auto small = news.create("Small").id;
    Revision revision;
    revision.content = "Other";
    REQUIRE(base::run(news.instance->commands().revise(small, revision, news.command(1))));
    const auto& queries = news.instance->queries();
    auto told = base::run(queries.history(small, {}, news.editor()));
    REQUIRE(told);
    REQUIRE(told->entries[1].changes.size() == 1);
    CHECK(told->entries[1].changes[0].member == "content");
    CHECK(told->entries[1].changes[0].before == "\"Content\"");
    CHECK(told->entries[1].changes[0].after == "\"Other\"");
    CHECK_FALSE(told->entries[1].content_left_out);

    auto large = news.create("Title 1").id;
    revise_often(news, large, 30);
    auto bytes = [](const HistoryPage& page) {
        std::size_t sum = 0;
        for (const auto& entry : page.entries) {
            for (const auto& change : entry.changes) {
                sum += change.before.size() + change.after.size();
            }
        }
        return sum;
    };
    auto unasked = base::run(queries.history(large, {}, news.editor()));
    REQUIRE(unasked);
    CHECK(unasked->entries.size() == 30);
    CHECK(bytes(*unasked) < 10000);
    for (const auto& entry : unasked->entries) CHECK(entry.content_left_out);

    HistoryQuestion with_content;
    with_content.content = true;
    with_content.after = 10;
    with_content.limit = 5;
    auto asked = base::run(queries.history(large, with_content, news.editor()));
    REQUIRE(asked);
    REQUIRE(asked->entries.size() == 5);
    CHECK(asked->next == 15);
    CHECK(asked->entries[0].changes.back().before == "\"" + content_of(10) + "\"");
    CHECK(asked->entries[0].changes.back().after == "\"" + content_of(11) + "\"");

    HistoryQuestion without;
    without.content = false;
    CHECK(base::run(queries.history(small, without, news.editor()))->entries[1].content_left_out);
}

TEST_CASE("a part of a history is no larger than it may be", "[news]") {
    Fixture news;
    auto id = news.create("Title 1").id;
    for (Version version = 1; version <= 14; ++version) {
        Revision revision;
        revision.content = std::to_string(version) + std::string(199000, 'y');
        REQUIRE(base::run(news.instance->commands().revise(id, revision, news.command(version))));
    }
    HistoryQuestion question;
    question.content = true;
    std::vector<Version> seen;
    int parts = 0;
    for (bool more = true; more; ++parts) {
        auto page = base::run(news.instance->queries().history(id, question, news.editor()));
        REQUIRE(page);
        REQUIRE_FALSE(page->entries.empty());
        for (const auto& entry : page->entries) seen.push_back(entry.version);
        more = page->next.has_value();
        question.after = page->next.value_or(0);
    }
    std::vector<Version> all(15);
    std::iota(all.begin(), all.end(), 1);
    CHECK(seen == all);
    CHECK(parts > 1);
}

TEST_CASE("what is published at once is not published before it was created", "[news]") {
    Fixture news;
    auto created = news.create();
    CHECK(created.published_at ==
          std::chrono::floor<std::chrono::milliseconds>(created.created_at));
    // Also when the clock has been set back in between.
    news.clock.advance(-5min);
    auto second = news.create();
    CHECK(second.published_at >= std::chrono::floor<std::chrono::milliseconds>(second.created_at));
    CHECK(base::run(news.instance->queries().article(second.id, {}))->published_at ==
          second.published_at);
}

TEST_CASE("an article may be of any year from 1 to 9999, and lists keep its place", "[news]") {
    Fixture news;
    auto dated = [&](const char* title, const char* time) {
        NewArticle article{title, "", "Content", "Ann", {"old"}};
        article.published_at = base::parse_rfc3339(time);
        REQUIRE(article.published_at);
        auto created = base::run(news.instance->commands().create(article, news.command()));
        REQUIRE(created);
        CHECK(base::to_rfc3339(*created->published_at) == time);
    };
    dated("1923", "1923-05-04T00:00:00.000Z");
    dated("1", "0001-01-01T00:00:00.000Z");
    dated("2020", "2020-01-01T00:00:00.000Z");
    dated("1969", "1969-12-31T23:59:59.999Z");
    CHECK(news.titles(1, 10) == std::vector<std::string>{"2020", "1969", "1923", "1"});

    std::vector<std::string> walked;
    std::optional<ListCursor> after;
    for (;;) {
        auto part = *base::run(news.instance->queries().tagged("old", after, 1, {}));
        if (part.empty()) break;
        walked.push_back(part[0].title);
        after = ListCursor{*part[0].published_at, part[0].id, part[0].news_type};
    }
    CHECK(walked == std::vector<std::string>{"2020", "1969", "1923", "1"});
}

TEST_CASE("an answered call is remembered across the move to another table", "[news]") {
    Fixture news;
    auto command = news.command();
    command.idempotency_key = IdempotencyKey{"7", "POST /v1/news/sports", "key", "hash"};
    NewArticle article{"Title", "", "Content", "Ann", {}};
    auto first = base::run(news.instance->commands().create(article, command));
    REQUIRE(first);
    news.close();
    {
        // As the version before this one has left it.
        auto file = command_file(news);
        support::change_database(
            file,
            "create table answered_calls (caller text not null, route text not null, key text not"
            " null, body_hash text not null, stream integer not null, version integer not null,"
            " recorded_at integer not null, primary key (caller, route, key)) strict, without"
            " rowid");
        support::change_database(
            file,
            "insert into answered_calls select caller, route, key, body_hash, stream, version,"
            " recorded_at from calls");
        support::change_database(file, "drop table calls");
        support::change_database(file, "drop table article_states");
        support::change_database(file, "drop table states_filled");
        support::change_database(file, "alter table sources drop column item_hash");
        support::change_database(
            file,
            "delete from schema_migrations where set_name = 'bus_calls' or (set_name ="
            " 'news_command' and name <> '0001_create_idempotency')");
    }
    news.open();

    auto again = base::run(news.instance->commands().create(article, command));

    REQUIRE(again);
    CHECK(again->id == first->id);
    news.close();
    auto file = command_file(news);
    CHECK(support::number_from_database(
              file, "select count(*) from sqlite_schema where name = 'answered_calls'") == 0);
}

TEST_CASE("an event that is not what was recorded is not shown, and nothing else is refused",
          "[news]") {
    Fixture news;
    auto id = news.create("Changed").id;
    auto other = news.create("Another").id;
    revise_often(news, id, 4);
    news.close();
    support::change_database(command_file(news),
                             "drop trigger events_are_not_changed;"
                             " update events set body = replace(body, 'Title 3', 'Title 8')"
                             " where version = 3");
    news.open();
    const auto& queries = news.instance->queries();

    auto history = base::run(queries.history(id, {}, news.editor()));
    auto version = base::run(queries.version(id, 3, news.editor()));
    auto then = base::run(queries.as_of(id, news.clock.now() - 1500ms, news.editor()));
    auto restored = base::run(news.instance->commands().restore(id, 3, news.command(4)));

    for (const auto& refused :
         {history ? base::Error{} : history.error(), version ? base::Error{} : version.error(),
          then ? base::Error{} : then.error(), restored ? base::Error{} : restored.error()}) {
        CHECK(refused.reason == base::Reason::unavailable);
        CHECK(refused.code == "news_damaged");
    }
    CHECK(base::run(queries.version(id, 2, news.editor())));
    CHECK(base::run(queries.version(id, 4, news.editor())));
    CHECK(base::run(queries.history(other, {}, news.editor())));
    CHECK(base::run(queries.article(id, news.editor())));
}

}  // namespace news
