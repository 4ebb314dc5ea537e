// One look at the feed after the other (step()); what comes of it says what follows:
//
//   worked   look again at once
//   idle     wait for the head to move, or for a parked stream's time, at most the poll interval
//   refused  wait, twice as long each time: feed or inbox cannot, and that is no event's fault
//
// A batch that throws is delivered event by event. The stream of one that throws then is put aside
// (held_, and durably by Inbox::park), the cursor moves on, and its time to be tried again comes
// like everybody else's work. So one bad event costs its stream's readers, and nobody else a wait.
#include "bus/subscription.hpp"

#include <algorithm>

#include "bus/archive.hpp"
#include "spans.hpp"
#include "telemetry/log.hpp"

namespace bus {

namespace {

constexpr const char* of_another_history =
    "a cursor is none of its log's history: what follows from the log is made anew";
constexpr const char* lost = "what was made from a log is gone, and is made anew";

std::shared_ptr<const Batch> alone(const Event& event) {
    auto batch = std::make_shared<Batch>();
    batch->events.push_back(event);
    batch->end = cursor_at(event);
    return batch;
}

base::Error broken(const std::exception& failure) {
    return {base::Reason::unavailable, "broken", failure.what()};
}

/// Whether each event stands behind the one before. Who follows a feed that gives what is no
/// progress, as a damaged store may, would go round for ever.
bool rises(const std::vector<Event>& events, std::int64_t after) {
    for (const auto& event : events) {
        if (event.position <= after) return false;
        after = event.position;
    }
    return true;
}

base::Error out_of_order() {
    return {base::Reason::unavailable, "feed_out_of_order",
            "The feed gives events that do not follow the ones before."};
}

}  // namespace

void describe(config::Section& section, Config& config) {
    section.integer("batch_events_max", config.batch_events_max, {1, 100000},
                    "Events that a subscriber applies in one transaction at most.");
    section.integer("attempts_max", config.attempts_max, {1, 100},
                    "How often an event is tried before its stream is parked.");
    section.duration("retry_wait_ms", config.retry_wait_ms, {1, 5000},
                     "Wait before the second attempt; it doubles with each, up to 5 s.");
    section.duration("poll_interval_ms", config.poll_interval_ms, {10, 60000},
                     "How often a subscriber looks at the log without being woken.");
}

Subscription::Subscription(const Feed& feed, Inbox& inbox, const base::Clock& clock,
                           const Config& config, base::Executor executor)
    : feed_(feed), inbox_(inbox), clock_(clock), config_(config), timer_(clock, executor) {}

void Subscription::stop(Stop how) {
    stop_at_.store(how == Stop::when_heard ? feed_.head().value() : 0);
    stopping_.store(true);
    timer_.cancel();
}

std::int64_t Subscription::backlog() const {
    return std::max<std::int64_t>(0, feed_.head().value() - applied().value());
}

bool Subscription::goes_on() const {
    return !stopping_.load() || cursor_.position < stop_at_.load();
}

void Subscription::moved_to(const Cursor& cursor) {
    cursor_ = cursor;
    inbox_.applied().advance(cursor.position);
}

base::Task<bool> Subscription::fits_feed(Cursor cursor) {
    bool is_beyond = cursor.position > feed_.head().value();
    if (cursor.position == 0 || (!is_beyond && !cursor.has_hash())) co_return true;
    // Also to hear whether the head says anything.
    auto there = co_await feed_.after(cursor.position - 1, 1, base::Deadline());
    if (!there) co_return there.error();
    if (is_beyond) co_return false;
    co_return !there->empty() && cursor_at(there->front()) == cursor;
}

base::Task<void> Subscription::load() {
    auto progress = co_await inbox_.load();
    if (inbox_.is_lost()) {
        lose(lost);
        co_return base::Result<void>();
    }
    if (!progress) co_return progress.error();
    cursor_ = progress->cursor;
    loaded_ = cursor_;
    for (auto stream : progress->parked) held_.emplace(stream, Hold{});
    parked_.store(held_.size());
    auto fits = co_await fits_feed(cursor_);
    if (!fits) note_refusal(fits.error());
    // Each look at the feed asks again.
    if (!fits || *fits) {
        inbox_.applied().advance(cursor_.position);
    } else {
        lose(of_another_history);
    }
    co_return base::Result<void>();
}

void Subscription::lose(const char* why) {
    fits_.store(false);
    // Whoever has lost a file has said so; after a restore it never was there.
    auto level = why == lost ? telemetry::Level::warning : telemetry::Level::error;
    telemetry::log(level, "bus", why,
                   {{"subscription", inbox_.name()},
                    {"log", feed_.source()},
                    {"position", cursor_.position},
                    {"head", feed_.head().value()}});
}

base::Task<void> Subscription::run() {
    take_requests(true);
    std::exception_ptr thrown;
    try {
        co_await work();
    } catch (...) {
        thrown = std::current_exception();
    }
    // Nobody is to wait for what nobody does.
    take_requests(false);
    if (thrown) std::rethrow_exception(thrown);
    co_return base::Result<void>();
}

base::Task<void> Subscription::work() {
    auto wait = config_.retry_wait_ms;
    while (goes_on()) {
        auto outcome = co_await step();
        auto came = outcome ? *outcome : Step::refused;
        if (came == Step::worked) {
            wait = config_.retry_wait_ms;
        } else if (stopping_.load()) {
            break;
        } else if (fits_.load() && has_requests()) {
            continue;
        } else if (came == Step::idle) {
            auto look = next_look();
            co_await feed_.head().reached(cursor_.position + 1, timer_, look);
        } else {
            co_await timer_.pause(wait);
            wait = std::min<std::chrono::milliseconds>(wait * 2, config_.retry_wait_max);
        }
    }
    co_return base::Result<void>();
}

base::Task<Subscription::Step> Subscription::step() {
    base::Result<Step> outcome = Step::refused;
    try {
        if (fits_.load() && inbox_.is_lost()) lose(lost);
        if (!fits_.load()) {
            auto made = co_await begin_anew();
            outcome = made;
        } else {
            co_await answer_requests();
            co_await release_due();
            auto heard = co_await hear();
            outcome = heard;
        }
    } catch (const std::exception& failure) {
        outcome = broken(failure);
    }
    if (outcome) {
        refused_as_.clear();
    } else {
        note_refusal(outcome.error());
    }
    co_return outcome;
}

/// What stays as it is may last for days, and is said once.
void Subscription::note_refusal(const base::Error& error) {
    if (refused_as_ == error.code) return;
    refused_as_ = error.code;
    telemetry::log(telemetry::Level::warning, "bus", "a subscription has to wait",
                   {{"subscription", inbox_.name()},
                    {"log", feed_.source()},
                    {"error", error.code},
                    {"why", error.message}});
}

base::Task<Subscription::Step> Subscription::begin_anew() {
    auto cursor = co_await inbox_.begin_anew(feed_);
    if (!cursor) co_return cursor.error();
    held_.clear();
    parked_.store(0);
    // Who waits until it has come so far finds that it fits.
    fits_.store(true);
    moved_to(*cursor);
    telemetry::log(
        telemetry::Level::info, "bus", "a subscription has begun anew",
        {{"subscription", inbox_.name()}, {"log", feed_.source()}, {"position", cursor->position}});
    co_return Step::worked;
}

base::Task<Subscription::Step> Subscription::hear() {
    auto head = feed_.head().value();
    if (head == cursor_.position) co_return Step::idle;
    // With the event that it stands on, so that each look also shows whether it still does.
    bool checks = cursor_.has_hash();
    auto from = cursor_.position - (checks ? 1 : 0);
    auto count = config_.batch_events_max + (checks ? 1 : 0);
    auto events = co_await feed_.after(from, count, base::Deadline());
    if (!events) co_return events.error();
    if (!rises(*events, from)) co_return out_of_order();
    // A head below the cursor says nothing: what is committed can be read before the head has
    // moved.
    if (checks && (events->empty() || cursor_at(events->front()) != cursor_)) {
        lose(of_another_history);
        co_return Step::worked;
    }
    if (checks && events->size() == 1) {
        // That one alone was as much as a feed gives at once.
        auto more =
            co_await feed_.after(cursor_.position, config_.batch_events_max, base::Deadline());
        if (!more) co_return more.error();
        if (!rises(*more, cursor_.position)) co_return out_of_order();
        events = std::move(more);
        checks = false;
    }
    auto first = events->begin() + (checks ? 1 : 0);
    if (first == events->end()) co_return head < cursor_.position ? Step::idle : Step::refused;

    auto batch = std::make_shared<Batch>();
    batch->end = cursor_at(events->back());
    for (auto event = first; event != events->end(); ++event) {
        bool is_heard = !held_.contains(event->stream) && !is_archived(*event);
        if (is_heard) batch->events.push_back(std::move(*event));
    }
    co_return co_await deliver(std::move(batch));
}

base::Task<std::string> Subscription::try_to_apply(Shared batch) {
    std::string error;
    DeliverySpans spans(inbox_.name(), *batch);
    try {
        auto deferred = co_await inbox_.apply(batch);
        if (!deferred) co_return deferred.error();
        for (const auto& one : *deferred) {
            telemetry::log(
                telemetry::Level::warning, "bus", "a stream has to wait",
                {{"subscription", inbox_.name()}, {"stream", one.stream}, {"error", one.error}});
            put_aside(one.stream, false);
        }
        moved_to(batch->end);
    } catch (const std::exception& failure) {
        spans.failed();
        error = failure.what();
        if (error.empty()) error = "an exception without words";
    }
    co_return error;
}

base::Task<Subscription::Step> Subscription::deliver(Shared batch) {
    auto error = co_await try_to_apply(batch);
    if (!error) co_return error.error();
    if (error->empty()) co_return Step::worked;
    telemetry::log(telemetry::Level::warning, "bus",
                   "a batch failed, its events are tried one by one",
                   {{"subscription", inbox_.name()}, {"error", *error}});
    co_return co_await deliver_one_by_one(std::move(batch));
}

base::Task<Subscription::Step> Subscription::deliver_one_by_one(Shared batch) {
    for (const auto& event : batch->events) {
        if (event.stream != 0 && held_.contains(event.stream)) continue;
        auto error = co_await try_to_apply(alone(event));
        if (!error) co_return error.error();
        if (error->empty()) continue;
        auto parked = co_await park(event, std::move(*error));
        if (!parked) co_return parked.error();
    }
    if (cursor_ == batch->end) co_return Step::worked;
    // Those at its end belong to streams that are put aside.
    auto rest = std::make_shared<Batch>();
    rest->end = batch->end;
    auto error = co_await try_to_apply(std::move(rest));
    if (!error) co_return error.error();
    co_return error->empty() ? Step::worked : Step::refused;
}

base::Task<void> Subscription::park(Event event, std::string error) {
    auto stream = event.stream;
    auto place = cursor_at(event);
    telemetry::log(telemetry::Level::error, "bus",
                   "an event cannot be applied: its stream is parked, and tried again by and by",
                   {{"subscription", inbox_.name()},
                    {"stream", stream},
                    {"position", event.position},
                    {"error", error}},
                   event.correlation_id);
    auto parked = co_await inbox_.park(std::move(event), std::move(error));
    if (!parked) co_return parked.error();
    put_aside(stream, true);
    if (place.position > cursor_.position) moved_to(place);
    co_return base::Result<void>();
}

/// What stands by itself holds back nothing, and is not tried again.
void Subscription::put_aside(std::int64_t stream, bool is_broken) {
    if (stream == 0) return;
    auto& hold = held_[stream];
    hold.span = std::max<std::chrono::milliseconds>(
        config_.retry_wait_ms,
        std::min<std::chrono::milliseconds>(hold.span * 2, config_.retry_wait_max));
    hold.until = clock_.steady() + hold.span;
    if (is_broken) ++hold.attempts;
    hold.given_up = hold.attempts >= config_.attempts_max;
    parked_.store(held_.size());
}

void Subscription::take_back(std::int64_t stream) {
    held_.erase(stream);
    parked_.store(held_.size());
}

base::Clock::Moment Subscription::next_look() const {
    auto moment = clock_.steady() + config_.poll_interval_ms;
    for (const auto& [stream, hold] : held_) {
        if (!hold.given_up) moment = std::min(moment, hold.until);
    }
    return moment;
}

base::Task<void> Subscription::release_due() {
    std::vector<std::int64_t> due;
    auto now = clock_.steady();
    for (const auto& [stream, hold] : held_) {
        if (!hold.given_up && hold.until <= now) due.push_back(stream);
    }
    for (auto stream : due) {
        if (stopping_.load()) break;
        auto released = co_await release(stream);
        // Refused: nobody's fault, so it is no attempt.
        if (!released) put_aside(stream, false);
    }
    co_return base::Result<void>();
}

base::Task<std::string> Subscription::release(std::int64_t stream) {
    auto events = co_await feed_.stream(stream, base::Deadline());
    if (!events) co_return events.error();
    auto missed = std::make_shared<Batch>();
    missed->end = cursor_;
    for (auto& event : *events) {
        bool is_missed = event.position <= cursor_.position && !is_archived(event);
        if (is_missed) missed->events.push_back(std::move(event));
    }
    std::string error;
    try {
        auto released = co_await inbox_.release(stream, missed);
        if (!released) co_return released.error();
        take_back(stream);
        telemetry::log(telemetry::Level::info, "bus", "a parked stream is applied again",
                       {{"subscription", inbox_.name()}, {"stream", stream}});
        co_return std::string();
    } catch (const std::exception& failure) {
        error = failure.what();
        if (error.empty()) error = "an exception without words";
    }
    if (missed->events.empty()) {
        put_aside(stream, true);
        co_return error;
    }
    // The inbox counts it with the stream's first event that it missed.
    auto first = missed->events.front();
    auto parked = co_await park(std::move(first), error);
    if (!parked) co_return parked.error();
    co_return error;
}

}  // namespace bus
