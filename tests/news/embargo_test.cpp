// Embargo, expiry and kill on real files: what readers see, over stops of the server, too.
#include "fixture.hpp"
#include "news/batch.hpp"
#include "news/import.hpp"
#include "news/verify.hpp"
#include "support/catch.hpp"
#include "support/sqlite_file.hpp"

namespace news {

namespace {

using namespace std::chrono_literals;

NewArticle timed(Fixture& news, std::optional<std::chrono::seconds> embargo,
                 std::optional<std::chrono::seconds> expiry) {
    NewArticle article{"Title", "", "Content", "Ann", {"tag"}};
    if (embargo) article.embargo_until = news.clock.now() + *embargo;
    if (expiry) article.expires_at = news.clock.now() + *expiry;
    return article;
}

Article create(Fixture& news, const NewArticle& article) {
    auto created = base::run(news.instance->commands().create(article, news.command()));
    REQUIRE(created);
    return *created;
}

void create_many(Fixture& news, int count, std::chrono::seconds embargo) {
    for (int done = 0; done < count; done += batch_commands_max) {
        CreateInBatch one{timed(news, embargo, std::nullopt)};
        auto size = std::min<std::size_t>(batch_commands_max, count - done);
        std::vector<BatchCommand> batch(size, one);
        REQUIRE(base::run(news.instance->commands().batch(std::move(batch), news.command())));
    }
}

/// All ways in which a reader could come by the only article; all of them or none.
bool is_seen(Fixture& news, const Article& article) {
    const auto& queries = news.instance->queries();
    std::vector<ArticleId> ids{article.id};
    std::vector<bool> ways{
        !news.titles(1, 10).empty(),
        !base::run(queries.list({}, 10, {}))->empty(),
        !base::run(queries.tagged("tag", {}, 10, {}))->empty(),
        !base::run(queries.several(ids, {}))->empty(),
        bool(base::run(queries.article(article.id, {}))),
    };
    auto seen = std::count(ways.begin(), ways.end(), true);
    CHECK((seen == 0 || seen == std::ssize(ways)));
    return seen > 0;
}

/// What is counted, and stands in places, changes with the event.
std::int64_t counted(Fixture& news) {
    const auto& queries = news.instance->queries();
    ListFilter tag{"tag", ""};
    auto all = *base::run(queries.count({}, {}));
    CHECK(*base::run(queries.count(tag, {})) == all);
    CHECK(std::ssize(*base::run(queries.places({}, {}))) == all);
    return all;
}

std::string last_event(Fixture& news, const Article& article) {
    return base::run(news.instance->queries().history(article.id, {}, news.editor()))
        ->entries.back()
        .type;
}

std::vector<std::string> faults(Fixture& news) {
    return verify(news.folder.path(), "sports", [](std::int64_t, std::int64_t) {}).problems;
}

}  // namespace

TEST_CASE("nobody but its author and editors sees an article under embargo, until an event ends it",
          "[news]") {
    Fixture news;
    auto article = create(news, timed(news, 3600s, std::nullopt));
    const auto& queries = news.instance->queries();
    CHECK(article.status == Status::published);
    CHECK_FALSE(is_seen(news, article));
    CHECK(counted(news) == 0);
    CHECK(base::run(queries.counts({}))->scheduled == 1);
    CHECK(base::run(queries.article(article.id, news.editor())));
    CHECK(base::run(queries.article(article.id, news.command().context)));
    base::Context other;
    other.actor = {8, base::Role::author};
    CHECK_FALSE(base::run(queries.article(article.id, other)));
    CHECK(base::run(queries.history(article.id, {}, other)).error().code == "news_not_found");

    news.pass(3599s);
    CHECK_FALSE(is_seen(news, article));
    news.pass(1s);
    CHECK(is_seen(news, article));
    CHECK(counted(news) == 1);
    CHECK(last_event(news, article) == "article_embargo_ended.v1");
    CHECK_FALSE(base::run(queries.article(article.id, {}))->embargo_until);
    news.close();
    CHECK(faults(news).empty());
}

TEST_CASE("verify sees an embargo that the view does not keep, or would not end", "[news]") {
    Fixture news;
    create(news, timed(news, 3600s, std::nullopt));
    news.close();
    auto faults_after = [&](const std::string& sql) {
        support::change_database(news.folder / "news-sports.query.db", sql);
        return faults(news).size();
    };
    CHECK(faults_after("select 1") == 0);
    CHECK(faults_after("update article_workflow_a set due_at = null") == 1);
    CHECK(faults_after("update articles_a set status = 'published'") == 3);
    CHECK(faults_after("delete from article_workflow_a") == 4);
}

TEST_CASE("an embargo that is set later takes an article from readers, and null gives it back",
          "[news]") {
    Fixture news;
    auto article = create(news, timed(news, std::nullopt, std::nullopt));
    CHECK(is_seen(news, article));
    Revision revision;
    revision.embargo_until = std::optional(news.clock.now() + 1h);
    REQUIRE(base::run(news.instance->commands().revise(article.id, revision, news.command(1))));
    CHECK_FALSE(is_seen(news, article));
    CHECK(counted(news) == 0);
    revision.embargo_until = std::optional<base::Time>();
    REQUIRE(base::run(news.instance->commands().revise(article.id, revision, news.command(2))));
    CHECK(is_seen(news, article));
    CHECK(counted(news) == 1);
    news.pass(2h);
    CHECK(last_event(news, article) == "article_revised.v2");
}

TEST_CASE(
    "embargo and expiry are caught up with after a stop, and what expired is not shown before",
    "[news]") {
    Fixture news;
    auto expiring = create(news, timed(news, std::nullopt, 3600s));
    CHECK(is_seen(news, expiring));
    CHECK(counted(news) == 1);
    news.close();
    news.clock.advance(1h);
    SECTION("while nobody has unpublished it yet") {
        news.scheduled = false;
        news.open();
        CHECK_FALSE(is_seen(news, expiring));
        CHECK(last_event(news, expiring) == "article_created.v1");
    }
    SECTION("by the first look of the scheduler") {
        news.open();
        CHECK_FALSE(is_seen(news, expiring));
        news.come_round();
        CHECK_FALSE(is_seen(news, expiring));
        CHECK(last_event(news, expiring) == "article_unpublished.v1");
        CHECK(counted(news) == 0);
        // Once: it is a draft that has expired from then on.
        news.pass(1h);
        auto history = base::run(news.instance->queries().history(expiring.id, {}, news.editor()));
        CHECK(history->entries.size() == 2);
        auto again = base::run(news.instance->commands().publish(expiring.id, {}, news.command()));
        CHECK(again.error().code == "invalid_news");

        auto hidden = create(news, timed(news, 3600s, 7200s));
        news.close();
        news.clock.advance(3h);
        news.open();
        news.come_round();
        news.pass(1s);
        CHECK_FALSE(is_seen(news, hidden));
        CHECK(base::run(news.instance->queries().counts({}))->draft == 2);
        news.close();
        CHECK(faults(news).empty());
    }
}

TEST_CASE("however many embargoes end at one time, they end without a pause between", "[news]") {
    Fixture news;
    create_many(news, 201, 3600s);
    news.pass(1h);
    auto counts = base::run(news.instance->queries().counts({}));
    REQUIRE(counts);
    CHECK(counts->scheduled == 0);
    CHECK(counts->published == 201);
}

TEST_CASE("articles with which nothing can be done do not hold up what is due after them",
          "[news]") {
    Fixture news;
    create_many(news, 200, 7200s);
    create_many(news, 1, 3600s);
    news.close();
    // To the view they are due; their events know better.
    support::change_database(news.folder / "news-sports.query.db",
                             "update article_workflow_a set due_at = 1 where embargo_until ="
                             " (select max(embargo_until) from article_workflow_a)");
    news.open();
    news.pass(1h);
    for (int look = 0; look < 3; ++look) news.pass(news.config.schedule_interval_ms);
    CHECK(counted(news) == 1);
}

TEST_CASE("what has expired is no gap in a list: others come in its place", "[news]") {
    Fixture news;
    news.close();
    news.scheduled = false;
    news.open();
    std::vector<ArticleId> lasting;
    constexpr std::optional<std::chrono::seconds> never;
    for (auto expiry : {never, std::optional(60s), never, never}) {
        auto article = create(news, timed(news, std::nullopt, expiry));
        if (!expiry) lasting.insert(lasting.begin(), article.id);
        news.clock.advance(1s);
    }
    news.clock.advance(60s);
    const auto& queries = news.instance->queries();
    auto is_whole = [&](const base::Result<std::vector<Article>>& listed) {
        std::vector<ArticleId> ids;
        if (listed) {
            for (const auto& article : *listed) ids.push_back(article.id);
        }
        return ids == lasting;
    };
    CHECK(is_whole(base::run(queries.list({}, 3, {}))));
    CHECK(is_whole(base::run(queries.tagged("tag", {}, 3, {}))));
    PlacesQuestion first;
    first.limit = 3;
    CHECK(is_whole(base::run(queries.part(first, Contents::left_out, {}))));
}

TEST_CASE("what expires before it would be published never is", "[news]") {
    Fixture news;
    auto article = timed(news, std::nullopt, 3600s);
    article.draft = true;
    auto draft = create(news, article);
    auto at = news.clock.now() + 30min;
    REQUIRE(base::run(news.instance->commands().publish(draft.id, at, news.command())));
    news.close();
    news.clock.advance(2h);
    news.open();
    news.come_round();
    news.pass(1s);
    CHECK_FALSE(is_seen(news, draft));
    CHECK(last_event(news, draft) == "article_unpublished.v1");
}

TEST_CASE(
    "a killed article is told of by its notice alone, and only an editor has it back, as a draft",
    "[news]") {
    Fixture news;
    auto article = create(news, timed(news, std::nullopt, std::nullopt));
    auto& commands = news.instance->commands();
    const auto& queries = news.instance->queries();
    Remark correction{"The name was wrong.", {}};
    correction.changes.title = "Corrected";
    auto corrected =
        base::run(commands.take(article.id, Step::correct, correction, news.command(1)));
    REQUIRE(corrected);
    REQUIRE(corrected->corrections.size() == 1);
    CHECK(*base::run(queries.article(article.id, {})) == *corrected);

    Remark notice{"We withdraw this report.", {}};
    auto by_author = base::run(commands.take(article.id, Step::kill, notice, news.command()));
    CHECK(by_author.error().code == "forbidden");
    auto editing = news.command();
    editing.context = news.editor();
    REQUIRE(base::run(commands.take(article.id, Step::kill, notice, editing)));
    CHECK_FALSE(is_seen(news, article));
    CHECK(counted(news) == 0);
    for (const auto& whoever : {base::Context{}, news.command().context, news.editor()}) {
        auto refused = base::run(queries.article(article.id, whoever));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == "killed");
        CHECK_THAT(refused.error().message, Catch::Contains("We withdraw this report."));
    }
    CHECK(base::run(queries.version(article.id, 2, news.editor()))->title == "Corrected");
    CHECK_FALSE(base::run(queries.version(article.id, 2, news.command().context)));
    CHECK(base::run(commands.publish(article.id, {}, editing)).error().code == "killed");
    CHECK_FALSE(base::run(commands.restore(article.id, 2, news.command())));

