// What every engine has to do for the stores above it. The same suite runs on each of engines().
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>
#include <limits>

#include "engines.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

namespace {

using namespace std::chrono_literals;
using database::FailureKind;
using database::ReadTransaction;
using database::Transaction;
using tests::count_in;
using tests::Store;

/// Keeps the writer or a reader busy until it is let go.
class Gate {
public:
    auto work() {
        return [this](auto&) -> base::Result<bool> {
            entered_.set_value();
            opened_.wait();
            return true;
        };
    }
    void wait_until_entered() { entered_.get_future().wait(); }
    void open() { go_.set_value(); }

private:
    std::promise<void> entered_;
    std::promise<void> go_;
    std::shared_future<void> opened_ = go_.get_future().share();
};

const char* const endless =
    "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n";

base::Result<bool> ask_endlessly(ReadTransaction& transaction) {
    transaction.prepare(endless).run();
    return true;
}

FailureKind kind_of_failure(Store& store, const std::string& sql) {
    auto work = [&](Transaction& transaction) -> base::Result<bool> {
        transaction.prepare(sql).run();
        return true;
    };
    try {
        store.write<bool>(work);
    } catch (const database::Failure& failure) {
        return failure.kind();
    }
    return FailureKind::other;
}

std::string metrics_line(const telemetry::Metrics& metrics, const std::string& name) {
    auto text = metrics.text();
    auto at = text.find("\n" + name + "{");
    return at == std::string::npos ? "" : text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

}  // namespace

TEST_CASE("what was written can be read, and is there after opening again", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    store.open();
    REQUIRE(store.add(1, "one"));
    CHECK(store.count() == 1);
    store.close();
    store.open();
    CHECK(store.count() == 1);
}

TEST_CASE("values come back as they were bound", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    store.open();
    const std::string bytes("\0\xff'\n", 4);
    constexpr auto highest = std::numeric_limits<std::int64_t>::max();

    auto put = [&](Transaction& transaction) -> base::Result<bool> {
        auto insert = transaction.prepare(
            "insert into items (id, name, note, weight, content, amount)"
            " values (?1, ?2, ?3, ?4, ?5, ?1)");
        insert.bind(1, highest).bind(2, "größer \U0001F600").bind(3, std::string_view());
        insert.bind_real(4, 0.1).bind_blob(5, bytes).run();
        insert.reset().bind(1, std::int64_t{7}).bind(2, "none").bind(3, std::nullopt);
        insert.bind(4, std::optional<std::int64_t>()).bind(5, std::nullopt).run();
        return true;
    };
    REQUIRE(store.write<bool>(put));

    auto look = [&](ReadTransaction& transaction) -> base::Result<bool> {
        auto row = transaction.prepare(
            "select id, name, note, weight, content, amount from items order by id desc");
        REQUIRE(row.step());
        CHECK(row.integer(0) == highest);
        CHECK(row.text(1) == "größer \U0001F600");
        CHECK(row.text_or_null(2) == std::string_view());
        CHECK(row.real(3) == 0.1);
        CHECK(row.blob(4) == bytes);
        CHECK(row.integer_or_null(5) == highest);
        REQUIRE(row.step());
        CHECK_FALSE(row.text_or_null(2));
        CHECK_FALSE(row.integer_or_null(3));
        CHECK(row.blob(4).empty());
        CHECK_FALSE(row.step());
        return true;
    };
    CHECK(store.read<bool>(look));
}

TEST_CASE("a statement gives what it returns, and says how many rows it changed", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    store.open();
    auto work = [](Transaction& transaction) -> base::Result<std::int64_t> {
        auto added =
            transaction.prepare("insert into items (id, name) values (5, 'x') returning id");
        if (!added.step() || added.integer(0) != 5) return std::int64_t{-1};
        added.reset();
        transaction.prepare("insert into items (id, name) values (5, 'y') on conflict do nothing")
            .run();
        if (transaction.changes() != 0) return std::int64_t{-2};
        transaction.execute(
            "update items set note = 'a'; update items set note = 'b' where id = 6");
        return transaction.changes();
    };
    auto changed = store.write<std::int64_t>(work);
    REQUIRE(changed);
    CHECK(*changed == 0);
}

TEST_CASE("a refused command is rolled back, and its neighbours stay", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    store.open();
    Gate gate;
    auto busy = std::async(std::launch::async, [&] { return store.write<bool>(gate.work()); });
    gate.wait_until_entered();
    std::vector<std::future<base::Result<std::int64_t>>> calls;
    std::int64_t id = 0;
    for (const char* name : {"a", "refused", "b", "c"}) {
        calls.push_back(
            std::async(std::launch::async, [&, name, id = ++id] { return store.add(id, name); }));
    }
    gate.open();
    REQUIRE(busy.get());
    int refused = 0;
    for (auto& call : calls) refused += call.get() ? 0 : 1;
    CHECK(refused == 1);
    CHECK(store.count() == 3);
}

TEST_CASE("a breakdown of one command reaches its caller and nobody else", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    store.open();
    REQUIRE(store.add(1, "same"));
    CHECK_THROWS_AS(store.add(2, "same"), database::Failure);
    auto broken = [](Transaction& transaction) -> base::Result<bool> {
        transaction.prepare("insert into items (id, name) values (3, 'half')").run();
        throw std::logic_error("broken");
    };
    CHECK_THROWS_AS(store.write<bool>(broken), std::logic_error);
    CHECK(store.add(4, "other"));
    CHECK(store.count() == 2);
}

TEST_CASE("what a constraint forbids is told from other failures", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    store.open();
    REQUIRE(store.add(1, "same"));
    for (const char* sql : {"insert into items (id, name) values (1, 'another')",
                            "insert into items (id, name) values (2, 'same')",
                            "insert into items (id, name) values (2, null)",
                            "insert into items (id, name, amount) values (2, 'b', 0)"}) {
        INFO(sql);
        CHECK(kind_of_failure(store, sql) == FailureKind::constraint);
    }
    CHECK(kind_of_failure(store, "insert into nowhere (id) values (1)") == FailureKind::other);
    CHECK(store.count() == 1);
}

TEST_CASE("undo runs for what is rolled back, effects for what is committed", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    store.open();
    std::atomic<int> effects{0};
    std::atomic<int> undone{0};
    auto work = [&](bool keep) {
        return [&, keep](Transaction& transaction) -> base::Result<bool> {
            transaction.after_commit([&] { ++effects; });
            transaction.on_undo([&] { ++undone; });
            if (!keep) return base::Error{base::Reason::invalid, "no", "No."};
            return true;
        };
    };
    REQUIRE(store.write<bool>(work(true)));
    CHECK_FALSE(store.write<bool>(work(false)));
    CHECK(effects == 1);
    CHECK(undone == 1);

    Gate gate;
    auto busy = std::async(std::launch::async, [&] { return store.write<bool>(gate.work()); });
    gate.wait_until_entered();
    std::vector<std::future<base::Result<bool>>> calls;
    for (bool keep : {true, false, true}) {
        calls.push_back(
            std::async(std::launch::async, [&, keep] { return store.write<bool>(work(keep)); }));
    }
    gate.open();
    REQUIRE(busy.get());
    for (auto& call : calls) call.wait();
    CHECK(effects == 3);
    CHECK(undone == 2);
}

TEST_CASE("a command that is the only one leaves nothing when it is refused or breaks down",
          "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    store.open();
    auto half = [](std::function<base::Result<bool>()> end) {
        return [end](Transaction& transaction) {
            transaction.prepare("insert into items (id, name) values (1, 'half')").run();
            return end();
        };
    };
    auto refuse = half([]() -> base::Result<bool> {
        return base::Error{base::Reason::invalid, "no", "No."};
    });
    auto break_down = half([]() -> base::Result<bool> { throw std::logic_error("broken"); });

    CHECK_FALSE(store.write<bool>(refuse));
    CHECK_THROWS_AS(store.write<bool>(break_down), std::logic_error);

    CHECK(store.count() == 0);
    CHECK(store.add(1, "whole"));
}

TEST_CASE("what waits is committed together, and answered after that", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    telemetry::Metrics metrics;
    store.options().metrics = &metrics;
    store.options().limits.batch_commands_max = 8;
    store.open();
    Gate gate;
    auto busy = std::async(std::launch::async, [&] { return store.write<bool>(gate.work()); });
    gate.wait_until_entered();

    std::atomic<int> seen_too_early{0};
    std::vector<std::future<bool>> calls;
    for (std::int64_t id = 1; id <= 16; ++id) {
        calls.push_back(std::async(std::launch::async, [&, id] {
            bool committed = false;
            auto work = [&, id](Transaction& transaction) -> base::Result<bool> {
                transaction.prepare("insert into items (id, name) values (?1, ?2)")
                    .bind(1, id)
                    .bind(2, std::to_string(id))
                    .run();
                transaction.after_commit([&] { committed = true; });
                return true;
            };
            bool done = store.write<bool>(work).has_value();
            return done && committed;
        }));
    }
    REQUIRE(support::eventually(
        [&] { return metrics_line(metrics, "portal_database_write_queue").ends_with(" 16"); }));
    CHECK(store.count() == 0);
    gate.open();

    REQUIRE(busy.get());
    for (auto& call : calls) CHECK(call.get());
    CHECK(store.count() == 16);
    // The first alone, then two batches of eight.
    CHECK(metrics_line(metrics, "portal_database_commits_total").ends_with(" 3"));
}

TEST_CASE("work whose deadline passed in the queue is not done", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    store.open();
    auto never = [](auto&) -> base::Result<bool> { throw std::logic_error("was run"); };
    auto write = store.write<bool>(never, base::Deadline::in(-1ms));
    REQUIRE_FALSE(write);
    CHECK(write.error().reason == base::Reason::deadline);
    auto read = store.read<bool>(never, base::Deadline::in(-1ms));
    REQUIRE_FALSE(read);
    CHECK(read.error().reason == base::Reason::deadline);
}

TEST_CASE("a full queue refuses at once", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    store.options().limits.write_queue_max = 1;
    store.options().limits.read_queue_max = 1;
    store.options().limits.readers = 1;
    store.open();
    bool writes = GENERATE(true, false);
    Gate gate;
    auto ask = [&](auto work) {
        return std::async(std::launch::async, [&store, writes, work] {
            return writes ? store.write<bool>(work) : store.read<bool>(work);
        });
    };
    auto first = ask(gate.work());
    gate.wait_until_entered();

    // The first is under way; of two more, one waits in the queue and one is refused.
    auto quick = [](auto&) -> base::Result<bool> { return true; };
    std::array<std::future<base::Result<bool>>, 2> more{ask(quick), ask(quick)};
    auto is_done = [](auto& call) { return call.wait_for(0ms) == std::future_status::ready; };
    REQUIRE(support::eventually([&] { return is_done(more[0]) || is_done(more[1]); }));
    std::size_t done = is_done(more[0]) ? 0 : 1;

    auto refused = more[done].get();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "overloaded");
    gate.open();
    CHECK(first.get());
    CHECK(more[1 - done].get());
}

