#include "delivery_service.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "telemetry/log.hpp"

namespace webhooks {

namespace {

constexpr std::chrono::seconds rest_max{60};
/// Without anything to do; a clock that was set is noticed by then.
constexpr std::chrono::seconds round_pause_max{30};
constexpr std::chrono::seconds tidy_pause{60};
/// The store could not be asked, or could not take how something ended; or an article could not be
/// read.
constexpr std::chrono::milliseconds trouble_pause{1000};
/// The view of the news has not come as far as their log.
constexpr std::chrono::milliseconds view_pause{50};

resilience::CircuitBreakerConfig breaker_of(const DeliveryOptions& options) {
    resilience::CircuitBreakerConfig config;
    config.calls_min = 5;
    config.slow_call = options.timeout;
    config.half_open_permits = 1;
    config.half_open_limit = 2 * options.timeout + std::chrono::seconds(10);
    return config;
}

std::uint64_t seed_of(const Delivery& delivery) {
    auto number = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
    return number(delivery.webhook) * 31 + number(delivery.what.position) * 1009 +
           number(delivery.what.article) * 7 + number(delivery.attempts);
}

std::string why_of(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& failure) {
        return failure.what();
    } catch (...) {
        return "an exception of an unknown kind";
    }
}

telemetry::Counter& attempts_counter(telemetry::Metrics& metrics, const char* outcome) {
    return metrics.counter(
        "portal_webhooks_attempts_total",
        "Attempts to deliver: delivered; failed, to be tried again; dead, given up.",
        {{"outcome", outcome}});
}

}  // namespace

DeliveryService::DeliveryService(DeliveryStore& store, const Sender& sender,
                                 const DeliveryOptions& options,
                                 const host::Environment& environment, Disable disable)
    : store_(store),
      sender_(sender),
      options_(options),
      clock_(environment.clock),
      executor_(environment.background),
      disable_(std::move(disable)),
      delivered_(attempts_counter(environment.metrics, "delivered")),
      failed_(attempts_counter(environment.metrics, "failed")),
      dead_(attempts_counter(environment.metrics, "dead")),
      timer_(environment.clock, environment.background) {}

void DeliveryService::wake() {
    woken_.store(true);
    timer_.cancel();
}

void DeliveryService::stop() {
    stopping_.store(true);
    timer_.cancel();
}

base::Task<void> DeliveryService::run() {
    while (!stopping_.load()) {
        woken_.store(false);
        auto next = co_await round();
        auto until = next ? *next : clock_.steady() + trouble_pause;
        bool has_time = !woken_.load() && !stopping_.load();
        if (has_time) co_await timer_.until(until);
    }
    auto stops = stops_;
    for (const auto& stop : stops) stop->stop();
    while (under_way_.load() > 0) co_await timer_.pause(round_pause_max);
    co_return base::Result<void>();
}

base::Task<DeliveryService::Moment> DeliveryService::round() {
    auto next = clock_.steady() + round_pause_max;
    auto all = co_await ask_due();
    if (!all) co_return all.error();
    bool is_behind = std::any_of(all->webhooks.begin(), all->webhooks.end(),
                                 [](const Due& due) { return due.is_behind; });
    if (is_behind) {
        auto taken = co_await store_.take(clock_.now());
        if (!taken) co_return taken.error();
        all = co_await ask_due();
        if (!all) co_return all.error();
    }
    begin_due(*all, next);
    if (clock_.steady() >= next_tidy_) co_await forget_old();
    for (const auto& due : all->webhooks) {
        if (due.is_behind) next = clock_.steady();
        if (due.waits_for_view) next = std::min<Moment>(next, clock_.steady() + view_pause);
        if (due.next_at) {
            next = std::min<Moment>(next, clock_.steady() + (*due.next_at - clock_.now()));
        }
    }
    for (const auto& [article, until] : set_aside_) next = std::min(next, until);
    co_return next;
}

