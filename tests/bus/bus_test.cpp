#include "bus/log.hpp"
#include "bus/subscription.hpp"
#include "bus/topic.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
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

/// Writes down what it hears; fails for one stream while told to.
class Listener final : public bus::Subscriber {
public:
    void apply(Transaction& transaction, const bus::Event& event) override {
        if (event.stream == failing.load()) throw std::runtime_error("cannot take this one");
        transaction.prepare("insert into heard (position) values (?)")
            .bind(1, event.position)
            .run();
    }
    std::atomic<std::int64_t> failing{-1};
};

/// A subscription at work on a thread of its own.
class Running {
public:
    Running(bus::Log& log, Database& target, Listener& listener, const base::Clock& clock)
        : subscription_("listener", log, target, listener, clock, quick(),
                        context_.get_executor()) {
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
        return *base::run(subscription_.applied().reached(position, 10s));
    }
    bus::Subscription& operator*() { return subscription_; }

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
    CHECK(log.head() == 2);
    CHECK(chain_problems(*database).empty());
}

TEST_CASE("time in the log never goes back, whatever the clock does", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto database = open(folder, "log.db", {bus::log_schema()});
    bus::Log log(*database, clock, "test");
    auto first = append(*database, log, 1, 1);
    clock.advance(-1h);
    auto second = append(*database, log, 1, 2);
    CHECK(second->recorded_at >= first->recorded_at);
}

TEST_CASE("the chain goes on after opening again", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    for (int i = 1; i <= 3; ++i) {
        auto database = open(folder, "log.db", {bus::log_schema()});
        bus::Log log(*database, clock, "test");
        CHECK(log.head() == i - 1);
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

TEST_CASE("a subscriber hears everything once, in order, across restarts", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto source = open(folder, "log.db", {bus::log_schema()});
    auto target = open(folder, "heard.db", {bus::subscriber_schema(), heard_schema});
    bus::Log log(*source, clock, "test");
    Listener listener;
    for (int i = 1; i <= 5; ++i) REQUIRE(append(*source, log, 1, i));
    {
        Running running(log, *target, listener, clock);
        CHECK(running.reaches(5));
        REQUIRE(append(*source, log, 1, 6));
        CHECK(running.reaches(6));
    }
    REQUIRE(append(*source, log, 1, 7));
    Running running(log, *target, listener, clock);
    CHECK(running.reaches(7));
    CHECK(heard(*target) == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("a stream that keeps failing is parked, holds back nobody, and is tried again at start",
          "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto source = open(folder, "log.db", {bus::log_schema()});
    auto target = open(folder, "heard.db", {bus::subscriber_schema(), heard_schema});
    bus::Log log(*source, clock, "test");
    Listener listener;
    listener.failing = 2;
    for (int version = 1; version <= 2; ++version) {
        for (int stream = 1; stream <= 3; ++stream) REQUIRE(append(*source, log, stream, version));
    }
    {
        Running running(log, *target, listener, clock);
        CHECK(running.reaches(6));
        CHECK((*running).parked() == 1);
        CHECK(heard(*target) == std::vector<std::int64_t>{1, 3, 4, 6});
    }
    listener.failing = -1;
    Running running(log, *target, listener, clock);
    REQUIRE(append(*source, log, 3, 3));
    CHECK(running.reaches(7));
    CHECK((*running).parked() == 0);
    CHECK(heard(*target) == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("an ephemeral ring drops the oldest and counts it", "[bus]") {
    bus::Topic<int> topic;
    int woken = 0;
    auto ring = topic.subscribe(3, [&] { ++woken; });
    for (int i = 1; i <= 5; ++i) topic.publish(i);
    CHECK(ring->dropped() == 2);
    CHECK(ring->take(2) == std::vector<int>{3, 4});
    CHECK(ring->take(10) == std::vector<int>{5});
    CHECK(ring->take(10).empty());
    CHECK(woken == 1);
    topic.publish(6);
    CHECK(woken == 2);
    CHECK(topic.published() == 6);
}