TEST_CASE("a question that is too much work is ended, however fast it is", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    store.options().limits.query_steps_max = 1'000'000;
    store.options().limits.query_time_max_ms = 10min;
    store.open();
    auto ended = store.read<bool>(ask_endlessly);
    REQUIRE_FALSE(ended);
    CHECK(ended.error().reason == base::Reason::deadline);
    CHECK(ended.error().code == "query_time_exceeded");
    // Each question has the whole of it.
    for (int i = 0; i < 100; ++i) CHECK(store.count() == 0);
}

TEST_CASE("a question that takes too long is ended, however little it is", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    store.options().limits.query_steps_max = std::numeric_limits<std::int64_t>::max();
    store.options().limits.query_time_max_ms = 20ms;
    store.open();
    auto ended = store.read<bool>(ask_endlessly);
    REQUIRE_FALSE(ended);
    CHECK(ended.error().code == "query_time_exceeded");
    CHECK(store.count() == 0);
}

TEST_CASE("a question ends with its caller's deadline", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    store.options().limits.query_steps_max = std::numeric_limits<std::int64_t>::max();
    store.options().limits.query_time_max_ms = 10min;
    store.open();
    auto ended = store.read<bool>(ask_endlessly, base::Deadline::in(20ms));
    REQUIRE_FALSE(ended);
    CHECK(ended.error().reason == base::Reason::deadline);
}

