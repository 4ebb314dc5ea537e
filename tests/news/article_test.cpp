#include "article.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "event_json.hpp"
#include "support/catch.hpp"

namespace news {

namespace {

using namespace std::chrono_literals;

const base::Time now = *base::parse_rfc3339("2026-03-01T12:00:00.123Z");

NewArticle valid() {
    return {"Title", "Short", "Long", "Ann", {"a", "b"}};
}

ArticleCreated created_from(NewArticle article) {
    auto checked = check(std::move(article));
    REQUIRE(checked);
    return create(*checked, now);
}

ArticleState published_by(std::int64_t author) {
    return apply(ArticleState{}, 1, {1, author, now, created_from(valid())});
}

/// Of an article whose content is that of valid().
base::Result<ArticleRevised> revised(const ArticleState& state, const Revision& revision) {
    auto event = revise(state, valid().content, revision, now);
    if (!event) return event.error();
    return std::get<ArticleRevised>(*event);
}

base::Actor actor(base::Role role, std::optional<std::int64_t> id = std::nullopt) {
    return {id, role};
}

std::string repeat(const char* text, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += text;
    return out;
}

}  // namespace

TEST_CASE("an article is published at once unless it is a draft or dated ahead", "[news]") {
    auto at_once = created_from(valid());
    CHECK(at_once.status == Status::published);
    CHECK(at_once.published_at == now);

    auto dated = valid();
    dated.published_at = now - 24h;
    CHECK(created_from(dated).published_at == now - 24h);

    auto draft = valid();
    draft.draft = true;
    CHECK(created_from(draft).status == Status::draft);
    CHECK_FALSE(created_from(draft).published_at);

    auto ahead = valid();
    ahead.published_at = now + 1h;
    CHECK(created_from(ahead).status == Status::draft);
    CHECK(created_from(ahead).published_at == now + 1h);
}

TEST_CASE("lengths count code points, and all problems come at once", "[news]") {
    auto longest = valid();
    longest.title = repeat("ü", 200);
    longest.description = repeat("語", 500);
    longest.author = repeat("é", 50);
    longest.tags = {repeat("ß", 50)};
    CHECK(check(longest));

    NewArticle bad{
        repeat("ü", 201), repeat("x", 501), " \t", repeat("é", 51), {" ", repeat("x", 51)}};
    auto refused = check(bad);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "invalid_news");
    std::vector<std::string> fields;
    for (const auto& problem : refused.error().details) fields.push_back(problem.field);
    CHECK(fields ==
          std::vector<std::string>{"title", "description", "content", "author", "tags", "tags"});
}

TEST_CASE("content may have 200,000 characters and no more", "[news]") {
    auto article = valid();
    article.content = repeat("x", 200000);
    CHECK(check(article));
    article.content += "x";
    CHECK_FALSE(check(article));
}

TEST_CASE("tags are trimmed, otherwise kept, and not repeated", "[news]") {
    auto article = valid();
    article.tags = {" a ", "A", "a", "b c"};
    CHECK((*check(article))->tags == std::vector<std::string>{"a", "A", "b c"});
    article.tags.clear();
    for (int i = 0; i < 21; ++i) article.tags.push_back(std::to_string(i));
    CHECK_FALSE(check(article));
}

TEST_CASE("a revision names only what it changes", "[news]") {
    auto article = published_by(7);
    Revision revision;
    revision.title = "New";
    revision.content = valid().content;
    auto event = revised(article, revision);
    REQUIRE(event);
    CHECK(event->title == "New");
    CHECK_FALSE(event->content);
    CHECK_FALSE(event->publication);
    revision.author = "";
    CHECK_FALSE(revised(article, revision));
}

TEST_CASE("a revision may publish, schedule, correct the time of, or take back an article",
          "[news]") {
    auto published = published_by(7);
    auto draft = apply(published, 1, {2, 7, now, ArticleUnpublished{}});
    auto scheduled = apply(draft, 1, {3, 7, now, ArticleScheduled{now + 1h}});
    auto event_of = [](const ArticleState& state, std::optional<Status> status,
                       std::optional<base::Time> at, bool without_time = false) {
        Revision revision;
        revision.status = status;
        revision.published_at = at;
        revision.without_time = without_time;
        return revise(state, valid().content, revision, now);
    };
    auto time_of = [](const base::Result<Event>& event) {
        return std::get<ArticlePublished>(*event).published_at;
    };
    auto nothing = std::nullopt;

    CHECK(time_of(event_of(draft, Status::published, nothing)) == now);
    CHECK(time_of(event_of(draft, Status::published, nothing, true)) == now);
    CHECK(time_of(event_of(draft, nothing, now - 24h)) == now - 24h);
    CHECK(time_of(event_of(published, nothing, now - 24h)) == now - 24h);
    CHECK(std::get<ArticleScheduled>(*event_of(draft, nothing, now + 1h)).published_at == now + 1h);
    CHECK(std::holds_alternative<ArticleScheduled>(*event_of(published, Status::draft, now + 1h)));
    CHECK(std::holds_alternative<ArticleUnpublished>(*event_of(published, Status::draft, nothing)));
    CHECK(std::holds_alternative<ArticleUnpublished>(*event_of(scheduled, nothing, nothing, true)));
    CHECK(event_of(published, nothing, now + 1h).error().details[0].field == "published_at");
    CHECK(event_of(published, nothing, nothing, true).error().details[0].field == "published_at");
}