    news.close();
    CHECK(faults(news).empty());
    news.open();
    REQUIRE(base::run(news.instance->rebuild([](std::int64_t, std::int64_t) {})));
    auto& reopened = news.instance->commands();
    CHECK(base::run(news.instance->queries().article(article.id, {})).error().code == "killed");
    auto restored = base::run(reopened.restore(article.id, 2, editing));
    REQUIRE(restored);
    CHECK(restored->status == Status::draft);
    CHECK(restored->corrections == corrected->corrections);
    CHECK(restored->notice.empty());
}

TEST_CASE("a removal of what was killed gives its author nothing back", "[news]") {
    Fixture news;
    auto article = create(news, timed(news, std::nullopt, std::nullopt));
    auto& commands = news.instance->commands();
    auto editing = news.command();
    editing.context = news.editor();
    Remark notice{"We withdraw this report.", {}};
    REQUIRE(base::run(commands.take(article.id, Step::kill, notice, editing)));
    REQUIRE(base::run(commands.remove(article.id, editing)));
    CHECK_FALSE(base::run(commands.restore(article.id, 1, news.command())));
    const auto& queries = news.instance->queries();
    CHECK_FALSE(base::run(queries.version(article.id, 1, news.command().context)));
    CHECK_FALSE(base::run(queries.history(article.id, {}, news.command().context)));
    CHECK(base::run(queries.version(article.id, 1, news.editor())));
    auto restored = base::run(commands.restore(article.id, 1, editing));
    REQUIRE(restored);
    CHECK(restored->status == Status::draft);
    // From then on it is one like any other.
    REQUIRE(base::run(commands.publish(article.id, {}, editing)));
    REQUIRE(base::run(commands.remove(article.id, editing)));
    CHECK(base::run(commands.restore(article.id, 1, news.command()))->status == Status::published);
}

