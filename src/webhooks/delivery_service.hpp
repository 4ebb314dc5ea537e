#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "base/timer.hpp"
#include "delivery_store.hpp"
#include "host/environment.hpp"
#include "resilience/circuit_breaker.hpp"
#include "schedule.hpp"
#include "sender_service.hpp"

namespace webhooks {

/// How it is delivered.
struct DeliveryOptions {
    Retries retries{};
    Places places{};
    std::chrono::milliseconds timeout{5000};
};

/// Brings deliveries to their targets. Rounds on the environment's background executor: what is
/// announced is taken, what is due is sent by tasks of its own, and each end of one begins another
/// round. Everything that must outlast a kill is in the store before it is sent and after its end:
/// what was under way is sent again, under the same id. A target that fails over and over gets rest
/// (a breaker each), and an article that cannot be read waits by itself: both are no attempt. What
/// it is given outlives it.
class DeliveryService {
public:
    /// `disable`: called for a webhook whose target wants no more, with the URL that it said so at.
    using Disable = std::function<base::Task<void>(WebhookId, std::string)>;
    DeliveryService(DeliveryStore& store, const Sender& sender, const DeliveryOptions& options,
                    const host::Environment& environment, Disable disable);

    /// Works until stop(). Spawn it once.
    base::Task<void> run();
    /// What is under way is given up: it counts as not sent. Thread-safe.
    void stop();
    /// There is something new to do. Thread-safe; must not block.
    void wake();

    std::int64_t pending() const { return pending_.load(); }
    std::int64_t under_way() const { return under_way_.load(); }
    /// Webhooks that are given rest.
    std::int64_t resting() const { return resting_.load(); }

private:
    using Moment = base::Clock::Moment;
    /// What is remembered of a webhook while it is enabled.
    struct Target {
        std::unique_ptr<resilience::CircuitBreaker> breaker;
        std::set<ArticleName> under_way{};
        Moment paused_until{};
    };
    using Stop = Sender::Stop;

    base::Task<Moment> round();
    base::Task<AllDue> ask_due();
    void begin_due(AllDue& all, Moment& next);
    bool begin(Target& target, const Webhook& webhook, Delivery& delivery,
               const std::string& master_key, Moment& next);
    Target& target_of(WebhookId webhook);
    std::size_t idle_targets(const AllDue& all) const;
    void forget_others(const AllDue& all);
    base::Task<void> forget_old();

    base::Task<void> deliver(Webhook webhook, Delivery delivery, std::string master_key, Stop stop,
                             std::shared_ptr<resilience::CircuitBreaker::Permit> permit);
    base::Task<void> settle(Delivery delivery, Outcome outcome, std::string url);
    void ended(WebhookId webhook, const ArticleName& article, const Stop& stop,
               const std::string& broken);
    void set_aside(const ArticleName& article);
    void pause(WebhookId webhook, std::chrono::milliseconds span);
    void report(const Delivery& delivery, const Outcome& outcome) const;

    DeliveryStore& store_;
    const Sender& sender_;
    const DeliveryOptions options_;
    const base::Clock& clock_;
    const base::Executor executor_;
    const Disable disable_;
    telemetry::Counter& delivered_;
    telemetry::Counter& failed_;
    telemetry::Counter& dead_;
    base::Timer timer_;
    std::map<WebhookId, Target> targets_;
    std::set<Stop> stops_;
    /// What has ended since the store was asked what is due: what it said of that may be old.
    std::set<std::pair<WebhookId, ArticleName>> just_ended_;
    /// What could not be read, of whichever webhook, is tried again from then on.
    std::map<ArticleName, Moment> set_aside_;
    Moment next_tidy_{};
    std::atomic<std::int64_t> pending_{0};
    std::atomic<std::int64_t> under_way_{0};
    std::atomic<std::int64_t> resting_{0};
    std::atomic<bool> woken_{false};
    std::atomic<bool> stopping_{false};
};

}  // namespace webhooks
