#include "bus/live_inbox.hpp"
#include "bus/log.hpp"
#include "bus/store_inbox.hpp"
#include "bus/subscription.hpp"
#include "bus/topic.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_feed.hpp"
#include "support/fake_inbox.hpp"
#include "support/feed_suite.hpp"
#include "support/inbox_suite.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace std::chrono_literals;
using database::Database;
using database::Transaction;

std::unique_ptr<Database> open(const support::TemporaryFolder& folder, const char* name,
                               std::vector<database::MigrationSet> schema) {
    database::Options options;
    options.file = folder / name;
    options.name = name;
    options.migrations = std::move(schema);
    return std::move(*Database::open(std::move(options)));
}

const database::MigrationSet heard_schema{
    "heard", {{"0001_create_heard", "create table heard (position integer primary key) strict;"}}};

base::Result<bus::Event> append(Database& database, bus::Log& log, std::int64_t stream,
                                std::int64_t version, bool refuse = false) {
    auto work = [&log, stream, version,
                 refuse](Transaction& transaction) -> base::Result<bus::Event> {
        bus::NewEvent event{stream, version, "tested.v1", R"({"n":1})", 7, "request-1"};
        auto stored = log.append(transaction, event);
        if (refuse) return base::Error{base::Reason::invalid, "no", "No."};
        return stored;
    };
    return base::run(database.write<bus::Event>(base::Deadline(), 0, work));
}

std::vector<std::string> chain_problems(Database& database) {
    auto work =
        [](database::ReadTransaction& transaction) -> base::Result<std::vector<std::string>> {
        std::vector<std::string> problems;
        bus::ChainCheck chain;
        bus::read_log(transaction, 0, [&](const bus::Event& event, const bus::Hash& hash) {
            auto problem = chain.next(event, hash);
            if (!problem.empty()) problems.push_back(problem);
            return true;
        });
        return problems;
    };
    return *base::run(database.read<std::vector<std::string>>(base::Deadline(), work));
}

using Positions = std::vector<std::int64_t>;

/// Writes down what it hears; fails for some streams while told to.
class Listener final : public bus::Subscriber {
public:
    void apply(Transaction& transaction, const bus::Event& event) override {
        if (failing.contains(event.stream)) throw std::runtime_error("cannot take this one");
        transaction.prepare("insert into heard (position) values (?) on conflict do nothing")
            .bind(1, event.position)
            .run();
    }
    std::set<std::int64_t> failing;
};

/// A subscription whose steps a test takes on its own thread, with a clock that it moves.
class Stepped {
public:
    Stepped(const bus::Feed& feed, bus::Inbox& inbox, support::FakeClock& clock,
            bus::Config config = {})
        : clock_(clock), subscription_(feed, inbox, clock, config, loop_.get_executor()) {
        REQUIRE(base::run(subscription_.load()));
        auto ended = [this](std::exception_ptr thrown, const base::Result<void>&) {
            ended_ = true;
            if (thrown) std::rethrow_exception(thrown);
        };
        boost::asio::co_spawn(loop_, subscription_.run(), ended);
    }
    ~Stepped() {
        subscription_.stop();
        settle();
    }

    /// Until it waits, for time or for more.
    void settle() {
        loop_.restart();
        loop_.poll();
    }
    void pass(std::chrono::milliseconds span) {
        clock_.advance(span);
        settle();
    }
    bool ended() const { return ended_; }
    bus::Subscription& operator*() { return subscription_; }
    bus::Subscription* operator->() { return &subscription_; }

private:
    support::FakeClock& clock_;
    base::Loop loop_;
    bool ended_ = false;
    bus::Subscription subscription_;
};

/// The same on a thread of its own, for inboxes that ask other threads; its waits end at once.
class Running {
public:
    Running(const bus::Feed& feed, bus::Inbox& inbox, const base::Clock& clock)
        : subscription_(feed, inbox, clock, quick(), context_.get_executor()) {
        REQUIRE(base::run(subscription_.load()));
        auto ended = [](std::exception_ptr thrown, const base::Result<void>&) {
            if (thrown) std::rethrow_exception(thrown);
        };
        boost::asio::co_spawn(context_, subscription_.run(), ended);
        thread_ = std::thread([this] { context_.run(); });
    }
    ~Running() {
        subscription_.stop();
        thread_.join();
    }
    bool reaches(std::int64_t position) {
        return *base::run(subscription_.applied().reached(position, 20s));
    }
    bus::Subscription* operator->() { return &subscription_; }

private:
    static bus::Config quick() {
        bus::Config config;
        config.retry_wait_ms = 1ms;
        config.batch_events_max = 3;
        return config;
    }
    base::Loop context_;
    bus::Subscription subscription_;
    std::thread thread_;
};

