#include "user_store.hpp"

#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_folder.hpp"

TEST_CASE("a queued change that is listed, but not there, is not taken for done", "[users]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    database::Options options;
    options.file = folder / "users.db";
    options.name = "users";
    options.migrations = users::schema();
    auto database = std::move(*database::Database::open(std::move(options)));
    bus::Log log(*database, clock, "users");
    users::UserStore store(*database, log, clock, 10, 10);
    users::UserStore::Row row;
    row.sequence = 7;
    row.record.id = 1;

    auto applied = base::run(store.apply({row}));

    // Whoever took it for done would be given it again at once, for ever.
    REQUIRE_FALSE(applied);
    CHECK(applied.error().code == "queue_row_missing");
}