TEST_CASE("an article that is sent back as it was read changes nothing", "[news]") {
    auto published = published_by(7);
    auto draft = apply(published, 1, {2, 7, now, ArticleUnpublished{}});
    auto scheduled = apply(draft, 1, {3, 7, now, ArticleScheduled{now + 1h}});
    for (const auto& state : {published, draft, scheduled}) {
        Revision revision{state.title, state.description, valid().content, state.author,
                          state.tags};
        revision.status = state.status;
        revision.published_at = state.published_at;
        revision.without_time = !state.published_at;
        auto event = revise(state, valid().content, revision, now);
        REQUIRE(event);
        CHECK(to_json(*event) == "{}");
        CHECK(name_of(*event) == "article_revised.v1");
    }
}

TEST_CASE("text and publication that change together are one event", "[news]") {
    auto draft = apply(published_by(7), 1, {2, 7, now, ArticleUnpublished{}});
    Revision revision;
    revision.title = "New";
    revision.status = Status::published;
    auto event = revise(draft, valid().content, revision, now);
    REQUIRE(event);
    CHECK(name_of(*event) == "article_revised.v2");
    auto after = apply(draft, 1, {3, 7, now, *event});
    CHECK(after.title == "New");
    CHECK(after.status == Status::published);
    CHECK(after.published_at == now);
    CHECK(after.content_version == 1);
}

TEST_CASE("title, author and tags have something to see, and no controls", "[news]") {
    for (std::string bad : {"a\nb", "\u200b", "x\u2028x", "a\tb", "\u00ad\ufeff", "x\u0085y"}) {
        CAPTURE(bad);
        for (std::string field : {"title", "author", "tags"}) {
            auto article = valid();
            if (field == "title") article.title = bad;
            if (field == "author") article.author = bad;
            if (field == "tags") article.tags = {"fine", bad};
            auto checked = check(article);
            REQUIRE_FALSE(checked);
            CHECK(checked.error().details[0].field == field);
        }
    }
    auto article = valid();
    article.title = "\U0001F468\u200d\U0001F469 family";
    article.content = "line\nline";
    CHECK(check(article));
}

TEST_CASE("publish, schedule, unpublish: what is allowed when", "[news]") {
    auto article = published_by(7);
    CHECK(publish(article, std::nullopt, now).error().code == "already_published");

    auto draft = apply(article, 1, {2, 7, now, *unpublish(article)});
    CHECK(draft.status == Status::draft);
    CHECK_FALSE(draft.published_at);
    CHECK(unpublish(draft).error().code == "not_published");

    auto scheduled_event = *publish(draft, now + 1h, now);
    REQUIRE(std::holds_alternative<ArticleScheduled>(scheduled_event));
    auto scheduled = apply(draft, 1, {3, 7, now, scheduled_event});
    CHECK(scheduled.status == Status::draft);
    CHECK(scheduled.published_at == now + 1h);
    CHECK(unpublish(scheduled));
    CHECK(std::get<ArticlePublished>(*publish(scheduled, std::nullopt, now)).published_at == now);
    CHECK(std::get<ArticlePublished>(*publish(draft, now - 1h, now)).published_at == now - 1h);
}

TEST_CASE("who may act on an article, and who may know of it", "[news]") {
    std::optional<ArticleState> article = published_by(7);
    using base::Role;
    CHECK(admit(article, actor(Role::author, 7)));
    CHECK(admit(article, actor(Role::editor, 8)));
    CHECK(admit(article, actor(Role::author, 8)).error().code == "forbidden");
    CHECK(admit(article, actor(Role::reader, 7)).error().code == "forbidden");
    CHECK(admit(article, actor(Role::author)).error().code == "forbidden");

    article->status = Status::draft;
    CHECK(admit(article, actor(Role::author, 8)).error().code == "news_not_found");
    CHECK(admit(article, actor(Role::author, 7)));

    article->status = Status::removed;
    CHECK(admit(article, actor(Role::admin)).error().code == "news_not_found");
    CHECK(admit(article, actor(Role::author, 7), Step::restore));
    CHECK(admit(article, actor(Role::author, 8), Step::restore).error().code == "news_not_found");
    CHECK(admit(std::nullopt, actor(Role::admin)).error().code == "news_not_found");
}