std::vector<std::int64_t> heard(Database& database) {
    auto work =
        [](database::ReadTransaction& transaction) -> base::Result<std::vector<std::int64_t>> {
        std::vector<std::int64_t> positions;
        auto rows = transaction.prepare("select position from heard order by position");
        while (rows.step()) positions.push_back(rows.integer(0));
        return positions;
    };
    return *base::run(database.read<std::vector<std::int64_t>>(base::Deadline(), work));
}

}  // namespace

TEST_CASE("positions have no gaps, also after commands that were rolled back", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto database = open(folder, "log.db", {bus::log_schema()});
    bus::Log log(*database, clock, "test");

    REQUIRE(append(*database, log, 1, 1));
    CHECK_FALSE(append(*database, log, 1, 2, true));
    CHECK_THROWS_AS(append(*database, log, 1, 1), database::Failure);
    auto third = append(*database, log, 1, 2);

    REQUIRE(third);
    CHECK(third->position == 2);
    CHECK(log.head().value() == 2);
    CHECK(chain_problems(*database).empty());
}

TEST_CASE("the log follows the clock, also when that is set back, and says so", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto database = open(folder, "log.db", {bus::log_schema()});
    bus::Log log(*database, clock, "test");
    CHECK(log.ahead_of_clock() == 0s);
    clock.set_by(24h * 3650);
    auto wrong = append(*database, log, 1, 1);
    clock.set_by(-24h * 3650);
    CHECK(log.ahead_of_clock() == 24h * 3650);
    {
        bus::Log opened(*database, clock, "test");
        CHECK(opened.ahead_of_clock() == 24h * 3650);
    }

    auto right = append(*database, log, 1, 2);

    CHECK(right->recorded_at == clock.now());
    CHECK(right->position == wrong->position + 1);
    CHECK(log.ahead_of_clock() == 0s);
    CHECK(chain_problems(*database).empty());
}

TEST_CASE("an event is dated with the time that its command has read", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto database = open(folder, "log.db", {bus::log_schema()});
    bus::Log log(*database, clock, "test");
    auto decided_at = clock.now();
    clock.advance(3s);
    auto work = [&](Transaction& transaction) -> base::Result<bus::Event> {
        bus::NewEvent event{1, 1, "tested.v1", "{}", {}, "request-1", decided_at};
        return log.append(transaction, event);
    };
    auto stored = base::run(database->write<bus::Event>(base::Deadline(), 0, work));
    CHECK(stored->recorded_at == decided_at);
}

TEST_CASE("the chain goes on after opening again", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    for (int i = 1; i <= 3; ++i) {
        auto database = open(folder, "log.db", {bus::log_schema()});
        bus::Log log(*database, clock, "test");
        CHECK(log.head().value() == i - 1);
        REQUIRE(append(*database, log, 1, i));
        CHECK(chain_problems(*database).empty());
    }
}

TEST_CASE("the log can be neither changed nor deleted, also not by REPLACE", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto database = open(folder, "log.db", {bus::log_schema()});
    bus::Log log(*database, clock, "test");
    REQUIRE(append(*database, log, 1, 1));
    for (const char* sql :
         {"update events set body = 'x'", "delete from events",
          "insert or replace into events select position, stream, version, event_id,"
          " type, 'x', actor, correlation_id, recorded_at, hash from events"}) {
        CAPTURE(sql);
        auto work = [sql](Transaction& transaction) -> base::Result<bool> {
            transaction.execute(sql);
            return true;
        };
        CHECK_THROWS_AS(base::run(database->write<bool>(base::Deadline(), 0, work)),
                        database::Failure);
    }
}

