#include "telemetry/breakdowns.hpp"

#include "base/context.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using telemetry::Breakdown;
using telemetry::BreakdownQueue;

namespace {

Breakdown breakdown(const std::string& message, std::chrono::seconds at,
                    const std::string& request_id = "") {
    Breakdown one;
    one.at = base::Time(at);
    one.module = "news";
    one.message = message;
    one.request_id = request_id;
    return one;
}

struct Keeping {
    explicit Keeping(const telemetry::BreakdownLimits& limits = {}) {
        telemetry::start_breakdowns(limits);
    }
    ~Keeping() { telemetry::stop_breakdowns(); }
};

}  // namespace

TEST_CASE("what is somebody's or secret does not leave with a breakdown", "[telemetry]") {
    struct Case {
        std::string text;
        std::string scrubbed;
    };
    const Case cases[] = {
        {"disk full on /data/news.db", "disk full on /data/news.db"},
        {"no user ada@example.org here", "no user [address] here"},
        {"at /v1/users/ada%40example.org/x", "at [address]"},
        {"GET /v1/news?token=abc&q=x failed", "GET /v1/news?… failed"},
        {"what? nothing", "what? nothing"},
        {"at /a?at=52.1,13.4 and /b?q=O'Brien(x)", "at /a?… and /b?…"},
        {"\"/a?q=x\" said", "\"/a?…\" said"},
        {R"({"password":"hunter2","title":"x"})", R"({"password":"[secret]","title":"x"})"},
        {"token = abc", "token = [secret]"},
        {"Authorization: Bearer abc.def said", "Authorization: Bearer [secret] said"},
        {"Cookie: sessionid", "Cookie: [secret]"},
        {"password=hunter2", "password=[secret]"},
        {"with (token:xyz)", "with (token:[secret])"},
        {"a key pk_12345 of", "a key [secret] of"},
        {"eyJhbGciOi.J9.x", "[secret]"},
        {"id 0123456789abcdef0123456789abcdef", "id [secret]"},
        {"SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_PRIMARYKEY"},
    };
    for (const auto& one : cases) {
        INFO(one.text);
        CHECK(telemetry::scrubbed(one.text) == one.scrubbed);
    }
    std::string long_text;
    for (int i = 0; i < 1000; ++i) long_text += "\xc3\xa4 ";
    auto cut = telemetry::scrubbed(long_text);
    CHECK(cut.size() <= 1024 + 3);
    CHECK(cut.ends_with("…"));
    CHECK(cut.find("\xc3\xe2") == std::string::npos);
}

TEST_CASE("of a kind one breakdown in a while is kept, and the next says how many there were",
          "[telemetry]") {
    BreakdownQueue queue({10, 100, 10s});
    CHECK(queue.add(breakdown("broke", 100s)));
    CHECK_FALSE(queue.add(breakdown("broke", 101s)));
    CHECK_FALSE(queue.add(breakdown("broke", 109s)));
    CHECK(queue.add(breakdown("other", 109s)));
    CHECK(queue.add(breakdown("broke", 110s)));
    // A clock that was set back keeps nobody silent.
    CHECK(queue.add(breakdown("broke", 50s)));

    auto taken = queue.take(10);
    REQUIRE(taken.size() == 4);
    CHECK(taken[2].others == 2);
    CHECK(taken[3].others == 0);
}

TEST_CASE("about one request one breakdown is kept", "[telemetry]") {
    BreakdownQueue queue({10, 100, 10s});
    CHECK(queue.add(breakdown("a handler broke", 1s, "r1")));
    auto answered = breakdown("answered with a server error", 1s, "r1");
    answered.route = "/v1/news/{type}";
    CHECK_FALSE(queue.add(answered));
    CHECK(queue.add(breakdown("answered with a server error", 1s, "r2")));
    // Only who answers knows the route.
    CHECK(queue.take(1).front().route == "/v1/news/{type}");
}

TEST_CASE("who always says the same request id silences nobody", "[telemetry]") {
    BreakdownQueue queue({10, 100, 10s});
    CHECK(queue.add(breakdown("broke", 1s, "mine")));
    CHECK(queue.add(breakdown("another broke", 5s, "mine")));
    CHECK_FALSE(queue.add(breakdown("broke", 8s, "mine")));
    CHECK(queue.add(breakdown("broke", 12s, "mine")));
    CHECK(queue.take(3).back().others == 1);
}

TEST_CASE("dependencies are told of one by one, and collectors not at all", "[telemetry]") {
    Keeping keeping;
    for (const char* dependency : {"reporting:spans", "news:sports", "news:famous"}) {
        telemetry::log(telemetry::Level::error, "resilience", "a dependency does not answer",
                       {{"dependency", dependency}});
    }
    auto taken = telemetry::take_breakdowns(10);
    REQUIRE(taken.size() == 2);
    CHECK(taken.front().fields.front().second == "news:sports");
    CHECK(taken.back().fields.front().second == "news:famous");
}

TEST_CASE("breakdowns are bounded in number and by the minute", "[telemetry]") {
    BreakdownQueue narrow({2, 100, 0s});
    for (int i = 0; i < 5; ++i) narrow.add(breakdown(std::to_string(i), 1s));
    CHECK(narrow.dropped() == 3);
    CHECK(narrow.take(10).size() == 2);

    BreakdownQueue slow({100, 3, 0s});
    for (int i = 0; i < 5; ++i) slow.add(breakdown(std::to_string(i), 1s));
    CHECK(slow.dropped() == 2);
    CHECK(slow.add(breakdown("in the next minute", 61s)));
}

TEST_CASE("a line of the log that tells of a breakdown is kept, scrubbed, with its place",
          "[telemetry]") {
    Keeping keeping;
    base::Context context;
    context.request_id = "r1";
    context.trace = {1, 2, 3, true};
    telemetry::log(telemetry::Level::warning, "news", "no breakdown", {});
    telemetry::log(telemetry::Level::error, "reporting", "would speak of itself", {});
    telemetry::log(telemetry::Level::error, "http", "a handler broke",
                   {{"error", "no ada@example.org"},
                    {"route", "/v1/news/{type}"},
                    {"status", 500},
                    {"client", "203.0.113.7"},
                    {"url", "https://hooks.example/secret"}},
                   context);

    auto taken = telemetry::take_breakdowns(10);
    REQUIRE(taken.size() == 1);
    const auto& one = taken.front();
    CHECK(one.module == "http");
    CHECK(one.message == "a handler broke");
    CHECK(one.route == "/v1/news/{type}");
    CHECK(one.request_id == "r1");
    CHECK(one.trace_id == "00000000000000010000000000000002");
    using Fields = std::vector<std::pair<std::string, std::string>>;
    CHECK(one.fields == Fields{{"error", "no [address]"}, {"status", "500"}});
}

TEST_CASE("while nobody is to be told nothing is kept of the log", "[telemetry]") {
    telemetry::log(telemetry::Level::error, "news", "broke", {});
    Keeping keeping;
    CHECK(telemetry::take_breakdowns(10).empty());
}
