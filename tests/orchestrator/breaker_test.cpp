// A news type that hangs: what that costs, who finds out that it answers again, and what is given
// meanwhile.
#include <algorithm>

#include "config/reader.hpp"
#include "orchestrator/module.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_queries.hpp"
#include "support/hang.hpp"
#include "support/no_body.hpp"
#include "support/temporary_folder.hpp"

namespace orchestrator {

using namespace std::chrono_literals;

namespace {

using support::FakeQueries;

news::Article hanging_item(news::ArticleId id, const char* type) {
    news::Article article;
    article.id = id;
    article.version = 1;
    article.news_type = type;
    article.title = "Title";
    article.slug = "title-" + std::to_string(id);
    article.status = news::Status::published;
    article.published_at = base::from_micros(id);
    return article;
}

/// One month with one article, which it never tells.
class HangingHeadings final : public news::Headings {
public:
    mutable int hung = 0;

    base::Task<std::vector<news::Heading>> headings(news::HeadingsQuestion,
                                                    base::Context) const override {
        ++hung;
        co_await support::hang();
        co_return std::vector<news::Heading>();
    }
    base::Task<std::vector<news::Month>> months(base::Context) const override {
        co_return std::vector<news::Month>{{"2026-11", 1, {}}};
    }
};

/// The routes over two types, of which a test has one hang; time is moved by hand but for the
/// deadlines, which are real and short.
class HangingSite {
public:
    HangingSite() {
        module_.add_routes(router_);
        politics.put(hanging_item(1, "politics"));
        sports.put(hanging_item(2, "sports"));
    }

    struct Answer {
        int status = 0;
        std::string body;
        std::string cache_control;
        std::string retry_after;

        bool has(const char* text) const { return body.find(text) != std::string::npos; }
    };
    using Asked = std::optional<base::Result<http::Response>>;

    /// Begun, and perhaps still under way.
    void begin(const std::string& target, http::Request& request, Asked& asked) {
        request.target = target;
        auto match = router_.match(request);
        REQUIRE(match.route);
        auto ended = [&asked](std::exception_ptr, base::Result<http::Response> response) {
            asked = std::move(response);
        };
        boost::asio::co_spawn(loop_, match.route->handler(request, none_), ended);
    }
    Answer ask(const std::string& target) {
        http::Request request;
        Asked asked;
        begin(target, request, asked);
        loop_.restart();
        while (!asked) loop_.run_one();
        REQUIRE(*asked);
        return read(**asked);
    }
    static Answer read(const http::Response& response) {
        Answer answer{response.status, "", response.cache_control, ""};
        for (const auto& [name, value] : response.fields) {
            if (name == "Retry-After") answer.retry_after = value;
        }
        if (auto* kept =
                std::get_if<std::shared_ptr<const http::PreparedResponse>>(&response.body)) {
            answer.body = (*kept)->body;
        } else {
            answer.body = std::get<std::string>(response.body);
        }
        return answer;
    }
    std::string warning() { return module_.checks().front().warn(); }
    std::string metrics() const { return metrics_.text(); }
    void hang_until_it_rests() {
        sports.hangs = true;
        for (int i = 0; i < 20; ++i) ask("/v1/news/sports/2");
        REQUIRE(sports.hung == 20);
    }

    FakeQueries politics;
    FakeQueries sports;
    HangingHeadings headings;
    support::FakeClock clock{support::FakeClock::Steady::by_hand};

private:
    static Config config() {
        Config config;
        config.deadline_ms = 40ms;
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
                   {{{"politics", {nullptr, &politics, nullptr, &headings}},
                     {"sports", {nullptr, &sports, nullptr, &headings}}},
                    visits_,
                    {.address = "https://example.org"}}};
    http::Router router_;

    friend struct Crowd;
};

/// Clients that ask at the same moment.
struct Crowd {
    Crowd(HangingSite& s, std::size_t count, const std::string& target = "/v1/news/sports/2",
          const std::string& peer = "")
        : site(s), requests(count), asked(count) {
        for (std::size_t i = 0; i < count; ++i) {
            requests[i].peer = peer;
            site.begin(target, requests[i], asked[i]);
        }
        site.loop_.restart();
        while (std::any_of(asked.begin(), asked.end(), [](auto& one) { return !one; })) {
            site.loop_.run_one();
        }
    }