TEST_CASE("a changed event breaks the chain", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto database = open(folder, "log.db", {bus::log_schema()});
    bus::Log log(*database, clock, "test");
    for (int i = 1; i <= 3; ++i) REQUIRE(append(*database, log, 1, i));
    auto forge = [](Transaction& transaction) -> base::Result<bool> {
        transaction.execute(
            "drop trigger events_are_not_changed; update events set actor = 8 where position = 2");
        return true;
    };
    REQUIRE(base::run(database->write<bool>(base::Deadline(), 0, forge)));
    auto problems = chain_problems(*database);
    REQUIRE(problems.size() == 1);
    CHECK_THAT(problems[0], Catch::Contains("position 2"));
}

TEST_CASE("a log is a feed", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto database = open(folder, "log.db", {bus::log_schema()});
    bus::Log log(*database, clock, "test");
    std::map<std::int64_t, std::int64_t> versions;
    auto add = [&](std::int64_t stream) {
        REQUIRE(append(*database, log, stream, ++versions[stream]));
    };
    bus::check_feed({log, add});
}

TEST_CASE("a feed that is faked is a feed", "[bus]") {
    support::FakeFeed feed;
    bus::check_feed({feed, [&](std::int64_t stream) { feed.add(stream); }});
}

TEST_CASE("a table with a cursor is an inbox", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto target = open(folder, "heard.db", {bus::subscriber_schema(), heard_schema});
    Listener listener;
    bus::StoreInbox inbox("listener", *target, listener, clock);
    bus::check_inbox(
        {inbox, [&] { return heard(*target); },
         [&](std::set<std::int64_t> streams) { listener.failing = std::move(streams); }});
    // It is all in the file.
    bus::StoreInbox opened("listener", *target, listener, clock);
    CHECK(base::run(opened.load())->cursor.position == 7);
    CHECK(base::run(opened.load())->cursor.has_hash());
}

TEST_CASE("memory is an inbox", "[bus]") {
    support::FakeFeed feed;
    bus::LiveInbox inbox("live", feed, {});
    auto applied = [&] {
        Positions positions;
        for (const auto& event : inbox.after(0, 100).events) positions.push_back(event->position);
        return positions;
    };
    bus::check_inbox({inbox, applied});
}

TEST_CASE("an inbox that is faked is an inbox", "[bus]") {
    support::FakeInbox inbox;
    auto applied = [&] {
        auto positions = inbox.heard();
        std::sort(positions.begin(), positions.end());
        return positions;
    };
    bus::check_inbox({inbox, applied,
                      [&](std::set<std::int64_t> streams) { inbox.break_on(std::move(streams)); }});
}

