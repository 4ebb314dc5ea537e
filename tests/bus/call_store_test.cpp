// Calls with an Idempotency-Key: remembered for a day, and forgotten as fast as they come.
#include "bus/call_store.hpp"

#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_folder.hpp"

namespace bus {

namespace {

using namespace std::chrono_literals;

class Store {
public:
    Store() {
        database::Options options;
        options.name = "calls";
        options.file = folder_ / "calls.db";
        options.migrations = {calls_schema()};
        database = *database::Database::open(std::move(options));
    }

    static base::IdempotencyKey key(const std::string& name, const std::string& hash = "hash") {
        return {"7", "POST /v1/news/sports", name, hash};
    }
    void remember(const std::string& name, std::int64_t stream) { remember_all({{name, stream}}); }
    /// In one transaction.
    void remember_all(const std::vector<std::pair<std::string, std::int64_t>>& calls) {
        auto work = [&](database::Transaction& transaction) -> base::Result<bool> {
            for (const auto& [name, stream] : calls) {
                remember_call(transaction, key(name), {stream, 1, "{}"}, clock.now());
            }
            return true;
        };
        REQUIRE(base::run(database->write<bool>(base::Deadline(), 0, work)));
    }
    base::Result<std::optional<AnsweredCall>> find(const base::IdempotencyKey& key) {
        using Found = std::optional<AnsweredCall>;
        auto work = [&](database::ReadTransaction& transaction) -> base::Result<Found> {
            return find_call(transaction, key, clock.now());
        };
        return base::run(database->read<Found>(base::Deadline(), work));
    }
    std::int64_t count() {
        auto work = [](database::ReadTransaction& transaction) -> base::Result<std::int64_t> {
            auto row = transaction.prepare("select count(*) from calls");
            row.step();
            return row.integer(0);
        };
        return *base::run(database->read<std::int64_t>(base::Deadline(), work));
    }

    support::FakeClock clock;
    std::unique_ptr<database::Database> database;

private:
    support::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("a call is known for 24 hours, by caller, route, key and body", "[bus]") {
    Store store;
    store.remember("a", 42);
    auto found = store.find(Store::key("a"));
    REQUIRE(found);
    REQUIRE(*found);
    CHECK((*found)->stream == 42);
    CHECK((*found)->answer == "{}");
    CHECK_FALSE(*store.find(Store::key("b")));
    auto other = Store::key("a");
    other.caller = "8";
    CHECK_FALSE(*store.find(other));
    CHECK(store.find(Store::key("a", "other")).error().code == "idempotency_key_reused");

    store.clock.advance(24h);
    CHECK_FALSE(*store.find(Store::key("a")));
    store.remember("a", 43);
    CHECK((*store.find(Store::key("a")))->stream == 43);
}

TEST_CASE("each call that is remembered forgets two that are too old", "[bus]") {
    Store store;
    for (int i = 0; i < 40; ++i) store.remember("old " + std::to_string(i), i);
    store.clock.advance(25h);

    for (int i = 0; i < 20; ++i) store.remember("new " + std::to_string(i), i);

    CHECK(store.count() == 20);
    CHECK(*store.find(Store::key("new 0")));
}

TEST_CASE("what nobody's calls forget is forgotten by itself", "[bus]") {
    Store store;
    std::vector<std::pair<std::string, std::int64_t>> many;
    for (int i = 0; i < 1200; ++i) many.emplace_back(std::to_string(i), i);
    store.remember_all(many);
    store.clock.advance(23h);
    store.remember("young", 1);
    store.clock.advance(2h);

    REQUIRE(base::run(forget_old_calls(*store.database, store.clock)));

    CHECK(store.count() == 1);
}

TEST_CASE("what is said about a stream goes with it", "[bus]") {
    Store store;
    store.remember("a", 1);
    store.remember("b", 2);
    auto work = [](database::Transaction& transaction) -> base::Result<bool> {
        forget_calls_about(transaction, 1);
        return true;
    };
    REQUIRE(base::run(store.database->write<bool>(base::Deadline(), 0, work)));
    CHECK_FALSE(*store.find(Store::key("a")));
    CHECK(*store.find(Store::key("b")));
}

}  // namespace bus
