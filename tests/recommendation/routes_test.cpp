#include <cmath>

#include "fixture.hpp"

namespace recommendation {

namespace {

using namespace std::chrono_literals;
using Mood = FakeUsers::Mood;

constexpr base::Actor reader_7{7, base::Role::reader};
constexpr base::Actor reader_8{8, base::Role::reader};

/// Two readers, of whom the first likes "cup" more; a third is no registered user.
class Filled : public Fixture {
public:
    Filled() {
        config.profiles_deadline_ms = 10s;
        reopen();
        users.known = {{7, {7, "Ann", "ann@example.org"}}, {8, {8, "Bob", "bob@example.org"}}};
        visit(7, 1, {"cup"});
        visit(7, 2, {"cup"});
        visit(8, 1, {"cup", "Formula 1"});
        clock.advance(-1h);
        visit(9, 1, {"cup"});
        clock.advance(1h);
        apply();
        REQUIRE(counted("portal_recommendation_visits_applied_total") == 4);
    }
    void reopen() {
        close();
        open();
    }
};

constexpr const char* cup = "/v1/recommendation/label/cup";

std::string text_of(const http::Response& response) {
    return std::get<std::string>(response.body);
}

}  // namespace

TEST_CASE("readers and admins see what a reader cares about, others that there is none",
          "[recommendation]") {
    Filled graph;
    struct Case {
        const char* path;
        base::Actor actor;
        int status;
    };
    std::vector<Case> cases{
        {"/v1/recommendation/user/7", reader_7, 200},
        {"/v1/recommendation/user/7", Fixture::admin, 200},
        {"/v1/recommendation/user/7", reader_8, 404},
        {"/v1/recommendation/user/7", Fixture::editor, 404},
        {"/v1/recommendation/user/7", {}, 404},
        {"/v1/recommendation/user/12345", reader_8, 404},
        {"/v1/recommendation/user/12345", Fixture::admin, 200},
        {"/v1/recommendation/user/07", reader_7, 404},
        {"/v1/recommendation/user/x", Fixture::admin, 404},
        {"/v1/recommendation/user/9007199254740992", Fixture::admin, 404},
    };
    for (const auto& one : cases) {
        CAPTURE(one.path, one.actor.id.value_or(0));
        auto response = graph.get(one.path, one.actor);
        CHECK(response.status == one.status);
        if (one.status == 200) CHECK(response.cache_control == "private, no-cache");
        if (one.status == 404) CHECK_THAT(text_of(response), Catch::Contains("\"user_not_found\""));
    }
    // Nobody can tell another's list from one that is not there.
    CHECK(text_of(graph.get("/v1/recommendation/user/7", reader_8)) ==
          text_of(graph.get("/v1/recommendation/user/12345", reader_8)));
    CHECK(graph.ids("/v1/recommendation/user/12345") == "[]");
}

TEST_CASE("a reader's list has labels, weights and times, rare labels first", "[recommendation]") {
    Filled graph;
    auto list = graph.entries("/v1/recommendation/user/8", reader_8);
    REQUIRE(list.size() == 2);
    CHECK(list[0]["id"] == "Formula 1");
    CHECK(list[0]["weight"].get<double>() == Approx(std::log(1 + 3.0 / 1)));
    CHECK(list[0]["last_seen"] == "2026-03-01T12:00:00.000Z");
    CHECK(list[0].size() == 3);
    CHECK(list[1]["id"] == "cup");
    CHECK(list[1]["weight"].get<double>() == Approx(std::log(1 + 3.0 / 3)));

    graph.clock.advance(14 * 24h);
    auto later = graph.entries("/v1/recommendation/user/8", reader_8);
    CHECK(later[0]["weight"].get<double>() == Approx(list[0]["weight"].get<double>() / 2));
}

TEST_CASE("a label's readers have names, those of most weight first", "[recommendation]") {
    Filled graph;
    auto response = graph.get(cup, Fixture::editor);
    CHECK(response.status == 200);
    CHECK(text_of(response) == R"([{"id":7,"name":"Ann"},{"id":8,"name":"Bob"}])");
    CHECK(response.cache_control == "private, no-cache");
    CHECK_FALSE(graph.users.email_asked);
    CHECK(graph.ids("/v1/recommendation/label/Formula%201") == "[8]");
}

TEST_CASE("only admins see e-mail addresses", "[recommendation]") {
    Filled graph;
    CHECK(text_of(graph.get(cup, Fixture::admin)) ==
          R"([{"id":7,"name":"Ann","email":"ann@example.org"},)"
          R"({"id":8,"name":"Bob","email":"bob@example.org"}])");
    CHECK(graph.users.email_asked);
    // Also not if users gives what it was not asked for.
    for (auto role : {base::Role::editor, base::Role::author}) {
        CHECK_THAT(text_of(graph.get(cup, {3, role})), !Catch::Contains("@"));
    }
}

TEST_CASE("without an answer of users the ids go out alone, and are not kept", "[recommendation]") {
    Filled graph;
    for (auto mood : {Mood::refuses, Mood::breaks}) {
        graph.users.mood = mood;
        auto response = graph.get(cup, Fixture::admin);
        CHECK(response.status == 200);
        CHECK(text_of(response) == R"([{"id":7},{"id":8},{"id":9}])");
        CHECK(response.cache_control == "no-store");
    }
    CHECK(graph.counted("portal_recommendation_nameless_answers_total") == 2);
    graph.users.mood = Mood::answers;
    CHECK(graph.ids(cup) == "[7,8]");
}

TEST_CASE("users that never answers is not waited for", "[recommendation]") {
    Filled graph;
    graph.config.profiles_deadline_ms = 30ms;
    graph.reopen();
    graph.users.mood = Mood::hangs;
    auto started = std::chrono::steady_clock::now();
    auto response = graph.get(cup, Fixture::editor);
    auto took = std::chrono::steady_clock::now() - started;
    CHECK(text_of(response) == R"([{"id":7},{"id":8},{"id":9}])");
    CHECK(response.cache_control == "no-store");
    CHECK(took >= 30ms);
    CHECK(took < 20s);  // the hanging call would take an hour
}

TEST_CASE("a label that nobody reads is an empty list, and users is not asked",
          "[recommendation]") {
    Filled graph;
    auto response = graph.get("/v1/recommendation/label/chess", Fixture::editor);
    CHECK(response.status == 200);
    CHECK(text_of(response) == "[]");
    CHECK(graph.users.asked == 0);
}

TEST_CASE("an answer has no more entries than the settings say", "[recommendation]") {
    Filled graph;
    graph.config.answer_entries_max = 1;
    graph.reopen();
    CHECK(graph.ids("/v1/recommendation/user/8") == R"(["Formula 1"])");
    CHECK(graph.ids(cup) == "[7]");

    // The heaviest by weight, although "cup" has the higher rank: 3 ln 2 against 2 ln 4.
    graph.visit(7, 3, {"chess"});
    graph.visit(7, 4, {"cup", "chess"});
    graph.apply();
    REQUIRE(graph.counted("portal_recommendation_visits_applied_total") == 6);
    CHECK(graph.ids("/v1/recommendation/user/7") == R"(["chess"])");
}

TEST_CASE("each route says who may call it", "[recommendation]") {
    Fixture graph;
    graph.open(false);
    std::map<std::string, http::Access> rules;
    for (const auto& route : graph.router->routes()) {
        auto method = std::string(http::name_of(route->method));
        rules.emplace(method + " " + route->pattern, route->access);
    }
    using http::Access;
    const std::string user = "/v1/recommendation/user/{id}";
    CHECK(rules ==
          std::map<std::string, Access>{{"GET " + user, Access::login},
                                        {"GET /v1/recommendation/label/{label}", Access::editor},
                                        {"GET /v1/recommendation/healthcheck", Access::anyone},
                                        {"POST /v1/visits", Access::anyone},
                                        {"GET " + user + "/preferences", Access::login},
                                        {"PUT " + user + "/follows/{label}", Access::login},
                                        {"DELETE " + user + "/follows/{label}", Access::login},
                                        {"PUT " + user + "/mutes/{label}", Access::login},
                                        {"DELETE " + user + "/mutes/{label}", Access::login},
                                        {"PUT " + user + "/hidden/{type}/{news}", Access::login},
                                        {"DELETE " + user + "/hidden/{type}/{news}", Access::login},
                                        {"GET /v1/users/{id}/privacy", Access::login},
                                        {"PUT /v1/users/{id}/privacy", Access::login},
                                        {"GET /v1/users/{id}/privacy/export", Access::login}});
}

}  // namespace recommendation
