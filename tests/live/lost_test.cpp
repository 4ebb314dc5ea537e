// Nobody misses anything without being told so, and nobody keeps others waiting for long.
#include <algorithm>

#include "board_service.hpp"
#include "fixture.hpp"
#include "public_service.hpp"

using namespace std::chrono_literals;

namespace live {

namespace {

const std::string all_since = "?since=politics:0,sports:0";

base::Task<void> wait_at(std::shared_ptr<Board> board, FakeWriter& to, std::size_t number,
                         std::vector<std::size_t>& woken) {
    auto never = base::Clock::Moment::max();
    co_await board->wait(to, never);
    woken.push_back(number);
    co_return base::Result<void>();
}

double slots_used(Fixture& it) {
    auto text = it.metrics.text();
    const std::string name = "\nportal_live_readers{kind=\"public\"} ";
    auto at = text.find(name);
    REQUIRE(at != text.npos);
    return std::stod(text.substr(at + name.size()));
}

}  // namespace

TEST_CASE("of an event that cannot be told all are told that they have missed something") {
    Fixture it;
    auto& all = it.listen();
    auto& tagged = it.listen("?tags=Cup");
    auto& politics = it.listen("?types=politics");
    it.publish("sports", 1);
    CHECK(all.words() == "published sports 1");
    it.sports_queries.breaks_over = 1;
    it.revise("sports", 1);
    auto told = all.events();
    REQUIRE(told.size() == 1);
    CHECK(told[0].event == "reset");
    CHECK(told[0].data.at("reason") == "events_missed");
    CHECK(told[0].id == "politics:0,sports:2");
    CHECK(tagged.words() == "reset");
    // What follows of that item is left out for a while, and said to be.
    it.sports_queries.breaks_over = std::nullopt;
    it.revise("sports", 1);
    it.publish("sports", 2);
    CHECK(all.words() == "reset, published sports 2");
    CHECK(all.last_id == "politics:0,sports:4");
    it.pass(1s);
    it.revise("sports", 1);
    CHECK(all.words() == "updated sports 1");
    CHECK(politics.words().empty());
    // Who comes later hears of it, too, and no more of what was told of that item before.
    auto& later = it.listen(all_since);
    CHECK(later.words() ==
          "published sports 1, reset, reset, published sports 2, updated sports 1");
    CHECK(it.metrics.counter("portal_live_readers_total", "", {{"what", "reset"}}).value() == 6);
}

TEST_CASE("an event in a log that cannot be told holds up nobody who has missed it") {
    Fixture it;
    it.config.buffer_events_max = 16;
    it.close();
    it.open();
    for (int i = 1; i <= 5; ++i) it.publish("sports", i);
    for (int i = 6; i <= 30; ++i) it.publish("politics", i);
    it.sports_queries.breaks_over = 3;
    auto& listener = it.listen(all_since + "&types=sports");
    CHECK(listener.words() ==
          "published sports 1, published sports 2, reset, published sports 4, published sports 5");
    it.sports_queries.breaks_over = std::nullopt;
    it.publish("sports", 31);
    CHECK(listener.words() == "published sports 31");
}

TEST_CASE("who listens is told when a log has become another") {
    Fixture it;
    auto& listener = it.listen();
    it.publish("sports", 1);
    CHECK(listener.words() == "published sports 1");
    it.sports.change_history();
    it.publish("sports", 2);
    CHECK(listener.words() == "reset");
    it.publish("sports", 3);
    CHECK(listener.words() == "published sports 3");
}

TEST_CASE("turns at the logs are shared among clients, and the newsroom has its own") {
    Fixture it;
    it.config.buffer_events_max = 16;
    it.config.catch_ups_max = 2;
    it.close();
    it.open();
    for (int i = 1; i <= 40; ++i) it.publish("sports", i);
    it.peer = "192.0.2.1";
    auto& first = it.listen_slowly(all_since);
    auto& second = it.listen_slowly(all_since);
    it.peer = "192.0.2.2";
    CHECK(it.listen(all_since).events().size() == 40);
    auto& third = it.listen_slowly(all_since);
    it.path = "/v1/newsroom/live";
    it.actor = {9, base::Role::editor};
    CHECK(it.listen(all_since).events().size() == 40);
    for (auto* listener : {&first, &third, &second}) listener->writer.take();
    it.settle();
    it.pass(250ms);
    CHECK(first.events().size() == 40);
    CHECK(third.events().size() == 40);
    CHECK(second.events().size() == 40);
}

TEST_CASE("who takes long over what it has missed makes place, and goes on when it comes again") {
    Fixture it;
    it.config.buffer_events_max = 16;
    it.config.catch_ups_max = 1;
    it.config.catch_up_span_ms = 1000ms;
    it.close();
    it.open();
    for (int i = 1; i <= 40; ++i) it.publish("sports", i);
    auto& slow = it.listen_slowly(all_since);
    auto& waiting = it.listen(all_since);
    it.pass(1s);
    CHECK(waiting.words().empty());
    slow.writer.take();
    it.settle();
    REQUIRE(slow.outcome);
    CHECK(*slow.outcome);
    CHECK(slow.writer.text.ends_with("\nid: politics:0,sports:1\n\n"));
    CHECK(slow.words() == "published sports 1");
    it.pass(250ms);
    CHECK(waiting.events().size() == 40);
    CHECK(it.listen({}, slow.last_id).events().size() == 39);
}

TEST_CASE("a reader that breaks down listens no more") {
    Fixture it;
    it.listen_and_break();
    CHECK(slots_used(it) == 0);
    auto told = [&] {
        return it.metrics.counter("portal_live_events_total", "", {{"kind", "public"}}).value();
    };
    for (int i = 1; i <= 300; ++i) it.sports.add_unannounced(i, "{}", "article_removed.v1");
    it.publish("sports", 301);
    CHECK(told() <= 1);
}

TEST_CASE("what is told at once is bounded by what is told, and the rest follows") {
    support::FakeClock clock;
    support::FakeFeed feed("news-sports");
    support::FakeQueries queries;
    for (int i = 1; i <= 12; ++i) {
        news::Article article;
        article.id = i;
        article.title = "Title";
        article.content = std::string(1 << 20, 'x');
        article.news_type = "sports";
        article.status = news::Status::published;
        article.published_at = clock.now();
        queries.put(std::move(article));
        // The log says little of it.
        feed.add(i, R"({"published_at":"2026-03-01T12:00:00.123Z"})", "article_published.v1");
    }
    news::Types types{{"sports", {nullptr, &queries, nullptr}}};
    PublicService teller({"sports"}, types, clock);
    support::SteppedLoop loop;
    std::int64_t position = 0;
    int parts = 0;
    while (position < 12) {
        auto events = loop.run(feed.after(position, 100, {}));
        REQUIRE(events);
        auto part = loop.run(teller.tell(0, std::move(*events)));
        REQUIRE(part);
        std::size_t bytes = 0;
        for (const auto& entry : part->entries) {
            CHECK(entry.position == ++position);
            bytes += entry.bytes();
        }
        CHECK(bytes < told_bytes_max + (2 << 20));
        CHECK(part->end == position);
        ++parts;
    }
    CHECK(parts == 3);

    Fixture it;
    it.config.buffer_events_max = 16;
    it.config.buffer_bytes_max = 65536;
    it.close();
    it.open();
    auto& there = it.listen();
    for (int i = 1; i <= 12; ++i) {
        auto article = *loop.run(queries.article(i, {}));
        it.sports_queries.put(std::move(article));
        it.sports.add_unannounced(i, R"({"published_at":"2026-03-01T12:00:00.123Z"})",
                                  "article_published.v1");
    }
    it.publish("politics", 20);
    it.publish("sports", 13);
    // From the logs, in several parts; who was there was too slow for so small a ring, or has all.
    CHECK(it.listen(all_since + "&types=sports").events().size() == 13);
    auto had = there.events().size();
    if (had < 14) CHECK(had + it.listen({}, there.last_id).events().size() == 14);
}

TEST_CASE("those who wait go on in the order in which they came, also when there is more") {
    support::FakeClock clock{support::FakeClock::Steady::by_hand};
    support::SteppedLoop loop;
    base::Snapshot<Ring> ring(std::make_shared<const Ring>());
    auto board = std::make_shared<Board>(ring, clock, loop.executor());
    FakeWriter writer;
    std::vector<std::size_t> order;
    const std::size_t count = 3 * Board::slice + 1;
    std::vector<std::optional<base::Result<void>>> outcomes(count);
    for (std::size_t i = 0; i < count; ++i) {
        loop.spawn(wait_at(board, writer, i, order), outcomes[i]);
    }
    loop.settle();
    CHECK(order.empty());
    board->wake();
    loop.settle();
    REQUIRE(order.size() == count);
    CHECK(std::is_sorted(order.begin(), order.end()));
    writer.is_wanted = false;
    clock.advance(1s);
    loop.settle();
}

}  // namespace live
