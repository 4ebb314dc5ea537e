// What an article said is told to nobody once it is taken from its readers.
#include "fixture.hpp"

using namespace std::chrono_literals;

namespace live {

namespace {

const std::string from_the_start = "since=politics:0,sports:0";
const nlohmann::json only_named = {{"id", 1}, {"news_type", "sports"}};

struct WayOut {
    const char* word;
    const char* event;
    nlohmann::json body;
    news::Status status;
};

const std::vector<WayOut>& ways() {
    static const std::vector<WayOut> all = {
        {"killed", "article_killed.v1", {{"notice", "N"}}, news::Status::killed},
        {"unpublished", "article_unpublished.v1", nlohmann::json::object(), news::Status::draft},
        {"removed", "article_removed.v1", nlohmann::json::object(), news::Status::removed},
        {"unpublished",
         "article_revised.v2",
         {{"status", "published"},
          {"published_at", "2026-03-01T12:00:00.123Z"},
          {"embargo_until", "2026-03-02T12:00:00.000Z"}},
         news::Status::draft},
    };
    return all;
}

/// It says that, and is public.
news::Article article_of(std::int64_t id, const std::string& content) {
    news::Article article;
    article.id = id;
    article.title = "Title";
    article.author = "Ann";
    article.content = content;
    article.news_type = "sports";
    article.status = news::Status::published;
    article.published_at = base::parse_rfc3339("2026-03-01T12:00:00.123Z");
    return article;
}

std::string events_of(const std::vector<Told>& all) {
    std::string words;
    for (const auto& one : all) words += one.event + " ";
    return words;
}

}  // namespace

TEST_CASE("what was told of an article that is taken from its readers says no more what it said") {
    for (const auto& way : ways()) {
        for (bool from_logs : {false, true}) {
            INFO(way.event << (from_logs ? " from the logs" : " from the ring"));
            Fixture it;
            it.config.buffer_events_max = 16;
            it.close();
            it.open();
            auto& there = it.listen("?tags=Cup");
            it.publish("sports", 1, {"Cup"});
            it.publish("sports", 2, {"Cup"});
            it.revise("sports", 1, {"Cup", "Final"});
            CHECK(there.writer.text.find("Text") != std::string::npos);
            CHECK(there.words() == "published sports 1, published sports 2, updated sports 1");
            it.happens("sports", 1, way.event, way.body, way.status, {"Cup", "Final"});
            auto heard = there.events();
            REQUIRE(heard.size() == 1);
            CHECK(heard[0].event == way.word);
            CHECK(heard[0].data.at("news") == only_named);
            if (from_logs) {
                for (int i = 0; i < 20; ++i) it.publish("politics", 10 + i);
            }
            auto expected = "published published updated " + std::string(way.word) + " ";
            for (const std::string query :
                 {"?follow=0&types=sports&", "?types=sports&", "?tags=Cup&", "?tags=Final,Cup&"}) {
                INFO(query);
                auto told = it.listen(query + from_the_start).events();
                CHECK(events_of(told) == expected);
                for (const auto& one : told) {
                    const auto& news = one.data.at("news");
                    if (news.at("id") == 1) CHECK(news == only_named);
                    if (news.at("id") == 2) CHECK(news.at("content") == "Text");
                }
            }
            // Each id in between leads there, too.
            auto& last = it.listen("?types=sports&since=politics:0,sports:2");
            CHECK(last.writer.text.find("Text") == std::string::npos);
            CHECK(last.words() == "updated sports 1, " + std::string(way.word) + " sports 1");
        }
    }
}

TEST_CASE("who may see an article again is not told what it said before it was taken back") {
    Fixture it;
    it.sports_queries.put(article_of(1, "A secret"));
    nlohmann::json body = {{"title", "Title"},
                           {"description", ""},
                           {"content", "A secret"},
                           {"author", "Ann"},
                           {"tags", nlohmann::json::array()},
                           {"status", "published"},
                           {"published_at", "2026-03-01T12:00:00.123Z"}};
    it.sports.add(1, body.dump(), "article_created.v1");
    it.settle();
    // Heard together: by then it is public again.
    it.sports_queries.put(article_of(1, "No secret"));
    it.sports.add_unannounced(1, "{}", "article_unpublished.v1");
    it.sports_queries.put(article_of(1, "No secret"));
    it.sports.add(1, R"({"status":"published","published_at":"2026-03-01T12:00:00.123Z"})",
                  "article_published.v1");
    it.settle();
    for (bool anew : {false, true}) {
        if (anew) {
            it.close();
            it.open();
        }
        auto& listener = it.listen("?" + from_the_start);
        CHECK(listener.writer.text.find("A secret") == std::string::npos);
        auto told = listener.events();
        REQUIRE(told.size() == 3);
        CHECK(told[0].event == "published");
        CHECK(told[0].data.at("news") == only_named);
        CHECK(told[1].event == "unpublished");
        CHECK(told[1].data.at("news") == only_named);
        CHECK(told[2].event == "published");
        CHECK(told[2].data.at("news").at("content") == "No secret");
    }
}

TEST_CASE("who is told slowly what it has missed is told nothing that was taken back meanwhile") {
    Fixture it;
    it.config.buffer_events_max = 16;
    it.close();
    it.open();
    for (int i = 1; i <= 40; ++i) it.publish("sports", i);
    auto& slow = it.listen_slowly("?" + from_the_start);
    it.happens("sports", 3, "article_killed.v1", {{"notice", "N"}}, news::Status::killed);
    slow.writer.take();
    it.settle();
    auto told = slow.events();
    REQUIRE(told.size() == 41);
    for (std::size_t i = 0; i < 40; ++i) {
        CHECK(told[i].data.at("news").at("id") == i + 1);
        CHECK(told[i].data.at("news").contains("content") == (i != 2));
    }
    CHECK(told[40].event == "killed");
}

TEST_CASE("an article whose time is over is told bare, before its event comes and after") {
    Fixture it;
    auto expiring = article_of(1, "Text");
    expiring.expires_at = it.clock.now() + 1h;
    it.sports_queries.put(expiring);
    nlohmann::json body = {{"title", "Title"},
                           {"description", ""},
                           {"content", "Text"},
                           {"author", "Ann"},
                           {"tags", nlohmann::json::array()},
                           {"status", "published"},
                           {"published_at", "2026-03-01T12:00:00.123Z"},
                           {"expires_at", "2026-03-01T13:00:00.000Z"}};
    it.sports.add(1, body.dump(), "article_created.v1");
    it.settle();
    CHECK(it.listen("?" + from_the_start).events()[0].data.at("news").at("content") == "Text");
    it.pass(1h);
    auto told = it.listen("?" + from_the_start).events();
    REQUIRE(told.size() == 1);
    CHECK(told[0].event == "published");
    CHECK(told[0].id == "politics:0,sports:1");
    CHECK(told[0].data.at("news") == only_named);
}

TEST_CASE("what an article said is hidden, too, when nobody can say what becomes of it") {
    Fixture it;
    it.publish("sports", 1);
    CHECK(it.listen("?" + from_the_start).events()[0].data.at("news").at("content") == "Text");
    it.sports.add(1, "no JSON", "article_revised.v1");
    it.settle();
    auto told = it.listen("?" + from_the_start).events();
    REQUIRE(told.size() == 1);
    CHECK(told[0].data.at("news") == only_named);
}

}  // namespace live
