// The routes of one item: what they answer, and when they ask for it.
#include "orchestrator/module.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_queries.hpp"
#include "support/no_body.hpp"
#include "support/temporary_folder.hpp"

namespace orchestrator {

namespace {

using support::FakeQueries;

news::Article article(news::ArticleId id, const std::string& slug) {
    news::Article article;
    article.id = id;
    article.version = 1;
    article.news_type = "sports";
    article.title = "Title";
    article.slug = slug;
    article.status = news::Status::published;
    article.published_at = base::from_micros(id);
    article.legacy_id = "news.article:" + std::to_string(id);
    return article;
}

/// The routes over two types that a test writes down.
class Site {
public:
    Site() { module_.add_routes(router_); }

    http::Response ask(const std::string& target, base::Actor actor = {}) {
        http::Request request;
        request.target = target;
        request.context.actor = actor;
        auto match = router_.match(request);
        REQUIRE(match.route);
        support::NoBody none;
        auto answered = base::run(match.route->handler(request, none));
        REQUIRE(answered);
        return std::move(*answered);
    }
    /// How often the types are asked for one answer.
    int asked_for(const std::string& target, int status = 200) {
        auto before = politics.asked + sports.asked;
        auto response = ask(target);
        CHECK(status_of(response) == status);
        return politics.asked + sports.asked - before;
    }
    static int status_of(const http::Response& response) {
        const auto* kept =
            std::get_if<std::shared_ptr<const http::PreparedResponse>>(&response.body);
        return kept ? (*kept)->status : response.status;
    }

    FakeQueries politics;
    FakeQueries sports;
    bus::Topic<news::NewsViewed> visits;

private:
    support::TemporaryFolder folder_;
    support::FakeClock clock_;
    telemetry::Metrics metrics_;
    base::Loop background_;
    Module module_{{},
                   {folder_.path(), clock_, metrics_, background_.get_executor()},
                   {{{"politics", {nullptr, &politics}}, {"sports", {nullptr, &sports}}}, visits}};
    http::Router router_;
};

}  // namespace

TEST_CASE("an item that was asked for is answered again without asking, by each of its names",
          "[orchestrator]") {
    Site site;
    site.sports.put(article(7, "späte-tore"));
    const std::string slug = "/v1/news/sports/by-slug/sp%C3%A4te-tore";
    const std::string legacy = "/v1/legacy/news.article/7";

    CHECK(site.asked_for("/v1/news/sports/7") == 1);
    CHECK(site.asked_for(slug) == 2);
    // The other type first.
    CHECK(site.asked_for(legacy) == 3);
    for (const auto& target : {std::string("/v1/news/sports/7"), slug, legacy, slug + "?from=feed",
                               std::string("/v1/news/sports/by-slug/sp%c3%a4te%2Dtore")}) {
        CAPTURE(target);
        CHECK(site.asked_for(target) == 0);
    }
    // A known reader is told of each time.
    auto before = site.visits.published();
    site.ask(slug, {3, base::Role::reader});
    CHECK(site.visits.published() == before + 1);

    // Another one has the name now, or is another.
    auto renamed = article(7, "tore");
    renamed.version = 2;
    site.sports.put(renamed);
    auto moved = site.ask(slug);
    CHECK(moved.status == 301);
    CHECK(moved.fields.back().second == "/v1/news/sports/by-slug/tore");
    auto other = article(7, "other");
    other.news_type = "politics";
    CHECK(site.asked_for(legacy) == 3);
    site.politics.put(other);
    CHECK(site.asked_for(legacy) == 2);
}

TEST_CASE("what is not for everybody, or not there, is not kept", "[orchestrator]") {
    Site site;
    auto draft = article(7, "draft");
    draft.status = news::Status::draft;
    site.sports.put(draft, 3);
    base::Actor author{3, base::Role::author};
    for (const char* target : {"/v1/news/sports/by-slug/draft", "/v1/legacy/news.article/7"}) {
        CAPTURE(target);
        auto shown = site.ask(target, author);
        CHECK(shown.status == 200);
        CHECK(shown.cache_control == "private, no-store");
        CHECK(site.asked_for(target, 404) > 0);
        CHECK(site.asked_for(target, 404) > 0);
    }
    // A type whose state is not known may have it next time.
    site.sports.put(article(8, "late"));
    site.politics.known.reset();
    CHECK(site.asked_for("/v1/legacy/news.article/8") == 3);
    CHECK(site.asked_for("/v1/legacy/news.article/8") == 3);
    CHECK(site.asked_for("/v1/news/sports/by-slug/late") == 2);
    CHECK(site.asked_for("/v1/news/sports/by-slug/late") == 0);
}

}  // namespace orchestrator