base::Task<AllDue> DeliveryService::ask_due() {
    auto now = clock_.steady();
    std::erase_if(set_aside_, [&](const auto& one) { return one.second <= now; });
    Unready unready;
    unready.shown = sender_.shown();
    for (const auto& [article, until] : set_aside_) unready.articles.insert(article);
    just_ended_.clear();
    auto most = 2 * static_cast<std::int64_t>(options_.places.each);
    co_return co_await store_.due(clock_.now(), most, std::move(unready));
}

void DeliveryService::begin_due(AllDue& all, Moment& next) {
    forget_others(all);
    std::int64_t pending = 0;
    std::int64_t resting = 0;
    auto now = clock_.steady();
    auto idle = idle_targets(all);
    for (auto& due : all.webhooks) {
        pending += due.pending;
        auto& target = target_of(due.webhook.id);
        if (target.breaker->state() != resilience::CircuitBreaker::State::closed) ++resting;
        if (target.paused_until > now) {
            next = std::min(next, target.paused_until);
            continue;
        }
        for (auto& delivery : due.deliveries) {
            ArticleName article{delivery.what.news_type, delivery.what.article};
            bool is_busy = target.under_way.contains(article) || set_aside_.contains(article) ||
                           just_ended_.contains({due.webhook.id, article});
            if (is_busy) continue;
            auto all_under_way = static_cast<std::size_t>(under_way_.load());
            bool has_room =
                has_place(options_.places, target.under_way.size(), all_under_way, idle);
            if (!has_room || stopping_.load()) break;
            if (!begin(target, due.webhook, delivery, all.master_key, next)) break;
            if (target.under_way.size() == 1) --idle;
        }
    }
    pending_.store(pending);
    resting_.store(resting);
}

/// False: the target rests.
bool DeliveryService::begin(Target& target, const Webhook& webhook, Delivery& delivery,
                            const std::string& master_key, Moment& next) {
    auto permit = target.breaker->acquire();
    if (!permit) {
        target.paused_until = clock_.steady() + permit.error().retry_after;
        next = std::min(next, target.paused_until);
        return false;
    }
    ArticleName article{delivery.what.news_type, delivery.what.article};
    auto stop = std::make_shared<http::ClientStop>();
    target.under_way.insert(article);
    stops_.insert(stop);
    under_way_.fetch_add(1);
    auto held = std::make_shared<resilience::CircuitBreaker::Permit>(std::move(*permit));
    auto done = [this, id = webhook.id, article, stop](const std::exception_ptr& thrown,
                                                       const base::Result<void>& result) {
        if (thrown) set_aside(article);
        if (!thrown && !result) pause(id, trouble_pause);
        ended(id, article, stop, thrown ? why_of(thrown) : result ? "" : result.error().message);
    };
    auto task = deliver(webhook, std::move(delivery), master_key, stop, std::move(held));
    boost::asio::co_spawn(executor_, std::move(task), std::move(done));
    return true;
}

DeliveryService::Target& DeliveryService::target_of(WebhookId webhook) {
    auto& target = targets_[webhook];
    if (!target.breaker) {
        target.breaker = std::make_unique<resilience::CircuitBreaker>(
            breaker_of(options_), resilience::CircuitBreaker::Heard(),
            [&clock = clock_] { return clock.steady(); });
    }
    return target;
}

std::size_t DeliveryService::idle_targets(const AllDue& all) const {
    auto idle = std::count_if(all.webhooks.begin(), all.webhooks.end(), [this](const Due& due) {
        auto found = targets_.find(due.webhook.id);
        return found == targets_.end() || found->second.under_way.empty();
    });
    return static_cast<std::size_t>(idle);
}

/// Those that are removed or disabled, once nothing of theirs is under way.
void DeliveryService::forget_others(const AllDue& all) {
    std::erase_if(targets_, [&](const auto& one) {
        bool is_there = std::any_of(all.webhooks.begin(), all.webhooks.end(),
                                    [&](const Due& due) { return due.webhook.id == one.first; });
        return !is_there && one.second.under_way.empty();
    });
}

base::Task<void> DeliveryService::forget_old() {
    next_tidy_ = clock_.steady() + tidy_pause;
    auto more = co_await store_.forget_some(clock_.now());
    if (more && *more) next_tidy_ = clock_.steady();
    co_return base::Result<void>();
}

