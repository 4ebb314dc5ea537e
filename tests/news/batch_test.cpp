// Several commands in one transaction, on a real store.
#include "news/batch.hpp"
#include "batch_rules.hpp"
#include "fixture.hpp"
#include "support/sqlite_file.hpp"

namespace news {

namespace {

using Articles = std::vector<Article>;

NewArticle titled(const std::string& title) {
    return {title, "", "Content", "Ann", {"cup"}};
}
Command by(std::int64_t user, base::Role role = base::Role::author) {
    Command command;
    command.context.actor = {user, role};
    command.context.request_id = "test";
    return command;
}
base::Result<Articles> run(Fixture& news, std::vector<BatchCommand> batch, Command command) {
    return base::run(news.instance->commands().batch(std::move(batch), std::move(command)));
}
std::int64_t head(Fixture& news) {
    return news.instance->feed().head().value();
}

}  // namespace

TEST_CASE("a batch is done as a whole, each command on what the one before has left", "[news]") {
    Fixture news;
    auto first = run(news, {CreateInBatch{titled("One")}, CreateInBatch{titled("One")}}, by(7));
    REQUIRE(first);
    REQUIRE(first->size() == 2);
    CHECK(first->at(0).slug == "one");
    CHECK(first->at(1).slug == "one-2");
    auto id = first->at(0).id;
    auto other = first->at(1).id;

    Revision title;
    title.title = "Two";
    Revision again;
    again.title = "Three";
    auto before = head(news);
    auto done =
        run(news,
            {ReviseInBatch{id, title, Expected{{1}}}, UnpublishInBatch{id, Expected{{2}}},
             ReviseInBatch{id, again, Expected{{3}}}, PublishInBatch{id}, RemoveInBatch{other}},
            by(9, base::Role::editor));
    REQUIRE(done);
    CHECK(head(news) == before + 5);
    CHECK(done->at(0).title == "Two");
    CHECK(done->at(0).version == 2);
    CHECK(done->at(1).status == Status::draft);
    CHECK(done->at(3).title == "Three");
    CHECK(done->at(3).status == Status::published);
    CHECK(done->at(3).version == 5);
    CHECK(done->at(3).content == "Content");
    CHECK(done->at(4).status == Status::removed);
    auto read = base::run(news.instance->queries().article(id, {}));
    REQUIRE(read);
    CHECK(read->title == "Three");
}

TEST_CASE("a batch of which one command is refused changes nothing, and says which", "[news]") {
    Fixture news;
    auto made = run(news, {CreateInBatch{titled("One")}}, by(7));
    REQUIRE(made);
    auto id = made->front().id;
    auto before = head(news);
    Revision title;
    title.title = "Two";
    Revision empty;
    empty.title = "";
    struct Case {
        std::vector<BatchCommand> batch;
        const char* code;
        const char* field;
        std::int64_t user = 7;
    };
    for (const auto& [batch, code, field, user] : std::initializer_list<Case>{
             {{CreateInBatch{titled("Two")}, CreateInBatch{titled("")}},
              "invalid_news",
              "commands[1].title"},
             {{ReviseInBatch{id, title, Expected{{1}}}, ReviseInBatch{id, empty, Expected{{2}}}},
              "invalid_news",
              "commands[1].title"},
             {{ReviseInBatch{id, title, Expected{{1}}}, ReviseInBatch{id, title, Expected{{1}}}},
              "version_conflict",
              "commands[1]"},
             {{CreateInBatch{titled("Two")}, PublishInBatch{id}},
              "already_published",
              "commands[1]"},
             {{CreateInBatch{titled("Two")}, UnpublishInBatch{id}}, "forbidden", "commands[1]", 8},
             {{UnpublishInBatch{id}, UnpublishInBatch{id}}, "not_published", "commands[1]"},
             {{PublishInBatch{id + 1}}, "news_not_found", "commands[0]"}}) {
        INFO(code << ' ' << field);
        auto refused = run(news, batch, by(user));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == code);
        REQUIRE_FALSE(refused.error().details.empty());
        CHECK(refused.error().details.front().field == field);
        CHECK(head(news) == before);
    }
    CHECK(run(news, {}, by(7)).error().code == "invalid_batch");
    std::vector<BatchCommand> many(101, CreateInBatch{titled("x")});
    CHECK(run(news, many, by(7)).error().code == "invalid_batch");
    CHECK(head(news) == before);
}

