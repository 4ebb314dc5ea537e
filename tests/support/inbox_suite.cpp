#include "support/inbox_suite.hpp"

#include "support/catch.hpp"
#include "support/fake_feed.hpp"

namespace bus {

namespace {

using Positions = std::vector<std::int64_t>;

/// What a stage is asked for, in the order in which an inbox goes through it.
class InboxCheck {
public:
    explicit InboxCheck(const InboxStage& stage) : stage_(stage), inbox_(stage.inbox) {}

    void begin() {
        CHECK_FALSE(inbox_.name().empty());
        auto progress = base::run(inbox_.load());
        REQUIRE(progress);
        CHECK(progress->cursor.position == 0);
        CHECK(progress->parked.empty());
    }

    void apply() {
        auto first = batch_of({event_at(1, 1), event_at(2, 2), event_at(3, 1)});
        // A second time changes nothing: the answer to the first may have been lost.
        for (int i = 0; i < 2; ++i) {
            auto deferred = base::run(inbox_.apply(first));
            REQUIRE(deferred);
            CHECK(deferred->empty());
            CHECK(inbox_.applied().value() == 3);
            CHECK(stage_.applied() == Positions{1, 2, 3});
        }
    }

    /// What cannot be stored now has not happened.
    void refuse() {
        if (!stage_.refuse) return;
        auto before = stage_.applied();
        auto next = batch_of({event_at(4, 1)});
        stage_.refuse(true);
        auto refused = base::run(inbox_.apply(next));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().reason == base::Reason::unavailable);
        if (stage_.puts_aside) {
            auto parked = base::run(inbox_.park(event_at(4, 1), "no"));
            REQUIRE_FALSE(parked);
            CHECK(parked.error().reason == base::Reason::unavailable);
        }
        CHECK(inbox_.applied().value() == 3);
        stage_.refuse(false);
        CHECK(stage_.applied() == before);
    }

    /// An event that breaks takes its batch with it, and is passed alone.
    void pass_what_breaks() {
        stage_.break_on({2});
        auto before = stage_.applied();
        CHECK_THROWS(base::run(inbox_.apply(batch_of({event_at(4, 1), event_at(5, 2)}))));
        CHECK(stage_.applied() == before);
        CHECK(inbox_.applied().value() == 3);

        REQUIRE(base::run(inbox_.apply(batch_of({event_at(4, 1)}))));
        REQUIRE(base::run(inbox_.park(event_at(5, 2), "no")));
        CHECK(inbox_.applied().value() == 5);
        // Of a batch whose last events belong to a stream that waits the end counts.
        auto rest = std::make_shared<Batch>();
        rest->events = {event_at(6, 3)};
        rest->end = cursor_at(event_at(7, 2));
        REQUIRE(base::run(inbox_.apply(rest)));
        CHECK(inbox_.applied().value() == 7);
        CHECK(stage_.applied() == Positions{1, 2, 3, 4, 6});
        check_place();
    }

    void leave_out() {
        auto parked = base::run(inbox_.parked());
        REQUIRE(parked);
        CHECK(parked->empty());
        stage_.break_on({});
        REQUIRE(base::run(inbox_.apply(batch_of({event_at(7, 2)}))));
        CHECK(stage_.applied() == Positions{1, 2, 3, 4, 6, 7});
    }

    void put_aside_and_release() {
        check_parked(1, "no");
        // Another attempt that fails counts, and moves nothing.
        auto missed = batch_of({event_at(2, 2), event_at(5, 2), event_at(7, 2)});
        CHECK_THROWS(base::run(inbox_.release(2, missed)));
        REQUIRE(base::run(inbox_.park(event_at(5, 2), "still no")));
        check_parked(2, "still no");
        check_place();

        stage_.break_on({});
        REQUIRE(base::run(inbox_.release(2, missed)));
        CHECK(base::run(inbox_.parked())->empty());
        CHECK(stage_.applied() == Positions{1, 2, 3, 4, 5, 6, 7});
    }

    void begin_anew() {
        support::FakeFeed other;
        for (std::int64_t stream : {1, 2}) other.add(stream);
        auto cursor = base::run(inbox_.begin_anew(other));
        REQUIRE(cursor);
        CHECK((cursor->position == 0 || cursor->position == other.head().value()));
        CHECK(base::run(inbox_.parked())->empty());
    }

private:
    static std::shared_ptr<const Batch> batch_of(std::vector<Event> events) {
        auto batch = std::make_shared<Batch>();
        batch->end = cursor_at(events.back());
        batch->events = std::move(events);
        return batch;
    }

    Event event_at(std::int64_t position, std::int64_t stream) const {
        if (stage_.event) return stage_.event(position, stream);
        Event event;
        event.position = position;
        event.stream = stream;
        event.version = position;
        event.type = "tested.v1";
        event.body = "{}";
        event.hash[0] = static_cast<unsigned char>(position);
        return event;
    }

    void check_parked(std::int64_t attempts, const std::string& error) {
        auto parked = base::run(inbox_.parked());
        REQUIRE(parked);
        REQUIRE(parked->size() == 1);
        CHECK(parked->front().stream == 2);
        CHECK(parked->front().position == 5);
        CHECK(parked->front().attempts == attempts);
        CHECK(parked->front().error == error);
    }

    void check_place() {
        if (!stage_.keeps_place) return;
        auto progress = base::run(inbox_.load());
        REQUIRE(progress);
        CHECK(progress->cursor == cursor_at(event_at(7, 2)));
        CHECK(progress->parked == Positions{2});
    }

    const InboxStage& stage_;
    Inbox& inbox_;
};

}  // namespace

void check_inbox(const InboxStage& stage) {
    InboxCheck check(stage);
    check.begin();
    check.apply();
    check.refuse();
    if (stage.break_on) {
        check.pass_what_breaks();
        if (stage.puts_aside) {
            check.put_aside_and_release();
        } else {
            check.leave_out();
        }
    }
    check.begin_anew();
}

}  // namespace bus
