#include "support/inbox_suite.hpp"

#include "support/catch.hpp"

namespace bus {

namespace {

using Positions = std::vector<std::int64_t>;

std::shared_ptr<const Batch> batch_of(std::vector<Event> events) {
    auto batch = std::make_shared<Batch>();
    batch->end = cursor_at(events.back());
    batch->events = std::move(events);
    return batch;
}

Event event_at(std::int64_t position, std::int64_t stream) {
    Event event;
    event.position = position;
    event.stream = stream;
    event.version = position;
    event.type = "tested.v1";
    event.body = "{}";
    event.hash[0] = static_cast<unsigned char>(position);
    return event;
}

void check_parking(const InboxStage& stage) {
    auto& inbox = stage.inbox;
    stage.break_on({2});
    auto before = stage.applied();
    CHECK_THROWS(base::run(inbox.apply(batch_of({event_at(4, 1), event_at(5, 2)}))));
    CHECK(stage.applied() == before);
    CHECK(inbox.applied().value() == 3);

    // Past the one that fails, and on with the others.
    REQUIRE(base::run(inbox.apply(batch_of({event_at(4, 1)}))));
    REQUIRE(base::run(inbox.park(event_at(5, 2), "no")));
    CHECK(inbox.applied().value() == 5);
    auto parked = base::run(inbox.parked());
    REQUIRE(parked);
    REQUIRE(parked->size() == 1);
    CHECK(parked->front().stream == 2);
    CHECK(parked->front().position == 5);
    CHECK(parked->front().attempts == 1);
    CHECK(parked->front().error == "no");
    // Of a batch whose last events belong to a parked stream the end counts.
    auto rest = std::make_shared<Batch>();
    rest->events = {event_at(6, 3)};
    rest->end = cursor_at(event_at(7, 2));
    REQUIRE(base::run(inbox.apply(rest)));
    CHECK(inbox.applied().value() == 7);
    auto progress = base::run(inbox.load());
    REQUIRE(progress);
    CHECK(progress->cursor == rest->end);
    CHECK(progress->parked == Positions{2});

    // Another attempt that fails counts, and moves nothing.
    auto missed = batch_of({event_at(2, 2), event_at(5, 2), event_at(7, 2)});
    CHECK_THROWS(base::run(inbox.release(2, missed)));
    REQUIRE(base::run(inbox.park(event_at(5, 2), "still no")));
    parked = base::run(inbox.parked());
    CHECK(parked->front().attempts == 2);
    CHECK(parked->front().error == "still no");
    CHECK(base::run(inbox.load())->cursor == rest->end);

    stage.break_on({});
    REQUIRE(base::run(inbox.release(2, missed)));
    CHECK(base::run(inbox.parked())->empty());
    CHECK(stage.applied() == Positions{1, 2, 3, 4, 5, 6, 7});
}

}  // namespace

void check_inbox(const InboxStage& stage) {
    auto& inbox = stage.inbox;
    CHECK_FALSE(inbox.name().empty());
    auto progress = base::run(inbox.load());
    REQUIRE(progress);
    CHECK(progress->cursor.position == 0);
    CHECK(progress->parked.empty());

    auto first = batch_of({event_at(1, 1), event_at(2, 2), event_at(3, 1)});
    auto deferred = base::run(inbox.apply(first));
    REQUIRE(deferred);
    CHECK(deferred->empty());
    CHECK(inbox.applied().value() == 3);
    CHECK(stage.applied() == Positions{1, 2, 3});
    if (stage.break_on) check_parking(stage);
}

}  // namespace bus
