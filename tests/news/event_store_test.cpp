// What may come between the reading of an article and the event that was decided on it.
#include "event_store.hpp"

#include "archived_store.hpp"
#include "bus/archive.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_folder.hpp"
#include "version_store.hpp"

namespace news {

TEST_CASE("nothing is appended to an article that was archived since it was read", "[news]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    database::Options options;
    options.file = folder / "log.db";
    options.name = "log";
    options.migrations = command_schema();
    auto database = std::move(*database::Database::open(std::move(options)));
    bus::Log log(*database, clock, "news-sports");
    EventStore store(*database, log, clock, 1 << 20);
    Command command;
    ArticleCreated created;
    created.title = "One";
    created.status = Status::published;
    created.published_at = clock.now();
    auto made = base::run(store.append({}, created, command, clock.now()));
    REQUIRE(made);
    auto id = (*made)->state.id;
    auto loaded = base::run(store.load(id, command, {}));
    REQUIRE(loaded);
    auto archive = [id](database::Transaction& transaction) -> base::Result<void> {
        auto article = archived_article(bus::read_linked_stream(transaction, id));
        bus::mark_archived(transaction, id, "news-sports-2020");
        put_archived(transaction, article);
        bus::take_bodies(transaction, id);
        drop_states(transaction, id);
        return {};
    };
    REQUIRE(base::run(database->write<void>(base::Deadline(), 0, archive)));

    ArticleRevised revised;
    revised.title = "Two";
    auto appended =
        base::run(store.append(std::move(*loaded->state), revised, command, clock.now()));

    REQUIRE_FALSE(appended);
    CHECK(appended.error().code == "version_conflict");
    // Whoever tries again finds that it is to be brought back first.
    auto again = base::run(store.load(id, command, {}));
    REQUIRE(again);
    CHECK(again->archived);
}

}  // namespace news
