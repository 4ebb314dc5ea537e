// Articles as those see them who write them: in every state, by the newest change.
#include <nlohmann/json.hpp>

#include "fixture.hpp"
#include "news/verify.hpp"
#include "support/sqlite_file.hpp"

namespace news {

namespace {

constexpr std::int64_t ann_id = 7;
constexpr std::int64_t ben_id = 8;

base::Context writer(std::int64_t id, base::Role role = base::Role::author) {
    base::Context context;
    context.actor = {id, role};
    context.request_id = "test";
    return context;
}

class ItemFixture : public Fixture {
public:
    ItemFixture() { come_round(); }

    /// A draft, a second after what was made before.
    ArticleId draft(const std::string& title, std::int64_t owner = ann_id,
                    std::vector<std::string> tags = {"cup"}, std::string byline = "Ann") {
        clock.advance(std::chrono::seconds(1));
        NewArticle article{title, "", "Content", std::move(byline), std::move(tags)};
        article.draft = true;
        auto made = base::run(instance->commands().create(article, {writer(owner)}));
        REQUIRE(made);
        return made->id;
    }
    void publish(ArticleId id, std::optional<base::Time> at = std::nullopt) {
        clock.advance(std::chrono::seconds(1));
        auto by = writer(9, base::Role::editor);
        REQUIRE(base::run(instance->commands().publish(id, at, {by})));
    }
    void retitle(ArticleId id, const std::string& title) {
        clock.advance(std::chrono::seconds(1));
        Revision revision;
        revision.title = title;
        auto by = writer(9, base::Role::editor);
        Command command{by};
        command.expected = Expected{{}, true};
        REQUIRE(base::run(instance->commands().revise(id, revision, command)));
    }
    ItemsPage page(ItemsQuestion question, base::Context by = writer(9, base::Role::editor)) {
        auto listed = base::run(instance->items().items(std::move(question), std::move(by)));
        REQUIRE(listed);
        return *listed;
    }
    /// Their titles, with a space between them.
    std::string titles(ItemsQuestion question, base::Context by = writer(9, base::Role::editor)) {
        std::string all;
        for (const auto& item : page(std::move(question), std::move(by)).items) {
            all += (all.empty() ? "" : " ") + item.title;
        }
        return all;
    }
    std::vector<std::string> problems() {
        return verify(folder.path(), "sports", [](std::int64_t, std::int64_t) {}).problems;
    }
};

ItemsQuestion in_stage(Stage stage) {
    ItemsQuestion question;
    question.stages = {stage};
    return question;
}

}  // namespace

TEST_CASE("items are listed in every state, by the newest change, and each author's own",
          "[news]") {
    ItemFixture news;
    auto one = news.draft("One");
    auto two = news.draft("Two", ben_id, {"cup", "goal"}, "Ben");
    auto three = news.draft("Three");
    auto four = news.draft("Four", ben_id, {}, "Ben");
    news.publish(two);
    news.publish(three, news.clock.now() + std::chrono::hours(1));
    news.retitle(one, "Uno");
    auto removed = news.draft("Gone");
    REQUIRE(base::run(news.instance->commands().remove(removed, {writer(9, base::Role::editor)})));

    auto as_listed = [&] {
        CHECK(news.titles({}) == "Uno Three Two Four");
        ItemsQuestion question;
        question.oldest_first = true;
        CHECK(news.titles(question) == "Four Two Three Uno");
        CHECK(news.titles(in_stage(Stage::draft)) == "Uno Four");
        CHECK(news.titles(in_stage(Stage::scheduled)) == "Three");
        CHECK(news.titles(in_stage(Stage::published)) == "Two");
        CHECK(news.titles(in_stage(Stage::removed)) == "Gone");
        question = {};
        question.tag = "cup";
        CHECK(news.titles(question) == "Uno Three Two");
        question.stages = {Stage::published, Stage::scheduled};
        CHECK(news.titles(question) == "Three Two");
        question = {};
        question.author = "Ben";
        CHECK(news.titles(question) == "Two Four");

        CHECK(news.titles({}, writer(ann_id)) == "Uno Three");
        CHECK(news.titles({}, writer(10)).empty());
        CHECK(news.titles(in_stage(Stage::published), writer(ann_id)).empty());
        question = {};
        question.tag = "goal";
        CHECK(news.titles(question, writer(ben_id)) == "Two");
        CHECK(news.titles(question, writer(ann_id)).empty());
        question = {};
        question.author = "Ben";
        CHECK(news.titles(question, writer(ben_id)) == "Two Four");
        CHECK(news.titles(question, writer(ann_id)).empty());
        question = {};
        question.mine = true;
        CHECK(news.titles(question, writer(ben_id, base::Role::editor)) == "Two Four");
        CHECK(news.titles(question).empty());

        auto counts =
            base::run(news.instance->items().item_counts(false, writer(9, base::Role::editor)));
        REQUIRE(counts);
        CHECK(*counts == ItemCounts{2, 0, 0, 1, 1, 1, 0});
        counts = base::run(news.instance->items().item_counts(false, writer(ann_id)));
        CHECK(*counts == ItemCounts{1, 0, 0, 1, 0, 1, 0});
    };
    as_listed();
    REQUIRE(base::run(news.instance->rebuild([](std::int64_t, std::int64_t) {})));
    as_listed();

    auto found = base::run(news.instance->items().items_by_id({four, two, 1, one}, writer(ben_id)));
    REQUIRE(found);
    REQUIRE(found->size() == 2);
    CHECK((*found)[0].title == "Four");
    const auto& item = (*found)[1];
    CHECK(item.stage == Stage::published);
    CHECK(item.tags == std::vector<std::string>{"cup", "goal"});
    CHECK(item.author == "Ben");
    CHECK(item.slug == "two");
    CHECK(item.created_by == ben_id);
    CHECK(item.version == 2);
    auto reader = base::run(news.instance->items().items({}, writer(10, base::Role::reader)));
    CHECK(reader.error().code == "forbidden");

    news.close();
    CHECK(news.problems().empty());
}

TEST_CASE("items go on behind a cursor while others change, and between two times", "[news]") {
    ItemFixture news;
    std::vector<ArticleId> ids;
    for (const char* title : {"One", "Two", "Three", "Four", "Five"}) {
        ids.push_back(news.draft(title));
    }
    ItemsQuestion question;
    question.limit = 2;
    auto first = news.page(question);
    REQUIRE(first.items.size() == 2);
    CHECK(first.items[1].title == "Four");
    news.retitle(ids[4], "V");
    news.retitle(ids[0], "I");
    question.after = cursor_of(first.items[1]);
    CHECK(news.titles(question) == "Three Two");
    question.after = cursor_of(news.page(question).items[1]);
    CHECK(news.titles(question).empty());
    question = {};
    CHECK(news.titles(question) == "I V Four Three Two");

    auto at = [&](std::size_t index) {
        auto found = base::run(news.instance->items().items_by_id({ids[index]}, writer(ann_id)));
        REQUIRE(found);
        return std::chrono::floor<std::chrono::milliseconds>(found->front().updated_at);
    };
    question.from = at(2);
    question.to = at(3);
    CHECK(news.titles(question) == "Four Three");
    question.oldest_first = true;
    CHECK(news.titles(question) == "Three Four");
    question.after = cursor_of(news.page(question).items[0]);
    CHECK(news.titles(question) == "Four");
}

TEST_CASE("of a list that no index has, an answer says how far it has looked", "[news]") {
    ItemFixture news;
    // More than are looked at for one question.
    constexpr int many = 1100;
    std::vector<ImportItem> items;
    auto start = *base::parse_rfc3339("2026-02-01T00:00:00Z");
    for (int i = 0; i < many; ++i) {
        NewArticle article{"T" + std::to_string(i), "", "Content", "Ann", {}};
        article.tags = {i % 1000 == 0 ? "rare" : "all"};
        article.published_at = start + std::chrono::minutes(i);
        article.updated_at = article.published_at;
        article.owner = ann_id;
        article.source_id = std::to_string(i);
        auto checked = check(std::move(article));
        REQUIRE(checked);
        items.push_back({std::move(*checked), std::to_string(i)});
    }
    auto context = writer(ann_id);
    context.request_id = "import";
    REQUIRE(base::run(news.instance->commands().import(std::move(items), context)));
    REQUIRE(*base::run(news.instance->caught_up(std::chrono::seconds(20))));
    ItemsQuestion question;
    question.tag = "rare";
    auto page = news.page(question, writer(ann_id));
    REQUIRE(page.items.size() == 1);
    CHECK(page.items[0].title == "T1000");
    REQUIRE(page.looked_up_to);
    question.after = page.looked_up_to;
    page = news.page(question, writer(ann_id));
    REQUIRE(page.items.size() == 1);
    CHECK(page.items[0].title == "T0");
    CHECK_FALSE(page.looked_up_to);
    // Those with the tag are few, so all of them are looked at.
    question.after.reset();
    page = news.page(question);
    CHECK(page.items.size() == 2);
    CHECK_FALSE(page.looked_up_to);
    question.oldest_first = true;
    question.after = cursor_of(page.items[1]);
    CHECK(news.titles(question) == "T1000");
    // Those with the other one are not.
    question = {};
    question.tag = "all";
    question.limit = 2;
    page = news.page(question);
    REQUIRE(page.items.size() == 2);
    CHECK(page.items[1].title == "T1098");
    question.after = cursor_of(page.items[1]);
    CHECK(news.titles(question) == "T1097 T1096");
}

TEST_CASE("verify tells of a list that has an item too much, or lacks one", "[news]") {
    ItemFixture news;
    auto one = news.draft("One");
    news.close();
    auto view = news.folder / "news-sports.query.db";
    support::change_database(view, "update article_lists_a set word = 'bowl'");
    auto name = "view: article " + std::to_string(one);
    CHECK(news.problems() ==
          std::vector<std::string>{
              name + " is not in the list of the tag cup (draft)",
              name + " stands in the list of the tag bowl (draft), where it does not belong"});
}

TEST_CASE("a view from before has its items in lists after the start", "[news]") {
    ItemFixture news;
    news.draft("One");
    auto two = news.draft("Two", ben_id);
    news.publish(two);
    for (bool other_slot : {false, true}) {
        CAPTURE(other_slot);
        if (other_slot) {
            REQUIRE(base::run(news.instance->rebuild([](std::int64_t, std::int64_t) {})));
        }
        news.close();
        auto view = news.folder / "news-sports.query.db";
        std::string used = other_slot ? "b" : "a";
        std::string undo =
            "delete from schema_migrations where set_name = 'news_query' and name >= '0007';"
            "drop table if exists article_lists_a; drop table if exists article_lists_b;";
        for (const char* index : {"changed", "owned", "signed"}) {
            undo += "drop index articles_" + used + "_" + index + ";";
        }
        undo += "alter table articles_" + used + " drop column stage;";
        undo += "drop table if exists articles_" + std::string(other_slot ? "a" : "b") + ";";
        support::change_database(view, undo);
        news.open();
        ItemsQuestion question;
        question.tag = "cup";
        CHECK(news.titles(question) == "Two One");
        CHECK(news.titles(in_stage(Stage::published)) == "Two");
        news.close();
        CHECK(news.problems().empty());
        news.open();
    }
}

}  // namespace news
