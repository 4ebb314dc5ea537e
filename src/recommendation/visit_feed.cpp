#include "visit_feed.hpp"

#include <algorithm>

#include "telemetry/log.hpp"

namespace recommendation {

namespace {
constexpr std::chrono::seconds say_drops_interval{10};
}  // namespace

VisitFeed::VisitFeed(std::shared_ptr<Ring> ring, std::chrono::milliseconds interval,
                     const base::Clock& clock, telemetry::Metrics& metrics, base::Executor executor)
    : ring_(std::move(ring)),
      interval_(interval),
      clock_(clock),
      dropped_(metrics.counter("portal_recommendation_visits_dropped_total",
                               "Visits that never reached the graph.", {{"why", "full"}})),
      timer_(clock, executor) {}

void VisitFeed::hurry() {
    hurries_.store(true);
    timer_.cancel();
}

std::size_t VisitFeed::backlog(std::int64_t applied) const {
    auto waiting = ring_->size();
    return applied < last_in_hand_.load() ? waiting + in_hand_count_.load() : waiting;
}

std::vector<ArticleName> VisitFeed::reads_of(std::int64_t user, std::int64_t applied) const {
    std::vector<ArticleName> reads;
    auto add = [&reads](const news::NewsViewed& visit) {
        ArticleName name{visit.news_type, visit.id};
        if (std::ranges::find(reads, name) == reads.end()) reads.push_back(std::move(name));
    };
    std::lock_guard lock(mutex_);
    ring_->look_at_all([&](const news::NewsViewed& visit) {
        if (visit.user_id == user) add(visit);
    });
    for (auto event = in_hand_.rbegin(); event != in_hand_.rend(); ++event) {
        if (event->position <= applied) break;
        if (event->actor == user) add(news::visit_event(*event));
    }
    return reads;
}

base::Task<std::vector<bus::Event>> VisitFeed::after(std::int64_t position, std::int64_t count,
                                                     base::Deadline deadline) const {
    if (deadline.passed()) co_return base::deadline_passed();
    bool is_empty = forget_up_to(position);
    auto waiting = static_cast<std::int64_t>(ring_->size());
    if (is_empty && waiting > 0 && waiting < count && !hurries_.load()) {
        auto full = ring_->head().value() - waiting + count;
        auto due = ring_->first_at() + interval_;
        co_await ring_->head().reached(full, timer_, due);
    }
    auto given = take(position, count);
    count_dropped();
    co_return given;
}

std::vector<bus::Event> VisitFeed::take(std::int64_t position, std::int64_t count) const {
    // Under it, so that nobody misses what goes from the ring into the hand.
    std::lock_guard lock(mutex_);
    if (in_hand_.empty()) {
        for (const auto& entry : ring_->take(static_cast<std::size_t>(count))) {
            in_hand_.push_back(news::to_event(entry.event));
            in_hand_.back().position = entry.position;
        }
        if (!in_hand_.empty()) last_in_hand_.store(in_hand_.back().position);
        while (!in_hand_.empty() && in_hand_.front().position <= position) in_hand_.pop_front();
    }
    in_hand_count_.store(in_hand_.size());
    auto given = std::min<std::int64_t>(count, std::ssize(in_hand_));
    return {in_hand_.begin(), in_hand_.begin() + given};
}

base::Task<std::vector<bus::Event>> VisitFeed::stream(std::int64_t, base::Deadline deadline) const {
    if (deadline.passed()) co_return base::deadline_passed();
    co_return std::vector<bus::Event>();
}

bool VisitFeed::forget_up_to(std::int64_t position) const {
    std::lock_guard lock(mutex_);
    while (!in_hand_.empty() && in_hand_.front().position <= position) in_hand_.pop_front();
    return in_hand_.empty();
}

void VisitFeed::count_dropped() const {
    auto seen = ring_->dropped();
    if (seen == dropped_seen_) return;
    dropped_.add(seen - dropped_seen_);
    dropped_seen_ = seen;
    if (clock_.steady() < say_drops_) return;
    say_drops_ = clock_.steady() + say_drops_interval;
    telemetry::log(telemetry::Level::warning, "recommendation",
                   "visits come faster than they can be applied, the oldest are dropped",
                   {{"dropped_since_start", seen}});
}

}  // namespace recommendation