TEST_CASE("an article by nobody belongs to no author", "[news]") {
    Recorded recorded{1, std::nullopt, now, created_from(valid())};
    std::optional<ArticleState> article = apply(ArticleState{}, 1, recorded);
    CHECK_FALSE(admit(article, actor(base::Role::author)));
}

TEST_CASE("a stale version is a conflict, or a failed precondition", "[news]") {
    auto article = published_by(7);
    CHECK(check_expected(article, std::nullopt));
    CHECK(check_expected(article, Expected{{1}}));
    CHECK(check_expected(article, Expected{{5, 1}, false, true}));
    CHECK(check_expected(article, Expected{{}, true, true}));
    auto stale = check_expected(article, Expected{{2}});
    REQUIRE_FALSE(stale);
    CHECK(stale.error().code == "version_conflict");
    CHECK(stale.error().current_version == 1);
    CHECK(check_expected(article, Expected{{2}, false, true}).error().code ==
          "precondition_failed");
    CHECK_FALSE(check_expected(article, Expected{{}, false, true}));
}

TEST_CASE("restore brings back a state, but neither a removal nor a schedule that ran out",
          "[news]") {
    auto article = published_by(7);
    auto restored = restore(article, "Long", now);
    REQUIRE(restored);
    CHECK(restored->content == "Long");
    CHECK(restored->title == article.title);
    CHECK(restored->status == Status::published);
    CHECK(restored->published_at == article.published_at);

    article.status = Status::removed;
    CHECK(restore(article, "Long", now).error().code == "version_removed");
    CHECK(restore(std::nullopt, "", now).error().code == "version_not_found");

    article.status = Status::draft;
    article.published_at = now - 1s;
    CHECK_FALSE(restore(article, "Long", now)->published_at);
    article.published_at = now + 1s;
    CHECK(restore(article, "Long", now)->published_at == now + 1s);
}

TEST_CASE("an event that does not follow is a breakdown", "[news]") {
    auto article = published_by(7);
    CHECK_THROWS_AS(apply(article, 1, {3, 7, now, ArticleRemoved{}}), std::logic_error);
    CHECK_THROWS_AS(apply(article, 1, {1, 7, now, ArticleRemoved{}}), std::logic_error);
}

