// Front pages and what is next, over a ranking that a test writes down.
#include <nlohmann/json.hpp>

#include "orchestrator/module.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_queries.hpp"
#include "support/hang.hpp"
#include "support/no_body.hpp"
#include "support/temporary_folder.hpp"

namespace orchestrator {

using namespace std::chrono_literals;
using recommendation::ArticleName;
using recommendation::RankedList;
using recommendation::RankedQuestion;
using recommendation::Reason;
using recommendation::Recommended;

namespace {

/// It answers, refuses, breaks or hangs as it is told.
class FakeRankings final : public recommendation::Rankings {
public:
    enum class Mood { answers, refuses, breaks, hangs };
    Mood mood = Mood::answers;
    bool wanted = true;
    std::vector<std::string> muted{};
    std::vector<ArticleName> hidden{};
    std::vector<Recommended> list{};
    mutable int asked = 0;
    mutable std::vector<ArticleName> reads{};

    base::Task<RankedList> for_reader(RankedQuestion question,
                                      base::Context context) const override {
        co_await begin();
        if (mood == Mood::refuses) co_return busy();
        if (!context.actor.id) co_return RankedList{false, {}};
        co_return RankedList{!list.empty(), some(question.most), muted, hidden};
    }
    base::Task<bool> is_wanted(base::Context) const override { co_return wanted; }
    base::Task<RankedList> for_reads(std::vector<ArticleName> given, RankedQuestion question,
                                     base::Context) const override {
        reads = std::move(given);
        co_await begin();
        if (mood == Mood::refuses) co_return busy();
        co_return RankedList{!reads.empty(), some(question.most)};
    }
    base::Task<std::vector<Recommended>> next(ArticleName, std::size_t most,
                                              base::Context) const override {
        co_await begin();
        if (mood == Mood::refuses) co_return busy();
        co_return some(most);
    }
    base::Task<std::vector<Recommended>> similar(ArticleName article, std::size_t most,
                                                 base::Context context) const override {
        return next(std::move(article), most, std::move(context));
    }
    base::Task<std::vector<Recommended>> trending(recommendation::TrendingQuestion question,
                                                  base::Context) const override {
        co_await begin();
        co_return some(question.most);
    }

private:
    base::Task<void> begin() const {
        ++asked;
        if (mood == Mood::breaks) throw std::runtime_error("the ranking broke");
        if (mood == Mood::hangs) co_await support::hang();
        co_return base::Result<void>();
    }
    static base::Error busy() {
        return {base::Reason::unavailable, "recommendation_busy", "Try again."};
    }
    std::vector<Recommended> some(std::size_t most) const {
        auto given = list;
        if (given.size() > most) given.resize(most);
        return given;
    }
};

news::Article ranked_item(news::ArticleId id, const char* type) {
    news::Article article;
    article.id = id;
    article.version = 1;
    article.news_type = type;
    article.title = "Title " + std::to_string(id);
    article.status = news::Status::published;
    article.published_at = base::from_micros(id);
    return article;
}

/// Two types with five items each, and a ranking that begins with the oldest.
class RankedSite {
public:
    RankedSite() {
        module_.add_routes(router_);
        for (news::ArticleId id = 1; id <= 5; ++id) {
            politics.put(ranked_item(id, "politics"));
            sports.put(ranked_item(10 + id, "sports"));
        }
        for (news::ArticleId id = 1; id <= 4; ++id) {
            Reason label;
            label.kind = Reason::Kind::label;
            label.share = 0.75;
            label.label = "chess";
            Reason fresh;
            fresh.share = 0.25;
            rankings.list.push_back({{"politics", id}, 1, {label, fresh}});
            rankings.list.push_back({{"sports", 10 + id}, 1, {label, fresh}});
        }
    }

    struct Answer {
        int status = 0;
        nlohmann::json body{};
        std::string cache_control{};
        std::chrono::steady_clock::duration took{};

        std::string titles() const {
            std::string all;
            for (const auto& item : body.at("news")) {
                all += item.at("title").get<std::string>().substr(6) + " ";
            }
            return all;
        }
        std::string next() const { return body.at("next").get<std::string>(); }
    };
    Answer ask(const std::string& target, std::optional<std::int64_t> user = 7,
               const std::string& body = "") {
        http::Request request;
        request.target = target;
        if (auto query = target.find('?'); query != target.npos) {
            request.query = std::string_view(target).substr(query + 1);
        }
        request.method = body.empty() ? http::Method::get : http::Method::post;
        request.body = body;
        request.fields.push_back({"Content-Type", "application/json"});
        if (user) request.context.actor = {*user, base::Role::reader};
        auto match = router_.match(request);
        REQUIRE(match.route);
        std::optional<base::Result<http::Response>> answer;
        auto ended = [&](std::exception_ptr, base::Result<http::Response> response) {
            answer = std::move(response);
        };
        auto began = std::chrono::steady_clock::now();
        boost::asio::co_spawn(loop_, match.route->handler(request, none_), ended);
        loop_.restart();
        while (!answer) loop_.run_one();
        REQUIRE(*answer);
        auto& response = **answer;
        std::string text;
        if (auto* kept =
                std::get_if<std::shared_ptr<const http::PreparedResponse>>(&response.body)) {
            text = (*kept)->body;
        } else {
            text = std::get<std::string>(response.body);
        }
        CAPTURE(text);
        return {response.status, nlohmann::json::parse(text), response.cache_control,
                std::chrono::steady_clock::now() - began};
    }

