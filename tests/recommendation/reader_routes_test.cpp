// What readers tell: visits, choices, and whether anything of it may be kept.
#include "fixture.hpp"
#include "support/sqlite_file.hpp"

namespace recommendation {

namespace {

using namespace std::chrono_literals;
using http::Method;

/// Four articles of two labels, an hour ago.
struct Site : Fixture {
    Site() {
        config.choices_max = 3;
        config.answer_entries_max = 3;
        users.known = {{7, {7, "Ann", {}}}, {8, {8, "Bob", {}}}};
        open();
        for (int i = 1; i <= 2; ++i) publish(i, {"football"});
        for (int i = 3; i <= 4; ++i) publish(i, {"chess"});
        settle();
        clock.advance(1h);
        settle();
    }

    Answer tell(std::optional<std::int64_t> user, const nlohmann::json& body,
                const std::string& privacy = "") {
        return call(Method::post, "/v1/visits", user, body.dump(), privacy);
    }
    int put(std::int64_t user, const std::string& path) {
        return call(Method::put, "/v1/recommendation/user/7/" + path, user).status;
    }
    int remove(std::int64_t user, const std::string& path) {
        return call(Method::del, "/v1/recommendation/user/7/" + path, user).status;
    }
    std::int64_t number(const std::string& sql) {
        return support::number_from_database(folder / "recommendation.db", sql);
    }
};

nlohmann::json view_of(const std::string& item) {
    return {{"visits", {{{"kind", "view"}, {"item", item}}}}};
}

}  // namespace

TEST_CASE("visits that a front end tells of count as others do", "[recommendation]") {
    Site site;
    auto told = site.tell(7, view_of("sports/1"));
    CHECK(told.status == 202);
    CHECK(told.body ==
          nlohmann::json::parse(
              R"({"status":"success","taken":1,"repeated":0,"unknown":0,"left_out":0})"));
    CHECK(site.ids("/v1/recommendation/user/7") == R"(["football"])");
    CHECK(site.news_for(7).find('1') == std::string::npos);
    CHECK(site.news_for(7) != "not personal");
}

TEST_CASE("a visit with a name is taken once, from each reader, for a day", "[recommendation]") {
    Site site;
    nlohmann::json body = view_of("sports/1");
    body["visits"][0]["event_id"] = "a1";
    CHECK(site.tell(7, body).body.at("taken") == 1);
    CHECK(site.tell(7, body).body.at("repeated") == 1);
    CHECK(site.tell(8, body).body.at("taken") == 1);
    CHECK(site.number("select count(*) from visit_log where kind = 1") == 2);
    site.clock.advance(25h);
    site.tell(8, view_of("sports/2"));
    CHECK(site.number("select count(*) from taken_visits") == 0);
}

TEST_CASE("what is no article, or none that can be read, is counted and left out",
          "[recommendation]") {
    Site site;
    site.unpublish(2);
    site.settle();
    for (const char* item : {"sports/2", "sports/99", "weather/1"}) {
        CAPTURE(item);
        CHECK(site.tell(7, view_of(item)).body.at("unknown") == 1);
    }
    CHECK(site.number("select count(*) from visit_log where kind = 1") == 0);
}

TEST_CASE("who has left at once is not offered it again, and likes nothing by that",
          "[recommendation]") {
    Site site;
    auto body = view_of("sports/1");
    body["visits"][0]["dwell_ms"] = 1200;
    CHECK(site.tell(7, body).body.at("taken") == 1);
    CHECK(site.entries("/v1/recommendation/user/7").empty());
    auto list = site.list_for(7, {10, true});
    CHECK(list.articles.size() == 3);
    for (const auto& one : list.articles) {
        for (const auto& why : one.reasons) CHECK(why.kind == Reason::Kind::fresh);
    }
}

TEST_CASE("what nobody in particular has viewed counts once in a request", "[recommendation]") {
    Site site;
    nlohmann::json many;
    for (int i = 0; i < 50; ++i) many["visits"].push_back({{"kind", "view"}, {"item", "sports/1"}});
    auto told = site.tell({}, many);
    CHECK(told.body.at("taken") == 1);
    CHECK(told.body.at("repeated") == 49);
    // Two browsers may choose the same name, also where nobody is to know them.
    nlohmann::json body = view_of("sports/2");
    body["visits"][0]["event_id"] = "1";
    for (const char* session : {"one", "another"}) {
        body["session"] = session;
        CHECK(site.tell({}, body, "1").body.at("taken") == 1);
        CHECK(site.tell({}, body, "1").body.at("repeated") == 1);
    }
    CHECK(site.number("select count(*) from visit_log where reader is not null") == 0);
}

TEST_CASE("an old visit that is told now is in no session of now", "[recommendation]") {
    Site site;
    auto old = view_of("sports/3");
    old["visits"][0]["at"] = "2020-01-01T00:00:00Z";
    site.tell(7, view_of("sports/1"));
    site.tell(7, old);
    for (int reader = 10; reader < 16; ++reader) {
        site.tell(reader, {{"visits",
                            {{{"kind", "view"}, {"item", "sports/1"}},
                             {{"kind", "view"}, {"item", "sports/2"}}}}});
        site.tell(reader + 10, {{"visits",
                                 {{{"kind", "view"}, {"item", "sports/3"}},
                                  {{"kind", "view"}, {"item", "sports/4"}}}}});
    }
    auto list = site.list_for(7, {10, true}).articles;
    REQUIRE(list.size() == 2);
    CHECK(list.front().article.id == 2);
    CHECK(list.front().reasons.front().article == ArticleName{"sports", 1});
    for (const auto& why : list.back().reasons) CHECK(why.kind != Reason::Kind::read_next);
}

TEST_CASE("a session tells who is not logged in apart, and privacy leaves it out",
          "[recommendation]") {
    Site site;
    auto body = view_of("sports/1");
    body["session"] = "of a browser";
    CHECK(site.tell({}, body).status == 202);
    CHECK(site.number("select count(distinct reader) from visit_log where kind = 1") == 1);
    CHECK(site.tell({}, body, "1").status == 202);
    CHECK(site.number("select count(*) from visit_log where kind = 1 and reader is null") == 1);
    CHECK(site.tell({}, view_of("sports/2")).status == 202);
    CHECK(site.number("select count(*) from visit_log where kind = 1 and reader is null") == 2);
    CHECK(site.number("select count(*) from edges") == 0);
}

TEST_CASE("visits that cannot be read are refused with all that is wrong", "[recommendation]") {
    Site site;
    struct Case {
        const char* body;
        int status;
        const char* code;
        const char* said;
    };
    for (const auto& [body, status, code, said] : std::initializer_list<Case>{
             {R"([])", 400, "malformed_visits", "visits"},
             {R"({"visits": {}})", 400, "malformed_visits", "visits"},
             {R"({"visits": [1]})", 400, "malformed_visits", "visits[0]"},
             {R"({"visits": [{"kind": "stare", "item": "sports/1"}]})", 400, "malformed_visits",
              "visits[0].kind"},
             {R"({"visits": [{"kind": "view", "item": "sports"}]})", 400, "malformed_visits",
              "visits[0].item"},
             {R"({"visits": [{"kind": "view", "item": "/1"}]})", 400, "malformed_visits",
              "visits[0].item"},
             {R"({"visits": [{"kind": "view", "item": "sports/-1"}]})", 400, "malformed_visits",
              "visits[0].item"},
             {R"({"visits": [{"kind": "view", "item": "sports/1", "at": "yesterday"}]})", 400,
              "malformed_visits", "visits[0].at"},
             {R"({"visits": [{"kind": "view", "item": "sports/1", "dwell_ms": -5}]})", 400,
              "malformed_visits", "visits[0].dwell_ms"},
             {R"({"visits": [{"kind": "view", "item": "sports/1", "dwell_ms": 1e30}]})", 400,
              "malformed_visits", "visits[0].dwell_ms"},
             {R"({"visits": [{"kind": "view", "item": "sports/1", "event_id": 5}]})", 400,
              "malformed_visits", "visits[0].event_id"},
             {R"({"session": 5, "visits": []})", 400, "malformed_visits", "session"},
             {R"({"visits": [{"kind": "hide", "item": "sports/1"}]})", 401, "unauthenticated",
              "Log in"},
             {"{", 400, "malformed_json", ""}}) {
        CAPTURE(body);
        auto answer = site.call(Method::post, "/v1/visits", {}, body);
        CHECK(answer.status == status);
        CHECK(answer.body.at("error") == code);
        CHECK_THAT(answer.body.dump(), Catch::Contains(said));
    }
    nlohmann::json many;
    many["visits"] = nlohmann::json::array();
    for (int i = 0; i <= 1000; ++i) many["visits"].push_back({{"kind", "view"}, {"item", "s/1"}});
    CHECK(site.tell(7, many).status == 422);
    CHECK(site.number("select count(*) from visit_log where kind < 10") == 0);
}

TEST_CASE("a visit of the future is of now", "[recommendation]") {
    Site site;
    auto body = view_of("sports/1");
    body["visits"][0]["at"] = "2999-01-01T00:00:00Z";
    CHECK(site.tell(7, body).status == 202);
    CHECK(site.number("select at from visit_log where kind = 1") ==
          base::to_micros(site.clock.now()));
}

TEST_CASE("what is followed, muted and hidden is kept, and changes the list", "[recommendation]") {
    Site site;
    CHECK(site.put(7, "follows/chess") == 204);
    auto list = site.list_for(7).articles;
    REQUIRE(list.size() == 4);
    CHECK(list.front().article.id >= 3);
    CHECK(site.put(7, "hidden/sports/" + std::to_string(list.front().article.id)) == 204);
    CHECK(site.list_for(7).articles.size() == 3);
    CHECK(site.put(7, "mutes/football") == 204);
    CHECK(site.list_for(7).articles.size() == 1);
    auto known = site.call(Method::get, "/v1/recommendation/user/7/preferences", 7);
    auto hidden = "sports/" + std::to_string(list.front().article.id);
    CHECK(known.body.at("preferences") ==
          nlohmann::json({{"followed", {"chess"}}, {"muted", {"football"}}, {"hidden", {hidden}}}));
    // The other way round: it is one of both.
    CHECK(site.put(7, "mutes/chess") == 204);
    CHECK(site.remove(7, "follows/chess") == 204);
    known = site.call(Method::get, "/v1/recommendation/user/7/preferences", 7);
    CHECK(known.body.at("preferences").at("followed").empty());
    CHECK(known.body.at("preferences").at("muted").size() == 2);
    CHECK(site.remove(7, "mutes/chess") == 204);
    CHECK(site.remove(7, "mutes/football") == 204);
    CHECK(site.remove(7, "hidden/" + hidden) == 204);
    CHECK(site.news_for(7) == "not personal");
}

TEST_CASE("choices are bounded, and one's own alone", "[recommendation]") {
    Site site;
    for (const char* label : {"a", "b", "c"}) {
        CHECK(site.put(7, std::string("mutes/") + label) == 204);
    }
    CHECK(site.put(7, "mutes/a") == 204);
    CHECK(site.put(7, "mutes/d") == 409);
    CHECK(site.put(7, "follows/d") == 204);
    for (int i = 1; i <= 5; ++i) {
        CHECK(site.put(7, "hidden/sports/" + std::to_string(i)) == 204);
        site.clock.advance(1ms);
    }
    CHECK(site.number("select count(*) from hidden_articles") == 3);
    CHECK(site.number("select min(news_id) from hidden_articles") == 3);
    CHECK(site.put(8, "mutes/x") == 404);
    CHECK(site.remove(8, "mutes/a") == 404);
    CHECK(site.put(8, "hidden/sports/1") == 404);
    CHECK(site.put(7, "hidden/sports/nothing") == 404);
    CHECK(site.put(7, "mutes/" + std::string(300, 'x')) == 400);
    CHECK(site.call(Method::get, "/v1/recommendation/user/7/preferences", 8).status == 404);
    CHECK(site.call(Method::get, "/v1/users/7/privacy", 8).status == 404);
    CHECK(site.call(Method::put, "/v1/users/7/privacy", 8, R"({"personalisation":false})").status ==
          404);
    CHECK(site.call(Method::get, "/v1/users/7/privacy/export", 8).status == 404);
}

TEST_CASE("without personalisation nothing is there, and nothing comes", "[recommendation]") {
    Site site;
    const std::string privacy = "/v1/users/7/privacy";
    site.tell(7, view_of("sports/1"));
    site.tell(8, view_of("sports/1"));
    site.put(7, "mutes/chess");
    site.put(7, "hidden/sports/4");
    site.visit(7, 2, {"football"});
    site.apply();
    CHECK(site.call(Method::get, privacy, 7).body.at("personalisation") == true);
    auto off = site.call(Method::put, privacy, 7, R"({"personalisation":false})");
    CHECK(off.status == 200);
    CHECK(off.body.at("personalisation") == false);
    CHECK(site.news_for(7) == "not personal");
    CHECK(site.entries("/v1/recommendation/user/7").empty());
    CHECK(site.number("select count(*) from visit_log where reader is not null") == 1);
    CHECK(site.number("select count(*) from edges where user_id = 7") == 0);
    CHECK(site.number("select count(*) from views where user_id = 7") == 0);
    CHECK(site.number("select count(*) from label_choices") == 0);
    CHECK(site.number("select count(*) from hidden_articles") == 0);

    CHECK(site.tell(7, view_of("sports/2")).body.at("left_out") == 1);
    site.visit(7, 3, {"chess"});
    site.apply();
    CHECK(site.put(7, "mutes/chess") == 409);
    CHECK(site.put(7, "hidden/sports/1") == 409);
    CHECK(site.number("select count(*) from visit_log where reader is not null") == 1);
    CHECK(site.news_for(7) == "not personal");
    CHECK(site.call(Method::get, privacy, 7).body.at("personalisation") == false);

    CHECK(site.call(Method::put, privacy, 7, R"({"personalisation":true})").status == 200);
    CHECK(site.tell(7, view_of("sports/2")).body.at("taken") == 1);
    CHECK(site.news_for(7) != "not personal");
    for (const char* body : {"{}", "[]", R"({"personalisation": 1})"}) {
        CHECK(site.call(Method::put, privacy, 7, body).status == 400);
    }
}

TEST_CASE("who was removed before comes back by no choice", "[recommendation]") {
    Site site;
    site.remove_user(7);
    site.settle();
    CHECK(site.call(Method::put, "/v1/users/7/privacy", 7, R"({"personalisation":true})").status ==
          200);
    CHECK(site.tell(7, view_of("sports/2")).body.at("left_out") == 1);
}

TEST_CASE("somebody gets all that is known of them", "[recommendation]") {
    Site site;
    site.tell(7, view_of("sports/1"));
    site.tell(8, view_of("sports/2"));
    auto liked = view_of("sports/3");
    liked["visits"][0]["kind"] = "like";
    site.tell(7, liked);
    site.put(7, "follows/chess");
    site.visit(7, 2, {"football", "a", "b", "c", "d"});
    site.apply();
    auto known = site.call(Method::get, "/v1/users/7/privacy/export", 7);
    CHECK(known.body.at("interests").size() == 5);
    REQUIRE(known.status == 200);
    CHECK(known.body.at("user").at("name") == "Ann");
    CHECK(known.body.at("personalisation") == true);
    CHECK(known.body.at("preferences").at("followed") == nlohmann::json({"chess"}));
    CHECK(known.body.at("interests").at(0).at("id") == "football");
    auto visits = known.body.at("visits");
    REQUIRE(visits.size() == 3);
    CHECK(visits.at(0).at("item") == "sports/1");
    CHECK(visits.at(1).at("kind") == "like");
    CHECK(known.body.at("next").is_null());
    nlohmann::json many;
    for (int i = 0; i < 1000; ++i)
        many["visits"].push_back({{"kind", "view"}, {"item", "sports/4"}});
    CHECK(site.tell(7, many).status == 202);
    known = site.call(Method::get, "/v1/users/7/privacy/export", 7);
    CHECK(known.body.at("visits").size() == 1000);
    auto next = known.body.at("next").get<std::string>();
    known = site.call(Method::get, "/v1/users/7/privacy/export?cursor=" + next, 7);
    CHECK(known.body.at("visits").size() == 3);
    CHECK(known.body.at("next").is_null());
}

}  // namespace recommendation