// One sample per stored event version. They are never edited: archives hold them.
TEST_CASE("every stored event decodes, for ever", "[news]") {
    const std::vector<std::pair<std::string, std::string>> samples = {
        {"article_created.v1",
         R"({"title":"T","description":"D","content":"C","author":"A","tags":["x","y"],"status":"published","published_at":"2026-03-01T12:00:00.123Z","source_id":"s-1"})"},
        {"article_created.v1",
         R"({"title":"T","description":"","content":"C","author":"A","tags":[],"status":"draft"})"},
        {"article_revised.v1", R"({"title":"T2","tags":["z"]})"},
        {"article_revised.v1", R"({})"},
        {"article_revised.v2", R"({"title":"T2","status":"draft"})"},
        {"article_revised.v2",
         R"({"content":"C2","status":"published","published_at":"2026-03-01T12:00:00.123Z"})"},
        {"article_published.v1", R"({"published_at":"2026-03-01T12:00:00.123Z"})"},
        {"article_scheduled.v1", R"({"published_at":"2026-03-02T12:00:00.000Z"})"},
        {"article_unpublished.v1", R"({})"},
        {"article_removed.v1", R"({})"},
        {"article_created.v1",
         R"({"title":"T","description":"","content":"C","author":"A","tags":[],"status":"draft","extra":{"a":[1,{"b":null}]},"content_format":"html","slug":"t-2","legacy_id":"news.article:7","owner":12,"created_at":1772366400123456})"},
        {"article_revised.v1",
         R"({"slug":"t","extra":{},"legacy_id":"a.b:c","content_format":"text","owner":9})"},
        {"article_removed.v1", R"({"moved_to":{"news_type":"politics","id":17}})"},
        {"article_restored.v1",
         R"({"restored_version":1,"title":"T","description":"","content":"C","author":"A","tags":[],"status":"draft","extra":{"x":1},"content_format":"markdown"})"},
        {"article_created.v1",
         R"({"title":"T","description":"","content":"C","author":"A","tags":[],"status":"published","published_at":"2026-03-01T12:00:00.123Z","embargo_until":"2026-03-02T12:00:00.000Z","expires_at":"2026-03-03T12:00:00.000Z"})"},
        {"article_revised.v1", R"({"expires_at":"2026-03-03T12:00:00.000Z"})"},
        {"article_revised.v2",
         R"({"embargo_until":null,"expires_at":null,"status":"published","published_at":"2026-03-01T12:00:00.123Z"})"},
        {"article_published.v1",
         R"({"published_at":"2026-03-01T12:00:00.123Z","embargo_until":"2026-03-02T12:00:00.000Z"})"},
        {"article_submitted.v1", R"({"note":"N"})"},
        {"article_submitted.v1", R"({})"},
        {"article_withdrawn.v1", R"({})"},
        {"article_returned.v1", R"({"note":"N"})"},
        {"article_approved.v1", R"({})"},
        {"article_corrected.v1", R"({"note":"N","title":"T2"})"},
        {"article_killed.v1", R"({"notice":"N"})"},
        {"article_embargo_ended.v1",
         R"({"status":"published","published_at":"2026-03-01T12:00:00.123Z"})"},
        {"article_restored.v1",
         R"({"restored_version":3,"title":"T","description":"","content":"C","author":"A","tags":[],"status":"approved","embargo_until":"2026-03-02T12:00:00.000Z"})"},
        {"article_restored.v1",
         R"({"restored_version":2,"title":"T","description":"D","content":"C","author":"A","tags":["x"],"status":"published","published_at":"2026-03-01T12:00:00.123Z"})"},
        {"article_created.v1",
         R"({"title":"T","description":"","content":"C","author":"A","tags":[],"status":"draft","authors":[12,7],"images":[{"media":501,"alt":"Two","caption":"By","credit":"Ann","role":"lead"},{"media":502,"role":"inline"}],"language":"pt-BR","translations":[{"language":"en","type":"world","id":9}],"related":[{"type":"sports","id":5}],"canonical_url":"https://example.org/","slug":"t"})"},
        {"article_revised.v1",
         R"({"authors":[],"images":[],"language":"","translations":[],"related":[],"canonical_url":""})"},
        {"article_restored.v1",
         R"({"restored_version":1,"title":"T","description":"","content":"C","author":"A","tags":[],"status":"draft","language":"en"})"},
    };
    std::set<std::size_t> kinds;
    for (const auto& [type, body] : samples) {
        CAPTURE(type, body);
        auto event = event_from_json(type, body);
        kinds.insert(event.index());
        CHECK(name_of(event) == type);
        CHECK(to_json(event) == body);
    }
    CHECK(kinds.size() == std::variant_size_v<Event>);
}

TEST_CASE("a body that no version has stored is refused by one exception", "[news]") {
    auto with = [](const char* member, const nlohmann::json& value) {
        nlohmann::json body = {{"title", "T"},  {"description", ""}, {"content", "C"},
                               {"author", "A"}, {"tags", {"x"}},     {"status", "draft"},
                               {member, value}};
        return body.dump();
    };
    CHECK_NOTHROW(event_from_json("article_created.v1", with("source_id", "s-1")));
    CHECK_NOTHROW(event_from_json("article_restored.v1", with("restored_version", 1)));

    const std::vector<std::pair<std::string, std::string>> bodies = {
        {"article_exploded.v1", "{}"},
        {"article_created.v1", "{}"},
        {"article_created.v1", ""},
        {"article_created.v1", "{"},
        {"article_created.v1", with("source_id", 7)},
        {"article_created.v1", with("published_at", 7)},
        {"article_revised.v1", "[]"},
        {"article_revised.v1", R"({"tags":[7]})"},
        {"article_removed.v1", "null"},
        {"article_removed.v1", R"({"moved_to":{"news_type":"politics"}})"},
        {"article_created.v1", with("extra", "text")},
        {"article_created.v1", with("content_format", "rtf")},
        {"article_created.v1", with("slug", 7)},
        {"article_created.v1", with("authors", nlohmann::json::array({"Ann"}))},
        {"article_created.v1", with("images", nlohmann::json::array({{{"media", 1}}}))},
        {"article_created.v1",
         with("images", nlohmann::json::array({{{"media", 1}, {"role", "side"}}}))},
        {"article_created.v1", with("related", 7)},
        {"article_restored.v1", with("language", nullptr)},
        {"article_published.v1", R"({"published_at":null})"},
        {"article_killed.v1", "{}"},
        {"article_returned.v1", R"({"note":7})"},
        {"article_corrected.v1", R"({"note":"N","embargo_until":null})"},
        {"article_embargo_ended.v1", "{}"},
        {"article_published.v1", R"({"published_at":"10000-01-01T00:00:00.000Z"})"},
        {"article_restored.v1", with("source_id", "s-1")},
        {"article_restored.v1", with("restored_version", 1.5)},
        {"article_restored.v1", with("restored_version", 1e300)},
        {"article_restored.v1", with("restored_version", -1)},
        {"article_restored.v1", with("restored_version", std::uint64_t{1} << 63)},
    };
    for (const auto& [type, body] : bodies) {
        CAPTURE(type, body);
        CHECK_THROWS_AS(event_from_json(type, body), std::runtime_error);
    }
}

}  // namespace news
