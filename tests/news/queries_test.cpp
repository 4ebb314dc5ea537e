// The shared suite of news::Queries: on the real service with its files, and on the fake that other
// modules' tests use.
#include "support/queries_suite.hpp"

#include "fixture.hpp"
#include "support/fake_queries.hpp"

namespace news {

namespace {

class RealStage final : public support::QueriesStage {
public:
    Article add(const std::string& title, std::int64_t author, bool draft,
                std::vector<std::string> tags) override {
        NewArticle article{title, "", "Content", "Ann", std::move(tags), draft};
        auto created = base::run(news_.instance->commands().create(article, by(author)));
        REQUIRE(created);
        news_.clock.advance(std::chrono::seconds(1));
        return *created;
    }
    void retitle(ArticleId id, const std::string& title) override {
        Revision revision;
        revision.title = title;
        auto command = by(std::nullopt);
        command.expected = Expected{{}, true};
        REQUIRE(base::run(news_.instance->commands().revise(id, revision, command)));
        news_.clock.advance(std::chrono::seconds(1));
    }
    void give_slug(ArticleId id, const std::string& slug) override {
        Revision revision;
        revision.slug = slug;
        auto command = by(std::nullopt);
        command.expected = Expected{{}, true};
        REQUIRE(base::run(news_.instance->commands().revise(id, revision, command)));
    }
    void remove(ArticleId id) override {
        REQUIRE(base::run(news_.instance->commands().remove(id, by(std::nullopt))));
    }
    const Queries& queries() override { return news_.instance->queries(); }

private:
    static Command by(std::optional<std::int64_t> author) {
        Command command;
        command.context.actor = {author, author ? base::Role::author : base::Role::editor};
        return command;
    }
    Fixture news_;
};

class FakeStage final : public support::QueriesStage {
public:
    Article add(const std::string& title, std::int64_t author, bool draft,
                std::vector<std::string> tags) override {
        Article article;
        article.id = ++id_ + 1000;
        article.version = 1;
        article.title = title;
        article.content = "Content";
        article.tags = std::move(tags);
        article.news_type = "sports";
        article.status = draft ? Status::draft : Status::published;
        article.updated_at = base::from_micros(id_ * 1000000);
        if (!draft) article.published_at = article.updated_at;
        queries_.put(article, author);
        return article;
    }
    void retitle(ArticleId id, const std::string& title) override {
        auto article = newest(id);
        article.title = title;
        queries_.put(article);
    }
    void give_slug(ArticleId id, const std::string& slug) override {
        auto article = newest(id);
        article.slug = slug;
        queries_.put(article);
    }
    void remove(ArticleId id) override {
        auto article = newest(id);
        article.status = Status::removed;
        queries_.put(article);
    }
    const Queries& queries() override { return queries_; }

private:
    Article newest(ArticleId id) {
        base::Context context;
        context.actor.role = base::Role::editor;
        auto article = *base::run(queries_.article(id, context));
        ++article.version;
        return article;
    }
    support::FakeQueries queries_;
    std::int64_t id_ = 0;
};

}  // namespace

TEST_CASE("the queries of a news type are what every implementation of them is", "[news]") {
    for (const auto& [sentence, check] : support::queries_checks()) {
        DYNAMIC_SECTION(sentence) {
            RealStage stage;
            check(stage);
        }
    }
}

TEST_CASE("the fake queries are what every implementation of them is", "[news]") {
    for (const auto& [sentence, check] : support::queries_checks()) {
        DYNAMIC_SECTION(sentence) {
            FakeStage stage;
            check(stage);
        }
    }
}

}  // namespace news
