#include "database/database.hpp"

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>

#include "support/catch.hpp"
#include "support/faulty_file_system.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace std::chrono_literals;
using database::Database;
using database::ReadTransaction;
using database::Transaction;
using support::FaultyFileSystem;

const database::MigrationSet schema{
    "test",
    {{"0001_create_items",
      "create table items (id integer primary key, name text not null unique) strict;"}}};

database::Options options(const support::TemporaryFolder& folder) {
    database::Options options;
    options.file = folder / "test.db";
    options.name = "test";
    options.migrations = {schema};
    return options;
}

base::Result<std::int64_t> add(Database& database, std::string name) {
    auto work = [name](Transaction& transaction) -> base::Result<std::int64_t> {
        transaction.prepare("insert into items (name) values (?)").bind(1, name).run();
        if (name == "refused") return base::Error{base::Reason::invalid, "refused", "No."};
        return transaction.changes();
    };
    return base::run(database.write<std::int64_t>(base::Deadline(), 10, work));
}

std::int64_t count(Database& database) {
    auto work = [](ReadTransaction& transaction) -> base::Result<std::int64_t> {
        auto row = transaction.prepare("select count(*) from items");
        row.step();
        return row.integer(0);
    };
    return *base::run(database.read<std::int64_t>(base::Deadline(), work));
}

}  // namespace

TEST_CASE("what was written can be read, and is there after opening again", "[database]") {
    support::TemporaryFolder folder;
    {
        auto database = Database::open(options(folder));
        REQUIRE(database);
        REQUIRE(add(**database, "one"));
        CHECK(count(**database) == 1);
    }
    auto database = Database::open(options(folder));
    REQUIRE(database);
    CHECK(count(**database) == 1);
}

TEST_CASE("a refused command is rolled back, and its neighbours stay", "[database]") {
    support::TemporaryFolder folder;
    auto database = *Database::open(options(folder));
    std::vector<std::future<base::Result<std::int64_t>>> calls;
    for (const char* name : {"a", "refused", "b", "c"}) {
        calls.push_back(std::async(std::launch::async, [&, name] { return add(*database, name); }));
    }
    int refused = 0;
    for (auto& call : calls) refused += call.get() ? 0 : 1;
    CHECK(refused == 1);
    CHECK(count(*database) == 3);
}

TEST_CASE("a breakdown of one command reaches its caller and nobody else", "[database]") {
    support::TemporaryFolder folder;
    auto database = *Database::open(options(folder));
    REQUIRE(add(*database, "same"));
    CHECK_THROWS_AS(add(*database, "same"), database::Failure);
    CHECK(add(*database, "other"));
    CHECK(count(*database) == 2);
}

TEST_CASE("undo runs for what is rolled back, effects for what is committed", "[database]") {
    support::TemporaryFolder folder;
    auto database = *Database::open(options(folder));
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
    REQUIRE(base::run(database->write<bool>(base::Deadline(), 0, work(true))));
    CHECK_FALSE(base::run(database->write<bool>(base::Deadline(), 0, work(false))));
    CHECK(effects == 1);
    CHECK(undone == 1);
}

TEST_CASE("work whose deadline passed in the queue is not done", "[database]") {
    support::TemporaryFolder folder;
    auto database = *Database::open(options(folder));
    auto never = [](Transaction&) -> base::Result<bool> { throw std::logic_error("was run"); };
    auto late = base::run(database->write<bool>(base::Deadline::in(-1ms), 0, never));
    REQUIRE_FALSE(late);
    CHECK(late.error().reason == base::Reason::deadline);
    auto never_read = [](ReadTransaction&) -> base::Result<bool> {
        throw std::logic_error("was run");
    };
    CHECK_FALSE(base::run(database->read<bool>(base::Deadline::in(-1ms), never_read)));
}

