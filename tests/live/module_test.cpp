#include <set>

#include "fixture.hpp"

using namespace std::chrono_literals;

namespace live {

namespace {

const nlohmann::json nothing = nlohmann::json::object();
const std::string created = R"({"title":"T","description":"","content":"C","author":"A","tags":[],)"
                            R"("status":"published","published_at":"2026-03-01T12:00:00.123Z"})";

}  // namespace

TEST_CASE("a reader hears of changes as they happen, each with the item of lists") {
    Fixture it;
    it.publish("sports", 1);
    auto& listener = it.listen();
    CHECK(std::get<http::Stream>(listener.head.body).length == std::nullopt);
    CHECK(listener.head.content_type == "text/event-stream; charset=utf-8");
    CHECK(listener.head.cache_control == "no-store");
    CHECK(listener.writer.text.starts_with("retry: "));
    CHECK(listener.words().empty());
    CHECK(listener.last_id == "politics:0,sports:1");

    it.publish("politics", 2, {"Vote"});
    auto told = listener.events();
    REQUIRE(told.size() == 1);
    CHECK(told[0].id == "politics:1,sports:1");
    CHECK(told[0].event == "published");
    CHECK(told[0].data.at("event") == "published");
    CHECK(told[0].data.at("news").at("title") == "Title");
    CHECK(told[0].data.at("news").at("tags") == nlohmann::json::array({"Vote"}));

    it.revise("sports", 1);
    it.happens("sports", 1, "article_corrected.v1", {{"note", "N"}}, news::Status::published);
    it.happens("sports", 1, "article_killed.v1", {{"notice", "N"}}, news::Status::killed);
    told = listener.events();
    REQUIRE(told.size() == 3);
    CHECK(told[0].event == "updated");
    CHECK(told[1].event == "corrected");
    CHECK(told[2].event == "killed");
    // Of what nobody sees any more only the name is told.
    CHECK(told[2].data.at("news") == nlohmann::json({{"id", 1}, {"news_type", "sports"}}));
}

TEST_CASE("nobody hears of drafts, of embargoes, or of the end of what was never public") {
    Fixture it;
    auto& listener = it.listen();
    nlohmann::json draft = {{"title", "Secret"},
                            {"description", ""},
                            {"content", "Text"},
                            {"author", "Ann"},
                            {"tags", nlohmann::json::array()},
                            {"status", "draft"}};
    it.happens("sports", 1, "article_created.v1", draft, news::Status::draft);
    it.happens("sports", 1, "article_revised.v1", {{"title", "Secret 2"}}, news::Status::draft);
    it.happens("sports", 1, "article_removed.v1", nothing, news::Status::removed);
    auto embargoed = draft;
    embargoed["status"] = "published";
    embargoed["published_at"] = "2026-03-01T12:00:00.123Z";
    embargoed["embargo_until"] = "2026-03-02T12:00:00.000Z";
    it.happens("sports", 2, "article_created.v1", embargoed, news::Status::draft);
    it.happens("sports", 2, "article_revised.v1", {{"title", "Secret 3"}}, news::Status::draft);
    CHECK(listener.words().empty());
    // The end of an embargo is the first that is heard.
    it.happens("sports", 2, "article_embargo_ended.v1",
               {{"status", "published"}, {"published_at", "2026-03-01T12:00:00.123Z"}},
               news::Status::published);
    CHECK(listener.words() == "published sports 2");
}

TEST_CASE("an item that nobody may see when its event is told comes without what it says") {
    Fixture it;
    it.sports_queries.put(
        {.id = 1, .title = "Old", .news_type = "sports", .status = news::Status::published});
    // Two events are heard together; by then it is a draft.
    it.sports.add_unannounced(
        1,
        R"({"title":"T","description":"","content":"C","author":"A","tags":[],)"
        R"("status":"published","published_at":"2026-03-01T12:00:00.123Z"})",
        "article_created.v1");
    auto& listener = it.listen();
    it.happens("sports", 1, "article_unpublished.v1", nothing, news::Status::draft);
    auto told = listener.events();
    REQUIRE(told.size() == 2);
    CHECK(told[0].event == "published");
    CHECK(told[0].data.at("news") == nlohmann::json({{"id", 1}, {"news_type", "sports"}}));
    CHECK(told[1].event == "unpublished");
}

TEST_CASE("who comes back is told everything once and in order, also after a restart") {
    Fixture it;
    auto& first = it.listen();
    it.publish("sports", 1);
    it.publish("politics", 2);
    CHECK(first.words() == "published sports 1, published politics 2");
    it.publish("sports", 3);
    it.revise("politics", 2);
    it.publish("sports", 4);
    // From the ring.
    auto& again = it.listen({}, first.last_id);
    CHECK(again.words() == "published sports 3, updated politics 2, published sports 4");
    CHECK(it.listen("?since=" + first.last_id).words() ==
          "published sports 3, updated politics 2, published sports 4");

    for (std::int64_t events_max : {16, 1024}) {
        it.close();
        it.config.buffer_events_max = events_max;
        it.open();
        auto& back = it.listen({}, first.last_id);
        // In order within each log; which of two logs comes first is not said.
        auto told = back.events();
        REQUIRE(told.size() == 3);
        std::string sports;
        for (const auto& one : told) {
            const auto& news = one.data.at("news");
            if (news.at("news_type") == "sports") sports += news.at("id").dump() + " ";
        }
        CHECK(sports == "3 4 ");
        CHECK(back.last_id == "politics:2,sports:3");
        // Every id in between leads to the rest, too: no gap, nothing twice.
        for (std::size_t i = 0; i < told.size(); ++i) {
            CHECK(it.listen({}, told[i].id).events().size() == told.size() - 1 - i);
        }
    }
}

TEST_CASE("what is not in memory any more is read from the logs, and joins what comes") {
    Fixture it;
    it.config.buffer_events_max = 16;
    it.close();
    it.open();
    for (int i = 1; i <= 250; ++i) {
        it.publish(i % 5 == 0 ? "politics" : "sports", i, {i % 2 == 0 ? "Even" : "Odd"});
    }
    auto& listener = it.listen("?since=politics:0,sports:0");
    it.publish("sports", 251);
    auto told = listener.events();
    REQUIRE(told.size() == 251);
    std::int64_t sports = 0;
    std::int64_t politics = 0;
    std::set<std::int64_t> ids;
    for (const auto& one : told) {
        const auto& news = one.data.at("news");
        auto& last = news.at("news_type") == "sports" ? sports : politics;
        auto id = news.at("id").get<std::int64_t>();
        CHECK(id > last);
        last = id;
        ids.insert(id);
    }
    CHECK(ids.size() == 251);
    CHECK(listener.last_id == "politics:50,sports:201");
    auto& even = it.listen("?since=politics:0,sports:0&types=sports&tags=Even,No");
    CHECK(even.events().size() == 100);
}

TEST_CASE("who has missed much waits for a turn, and is refused nothing") {
    Fixture it;
    it.config.buffer_events_max = 16;
    it.config.catch_ups_max = 1;
    it.close();
    it.open();
    for (int i = 1; i <= 40; ++i) it.publish("sports", i);
    // One whose client takes nothing keeps its turn until it is gone.
    auto& first = it.listen_slowly("?since=politics:0,sports:0");
    auto& second = it.listen("?since=politics:0,sports:1");
    CHECK(second.words().empty());
    first.writer.take();
    it.settle();
    it.pass(250ms);
    CHECK(first.events().size() == 40);
    CHECK(second.events().size() == 39);
}

TEST_CASE("an import that nobody listens to is not made ready, and told to who comes") {
    Fixture it;
    auto told = [&] {
        return it.metrics.counter("portal_live_events_total", "", {{"kind", "public"}}).value();
    };
    SECTION("in ordinary batches") {}
    SECTION("in small batches") {
        it.close();
        it.config.bus.batch_events_max = 7;
        it.open();
    }
    for (int i = 1; i <= 300; ++i) it.sports.add_unannounced(i, created, "article_created.v1");
    it.publish("sports", 301);
    CHECK(told() < 300);
    CHECK(it.listen("?since=politics:0,sports:0").events().size() == 301);
    auto& once = it.listen("?follow=0&since=politics:0,sports:150");
    CHECK(once.events().size() == 151);
    CHECK(once.outcome);
    auto before = told();
    for (int i = 302; i <= 600; ++i) it.sports.add_unannounced(i, created, "article_created.v1");
    it.publish("sports", 601);
    // Somebody listens.
    CHECK(told() == before + 300);
}

TEST_CASE("a reader hears of its types and tags alone, and its id goes on all the same") {
    Fixture it;
    auto& listener = it.listen("?types=sports&tags=Cup,Final");
    it.publish("politics", 1, {"Cup"});
    it.publish("sports", 2, {"Other"});
    it.publish("sports", 3, {"Final"});
    it.revise("sports", 3, {"Other"});
    it.revise("sports", 3, {"Other"});
    // The change by which it is not of that tag any more is the last that is heard of it.
    CHECK(listener.words() == "published sports 3, updated sports 3");
    it.publish("politics", 4);
    it.pass(it.config.heartbeat_ms);
    it.pass(250ms);
    CHECK(listener.words().empty());
    CHECK(listener.last_id == "politics:2,sports:4");
}

TEST_CASE("a position that leads nowhere is refused, or said in the stream") {
    Fixture it;
    it.config.catch_up_max = 3;
    it.close();
    it.open();
    for (int i = 1; i <= 4; ++i) it.publish("sports", i);
    struct Row {
        const char* since;
        const char* refusal;
        const char* reason;
    };
    for (const auto& row : {Row{"sports:1", "400 malformed_since", "malformed_since"},
                            Row{"12", "400 malformed_since", "malformed_since"},
                            Row{"politics:0,sports:5", "409 since_unknown", "since_unknown"},
                            Row{"politics:0,sports:0", "409 since_too_old", "since_too_old"}}) {
        INFO(row.since);
        CHECK(it.refusal(std::string("?since=") + row.since) == row.refusal);
        auto& listener = it.listen({}, row.since);
        auto told = listener.events();
        REQUIRE(told.size() == 1);
        CHECK(told[0].event == "reset");
        CHECK(told[0].data.at("reason") == row.reason);
        CHECK(told[0].id == "politics:0,sports:4");
    }
    CHECK(it.refusal("?since=sports:1&types=sports") == "200");
    CHECK(it.refusal("?since=") == "400 malformed_since");
    CHECK(it.refusal("?types=chess") == "400 malformed_types");
    CHECK(it.refusal("?types=sports,,politics") == "400 malformed_types");
    CHECK(it.refusal("?tags=") == "400 malformed_tags");
    CHECK(it.refusal("?tags=" + std::string(51, 'x')) == "400 malformed_tags");
    CHECK(it.refusal("?tag=Cup") == "400 malformed_filter");
    CHECK(it.refusal("?follow=no") == "400 malformed_follow");
    auto& once = it.listen("?follow=0&since=politics:0,sports:2");
    CHECK(once.words() == "published sports 3, published sports 4");
    CHECK(once.outcome);
}

TEST_CASE("a slow reader is closed and comes back to the rest, and nobody else notices") {
    Fixture it;
    it.config.buffer_events_max = 16;
    it.close();
    it.open();
    auto& slow = it.listen();
    auto& quick = it.listen();
    CHECK(slow.words().empty());
    slow.writer.takes = false;
    for (int i = 1; i <= 40; ++i) it.publish("sports", i);
    CHECK(quick.events().size() == 40);
    CHECK(slow.writer.text.empty());
    CHECK_FALSE(slow.outcome);
    slow.writer.take();
    it.settle();
    REQUIRE(slow.outcome);
    CHECK(slow.writer.text.ends_with("\n\n"));
    auto before = slow.events().size();
    CHECK(before < 40);
    CHECK(it.listen({}, slow.last_id).events().size() == 40 - before);
    CHECK(quick.words().empty());
}

TEST_CASE("a reader ends when nobody wants it, and makes place") {
    Fixture it;
    it.config.readers_max = 2;
    it.close();
    it.open();
    auto& one = it.listen();
    it.listen();
    CHECK(it.refusal("") == "503 live_full");
    it.pass(it.config.heartbeat_ms);
    CHECK_FALSE(one.outcome);
    CHECK(one.writer.text.ends_with(":\nid: politics:0,sports:0\n\n"));
    one.writer.is_wanted = false;
    it.pass(250ms);
    REQUIRE(one.outcome);
    CHECK(*one.outcome);
    CHECK(it.refusal("") == "200");
}

TEST_CASE("what cannot be looked up now is told when it can") {
    Fixture it;
    auto& listener = it.listen();
    it.sports.refuse(true);
    it.publish("sports", 1);
    it.publish("politics", 2);
    CHECK(listener.words() == "published politics 2");
    it.sports.refuse(false);
    it.pass(500ms);
    CHECK(listener.words() == "published sports 1");
    // An event that nobody can read holds up nothing.
    it.sports.add(9, "no JSON", "article_created.v1");
    it.publish("sports", 3);
    CHECK(listener.words() == "published sports 3");
}

}  // namespace live