base::Task<void> DeliveryService::deliver(
    Webhook webhook, Delivery delivery, std::string master_key, Stop stop,
    std::shared_ptr<resilience::CircuitBreaker::Permit> permit) {
    auto url = webhook.settings.url;
    auto outcome =
        co_await sender_.attempt(std::move(webhook), delivery.what, std::move(master_key), stop);
    if (!outcome) co_return outcome.error();
    bool was_asked = outcome->kind == Outcome::Kind::sent;
    // Whatever it answers, it is there.
    if (!was_asked) {
        permit->cancelled();
    } else if (outcome->status && *outcome->status < 500) {
        permit->succeeded();
    } else {
        permit->failed();
    }
    co_return co_await settle(std::move(delivery), std::move(*outcome), std::move(url));
}

base::Task<void> DeliveryService::settle(Delivery delivery, Outcome outcome, std::string url) {
    auto webhook = delivery.webhook;
    if (outcome.kind == Outcome::Kind::stopped) co_return base::Result<void>();
    if (outcome.kind == Outcome::Kind::not_ready) {
        set_aside({delivery.what.news_type, delivery.what.article});
        co_return base::Result<void>();
    }
    auto now = clock_.now();
    delivery.attempts += 1;
    delivery.last_at = now;
    delivery.last_status = outcome.status;
    delivery.last_error = outcome.error;
    if (outcome.is_good()) {
        delivery.state = DeliveryState::delivered;
    } else if (delivery.attempts > options_.retries.most) {
        delivery.state = DeliveryState::dead;
    } else {
        delivery.next_at = now + wait_after(options_.retries, delivery.attempts,
                                            outcome.retry_after, seed_of(delivery));
        // Whoever says when means all that is sent there.
        auto rest = std::min<std::chrono::milliseconds>(outcome.retry_after, rest_max);
        if (rest.count() > 0) pause(webhook, rest);
    }
    report(delivery, outcome);
    auto put = co_await store_.put(std::move(delivery));
    if (!put) {
        // It is sent once more: that is better than not at all.
        co_return put.error();
    }
    if (outcome.status == 410) {
        auto disabled = co_await disable_(webhook, url);
        if (!disabled) co_return disabled.error();
    }
    co_return base::Result<void>();
}

void DeliveryService::report(const Delivery& delivery, const Outcome& outcome) const {
    if (delivery.state == DeliveryState::delivered) {
        delivered_.add();
        return;
    }
    bool is_dead = delivery.state == DeliveryState::dead;
    (is_dead ? dead_ : failed_).add();
    // An attempt that is made again is no news; the first and the last one are.
    if (!is_dead && delivery.attempts > 1) return;
    telemetry::log(telemetry::Level::warning, "webhooks",
                   is_dead ? "a delivery is given up" : "a delivery was not taken",
                   {{"webhook", delivery.webhook},
                    {"message", message_id(delivery.webhook, delivery.what)},
                    {"attempts", delivery.attempts},
                    {"status", outcome.status.value_or(0)},
                    {"error", outcome.error}});
}

void DeliveryService::pause(WebhookId webhook, std::chrono::milliseconds span) {
    auto found = targets_.find(webhook);
    if (found == targets_.end()) return;
    auto& until = found->second.paused_until;
    until = std::max<Moment>(until, clock_.steady() + span);
}

void DeliveryService::set_aside(const ArticleName& article) {
    set_aside_[article] = clock_.steady() + trouble_pause;
}

void DeliveryService::ended(WebhookId webhook, const ArticleName& article, const Stop& stop,
                            const std::string& broken) {
    if (!broken.empty()) {
        telemetry::log(telemetry::Level::error, "webhooks", "a delivery broke",
                       {{"webhook", webhook}, {"error", broken}});
    }
    auto found = targets_.find(webhook);
    if (found != targets_.end()) found->second.under_way.erase(article);
    stops_.erase(stop);
    just_ended_.emplace(webhook, article);
    under_way_.fetch_sub(1);
    wake();
}

}  // namespace webhooks
