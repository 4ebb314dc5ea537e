#include "user_store.hpp"

#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_folder.hpp"

TEST_CASE("a change that is applied already, by a commit whose answer was lost, is done",
          "[users]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    database::Options options;
    options.file = folder / "users.db";
    options.name = "users";
    options.migrations = users::schema();
    auto database = std::move(*database::Database::open(std::move(options)));
    bus::Log log(*database, clock, "users");
    users::UserStore store(*database, log, clock, 10, 10);

    auto applied = base::run(store.apply({7}));

    // A worker goes on behind the position of what it was given, so it is not given it again.
    CHECK(applied);
    CHECK(log.head().value() == 0);
}