    support::FakeQueries politics;
    support::FakeQueries sports;
    FakeRankings rankings;
    support::FakeClock clock{support::FakeClock::Steady::by_hand};

private:
    static Config config() {
        Config config;
        config.deadline_ms = 1000ms;
        config.ranking_deadline_ms = 30ms;
        return config;
    }
    base::Loop loop_;
    support::TemporaryFolder folder_;
    support::NoBody none_;
    telemetry::Metrics metrics_;
    bus::Topic<news::NewsViewed> visits_;
    base::Loop background_;
    Module module_{config(),
                   {folder_.path(), clock, metrics_, background_.get_executor()},
                   {{{"politics", {nullptr, &politics}}, {"sports", {nullptr, &sports}}},
                    visits_,
                    {.address = "https://example.org"},
                    &rankings}};
    http::Router router_;
};

constexpr const char* page_one = "/v1/news/for-me?limit=3";

}  // namespace

TEST_CASE("a front page is the ranking's, with whole items, page by page", "[orchestrator]") {
    RankedSite site;
    auto page = site.ask(page_one);
    CHECK(page.status == 200);
    CHECK(page.body.at("personal") == true);
    CHECK(page.cache_control == "private, no-cache");
    CHECK(page.titles() == "1 11 2 ");
    CHECK_FALSE(page.body.at("news").at(0).contains("reasons"));
    auto asked = site.rankings.asked;
    // What comes after it is what was there then, whatever is read meanwhile.
    site.rankings.list.clear();
    page = site.ask(page_one + ("&cursor=" + page.next()));
    CHECK(page.titles() == "12 3 13 ");
    page = site.ask(page_one + ("&cursor=" + page.next()));
    CHECK(page.titles() == "4 14 ");
    CHECK(page.body.at("next").is_null());
    CHECK(site.rankings.asked == asked);
}

TEST_CASE("what is hidden or muted is in no list that is filled up", "[orchestrator]") {
    RankedSite site;
    auto muted = ranked_item(15, "sports");
    muted.tags = {"chess"};
    site.sports.put(muted);
    site.rankings.muted = {"chess"};
    site.rankings.hidden = {{"sports", 14}};
    site.rankings.list.resize(1);
    CHECK(site.ask("/v1/news/for-me?limit=3").titles() == "1 13 12 ");
    site.rankings.list.clear();
    auto page = site.ask("/v1/news/for-me?limit=3");
    CHECK(page.body.at("personal") == false);
    CHECK(page.titles() == "13 ");
    CHECK(site.ask("/v1/news/for-me?limit=3&cursor=" + page.next()).titles() == "12 11 5 ");
}

TEST_CASE("who does not want it any more gets no further page", "[orchestrator]") {
    RankedSite site;
    auto next = page_one + ("&cursor=" + site.ask(page_one).next());
    site.rankings.wanted = false;
    CHECK(site.ask(next).body.at("error") == "cursor_expired");
}

TEST_CASE("reasons are told where they are asked for", "[orchestrator]") {
    RankedSite site;
    auto page = site.ask("/v1/news/for-me?limit=1&explain=1&fields=title");
    auto item = page.body.at("news").at(0);
    CHECK(item == nlohmann::json::parse(R"({"title":"Title 1","reasons":[
        {"type":"label","share":0.75,"label":"chess","lift":0.0},
        {"type":"fresh","share":0.25,"age_s":0}]})"));
    CHECK(site.ask("/v1/news/for-me?explain=yes").status == 400);
}

TEST_CASE("a further page is its reader's alone, and for a minute", "[orchestrator]") {
    RankedSite site;
    auto next = page_one + ("&cursor=" + site.ask(page_one).next());
    CHECK(site.ask(next, 8).body.at("error") == "cursor_expired");
    CHECK(site.ask(next, std::nullopt).status == 404);
    site.clock.pass(59s);
    CHECK(site.ask(next).status == 200);
    site.clock.pass(1s);
    CHECK(site.ask(next).status == 404);
    for (const char* cursor : {"r-", "r-x", "r--5", "r-x-999999", "r-x-y", "%00", "~"}) {
        CAPTURE(cursor);
        auto status = site.ask(page_one + ("&cursor=" + std::string(cursor))).status;
        CHECK((status == 400 || status == 404));
    }
}