TEST_CASE("readers see one snapshot each, and side by side", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    store.open();
    REQUIRE(store.add(1, "before"));
    std::promise<void> looked;
    std::promise<void> changed;
    auto twice = [&](ReadTransaction& transaction) -> base::Result<bool> {
        auto first = count_in(transaction);
        looked.set_value();
        changed.get_future().wait();
        return first == 1 && count_in(transaction) == 1;
    };
    auto slow = std::async(std::launch::async, [&] { return store.read<bool>(twice); });
    looked.get_future().wait();
    REQUIRE(store.add(2, "meanwhile"));
    CHECK(store.count() == 2);
    changed.set_value();
    auto same = slow.get();
    REQUIRE(same);
    CHECK(*same);
}

TEST_CASE("readers cannot write", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    store.open();
    auto write = [](ReadTransaction& transaction) -> base::Result<bool> {
        transaction.prepare("insert into items (id, name) values (1, 'x')").run();
        return true;
    };
    CHECK_THROWS_AS(store.read<bool>(write), database::Failure);
    CHECK(store.count() == 0);
}

TEST_CASE("commands that are queued are carried out before a store closes", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    telemetry::Metrics metrics;
    store.options().metrics = &metrics;
    store.open();
    Gate gate;
    auto busy = std::async(std::launch::async, [&] { return store.write<bool>(gate.work()); });
    gate.wait_until_entered();
    auto queued = std::async(std::launch::async, [&] { return store.add(1, "queued"); });
    REQUIRE(support::eventually(
        [&] { return metrics_line(metrics, "portal_database_write_queue").ends_with(" 1"); }));

    auto closed = std::async(std::launch::async, [&] { store.close(); });
    gate.open();
    closed.get();

    CHECK(busy.get());
    CHECK(queued.get());
    store.open();
    CHECK(store.count() == 1);
}

