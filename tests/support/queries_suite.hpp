#pragma once

#include <string>
#include <vector>

#include "news/queries.hpp"
#include "support/catch.hpp"

namespace support {

/// A news type with articles, however it is kept: what the suite needs to set the scene.
class QueriesStage {
public:
    virtual ~QueriesStage() = default;
    /// A new article by that author, published at once or a draft; each a second after the last.
    virtual news::Article add(const std::string& title, std::int64_t author, bool draft,
                              std::vector<std::string> tags = {}) = 0;
    virtual void retitle(news::ArticleId id, const std::string& title) = 0;
    virtual void give_slug(news::ArticleId id, const std::string& slug) = 0;
    virtual void remove(news::ArticleId id) = 0;
    virtual const news::Queries& queries() = 0;
};

/// What every implementation of news::Queries keeps, one sentence each.
struct QueriesCheck {
    const char* sentence;
    void (*check)(QueriesStage& stage);
};

namespace queries_suite {

inline base::Context as(base::Role role, std::optional<std::int64_t> id = std::nullopt) {
    base::Context context;
    context.actor = {id, role};
    return context;
}

inline std::vector<std::string> titles(const base::Result<std::vector<news::Article>>& articles) {
    REQUIRE(articles);
    std::vector<std::string> all;
    for (const auto& article : *articles) all.push_back(article.title);
    return all;
}

using Titles = std::vector<std::string>;

inline void drafts_are_for_their_author(QueriesStage& stage) {
    auto draft = stage.add("Draft", 7, true);
    const auto& queries = stage.queries();
    using base::Role;
    CHECK(base::run(queries.article(draft.id, {})).error().code == "news_not_found");
    CHECK(base::run(queries.article(draft.id, as(Role::author, 8))).error().code ==
          "news_not_found");
    CHECK(base::run(queries.article(draft.id, as(Role::author, 7)))->title == "Draft");
    CHECK(base::run(queries.article(draft.id, as(Role::editor)))->title == "Draft");
    CHECK(titles(base::run(queries.page(1, 10, as(Role::admin)))).empty());
}

inline void removed_is_there_for_nobody(QueriesStage& stage) {
    auto article = stage.add("One", 7, false);
    stage.remove(article.id);
    const auto& queries = stage.queries();
    CHECK_FALSE(base::run(queries.article(article.id, as(base::Role::admin))));
    CHECK(titles(base::run(queries.page(1, 10, {}))).empty());
    CHECK(base::run(queries.version(article.id, 1, as(base::Role::admin)))->title == "One");
}

inline void an_article_is_found_by_its_slugs(QueriesStage& stage) {
    auto ask = [&](const std::string& slug) {
        auto found = base::run(stage.queries().by_slug(slug, {}));
        return found ? *found : news::SlugMatch{};
    };
    auto first = stage.add("First", 7, false);
    auto draft = stage.add("Draft", 7, true);
    stage.give_slug(first.id, "one");
    stage.give_slug(draft.id, "sketch");
    CHECK(ask("one") == news::SlugMatch{first.id, true});
    CHECK(ask("sketch") == news::SlugMatch{draft.id, true});
    CHECK(ask("two") == news::SlugMatch{});

    stage.give_slug(first.id, "two");
    CHECK(ask("one") == news::SlugMatch{first.id, false});
    CHECK(ask("two") == news::SlugMatch{first.id, true});
    CHECK(base::run(stage.queries().article(first.id, {}))->slug == "two");
    auto nothing = base::run(stage.queries().by_slug("nothing", {}));
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().code == "news_not_found");
    CHECK_FALSE(base::run(stage.queries().by_legacy_id("news.article:1", {})));
    CHECK_FALSE(*base::run(stage.queries().moved_to(first.id, {})));
}

inline void articles_are_counted_by_state(QueriesStage& stage) {
    auto counts = [&] { return *base::run(stage.queries().counts(as(base::Role::editor))); };
    CHECK(counts() == news::StateCounts{});
    stage.add("Draft", 7, true);
    auto changed = stage.add("One", 7, false);
    auto gone = stage.add("Two", 7, false);
    CHECK(counts() == news::StateCounts{1, 0, 2, 0});
    stage.retitle(changed.id, "Another");
    stage.remove(gone.id);
    CHECK(counts() == news::StateCounts{1, 0, 1, 1});
}

inline void several_are_the_published_in_order(QueriesStage& stage) {
    auto first = stage.add("First", 7, false);
    auto draft = stage.add("Draft", 7, true);
    auto gone = stage.add("Gone", 7, false);
    auto last = stage.add("Last", 7, false);
    stage.remove(gone.id);
    auto ask = [&](std::vector<news::ArticleId> ids) {
        return titles(base::run(stage.queries().several(std::move(ids), as(base::Role::admin))));
    };
    CHECK(ask({last.id, 1, draft.id, gone.id, first.id}) == Titles{"Last", "First"});
    CHECK(ask({first.id, last.id}) == Titles{"First", "Last"});
    CHECK(ask({}).empty());
}

inline void several_has_a_limit(QueriesStage& stage) {
    std::vector<news::ArticleId> ids(news::several_max, 1);
    CHECK(base::run(stage.queries().several(ids, {})));
    ids.push_back(1);
    CHECK(base::run(stage.queries().several(ids, {})).error().code == "too_many_ids");
}

inline void lists_are_newest_first(QueriesStage& stage) {
    for (const char* title : {"1", "2", "3", "4", "5"}) stage.add(title, 7, false, {"t"});
    const auto& queries = stage.queries();
    CHECK(titles(base::run(queries.page(2, 2, {}))) == Titles{"3", "2"});
    CHECK(titles(base::run(queries.page(9, 2, {}))).empty());
    auto part = base::run(queries.list(std::nullopt, 3, {}));
    CHECK(titles(part) == Titles{"5", "4", "3"});
    const auto& last = part->back();
    news::ListCursor cursor{*last.published_at, last.id, last.news_type};
    CHECK(titles(base::run(queries.list(cursor, 3, {}))) == Titles{"2", "1"});
    CHECK(titles(base::run(queries.tagged("t", cursor, 1, {}))) == Titles{"2"});
    CHECK(titles(base::run(queries.tagged("other", std::nullopt, 1, {}))).empty());
}

inline void places_are_those_of_the_list(QueriesStage& stage) {
    for (const char* title : {"1", "2", "3", "4", "5"}) {
        stage.add(title, 7, false, title[0] % 2 ? Titles{"odd"} : Titles{});
    }
    stage.add("Draft", 7, true, {"odd"});
    const auto& queries = stage.queries();
    auto ask = [&](const news::PlacesQuestion& question) {
        auto places = base::run(queries.places(question, {}));
        REQUIRE(places);
        std::vector<news::ArticleId> ids;
        for (const auto& place : *places) ids.push_back(place.id);
        return titles(base::run(queries.several(std::move(ids), {})));
    };
    news::PlacesQuestion question;
    question.limit = 2;
    CHECK(ask(question) == Titles{"5", "4"});
    question.skip = 3;
    CHECK(ask(question) == Titles{"2", "1"});
    question.skip = 9;
    CHECK(ask(question).empty());
    question.skip = 0;
    question.from = base::run(queries.places({{}, {}, false, 1, 1}, {}))->front();
    CHECK(ask(question) == Titles{"3", "2"});
    question.backwards = true;
    CHECK(ask(question) == Titles{"5"});
    question.from.reset();
    CHECK(ask(question) == Titles{"1", "2"});
    question.backwards = false;
    question.filter.tag = "odd";
    question.skip = 1;
    CHECK(ask(question) == Titles{"3", "1"});
    // At the same time and id the name of the type decides.
    auto third = *base::run(queries.places({{"odd"}, {}, false, 1, 1}, {}));
    auto at_third = [&](const char* type, bool backwards) {
        news::ListCursor place{third[0].published_at, third[0].id, type};
        return ask({{"odd"}, place, backwards, 0, 1});
    };
    CHECK(at_third("a", false) == Titles{"3"});
    CHECK(at_third("a", true) == Titles{"5"});
    CHECK(at_third("z", false) == Titles{"1"});
    CHECK(at_third("z", true) == Titles{"3"});
}

inline void a_part_is_read_with_or_without_contents(QueriesStage& stage) {
    std::vector<news::Article> added;
    for (const char* title : {"1", "2", "3", "4"}) {
        added.push_back(stage.add(title, 7, false, title[0] % 2 ? Titles{"odd"} : Titles{}));
    }
    auto ask = [&](const news::PlacesQuestion& question, news::Contents contents) {
        return base::run(stage.queries().part(question, contents, {}));
    };
    news::PlacesQuestion question;
    question.skip = 1;
    question.limit = 2;
    auto whole = ask(question, news::Contents::read);
    auto rest = ask(question, news::Contents::left_out);
    CHECK(titles(whole) == Titles{"3", "2"});
    CHECK(titles(rest) == Titles{"3", "2"});
    CHECK_FALSE(whole->front().content.empty());
    CHECK(rest->front().content.empty());
    CHECK(rest->front().tags == Titles{"odd"});
    CHECK(rest->front().author == whole->front().author);

    question.skip = 0;
    question.limit = 9;
    question.oldest = added[1].published_at;
    CHECK(titles(ask(question, news::Contents::left_out)) == Titles{"4", "3", "2"});
    question.filter.tag = "odd";
    CHECK(titles(ask(question, news::Contents::read)) == Titles{"3"});
}

inline void lists_are_counted(QueriesStage& stage) {
    stage.add("One", 7, false, {"t"});
    stage.add("Two", 7, false);
    stage.add("Draft", 7, true, {"t"});
    auto count = [&](const char* tag) { return *base::run(stage.queries().count({tag, ""}, {})); };
    CHECK(count("") == 2);
    CHECK(count("t") == 1);
    CHECK(count("other") == 0);
}

inline void the_past_is_for_author_and_editors(QueriesStage& stage) {
    auto article = stage.add("One", 7, false);
    auto draft = stage.add("Draft", 7, true);
    const auto& queries = stage.queries();
    using base::Role;
    CHECK(base::run(queries.history(article.id, {}, as(Role::author, 7))));
    CHECK(base::run(queries.history(article.id, {}, as(Role::author, 8))).error().code ==
          "forbidden");
    CHECK(base::run(queries.history(draft.id, {}, as(Role::author, 8))).error().code ==
          "news_not_found");
    CHECK(base::run(queries.version(1, 1, as(Role::admin))).error().code == "news_not_found");
    CHECK(base::run(queries.version(article.id, 9, as(Role::admin))).error().code ==
          "version_not_found");
}

inline void a_history_comes_in_parts(QueriesStage& stage) {
    auto article = stage.add("1", 7, false);
    for (const char* title : {"2", "3", "4", "5"}) stage.retitle(article.id, title);
    std::vector<news::Version> seen;
    news::HistoryQuestion question;
    question.limit = 2;
    for (int parts = 0; parts < 9; ++parts) {
        auto page = base::run(stage.queries().history(article.id, question, as(base::Role::admin)));
        REQUIRE(page);
        for (const auto& entry : page->entries) seen.push_back(entry.version);
        if (!page->next) break;
        question.after = *page->next;
    }
    CHECK(seen == std::vector<news::Version>{1, 2, 3, 4, 5});
    CHECK(base::run(stage.queries().version(article.id, 3, as(base::Role::admin)))->title == "3");
}

inline void a_change_is_another_generation(QueriesStage& stage) {
    auto before = stage.queries().generation();
    REQUIRE(before);
    CHECK(stage.queries().generation() == before);
    stage.add("One", 7, false);
    CHECK(stage.queries().generation() != before);
}

}  // namespace queries_suite

inline std::vector<QueriesCheck> queries_checks() {
    namespace suite = queries_suite;
    return {
        {"a draft is for its author and for editors", suite::drafts_are_for_their_author},
        {"a removed article is there for nobody", suite::removed_is_there_for_nobody},
        {"an article is found by its slugs", suite::an_article_is_found_by_its_slugs},
        {"articles are counted by state", suite::articles_are_counted_by_state},
        {"several are the published ones, in order", suite::several_are_the_published_in_order},
        {"no more than so many may be asked for at once", suite::several_has_a_limit},
        {"lists are newest first, by page, cursor and tag", suite::lists_are_newest_first},
        {"places are those of the list", suite::places_are_those_of_the_list},
        {"a part is read with or without contents", suite::a_part_is_read_with_or_without_contents},
        {"lists are counted", suite::lists_are_counted},
        {"the past is for the author and for editors", suite::the_past_is_for_author_and_editors},
        {"a history comes in parts", suite::a_history_comes_in_parts},
        {"a change is another generation", suite::a_change_is_another_generation}};
}

}  // namespace support
