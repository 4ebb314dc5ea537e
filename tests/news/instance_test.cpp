#include "fixture.hpp"

#include <fstream>
#include <set>
#include <sstream>

#include "news/import.hpp"
#include "news/verify.hpp"
#include "support/catch.hpp"
#include "support/sqlite_file.hpp"

namespace news {

namespace {

using namespace std::chrono_literals;

}  // namespace

TEST_CASE("what is created can be read at once", "[news]") {
    Fixture news;
    auto created = news.create("First", {"x"});
    CHECK(created.version == 1);
    CHECK(created.news_type == "sports");
    auto read = base::run(news.instance->queries().article(created.id, {}));
    REQUIRE(read);
    CHECK(*read == created);
}

TEST_CASE("lists are newest first, page by page and by keyset", "[news]") {
    Fixture news;
    for (int i = 1; i <= 5; ++i) {
        news.create("n" + std::to_string(i), {"even " + std::to_string(i % 2)});
        news.clock.advance(1s);
    }
    CHECK(news.titles(1, 2) == std::vector<std::string>{"n5", "n4"});
    CHECK(news.titles(3, 2) == std::vector<std::string>{"n1"});
    CHECK(news.titles(4, 2).empty());

    std::optional<ListCursor> after;
    std::vector<std::string> walked;
    for (;;) {
        auto part = *base::run(news.instance->queries().list(after, 2, {}));
        if (part.empty()) break;
        for (const auto& article : part) walked.push_back(article.title);
        after = ListCursor{*part.back().published_at, part.back().id, part.back().news_type};
    }
    CHECK(walked == std::vector<std::string>{"n5", "n4", "n3", "n2", "n1"});

    auto tagged = *base::run(news.instance->queries().tagged("even 0", {}, 10, {}));
    REQUIRE(tagged.size() == 2);
    CHECK(tagged[0].title == "n4");
    auto rest = *base::run(news.instance->queries().tagged(
        "even 0", ListCursor{*tagged[0].published_at, tagged[0].id, "sports"}, 10, {}));
    REQUIRE(rest.size() == 1);
    CHECK(rest[0].title == "n2");
}

TEST_CASE("a stale revision is refused with the current version", "[news]") {
    Fixture news;
    auto created = news.create();
    Revision revision;
    revision.title = "Second";
    auto revised =
        base::run(news.instance->commands().revise(created.id, revision, news.command(1)));
    REQUIRE(revised);
    CHECK(revised->version == 2);
    auto stale = base::run(news.instance->commands().revise(created.id, revision, news.command(1)));
    REQUIRE_FALSE(stale);
    CHECK(stale.error().code == "version_conflict");
    CHECK(stale.error().current_version == 2);
    auto blind = base::run(news.instance->commands().revise(created.id, revision, news.command()));
    CHECK(blind.error().code == "precondition_required");
}

TEST_CASE("the same idempotency key gives the same answer, another body is refused", "[news]") {
    Fixture news;
    auto command = news.command();
    command.idempotency_key = IdempotencyKey{"7", "POST /v1/news/sports", "key-1", "hash-1"};
    NewArticle article{"Title", "", "Content", "Ann", {}};
    auto first = base::run(news.instance->commands().create(article, command));
    news.close();
    news.open();
    auto second = base::run(news.instance->commands().create(article, command));
    REQUIRE(first);
    REQUIRE(second);
    CHECK(*first == *second);
    CHECK(news.titles(1, 10).size() == 1);

    command.idempotency_key->body_hash = "hash-2";
    auto other = base::run(news.instance->commands().create(article, command));
    CHECK(other.error().code == "idempotency_key_reused");

    command.idempotency_key->body_hash = "hash-1";
    news.clock.advance(25h);
    auto forgotten = base::run(news.instance->commands().create(article, command));
    REQUIRE(forgotten);
    CHECK(forgotten->id != first->id);
}

TEST_CASE("a repeated revision gives its first answer although its version is stale by now",
          "[news]") {
    Fixture news;
    auto created = news.create();
    auto command = news.command(1);
    command.idempotency_key = IdempotencyKey{"7", "PUT /v1/news/sports", "key", "hash"};
    Revision revision;
    revision.title = "Second";
    auto first = base::run(news.instance->commands().revise(created.id, revision, command));
    revision.title = "Third";
    REQUIRE(base::run(news.instance->commands().revise(created.id, revision, news.command(2))));
    revision.title = "Second";
    auto again = base::run(news.instance->commands().revise(created.id, revision, command));
    REQUIRE(again);
    CHECK(*again == *first);
}

TEST_CASE("history, versions and states in time", "[news]") {
    Fixture news;
    auto created = news.create("One", {"t"});
    news.clock.advance(1min);
    Revision revision;
    revision.title = "Two";
    REQUIRE(base::run(news.instance->commands().revise(created.id, revision, news.command(1))));
    news.clock.advance(1min);
    REQUIRE(base::run(news.instance->commands().remove(created.id, news.command())));
    const auto& queries = news.instance->queries();
    CHECK_FALSE(base::run(queries.article(created.id, news.editor())));

    auto history = base::run(queries.history(created.id, {}, news.editor()));
    REQUIRE(history);
    const auto& entries = history->entries;
    REQUIRE(entries.size() == 3);
    CHECK_FALSE(history->next);
    CHECK(entries[1].type == "article_revised.v1");
    REQUIRE(entries[1].changes.size() == 1);
    CHECK(entries[1].changes[0].member == "title");
    CHECK(entries[1].changes[0].before == "\"One\"");
    CHECK(entries[1].changes[0].after == "\"Two\"");
    CHECK(entries[2].changes[0].member == "status");

    CHECK(base::run(queries.version(created.id, 1, news.editor()))->title == "One");
    CHECK(base::run(queries.version(created.id, 4, news.editor())).error().code ==
          "version_not_found");
    auto start = created.created_at;
    CHECK(base::run(queries.as_of(created.id, start, news.editor()))->title == "One");
    CHECK(base::run(queries.as_of(created.id, start + 61s, news.editor()))->title == "Two");
    CHECK(base::run(queries.as_of(created.id, start + 1h, news.editor()))->status ==
          Status::removed);
    CHECK_FALSE(base::run(queries.as_of(created.id, start - 1s, news.editor())));

    auto restored = base::run(news.instance->commands().restore(created.id, 1, news.command()));
    REQUIRE(restored);
    CHECK(restored->version == 4);
    CHECK(restored->title == "One");
    CHECK(restored->status == Status::published);
    CHECK(base::run(queries.article(created.id, {}))->version == 4);
}

TEST_CASE("a draft is for its author and editors", "[news]") {
    Fixture news;
    NewArticle article{"Draft", "", "Content", "Ann", {}, true};
    auto draft = *base::run(news.instance->commands().create(article, news.command()));
    const auto& queries = news.instance->queries();
    CHECK_FALSE(base::run(queries.article(draft.id, {})));
    CHECK(base::run(queries.article(draft.id, news.command().context)));
    CHECK(base::run(queries.article(draft.id, news.editor())));
    base::Context other;
    other.actor = {8, base::Role::author};
    CHECK_FALSE(base::run(queries.article(draft.id, other)));
    CHECK(news.titles(1, 10).empty());
}

TEST_CASE("scheduled news is published when its time has come, also after a stop", "[news]") {
    Fixture news;
    NewArticle article{"Soon", "", "Content", "Ann", {}};
    article.published_at = news.clock.now() + 1h;
    auto first = *base::run(news.instance->commands().create(article, news.command()));
    CHECK(first.status == Status::draft);
    news.pass(1h - 1s);
    CHECK_FALSE(base::run(news.instance->queries().article(first.id, {})));
    news.pass(1s);
    auto shown = base::run(news.instance->queries().article(first.id, {}));
    REQUIRE(shown);
    CHECK(shown->published_at == first.published_at);

    article.published_at = news.clock.now() + 1h;
    auto second = *base::run(news.instance->commands().create(article, news.command()));
    news.close();
    news.clock.advance(2h);
    news.open();
    news.come_round();
    CHECK(base::run(news.instance->queries().article(second.id, {})));
}

TEST_CASE("a generation changes with each change and with a rebuilt view", "[news]") {
    Fixture news;
    auto before = news.instance->queries().generation();
    news.create();
    auto after = news.instance->queries().generation();
    CHECK(after != before);
    REQUIRE(base::run(news.instance->rebuild([](std::int64_t, std::int64_t) {})));
    CHECK(news.instance->queries().generation() != after);
}

TEST_CASE("a rebuild while others write gives the same view, more than once", "[news]") {
    Fixture news;
    for (int i = 0; i < 50; ++i) news.create("n" + std::to_string(i), {"t"});
    std::atomic<bool> stop{false};
    std::thread writer([&] {
        while (!stop) {
            NewArticle article{"more", "", "Content", "Ann", {"t"}};
            base::run(news.instance->commands().create(article, news.command()));
        }
    });
    for (int round = 0; round < 3; ++round) {
        auto count = base::run(news.instance->rebuild([](std::int64_t, std::int64_t) {}));
        REQUIRE(count);
        CHECK(*count >= 50);
    }
    stop = true;
    writer.join();
    auto report = verify(news.folder.path(), "sports", [](std::int64_t, std::int64_t) {});
    CHECK(report.problems == std::vector<std::string>{});
    CHECK(report.articles >= 50);
}

TEST_CASE("verify sees a view that is not what the log says", "[news]") {
    Fixture news;
    auto first = news.create("One", {"t"});
    news.create("Two", {"t"});
    news.close();
    auto complain_after = [&](const std::string& sql) {
        support::change_database(news.folder / "news-sports.query.db", sql);
        return verify(news.folder.path(), "sports", [](std::int64_t, std::int64_t) {})
            .problems.size();
    };
    CHECK(complain_after("select 1") == 0);
    CHECK(complain_after("update articles_a set title = 'Forged' where id = " +
                         std::to_string(first.id)) == 1);
    CHECK(complain_after("delete from article_tags_a where id = " + std::to_string(first.id)) == 2);
    CHECK(complain_after("update article_counts set articles = 7 where state = 'draft'") == 3);
    CHECK(complain_after("update article_counts set articles = 0 where state = 'draft'") == 2);
    CHECK(complain_after("delete from articles_a where id = " + std::to_string(first.id)) == 3);
}

TEST_CASE("articles are counted as they change, also those of a view from before there were counts",
          "[news]") {
    Fixture news;
    auto counts = [&] { return *base::run(news.instance->queries().counts({})); };
    auto published = news.create("Published");
    auto removed = news.create("Removed");
    news.create("Stays");
    REQUIRE(base::run(news.instance->commands().remove(removed.id, news.command())));
    CHECK(counts() == StateCounts{0, 0, 2, 1});

    news.close();
    support::change_database(news.folder / "news-sports.query.db", "delete from article_counts");
    news.open();
    CHECK(counts() == StateCounts{0, 0, 2, 1});
    REQUIRE(base::run(news.instance->commands().unpublish(published.id, news.command())));
    CHECK(counts() == StateCounts{1, 0, 1, 1});

    REQUIRE(base::run(news.instance->rebuild([](std::int64_t, std::int64_t) {})));
    CHECK(counts() == StateCounts{1, 0, 1, 1});
    news.close();
    CHECK(verify(news.folder.path(), "sports", [](std::int64_t, std::int64_t) {}).problems.empty());
}

TEST_CASE("an import adds each item once, reports bad lines, and can be repeated", "[news]") {
    Fixture news;
    auto file = news.folder / "archive.jsonl";
    std::ofstream(file)
        << R"({"source_id":"a","news_type":"sports","title":"A","content":"C","author":"Ann","tags":[],"published_at":"2020-01-01T00:00:00Z"})"
           "\n"
        << R"({"source_id":"a","news_type":"sports","title":"A again","content":"C","author":"Ann"})"
           "\r\n"
        << "\n"
        << R"({"source_id":"b","news_type":"weather","title":"B","content":"C","author":"Ann"})"
           "\n"
        << "{no json\n"
        << R"({"news_type":"sports","title":"B","content":"C","author":"Ann"})"
           "\n"
        << R"({"source_id":"c","news_type":"sports","title":"","content":"C","author":"Ann"})"
           "\n"
        << R"({"source_id":"d","news_type":"sports","title":"D","content":"C","author":"Ann"})";
    std::map<std::string, Commands*> types{{"sports", &news.instance->commands()}};
    std::atomic<bool> stop{false};
    auto run = [&] {
        auto tell = [](const ImportReport&) {};
        return import_file(file, {}, news.folder.path(), types, news.config, "import", news.clock,
                           tell, stop);
    };
    auto report = run();
    REQUIRE(report);
    CHECK(report->lines == 7);
    CHECK(report->added == 2);
    CHECK(report->already_there == 0);
    CHECK(report->rejected == 5);
    CHECK(report->reasons == std::map<std::string, std::int64_t>{{"unknown_news_type", 1},
                                                                 {"duplicate_source_id", 1},
                                                                 {"malformed_json", 1},
                                                                 {"missing_source_id", 1},
                                                                 {"invalid_news", 1}});
    std::ifstream rejected(report->rejected_file);
    std::stringstream text;
    text << rejected.rdbuf();
    CHECK_THAT(text.str(), Catch::Contains(R"("line":4,"error":"unknown_news_type")"));
    CHECK_THAT(text.str(), Catch::Contains(R"("text":"{no json")"));

    auto again = run();
    REQUIRE(again);
    CHECK(again->added == 0);
    CHECK(again->already_there == 2);
    CHECK(again->updated == 0);
    REQUIRE(*base::run(news.instance->caught_up(10s)));
    CHECK(news.titles(1, 10) == std::vector<std::string>{"D", "A"});
}

TEST_CASE("what an open store refuses is said in one sentence", "[news]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    telemetry::Metrics metrics;
    base::Loop background;
    host::Environment environment{folder / "missing", clock, metrics, background.get_executor()};
    auto opened = Instance::open("sports", {}, environment);
    REQUIRE_FALSE(opened);
    CHECK_THAT(opened.error().message, Catch::Contains("news-sports.command.db"));
}

TEST_CASE("which words may be news types", "[news]") {
    for (const char* good : {"sports", "a", "world-news", "x1"}) CHECK(is_news_type(good));
    for (const char* bad : {"", "all", "tags", "search", "Sports", "1a", "-a", "a_b", "a/b", "ä",
                            "abcdefghijklmnopqrstuvwxyzabcdef"}) {
        CAPTURE(bad);
        CHECK_FALSE(is_news_type(bad));
    }
}

}  // namespace news