TEST_CASE("of what was killed under embargo nobody else hears", "[news]") {
    Fixture news;
    auto article = create(news, timed(news, 1h, std::nullopt));
    auto editing = news.command();
    editing.context = news.editor();
    Remark notice{"We withdraw this report.", {}};
    REQUIRE(base::run(news.instance->commands().take(article.id, Step::kill, notice, editing)));
    const auto& queries = news.instance->queries();
    CHECK(base::run(queries.article(article.id, {})).error().code == "news_not_found");
    CHECK(base::run(queries.article(article.id, news.editor())).error().code == "killed");
    auto another = news.command();
    another.context.actor.id = 999;
    auto refused = base::run(news.instance->commands().remove(article.id, another));
    CHECK(refused.error().code == "news_not_found");
}

TEST_CASE("a story is reviewed: each step is one event, and an author changes nothing approved",
          "[news]") {
    Fixture news;
    news.close();
    news.config.workflow = {{"sports", "review"}};
    news.open();
    auto& commands = news.instance->commands();
    auto editing = news.command();
    editing.context = news.editor();
    NewArticle given{"Title", "", "Content", "Ann", {"tag"}};
    auto draft = create(news, given);
    CHECK(draft.status == Status::draft);
    auto taken = [&](Step step, const Command& command) {
        auto done = base::run(commands.take(draft.id, step, {"A note.", {}}, command));
        return done ? std::string(name_of(done->status)) : done.error().code;
    };
    CHECK(taken(Step::approve, editing) == "not_in_review");
    CHECK(taken(Step::submit, news.command()) == "in_review");
    CHECK(taken(Step::submit, news.command()) == "not_a_draft");
    CHECK(taken(Step::approve, news.command()) == "forbidden");
    CHECK(taken(Step::hand_back, editing) == "draft");
    Revision published;
    published.status = Status::published;
    auto version = base::run(news.instance->queries().article(draft.id, news.editor()))->version;
    CHECK(base::run(commands.revise(draft.id, published, news.command(version))).error().code ==
          "forbidden");
    CHECK(taken(Step::submit, news.command()) == "in_review");
    CHECK(taken(Step::approve, editing) == "approved");
    Revision text;
    text.title = "Another title";
    CHECK(base::run(commands.revise(draft.id, text, news.command(version + 2))).error().code ==
          "forbidden");
    auto at = news.clock.now() + 1h;
    REQUIRE(base::run(commands.publish(draft.id, at, editing)));
    CHECK(base::run(news.instance->queries().counts({}))->scheduled == 1);
    CHECK(base::run(commands.unpublish(draft.id, news.command())).error().code == "forbidden");
    CHECK_FALSE(is_seen(news, draft));
    news.pass(1h);
    CHECK(is_seen(news, draft));
    CHECK(counted(news) == 1);
    CHECK(base::run(commands.restore(draft.id, 1, news.command())).error().code == "forbidden");
    auto history = base::run(news.instance->queries().history(draft.id, {}, news.editor()));
    CHECK(history->entries[2].type == "article_returned.v1");
    CHECK(history->entries[2].note == "A note.");
    news.close();
    CHECK(faults(news).empty());
}

}  // namespace news
