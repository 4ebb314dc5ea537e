// Making a view anew, and what keeps that from going on for ever.
#include "rebuild.hpp"

#include "article_store.hpp"
#include "event_json.hpp"
#include "news/module.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_feed.hpp"
#include "support/stepped_loop.hpp"
#include "support/temporary_folder.hpp"

namespace news {

namespace {

using namespace std::chrono_literals;
using support::FakeClock;

/// A log that grows by an article whenever somebody has read up to its end.
class GrowingFeed final : public bus::Feed {
public:
    explicit GrowingFeed(std::int64_t events) { head_.advance(events); }

    const std::string& source() const override { return source_; }
    const base::Watermark& head() const override { return head_; }
    base::Task<std::vector<bus::Event>> after(std::int64_t position, std::int64_t count,
                                              base::Deadline) const override {
        if (++asked_ > 100) throw std::logic_error("somebody reads on for ever");
        std::vector<bus::Event> events;
        while (std::ssize(events) < count && position < head_.value()) {
            events.push_back(event_at(++position));
        }
        if (position == head_.value()) head_.advance(position + 1);
        co_return events;
    }
    base::Task<std::vector<bus::Event>> stream(std::int64_t, base::Deadline) const override {
        co_return std::vector<bus::Event>();
    }

private:
    static bus::Event event_at(std::int64_t position) {
        ArticleCreated created;
        created.title = "Title " + std::to_string(position);
        created.published_at = base::from_micros(position);
        bus::Event event;
        event.position = position;
        event.stream = position;
        event.version = 1;
        event.type = "article_created.v1";
        event.body = to_json(Event(created));
        event.hash[0] = static_cast<unsigned char>(position);
        return event;
    }

    const std::string source_ = "growing";
    mutable base::Watermark head_;
    mutable int asked_ = 0;
};

/// A query store alone.
struct View {
    View() {
        database::Options options;
        options.name = "view";
        options.file = folder / "view.db";
        options.migrations = query_schema();
        database = std::move(*database::Database::open(std::move(options)));
    }
    ViewRebuild rebuild_from(const bus::Feed& log, std::chrono::milliseconds stall_max) {
        return {*database, log, clock, "sports", 2, stall_max, [this] { ++swapped; }};
    }
    Slot slot() {
        auto work = [](database::ReadTransaction& transaction) -> base::Result<Slot> {
            return active_slot(transaction);
        };
        return *base::run(database->read<Slot>(base::Deadline(), work));
    }
    std::size_t rows() {
        auto work = [](database::ReadTransaction& transaction) -> base::Result<std::size_t> {
            return ArticleStore(transaction, active_slot(transaction), "sports")
                .all_after(0, 100)
                .size();
        };
        return *base::run(database->read<std::size_t>(base::Deadline(), work));
    }

    support::TemporaryFolder folder;
    FakeClock clock{FakeClock::Steady::at_once};
    std::unique_ptr<database::Database> database;
    int swapped = 0;
};

void ignore(std::int64_t, std::int64_t) {}

}  // namespace

TEST_CASE("a view is replaced by what its log has when that begins, however fast others write",
          "[news]") {
    View view;
    GrowingFeed log(5);
    auto cursor = base::run(replace_view(view.rebuild_from(log, 30s)));
    REQUIRE(cursor);
    // In batches of two; what comes later is heard as always.
    CHECK(cursor->position == 5);
    CHECK(view.rows() == 5);
    CHECK(view.slot() == Slot::b);
    CHECK(view.swapped == 1);
}

TEST_CASE("a view of an empty log is replaced by an empty one", "[news]") {
    View view;
    support::FakeFeed log;
    auto cursor = base::run(replace_view(view.rebuild_from(log, 30s)));
    REQUIRE(cursor);
    CHECK(cursor->position == 0);
    CHECK(view.swapped == 1);
}

TEST_CASE("a view is not made anew by a store that comes to nothing, and the old one stays",
          "[news]") {
    View view;
    GrowingFeed log(5);
    // Whatever is asked waits longer than that in the queue.
    for (auto span : {0ms, -1ms}) {
        auto replaced = base::run(replace_view(view.rebuild_from(log, span)));
        REQUIRE_FALSE(replaced);
        CHECK(replaced.error().code == "view_stalled");
        CHECK_THAT(replaced.error().message, Catch::Contains("done nothing for"));
        auto rebuilt = base::run(rebuild_view(view.rebuild_from(log, span), ignore));
        REQUIRE_FALSE(rebuilt);
        CHECK(rebuilt.error().code == "view_stalled");
    }
    CHECK(view.slot() == Slot::a);
    CHECK(view.swapped == 0);
}

TEST_CASE("a rebuild does not wait for ever for a view that does not follow its log", "[news]") {
    support::TemporaryFolder folder;
    telemetry::Metrics metrics;
    Config config;
    config.view_wait_ms = 0ms;
    config.view_stall_max_ms = 1000ms;
    {
        FakeClock clock(FakeClock::Steady::at_once);
        support::SteppedLoop background;
        host::Environment environment{folder.path(), clock, metrics, background.executor()};
        // Nobody has started it, so its projector does nothing.
        auto instance = std::move(*Instance::open("sports", config, environment));
        Command command;
        command.context.actor = {7, base::Role::author};
        NewArticle article{"Title", "", "Content", "Ann", {}};
        REQUIRE(base::run(instance->commands().create(article, command)));
        auto begun = clock.steady();

        auto rebuilt = base::run(instance->rebuild(ignore));

        REQUIRE_FALSE(rebuilt);
        CHECK(rebuilt.error().code == "view_stalled");
        CHECK_THAT(rebuilt.error().message, Catch::Contains("does not follow its log"));
        CHECK(clock.steady() - begun >= config.view_stall_max_ms);
        CHECK(clock.steady() - begun < config.view_stall_max_ms + 1s);
    }
    // It has broken nothing: the next one follows, and is made anew.
    FakeClock clock(FakeClock::Steady::by_hand);
    support::SteppedLoop background;
    host::Environment environment{folder.path(), clock, metrics, background.executor()};
    environment.scheduled = false;
    auto instance = std::move(*Instance::open("sports", config, environment));
    instance->start();
    background.settle();
    CHECK(instance->backlog() == 0);
    CHECK(*background.run(instance->rebuild(ignore)) == 1);
    REQUIRE(background.run(instance->stop({})));
}

}  // namespace news