TEST_CASE("a full queue refuses at once", "[database]") {
    support::TemporaryFolder folder;
    auto limited = options(folder);
    limited.limits.write_queue_max = 1;
    limited.limits.read_queue_max = 1;
    limited.limits.readers = 1;
    auto database = *Database::open(limited);
    std::promise<void> go;
    std::promise<void> started;
    auto wait = [&, future = go.get_future().share()](auto&) -> base::Result<bool> {
        started.set_value();
        future.wait();
        return true;
    };
    auto quick = [](Transaction&) -> base::Result<bool> { return true; };
    auto first = std::async(std::launch::async, [&] {
        return base::run(database->write<bool>(base::Deadline(), 0, wait));
    });
    started.get_future().wait();
    // The first is on the writer; of two more, one waits in the queue and one is refused.
    auto ask = [&] { return base::run(database->write<bool>(base::Deadline(), 0, quick)); };
    auto second = std::async(std::launch::async, ask);
    auto third = std::async(std::launch::async, ask);
    bool second_done = false;
    while (second.wait_for(1ms) != std::future_status::ready &&
           third.wait_for(1ms) != std::future_status::ready) {
    }
    second_done = second.wait_for(0ms) == std::future_status::ready;
    auto refused = second_done ? second.get() : third.get();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "overloaded");
    go.set_value();
    CHECK(first.get());
    CHECK((second_done ? third.get() : second.get()));
}

TEST_CASE("a question that runs too long is ended", "[database]") {
    support::TemporaryFolder folder;
    auto limited = options(folder);
    limited.limits.query_time_max_ms = 20ms;
    auto database = *Database::open(limited);
    auto endless = [](ReadTransaction& transaction) -> base::Result<bool> {
        transaction
            .prepare(
                "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) "
                "from n")
            .run();
        return true;
    };
    auto ended = base::run(database->read<bool>(base::Deadline(), endless));
    REQUIRE_FALSE(ended);
    CHECK(ended.error().code == "query_time_exceeded");
    CHECK(count(*database) == 0);
}

TEST_CASE("a question that is too much work is ended, however fast it is", "[database]") {
    support::TemporaryFolder folder;
    auto limited = options(folder);
    limited.limits.query_steps_max = 100000;
    limited.limits.query_time_max_ms = 10min;
    auto database = *Database::open(limited);
    auto numbers = [](int most) {
        return [most](ReadTransaction& transaction) -> base::Result<bool> {
            auto sql = "with recursive n(i) as (select 1 union all select i + 1 from n where i < " +
                       std::to_string(most) + ") select max(i) from n";
            return transaction.prepare(sql).step();
        };
    };
    auto ended = base::run(database->read<bool>(base::Deadline(), numbers(1000000)));
    REQUIRE_FALSE(ended);
    CHECK(ended.error().code == "query_time_exceeded");
    CHECK(*base::run(database->read<bool>(base::Deadline(), numbers(100))));
}

TEST_CASE("readers see a snapshot, and cannot write", "[database]") {
    support::TemporaryFolder folder;
    auto database = *Database::open(options(folder));
    auto write = [](ReadTransaction& transaction) -> base::Result<bool> {
        transaction.prepare("insert into items (name) values ('x')").run();
        return true;
    };
    CHECK_THROWS_AS(base::run(database->read<bool>(base::Deadline(), write)), database::Failure);
    CHECK(count(*database) == 0);
}

TEST_CASE("nobody attaches another module's file", "[database]") {
    support::TemporaryFolder folder;
    auto database = *Database::open(options(folder));
    auto attach = [](Transaction& transaction) -> base::Result<bool> {
        transaction.execute("attach database ':memory:' as other");
        return true;
    };
    CHECK_THROWS_AS(base::run(database->write<bool>(base::Deadline(), 0, attach)),
                    database::Failure);
}