    HangingSite& site;
    std::vector<http::Request> requests;
    std::vector<HangingSite::Asked> asked;
};

}  // namespace

TEST_CASE("a type that hangs costs one window of deadlines, and then no time", "[orchestrator]") {
    HangingSite site;
    CHECK(site.warning().empty());
    site.hang_until_it_rests();
    std::vector<std::chrono::nanoseconds> took;
    for (int i = 0; i < 101; ++i) {
        auto began = std::chrono::steady_clock::now();
        auto answer = site.ask("/v1/news/sports/2");
        took.push_back(std::chrono::steady_clock::now() - began);
        CHECK(answer.status == 503);
        CHECK(answer.has("circuit_open"));
        CHECK(answer.retry_after == "5");
    }
    CHECK(site.sports.hung == 20);
    std::nth_element(took.begin(), took.begin() + 50, took.end());
    CHECK(took[50] < 1ms);

    auto all = site.ask("/v1/news/all");
    CHECK(all.status == 200);
    CHECK(all.has(R"("partial":true,"failed":["sports"])"));
    CHECK(site.sports.hung == 20);
    CHECK(site.warning().find("news:sports") != std::string::npos);
    CHECK(site.metrics().find(R"(portal_breaker_state{dependency="news:sports"} 2)") !=
          std::string::npos);
    CHECK(site.metrics().find(R"(portal_breaker_refused_total{dependency="news:sports"} 102)") !=
          std::string::npos);
}

TEST_CASE("of 64 clients at once three find out whether a type answers again", "[orchestrator]") {
    HangingSite site;
    site.hang_until_it_rests();
    site.clock.pass(5s);
    {
        Crowd crowd(site, 64);
        CHECK(site.sports.hung == 23);
        auto refused = [](const HangingSite::Asked& one) {
            return HangingSite::read(**one).has("circuit_open");
        };
        CHECK(std::count_if(crowd.asked.begin(), crowd.asked.end(), refused) == 61);
    }
    site.sports.hangs = false;
    site.clock.pass(9999ms);
    CHECK(site.ask("/v1/news/sports/2").has("circuit_open"));
    site.clock.pass(1ms);
    for (const char* limit : {"1", "2", "3"}) {
        CHECK(site.ask(std::string("/v1/news/sports/1/") + limit).status == 200);
    }
    Crowd crowd(site, 64);
    for (const auto& one : crowd.asked) CHECK(HangingSite::read(**one).status == 200);
    CHECK(site.warning().empty());
    CHECK(site.metrics().find(
              R"(portal_breaker_transitions_total{dependency="news:sports",to="closed"} 1)") !=
          std::string::npos);
}

TEST_CASE("what was last known is given instead of nothing, marked, and for a minute",
          "[orchestrator]") {
    HangingSite site;
    const std::vector<std::string> targets = {"/v1/news/sports/2", "/v1/news/all?limit=10",
                                              "/v1/news/sports/by-slug/title-2",
                                              "/v1/news/sports/1/10"};
    std::vector<std::string> before;
    for (const auto& target : targets) before.push_back(site.ask(target).body);
    site.clock.pass(10h);
    for (const auto& target : targets) CHECK_FALSE(site.ask(target).has("stale"));
    site.sports.put(hanging_item(3, "sports"));
    site.sports.hangs = true;
    site.clock.pass(59s);
    for (std::size_t i = 0; i < targets.size(); ++i) {
        CAPTURE(targets[i]);
        auto answer = site.ask(targets[i]);
        CHECK(answer.status == 200);
        CHECK(answer.cache_control == "no-store");
        CHECK(answer.body == before[i].substr(0, before[i].size() - 1) + R"(,"stale":true})");
    }
    CHECK(site.metrics().find("portal_stale_answers_total 4") != std::string::npos);

    site.clock.pass(1s);
    CHECK(site.ask(targets[0]).status == 504);
    CHECK(site.ask(targets[1]).has(R"("partial":true)"));
    CHECK(site.ask(targets[3]).status == 504);
    site.sports.hangs = false;
    auto again = site.ask(targets[1]);
    CHECK_FALSE(again.has("stale"));
    CHECK(again.has("title-3"));
}

TEST_CASE("what has expired is given from no cache, though its type cannot say so yet",
          "[orchestrator]") {
    HangingSite site;
    auto expiring = hanging_item(3, "sports");
    expiring.expires_at = site.clock.now() + 30s;
    site.sports.put(expiring);
    const std::vector<std::string> targets = {"/v1/news/sports/3", "/v1/news/sports/1/10",
                                              "/v1/news/all?limit=10"};
    for (const auto& target : targets) CHECK(site.ask(target).has("title-3"));
    site.sports.hangs = true;
    site.clock.advance(30s - 1us);
    for (const auto& target : targets) CHECK(site.ask(target).has("title-3"));
    CHECK(site.sports.hung == 0);
    site.clock.advance(1us);
    for (const auto& target : targets) {
        CAPTURE(target);
        CHECK_FALSE(site.ask(target).has("title-3"));
    }
}

TEST_CASE("a list is not given as it was where a type that answers has changed since",
          "[orchestrator]") {
    HangingSite site;
    CHECK(site.ask("/v1/news/all?limit=10").has("title-2"));
    auto taken = hanging_item(2, "sports");
    taken.status = news::Status::killed;
    site.sports.put(taken);
    site.politics.hangs = true;
    auto answer = site.ask("/v1/news/all?limit=10");
    CHECK_FALSE(answer.has("title-2"));
    CHECK_FALSE(answer.has("stale"));
    CHECK(answer.has(R"("partial":true)"));
}

TEST_CASE("only some sitemaps of months are made at once, half of them for one client",
          "[orchestrator]") {
    HangingSite site;
    auto refused_of = [&site](std::size_t count, const std::string& peer) {
        Crowd crowd(site, count, "/sitemap-2026-11.xml", peer);
        return std::count_if(crowd.asked.begin(), crowd.asked.end(), [](const auto& one) {
            return HangingSite::read(**one).has("overloaded");
        });
    };
    CHECK(refused_of(6, "") == 2);
    CHECK(site.headings.hung == 8);
    // Those are free again.
    CHECK(refused_of(6, "192.0.2.1:4711") == 4);
    CHECK(site.headings.hung == 12);
}

}  // namespace orchestrator
