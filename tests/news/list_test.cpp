// Lists by their indexes: where articles stand, and how many there are.
#include "fixture.hpp"
#include "news/verify.hpp"
#include "support/sqlite_file.hpp"

namespace news {

namespace {

/// Longer than what is counted for one question.
constexpr int many = 1100;

class ListFixture : public Fixture {
public:
    void import(int count) {
        std::vector<ImportItem> items;
        auto start = *base::parse_rfc3339("2026-02-01T00:00:00Z");
        for (int i = 0; i < count; ++i) {
            NewArticle article{
                "T" + std::to_string(i), "", "Content", i % 2 ? "Ann" : "Bo", {"all"}};
            article.published_at = start + std::chrono::minutes(i);
            article.source_id = std::to_string(i);
            auto checked = check(std::move(article));
            REQUIRE(checked);
            items.push_back({std::move(*checked), std::to_string(i)});
        }
        base::Context context;
        context.request_id = "import";
        REQUIRE(base::run(instance->commands().import(std::move(items), context)));
        REQUIRE(*base::run(instance->caught_up(std::chrono::seconds(20))));
    }
    std::int64_t count(const std::string& tag, const std::string& author = "") {
        auto counted = base::run(instance->queries().count({tag, author}, {}));
        REQUIRE(counted);
        return *counted;
    }
    /// The lists whose number is kept.
    std::int64_t kept() {
        close();
        auto count = support::number_from_database(view(), "select count(*) from list_counts");
        open();
        return count;
    }
    std::filesystem::path view() { return folder / "news-sports.query.db"; }
    std::vector<std::string> problems() {
        return verify(folder.path(), "sports", [](std::int64_t, std::int64_t) {}).problems;
    }
};

}  // namespace

TEST_CASE("the number of a long list is kept from the first question on", "[news]") {
    ListFixture news;
    news.config.author_lists = true;
    news.close();
    news.open();
    news.import(many);
    CHECK(news.kept() == 0);
    CHECK(news.count("all") == many);
    CHECK(news.count("other") == 0);
    CHECK(news.count("", "Ann") == many / 2);
    // Short lists are counted.
    CHECK(news.kept() == 1);

    auto created = news.create("New", {"all", "other"});
    CHECK(news.count("all") == many + 1);
    CHECK(news.count("other") == 1);
    Revision revision;
    revision.tags = {"other"};
    REQUIRE(base::run(news.instance->commands().revise(created.id, revision, news.command(1))));
    CHECK(news.count("all") == many);
    revision.tags = {"all"};
    REQUIRE(base::run(news.instance->commands().revise(created.id, revision, news.command(2))));
    CHECK(news.count("all") == many + 1);
    REQUIRE(base::run(news.instance->commands().unpublish(created.id, news.command(3))));
    CHECK(news.count("all") == many);
    CHECK(news.count("") == many);

    REQUIRE(base::run(news.instance->rebuild([](std::int64_t, std::int64_t) {})));
    CHECK(news.kept() == 0);
    CHECK(news.count("all") == many);
    CHECK(news.count("", "Bo") == many / 2);
    news.close();
    CHECK(news.problems().empty());
    support::change_database(news.view(), "update list_counts set articles = articles + 1");
    CHECK(news.problems() ==
          std::vector<std::string>{"view: the kept number of articles of all is not that which is "
                                   "there"});
}

TEST_CASE("lists by author are there only where they are configured", "[news]") {
    ListFixture news;
    news.create("One");
    CHECK_FALSE(news.instance->queries().lists_authors());
    CHECK(base::run(news.instance->queries().count({"", "Ann"}, {})).error().code ==
          "no_author_lists");
    PlacesQuestion question;
    question.filter.author = "Ann";
    CHECK(base::run(news.instance->queries().places(question, {})).error().code ==
          "no_author_lists");
    news.close();
    news.config.author_lists = true;
    news.open();
    CHECK(news.count("", "Ann") == 1);
    CHECK(base::run(news.instance->queries().places(question, {}))->size() == 1);
    REQUIRE(base::run(news.instance->rebuild([](std::int64_t, std::int64_t) {})));
    CHECK(base::run(news.instance->queries().places(question, {}))->size() == 1);
}

TEST_CASE("published items are listed and counted by the language that they say", "[news]") {
    ListFixture news;
    auto write = [&](const std::string& title, const std::string& language) {
        NewArticle article{title, "", "Content", "Ann", {}};
        article.metadata.language = language;
        auto made = base::run(news.instance->commands().create(article, news.command()));
        REQUIRE(made);
        news.clock.advance(std::chrono::seconds(1));
        return made->id;
    };
    auto one = write("One", "de");
    write("Two", "pt-br");
    write("Three", "");
    auto four = write("Four", "de");
    auto listed = [&](const std::string& language) {
        PlacesQuestion question;
        question.filter.language = language;
        auto places = base::run(news.instance->queries().places(question, {}));
        REQUIRE(places);
        std::vector<ArticleId> ids;
        for (const auto& place : *places) ids.push_back(place.id);
        return ids;
    };
    auto count = [&](const std::string& language) {
        return *base::run(news.instance->queries().count({"", "", language}, {}));
    };
    CHECK(listed("de") == std::vector<ArticleId>{four, one});
    CHECK(listed("pt-BR").size() == 1);
    CHECK(listed("pt").empty());
    CHECK(count("de") == 2);
    REQUIRE(base::run(news.instance->rebuild([](std::int64_t, std::int64_t) {})));
    CHECK(listed("de") == std::vector<ArticleId>{four, one});

    REQUIRE(base::run(news.instance->commands().unpublish(one, news.command(1))));
    CHECK(listed("de") == std::vector<ArticleId>{four});
    Revision revision;
    revision.metadata.language = "en";
    REQUIRE(base::run(news.instance->commands().revise(four, revision, news.command(1))));
    CHECK(listed("de").empty());
    CHECK(listed("en") == std::vector<ArticleId>{four});
    CHECK(count("de") == 0);
    // A number that is kept follows.
    news.close();
    support::change_database(news.view(),
                             "insert into list_counts (slot, list, word, articles) values"
                             " ('b', 'language', 'en', 1)");
    news.open();
    write("Five", "en");
    CHECK(count("en") == 2);
    news.close();
    CHECK(news.problems().empty());
    support::change_database(news.view(), "update list_counts set articles = 7");
    CHECK(news.problems() ==
          std::vector<std::string>{"view: the kept number of articles of en is not that which is "
                                   "there"});
}

}  // namespace news
