// What those hear who write.
#include "fixture.hpp"

using namespace std::chrono_literals;

namespace live {

namespace {

constexpr std::int64_t ann = 7;
constexpr std::int64_t ben = 8;

/// The newsroom's stream, beside an article of Ann's and one of Ben's.
struct Newsroom : Fixture {
    Newsroom() {
        path = "/v1/newsroom/live";
        add(sports_items, "sports", 1, ann);
        add(politics_items, "politics", 2, ben);
    }
    static void add(support::FakeItems& items, const char* type, news::ArticleId id,
                    std::int64_t owner) {
        news::Item item;
        item.id = id;
        item.news_type = type;
        item.title = "Draft";
        item.created_by = owner;
        item.tags = {"Vote", "Cup"};
        items.all.push_back(item);
    }
    Listener& listen_as(std::int64_t id, base::Role role, const std::string& query = {}) {
        actor = {id, role};
        return listen(query);
    }
    void step(support::FakeFeed& feed, std::int64_t id, const std::string& type,
              const std::string& body) {
        feed.add(id, body, type);
        settle();
    }
};

/// `submitted 1, approved 2`
std::string steps_of(Listener& listener) {
    std::string all;
    for (const auto& told : listener.events()) {
        if (!all.empty()) all += ", ";
        all += told.event + " " + told.data.at("news_id").dump();
    }
    return all;
}

}  // namespace

TEST_CASE("editors hear of every step, authors of those with their own articles") {
    Newsroom it;
    auto& eve = it.listen_as(9, base::Role::editor);
    auto& author = it.listen_as(ann, base::Role::author);
    auto& vote = it.listen_as(9, base::Role::admin, "?types=politics&tags=Vote");
    it.step(it.sports, 1, "article_submitted.v1", R"({"note":"Please look"})");
    it.step(it.politics, 2, "article_returned.v1", R"({"note":"Not yet"})");
    it.step(it.sports, 1, "article_approved.v1", "{}");
    // Of one that is not listed any more nobody knows whose it is.
    it.step(it.sports, 3, "article_removed.v1", "{}");
    CHECK(steps_of(author) == "submitted 1, approved 1");
    CHECK(steps_of(vote) == "returned 2");
    auto told = eve.events();
    REQUIRE(told.size() == 4);
    CHECK(told[0].event == "submitted");
    CHECK(told[0].data.at("event") == "submitted");
    CHECK(told[0].data.at("note") == "Please look");
    CHECK(told[0].data.at("version") == 1);
    CHECK(told[0].data.at("news").at("title") == "Draft");
    CHECK(told[0].data.at("news").at("created_by") == ann);
    CHECK(told[1].data.at("news_type") == "politics");
    CHECK(told[3].event == "removed");
    CHECK(told[3].data.at("news") == nullptr);
    // What was missed comes from the logs, to each what is theirs.
    it.actor = {ben, base::Role::author};
    CHECK(steps_of(it.listen("?since=politics:0,sports:0")) == "returned 2");
    it.actor = {std::nullopt, base::Role::author};
    CHECK(steps_of(it.listen("?since=politics:0,sports:0")).empty());
}

TEST_CASE("who works on an article hears who has it open") {
    Newsroom it;
    auto& eve = it.listen_as(9, base::Role::editor);
    auto& author = it.listen_as(ann, base::Role::author);
    auto& other = it.listen_as(ben, base::Role::author);
    auto since = it.clock.now();
    it.presence->publish({{"sports", 1}, {{9, since, since}}});
    it.settle();
    auto told = author.events();
    REQUIRE(told.size() == 1);
    CHECK(told[0].event == "presence");
    CHECK(told[0].data ==
          nlohmann::json({{"event", "presence"},
                          {"news_type", "sports"},
                          {"news_id", 1},
                          {"present", {{{"user", 9}, {"since", "2026-03-01T12:00:00.000Z"}}}}}));
    it.presence->publish({{"sports", 1}, {}});
    it.settle();
    // Who comes later asks for it.
    CHECK(it.listen_as(9, base::Role::editor).events().empty());
    CHECK(eve.events().size() == 2);
    CHECK(author.events()[0].data.at("present").empty());
    CHECK(other.events().empty());
}

TEST_CASE("a stream of the newsroom ends after a while, so that it is asked again who reads it") {
    Newsroom it;
    auto& eve = it.listen_as(9, base::Role::editor);
    it.pass(it.config.newsroom_span_ms - 250ms);
    CHECK_FALSE(eve.outcome);
    it.pass(500ms);
    REQUIRE(eve.outcome);
    CHECK(*eve.outcome);
    CHECK(eve.writer.text.ends_with("\n\n"));
}

TEST_CASE("what a reader of the newsroom has missed does not keep its stream open for longer") {
    Newsroom it;
    it.close();
    it.config.catch_ups_max = 1;
    it.config.newsroom_span_ms = 1000ms;
    it.open();
    for (int i = 0; i < 40; ++i) it.step(it.sports, 1, "article_submitted.v1", "{}");
    it.actor = {9, base::Role::editor};
    auto& slow = it.listen_slowly("?since=politics:0,sports:0");
    auto& waiting = it.listen("?since=politics:0,sports:0");
    it.pass(750ms);
    CHECK_FALSE(waiting.outcome);
    it.pass(500ms);
    REQUIRE(waiting.outcome);
    CHECK(steps_of(waiting).empty());
    CHECK(waiting.last_id == "politics:0,sports:0");
    slow.writer.take();
    it.settle();
    REQUIRE(slow.outcome);
    // The one that was on its way.
    CHECK(slow.events().size() == 1);
    CHECK(slow.last_id == "politics:0,sports:1");
    CHECK(it.listen("?since=" + slow.last_id).events().size() == 39);
}

TEST_CASE("nothing is made ready for a newsroom in which nobody listens") {
    Newsroom it;
    auto told = [&] {
        return it.metrics.counter("portal_live_events_total", "", {{"kind", "newsroom"}}).value();
    };
    it.step(it.sports, 1, "article_submitted.v1", "{}");
    it.presence->publish({{"sports", 1}, {}});
    it.settle();
    CHECK(told() == 0);
    auto& eve = it.listen_as(9, base::Role::editor, "?since=politics:0,sports:0");
    CHECK(steps_of(eve) == "submitted 1");
    it.step(it.sports, 1, "article_approved.v1", "{}");
    CHECK(steps_of(eve) == "approved 1");
    CHECK(told() == 1);
}

}  // namespace live