TEST_CASE("newer data, and data of another build, are left alone", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    auto steps = store.options().migrations;
    auto newer = steps;
    newer[0].steps.push_back({"0002_add_more", "create table more (id bigint);"});
    store.options().migrations = newer;
    store.open();
    store.close();

    store.options().migrations = steps;
    auto older = database::Database::open(store.options());
    REQUIRE_FALSE(older);
    CHECK(older.error().code == "newer_data");

    newer[0].steps[1].sql = "create table more (id bigint primary key);";
    store.options().migrations = newer;
    auto other = database::Database::open(store.options());
    REQUIRE_FALSE(other);
    CHECK(other.error().code == "changed_migration");
}

TEST_CASE("a migration that fails leaves nothing, and says which it is and why", "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    auto whole = store.options().migrations;
    auto broken = whole;
    broken[0].steps.push_back(
        {"0002_break", "create table half (id bigint); insert into nowhere (id) values (1);"});
    store.options().migrations = broken;

    auto refused = database::Database::open(store.options());

    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "cannot_open");
    CHECK_THAT(refused.error().message, Catch::Contains("test/0002_break"));
    CHECK_THAT(refused.error().message, Catch::Contains("nowhere"));
    CHECK_THAT(refused.error().message, !Catch::Contains("insert into"));
    CHECK_THAT(refused.error().message, !Catch::Contains("rollback"));
    whole[0].steps.push_back({"0002_break", "create table half (id bigint);"});
    store.options().migrations = whole;
    store.open();
    CHECK(store.add(1, "after"));
}

TEST_CASE("a migration that is killed in the middle is done whole at the next start",
          "[database]") {
    Store store(GENERATE(from_range(tests::engines())));
    store.open();
    store.close();
    auto whole = store.options().migrations;
    auto killed = whole;
    killed[0].steps.push_back(
        {"0002_add_more",
         "create table half (id bigint, content text); insert into half (id, content)"
         " with recursive n(i) as (select 1 union all select i + 1 from n)"
         " select i, 'a row that takes some room in the file of the store' from n;"});
    auto before = store.bytes();
    auto child = ::fork();
    if (child == 0) {
        auto options = store.options();
        options.migrations = killed;
        options.limits.cache_kib = 64;
        auto opened = database::Database::open(std::move(options));
        ::_exit(0);
    }
    // What does not fit into memory goes to the disk: the step is in its middle, and has no end.
    bool begun = support::eventually([&] { return store.bytes() > before + (1 << 20); });
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(begun);
    REQUIRE(WIFSIGNALED(status));

    whole[0].steps.push_back({"0002_add_more", "create table half (id bigint primary key);"});
    store.options().migrations = whole;
    store.open();
    auto work = [](Transaction& transaction) -> base::Result<bool> {
        transaction.execute("insert into half (id) values (1)");
        return true;
    };
    CHECK(store.write<bool>(work));
    CHECK(store.count() == 0);
}