TEST_CASE("without a ranking in time the front page is the plain one, and says so",
          "[orchestrator]") {
    using Mood = FakeRankings::Mood;
    for (auto mood : {Mood::refuses, Mood::breaks, Mood::hangs}) {
        RankedSite site;
        site.rankings.mood = mood;
        auto page = site.ask(page_one);
        CHECK(page.status == 200);
        CHECK(page.body.at("personal") == false);
        CHECK(page.titles() == "15 14 13 ");
        CHECK(page.took < 500ms);
        page = site.ask(page_one + ("&cursor=" + page.next()));
        CHECK(page.titles() == "12 11 5 ");
        CHECK(page.body.at("personal") == false);
        auto session =
            site.ask("/v1/recommendation/session?limit=2", {}, R"({"reads":["sports/11"]})");
        CHECK(session.body.at("personal") == false);
        CHECK(session.titles() == "15 14 ");
        CHECK_FALSE(session.body.contains("next"));
    }
}

TEST_CASE("one that hangs is soon not asked any more", "[orchestrator]") {
    RankedSite site;
    site.rankings.mood = FakeRankings::Mood::hangs;
    for (int i = 0; i < 30; ++i) site.ask(page_one);
    auto asked = site.rankings.asked;
    CHECK(site.ask(page_one).body.at("personal") == false);
    CHECK(site.rankings.asked == asked);
}

TEST_CASE("who is not known gets the plain page", "[orchestrator]") {
    RankedSite site;
    auto page = site.ask(page_one, std::nullopt);
    CHECK(page.body.at("personal") == false);
    CHECK(page.titles() == "15 14 13 ");
}

TEST_CASE("what cannot be read any more is made up for", "[orchestrator]") {
    RankedSite site;
    auto gone = ranked_item(11, "sports");
    gone.status = news::Status::removed;
    site.sports.put(gone);
    CHECK(site.ask(page_one).titles() == "1 2 12 ");
    site.rankings.list.resize(3);
    site.rankings.list.push_back({{"weather", 1}, 1, {}});
    // And behind what is left stands what is new.
    CHECK(site.ask("/v1/news/for-me?limit=4").titles() == "1 2 15 14 ");
}

TEST_CASE("a type that cannot be asked is left out of a front page, and named", "[orchestrator]") {
    RankedSite site;
    site.sports.breaks_over = 11;
    auto page = site.ask(page_one);
    CHECK(page.body.at("partial") == true);
    CHECK(page.body.at("failed") == nlohmann::json({"sports"}));
    CHECK(page.body.at("news").at(0).at("id") == 1);
}

TEST_CASE("a session is ranked by what it says it has read", "[orchestrator]") {
    RankedSite site;
    auto page = site.ask("/v1/recommendation/session?limit=2&explain=1", {},
                         R"({"reads":["sports/11","politics/2"]})");
    CHECK(page.body.at("personal") == true);
    CHECK(page.titles() == "1 11 ");
    CHECK(page.body.at("news").at(0).contains("reasons"));
    CHECK(site.rankings.reads == std::vector<ArticleName>{{"sports", 11}, {"politics", 2}});
    nlohmann::json many;
    for (int i = 0; i <= 100; ++i) many["reads"].push_back("sports/1");
    for (const auto& body :
         {std::string("{}"), std::string(R"({"reads": 1})"), std::string(R"({"reads": [1]})"),
          std::string(R"({"reads": ["sports"]})"), std::string(R"({"reads": ["sports/1x"]})"),
          std::string(R"({"reads": ["/1"]})"), many.dump()}) {
        CAPTURE(body);
        auto refused = site.ask("/v1/recommendation/session", {}, body);
        CHECK(refused.status == 400);
        CHECK(refused.body.at("error") == "malformed_reads");
    }
}

TEST_CASE("what is next is kept for a while", "[orchestrator]") {
    for (const char* path : {"/v1/news/sports/11/next", "/v1/news/sports/11/similar",
                             "/v1/news/trending?window=24h"}) {
        CAPTURE(path);
        RankedSite site;
        auto answer = site.ask(path);
        CHECK(answer.status == 200);
        CHECK(answer.titles().starts_with("1 11 2 12 3 "));
        CHECK(site.rankings.asked == 1);
        site.ask(path, 8);
        CHECK(site.rankings.asked == 1);
        site.clock.pass(10s);
        site.ask(path);
        CHECK(site.rankings.asked == 2);
        // Another state of what it shows is another answer.
        site.sports.put(ranked_item(20, "sports"));
        site.ask(path);
        CHECK(site.rankings.asked == 3);
    }
}

TEST_CASE("what is next of nothing, and what cannot be asked, is refused", "[orchestrator]") {
    RankedSite site;
    auto code = [&](const std::string& path) -> std::string {
        return site.ask(path).body.at("error");
    };
    CHECK(code("/v1/news/sports/99/next") == "news_not_found");
    CHECK(code("/v1/news/sports/x/similar") == "news_not_found");
    CHECK(code("/v1/news/weather/1/next") == "unknown_news_type");
    CHECK(code("/v1/news/trending?type=weather") == "unknown_news_type");
    CHECK(code("/v1/news/trending?window=2h") == "malformed_window");
    CHECK(code("/v1/news/trending?limit=0") == "malformed_limit");
    CHECK(code("/v1/news/sports/11/next?fields=nothing") == "malformed_fields");
    site.rankings.mood = FakeRankings::Mood::refuses;
    CHECK(code("/v1/news/sports/11/next") == "recommendation_busy");
}

}  // namespace orchestrator