TEST_CASE("the settings that keep data safe are in force", "[database]") {
    support::TemporaryFolder folder;
    database::Connection writer(folder / "x.db", database::Connection::Mode::write, true);
    auto pragma = [&](const char* name) {
        auto row = writer.prepare(std::string("pragma ") + name);
        row.step();
        return std::string(row.text(0));
    };
    CHECK(pragma("journal_mode") == "wal");
    CHECK(pragma("synchronous") == "2");
    CHECK(pragma("recursive_triggers") == "1");
    CHECK(pragma("trusted_schema") == "0");
    CHECK(pragma("foreign_keys") == "1");
    CHECK(pragma("wal_autocheckpoint") == "0");
}

TEST_CASE("a full disk refuses writes, keeps reads, and heals", "[database]") {
    FaultyFileSystem::install();
    support::TemporaryFolder folder;
    auto database = *Database::open(options(folder));
    REQUIRE(add(*database, "before"));

    FaultyFileSystem::writes_until_full = 0;
    auto refused = add(*database, "lost");
    FaultyFileSystem::heal();

    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == base::Reason::unavailable);
    CHECK(refused.error().code == "storage_full");
    CHECK_FALSE(database->writable());
    CHECK(count(*database) == 1);
    CHECK(add(*database, "after"));
    CHECK(database->writable());
    CHECK(count(*database) == 2);
}

TEST_CASE("a failed sync acknowledges nothing and ends the server", "[database]") {
    FaultyFileSystem::install();
    support::TemporaryFolder folder;
    auto fatal = options(folder);
    std::atomic<int> said{0};
    fatal.on_fatal = [&](const std::string&) { ++said; };
    auto database = *Database::open(fatal);
    REQUIRE(add(*database, "before"));

    FaultyFileSystem::syncs_until_error = 0;
    auto unknown = add(*database, "perhaps");
    FaultyFileSystem::heal();

    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == "write_failed");
    CHECK(said >= 1);
}

TEST_CASE("newer data, and data of another build, are left alone", "[database]") {
    support::TemporaryFolder folder;
    auto newer = options(folder);
    newer.migrations[0].steps.push_back(
        {"0002_add_more", "create table more (id integer) strict;"});
    REQUIRE(Database::open(newer));

    auto older = Database::open(options(folder));
    REQUIRE_FALSE(older);
    CHECK(older.error().code == "newer_data");

    auto changed = newer;
    changed.migrations[0].steps[1].sql = "create table more (id integer primary key) strict;";
    auto other = Database::open(changed);
    REQUIRE_FALSE(other);
    CHECK(other.error().code == "changed_migration");
}

TEST_CASE("a migration that is killed in the middle is done whole at the next start",
          "[database]") {
    support::TemporaryFolder folder;
    auto file = folder / "killed.db";
    database::MigrationSet killed{
        "test", {{"0001_create_items", "create table items (id integer) strict;"}}};
    {
        // As a kill would leave it: the step's statements ran, its COMMIT did not.
        database::Connection connection(file, database::Connection::Mode::write, true);
        REQUIRE(database::migrate(connection, {{"other", {}}}));
        connection.execute("begin immediate; create table items (id integer) strict;");
    }
    database::Connection connection(file, database::Connection::Mode::write, true);
    REQUIRE(database::migrate(connection, {killed}));
    CHECK_NOTHROW(connection.execute("insert into items (id) values (1)"));
}

TEST_CASE("the write-ahead log stays bounded while somebody reads", "[database]") {
    support::TemporaryFolder folder;
    auto small = options(folder);
    small.limits.checkpoint_bytes = 65536;
    small.limits.wal_bytes_max = 1 << 20;
    auto database = *Database::open(small);
    std::atomic<bool> stop{false};
    std::thread reader([&] {
        while (!stop) count(*database);
    });
    for (int i = 0; i < 300; ++i)
        REQUIRE(add(*database, std::string(8000, 'x') + std::to_string(i)));
    stop = true;
    reader.join();
    CHECK(std::filesystem::file_size(folder / "test.db-wal") < 4u * (1 << 20));
}