TEST_CASE("a batch that comes again with its key is answered as before", "[news]") {
    Fixture news;
    auto command = by(7);
    command.idempotency_key = IdempotencyKey{"ann", "batch", "key", "hash"};
    std::vector<BatchCommand> batch{CreateInBatch{titled("One")}, CreateInBatch{titled("Two")}};
    auto first = run(news, batch, command);
    REQUIRE(first);
    auto before = head(news);
    auto second = run(news, batch, command);
    REQUIRE(second);
    CHECK(*second == *first);
    CHECK(head(news) == before);
    command.idempotency_key->body_hash = "another";
    CHECK(run(news, batch, command).error().code == "idempotency_key_reused");
}

TEST_CASE("a batch that comes again is answered as before, though it would not be taken now",
          "[news]") {
    Fixture news;
    auto command = by(7);
    command.idempotency_key = IdempotencyKey{"ann", "batch", "key", "hash"};
    auto article = titled("One");
    article.expires_at = news.clock.now() + std::chrono::hours(1);
    auto first = run(news, {CreateInBatch{article}}, command);
    REQUIRE(first);
    news.pass(std::chrono::hours(2));
    auto second = run(news, {CreateInBatch{article}}, command);
    REQUIRE(second);
    CHECK(*second == *first);
    command.idempotency_key->key = "another";
    CHECK(run(news, {CreateInBatch{article}}, command).error().code == "invalid_news");
}

TEST_CASE("a batch whose answer would be too large is refused as a whole", "[news]") {
    Fixture news;
    auto large = titled("Large");
    large.content.clear();
    for (int i = 0; i < 199000; ++i) large.content += "\U0001F4F0";
    auto made = run(news, {CreateInBatch{large}, CreateInBatch{large}}, by(7));
    REQUIRE(made);
    std::vector<BatchCommand> again;
    while (again.size() * large.content.size() <= batch_content_bytes_max) {
        for (const auto& article : *made) again.emplace_back(UnpublishInBatch{article.id});
        for (const auto& article : *made) again.emplace_back(PublishInBatch{article.id});
    }
    auto before = head(news);
    auto refused = run(news, again, by(7));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "invalid_batch");
    CHECK(head(news) == before);
    again.resize(again.size() - 4);
    CHECK(run(news, again, by(7)));
}

TEST_CASE("a batch with a damaged item is refused, and nothing else is", "[news]") {
    Fixture news;
    auto made = run(news, {CreateInBatch{titled("Damaged")}, CreateInBatch{titled("Good")}}, by(7));
    REQUIRE(made);
    auto damaged = made->at(0).id;
    auto good = made->at(1).id;
    news.close();
    support::change_database(news.folder.path() / "news-sports.command.db",
                             "drop trigger events_are_not_changed;"
                             " update events set body = replace(body, 'Content', 'Contents')"
                             " where body like '%Damaged%'");
    news.open();
    auto before = head(news);
    auto refused = run(news, {UnpublishInBatch{good}, UnpublishInBatch{damaged}}, by(7));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "news_damaged");
    CHECK(refused.error().details.front().field == "commands[1]");
    CHECK(head(news) == before);
    CHECK(run(news, {UnpublishInBatch{good}}, by(7)));
}

TEST_CASE("what a batch has made is read as it was written", "[news]") {
    for (const auto& made : std::vector<std::vector<MadeInBatch>>{
             {}, {{1, 2}}, {{9007199254740991, 1}, {5, 70}, {0, 0}}}) {
        CHECK(made_in(text_of(made)) == made);
    }
    CHECK(text_of({{1, 2}, {3, 4}}) == "[[1,2],[3,4]]");
}

}  // namespace news