TEST_CASE("a subscriber hears everything once, in order, across restarts", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto source = open(folder, "log.db", {bus::log_schema()});
    auto target = open(folder, "heard.db", {bus::subscriber_schema(), heard_schema});
    bus::Log log(*source, clock, "test");
    Listener listener;
    for (int i = 1; i <= 5; ++i) REQUIRE(append(*source, log, 1, i));
    {
        bus::StoreInbox inbox("listener", *target, listener, clock);
        Running running(log, inbox, clock);
        CHECK(running.reaches(5));
        REQUIRE(append(*source, log, 1, 6));
        CHECK(running.reaches(6));
    }
    REQUIRE(append(*source, log, 1, 7));
    bus::StoreInbox inbox("listener", *target, listener, clock);
    Running running(log, inbox, clock);
    CHECK(running.reaches(7));
    CHECK(heard(*target) == Positions{1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("a stream that keeps failing is parked, holds back nobody, and is tried again at start",
          "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto source = open(folder, "log.db", {bus::log_schema()});
    auto target = open(folder, "heard.db", {bus::subscriber_schema(), heard_schema});
    bus::Log log(*source, clock, "test");
    Listener listener;
    listener.failing = {2};
    for (int version = 1; version <= 2; ++version) {
        for (int stream = 1; stream <= 3; ++stream) REQUIRE(append(*source, log, stream, version));
    }
    {
        bus::StoreInbox inbox("listener", *target, listener, clock);
        Running running(log, inbox, clock);
        CHECK(running.reaches(6));
        CHECK(running->parked() == 1);
        CHECK(heard(*target) == Positions{1, 3, 4, 6});
    }
    listener.failing = {};
    bus::StoreInbox inbox("listener", *target, listener, clock);
    Running running(log, inbox, clock);
    REQUIRE(append(*source, log, 3, 3));
    CHECK(running.reaches(7));
    CHECK(running->parked() == 0);
    CHECK(heard(*target) == Positions{1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("a parked stream is tried again after waits that double, and then left alone", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    support::FakeInbox inbox;
    inbox.break_on({2});
    bus::Config config;
    config.retry_wait_ms = 100ms;
    config.attempts_max = 3;
    config.poll_interval_ms = 1h;
    Stepped running(feed, inbox, clock, config);
    for (std::int64_t stream : {1, 2, 3, 2}) feed.add(stream);
    running.settle();
    CHECK(inbox.heard() == Positions{1, 3});
    CHECK(inbox.cursor().position == 4);
    CHECK(inbox.aside().at(2).attempts == 1);

    running.pass(99ms);
    CHECK(inbox.aside().at(2).attempts == 1);
    running.pass(1ms);
    CHECK(inbox.aside().at(2).attempts == 2);
    running.pass(199ms);
    CHECK(inbox.aside().at(2).attempts == 2);
    running.pass(1ms);
    CHECK(inbox.aside().at(2).attempts == 3);
    running.pass(24h);
    CHECK(inbox.aside().at(2).attempts == 3);
    CHECK(running->parked() == 1);

    // Nobody else has noticed.
    feed.add(1);
    feed.add(2);
    running.settle();
    CHECK(inbox.heard() == Positions{1, 3, 5});
    CHECK(running->backlog() == 0);
}

TEST_CASE("a stream that recovers has missed nothing, and its later events come after", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    support::FakeInbox inbox;
    inbox.break_on({2});
    Stepped running(feed, inbox, clock);
    for (std::int64_t stream : {2, 1, 2}) feed.add(stream);
    running.settle();
    CHECK(inbox.heard() == Positions{2});
    inbox.break_on({});
    running.pass(20ms);
    CHECK(inbox.heard() == Positions{2, 1, 3});
    CHECK(inbox.aside().empty());
    CHECK(running->parked() == 0);
    feed.add(2);
    running.settle();
    CHECK(inbox.heard() == Positions{2, 1, 3, 4});
}

TEST_CASE("a stream that can only not be applied yet is tried for as long as it takes", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    support::FakeInbox inbox;
    inbox.defer({2});
    bus::Config config;
    config.attempts_max = 2;
    Stepped running(feed, inbox, clock, config);
    for (std::int64_t stream : {2, 1, 2}) feed.add(stream);
    running.settle();
    CHECK(inbox.heard() == Positions{2});
    for (int i = 0; i < 10; ++i) running.pass(5s);
    CHECK(inbox.heard() == Positions{2});
    inbox.defer({});
    running.pass(5s);
    CHECK(inbox.heard() == Positions{2, 1, 3});
}

TEST_CASE("an inbox that refuses is asked again, parks nothing, and keeps the order", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    support::FakeInbox inbox;
    Stepped running(feed, inbox, clock);
    inbox.refuse(true);
    for (std::int64_t stream : {1, 2, 3}) feed.add(stream);
    running.settle();
    for (int i = 0; i < 5; ++i) running.pass(5s);
    CHECK(inbox.heard().empty());
    CHECK(running->backlog() == 3);
    inbox.refuse(false);
    running.pass(5s);
    CHECK(inbox.heard() == Positions{1, 2, 3});
    CHECK(inbox.aside().empty());
    CHECK(running->backlog() == 0);
}

TEST_CASE("a feed that refuses is asked again", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    support::FakeInbox inbox;
    Stepped running(feed, inbox, clock);
    feed.refuse(true);
    feed.add(1);
    running.settle();
    CHECK(inbox.heard().empty());
    feed.refuse(false);
    running.pass(20ms);
    CHECK(inbox.heard() == Positions{1});
}

TEST_CASE("what came together is applied together, in batches that are bounded", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    support::FakeInbox inbox;
    for (int i = 1; i <= 10; ++i) feed.add(i);
    bus::Config config;
    config.batch_events_max = 4;
    Stepped running(feed, inbox, clock, config);
    running.settle();
    CHECK(inbox.heard().size() == 10);
    CHECK(inbox.batches() == 3);
}

TEST_CASE("a stopped subscription ends at once, or when it has heard what there is", "[bus]") {
    using Stop = bus::Subscription::Stop;
    for (auto how : {Stop::after_batch, Stop::when_heard}) {
        support::FakeClock clock(support::FakeClock::Steady::by_hand);
        support::FakeFeed feed;
        support::FakeInbox inbox;
        bus::Config config;
        config.batch_events_max = 1;
        Stepped running(feed, inbox, clock, config);
        running.settle();
        for (std::int64_t stream : {1, 2, 3}) feed.add(stream);
        running->stop(how);
        feed.add(4);
        running.settle();
        CHECK(running.ended());
        CHECK(inbox.heard().size() == (how == Stop::when_heard ? 3U : 0U));
    }
}

TEST_CASE("a subscription that hears out what there is does not wait for an inbox that refuses",
          "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    support::FakeInbox inbox;
    inbox.refuse(true);
    Stepped running(feed, inbox, clock);
    feed.add(1);
    running.settle();
    running->stop(bus::Subscription::Stop::when_heard);
    running.settle();
    CHECK(running.ended());
}

TEST_CASE("a cursor that is none of the log's history is found, and all begins anew", "[bus]") {
    SECTION("at the start, when it is beyond the log") {
        support::FakeClock clock(support::FakeClock::Steady::by_hand);
        support::FakeFeed feed;
        feed.add(1);
        bus::Cursor beyond{5, {}};
        beyond.hash[0] = 1;
        support::FakeInbox inbox(beyond);
        Stepped running(feed, inbox, clock);
        CHECK_FALSE(running->fits());
        CHECK(running->loaded() == beyond);
        CHECK(running->applied().value() == 0);
        running.settle();
        CHECK(running->fits());
        CHECK(inbox.heard() == Positions{1});
        CHECK(inbox.cursor().position == 1);
    }
    SECTION("at the start, when the log has another event there") {
        support::FakeClock clock(support::FakeClock::Steady::by_hand);
        support::FakeFeed feed;
        for (int i = 1; i <= 3; ++i) feed.add(1);
        auto cursor = bus::cursor_at(base::run(feed.after(1, 1, base::Deadline()))->front());
        feed.change_history();
        support::FakeInbox inbox(cursor);
        Stepped running(feed, inbox, clock);
        CHECK_FALSE(running->fits());
        running.settle();
        CHECK(running->fits());
        CHECK(inbox.heard() == Positions{1, 2, 3});
    }
    SECTION("but not where the head only lags behind what can be read") {
        support::FakeClock clock(support::FakeClock::Steady::by_hand);
        support::FakeFeed feed;
        feed.add(1);
        feed.add_unannounced(2);
        feed.add_unannounced(3);
        support::FakeInbox inbox;
        Stepped running(feed, inbox, clock);
        running.settle();
        CHECK(inbox.heard() == Positions{1, 2, 3});
        feed.add_unannounced(4);
        running.pass(bus::Config().poll_interval_ms);
        CHECK(inbox.heard() == Positions{1, 2, 3, 4});
        feed.add(5);
        running.settle();
        CHECK(inbox.heard() == Positions{1, 2, 3, 4, 5});
        CHECK(inbox.times_begun_anew() == 0);
    }
    SECTION("while it reads on, also when the log ends before it") {
        support::FakeClock clock(support::FakeClock::Steady::by_hand);
        support::FakeFeed feed;
        feed.add(1);
        feed.add_unannounced(1);
        support::FakeInbox inbox;
        Stepped running(feed, inbox, clock);
        running.settle();
        CHECK(inbox.heard() == Positions{1, 2});
        feed.change_history();
        running.pass(bus::Config().poll_interval_ms);
        CHECK(inbox.heard() == Positions{1, 2});
        CHECK(inbox.times_begun_anew() == 1);
    }
    SECTION("while it reads on") {
        support::FakeClock clock(support::FakeClock::Steady::by_hand);
        support::FakeFeed feed;
        feed.add(1);
        support::FakeInbox inbox;
        Stepped running(feed, inbox, clock);
        running.settle();
        CHECK(inbox.heard() == Positions{1});
        feed.change_history();
        feed.add(1);
        running.settle();
        CHECK(running->fits());
        CHECK(inbox.heard() == Positions{1, 2});
        CHECK(inbox.cursor() ==
              bus::cursor_at(base::run(feed.after(1, 1, base::Deadline()))->front()));
    }
}

TEST_CASE("a cursor from before there were hashes is taken as it is, and gets one", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    feed.add(1);
    feed.add(1);
    support::FakeInbox inbox(bus::Cursor{1, {}});
    Stepped running(feed, inbox, clock);
    CHECK(running->fits());
    running.settle();
    CHECK(inbox.heard() == Positions{2});
    CHECK(inbox.cursor().has_hash());
}

TEST_CASE("a table that begins anew hears everything once more", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto target = open(folder, "heard.db", {bus::subscriber_schema(), heard_schema});
    Listener listener;
    listener.failing = {2};
    bus::StoreInbox inbox("listener", *target, listener, clock);
    support::FakeFeed feed;
    for (std::int64_t stream : {1, 2, 3}) feed.add(stream);
    {
        Running running(feed, inbox, clock);
        CHECK(running.reaches(3));
    }
    support::FakeFeed other;
    other.change_history();
    for (std::int64_t stream : {1, 2, 3, 4}) other.add(stream);
    other.change_history();
    listener.failing = {};
    Running running(other, inbox, clock);
    CHECK(running.reaches(4));
    CHECK(base::run(inbox.parked())->empty());
    CHECK(heard(*target) == Positions{1, 2, 3, 4});
}

TEST_CASE("who listens live hears from the head on, and is told what was missed", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    for (int i = 1; i <= 3; ++i) feed.add(i);
    bus::LiveInbox inbox("live", feed, {4, 1000});
    Stepped running(feed, inbox, clock);
    auto positions = [](const bus::LiveInbox::Heard& heard) {
        Positions all;
        for (const auto& event : heard.events) all.push_back(event->position);
        return all;
    };
    CHECK(inbox.applied().value() == 3);
    CHECK(inbox.after(3, 10).events.empty());
    CHECK_FALSE(inbox.after(3, 10).missed);
    // Who was here before comes back too late.
    CHECK(inbox.after(2, 10).missed);

    for (int i = 4; i <= 6; ++i) feed.add(i);
    running.settle();
    CHECK(positions(inbox.after(3, 10)) == Positions{4, 5, 6});
    CHECK(positions(inbox.after(3, 2)) == Positions{4, 5});
    CHECK(positions(inbox.after(5, 10)) == Positions{6});

    for (int i = 7; i <= 8; ++i) feed.add(i);
    running.settle();
    CHECK(inbox.dropped() == 1);
    CHECK(inbox.after(3, 10).missed);
    CHECK(positions(inbox.after(3, 10)) == Positions{5, 6, 7, 8});
    CHECK_FALSE(inbox.after(4, 10).missed);

    // By bytes, too; but the newest is always there.
    feed.add(9, std::string(2000, 'x'));
    running.settle();
    CHECK(positions(inbox.after(8, 10)) == Positions{9});
    CHECK(inbox.after(7, 10).missed);
}

TEST_CASE("an ephemeral ring drops the oldest and counts it", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    bus::Topic<int> topic;
    auto ring = topic.subscribe(3, clock);
    auto start = clock.steady();
    for (int i = 1; i <= 5; ++i) {
        topic.publish(i * 10);
        clock.advance(1s);
    }
    CHECK(ring->dropped() == 2);
    CHECK(ring->head().value() == 5);
    CHECK(ring->first_at() == start);
    auto taken = ring->take(2);
    REQUIRE(taken.size() == 2);
    CHECK(taken[0].position == 3);
    CHECK(taken[0].event == 30);
    CHECK(taken[1].position == 4);
    CHECK(ring->first_at() == clock.steady());
    CHECK(ring->take(10).size() == 1);
    CHECK(ring->take(10).empty());
    clock.advance(1s);
    topic.publish(60);
    CHECK(ring->head().value() == 6);
    CHECK(ring->first_at() == clock.steady());
    CHECK(topic.published() == 6);
}
