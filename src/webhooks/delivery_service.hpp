#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "answer_json.hpp"
#include "base/timer.hpp"
#include "delivery_store.hpp"
#include "host/environment.hpp"
#include "http/outbound.hpp"
#include "news/types.hpp"
#include "resilience/circuit_breaker.hpp"
#include "schedule.hpp"

namespace webhooks {

/// How it is delivered.
struct DeliveryOptions {
    Retries retries{};
    Places places{};
    std::chrono::milliseconds timeout{5000};
};

/// A message as it is sent.
struct Message {
    std::string url;
    std::vector<std::string> secrets;  ///< the newest first
    std::string id;
    std::string body;
};

/// Brings deliveries to their targets. Rounds on the environment's background executor: what is
/// announced is taken, what is due is sent by tasks of its own, and each end of one begins another
/// round. Everything that must outlast a kill is in the store before it is sent and after its end:
/// what was under way is sent again, under the same id. A target that fails over and over gets rest
/// (a breaker each), which is no attempt. What it is given outlives it.
class DeliveryService {
public:
    /// `disable`: called for a webhook whose target wants no more.
    using Disable = std::function<base::Task<void>(WebhookId)>;
    DeliveryService(DeliveryStore& store, const news::Types& types, http::OutboundGuard guard,
                    std::shared_ptr<http::Client> client, const DeliveryOptions& options,
                    const host::Environment& environment, Disable disable);

    /// Works until stop(). Spawn it once.
    base::Task<void> run();
    /// What is under way is given up: it counts as not sent. Thread-safe.
    void stop();
    /// There is something new to do. Thread-safe; must not block.
    void wake();

    /// Sends one message that only tries whether it arrives. On any executor.
    base::Task<Tried> try_out(Webhook webhook, std::string master_key) const;

    std::int64_t pending() const { return pending_.load(); }
    std::int64_t under_way() const { return under_way_.load(); }
    /// Webhooks that are given rest.
    std::int64_t resting() const { return resting_.load(); }

private:
    using Article = std::pair<std::string, news::ArticleId>;
    using Moment = base::Clock::Moment;
    /// What is remembered of a webhook while it is enabled.
    struct Target {
        std::unique_ptr<resilience::CircuitBreaker> breaker;
        std::set<Article> under_way{};
        Moment paused_until{};
    };
    /// How an attempt ended.
    struct Outcome {
        enum class Kind { sent, not_ready, stopped };
        Kind kind = Kind::sent;
        std::optional<std::int64_t> status{};
        std::string error{};
        std::chrono::seconds retry_after{0};

        bool is_good() const { return kind == Kind::sent && error.empty(); }
    };
    using Stop = std::shared_ptr<http::ClientStop>;

    base::Task<Moment> round();
    void begin_due(AllDue& all, Moment& next);
    bool begin(Target& target, const Webhook& webhook, Delivery& delivery,
               const std::string& master_key, Moment& next);
    Target& target_of(WebhookId webhook);
    std::size_t idle_targets(const AllDue& all) const;
    void forget_others(const AllDue& all);
    base::Task<void> forget_old();

    base::Task<void> deliver(Webhook webhook, Delivery delivery, std::string master_key, Stop stop,
                             std::shared_ptr<resilience::CircuitBreaker::Permit> permit);
    base::Task<Outcome> attempt(Webhook webhook, Announcement what, std::string master_key,
                                Stop stop) const;
    base::Task<Outcome> send(Message message, Stop stop) const;
    base::Task<void> settle(Delivery delivery, Outcome outcome);
    void ended(WebhookId webhook, const Article& article, const Stop& stop,
               const std::string& broken);
    void pause(WebhookId webhook, std::chrono::milliseconds span);
    void report(const Delivery& delivery, const Outcome& outcome) const;
    std::vector<std::string> secrets_of(const Webhook& webhook, const std::string& key) const;

    DeliveryStore& store_;
    const news::Types types_;
    const http::OutboundGuard guard_;
    const std::shared_ptr<http::Client> client_;
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
    std::set<std::pair<WebhookId, Article>> just_ended_;
    Moment next_tidy_{};
    std::atomic<std::int64_t> pending_{0};
    std::atomic<std::int64_t> under_way_{0};
    std::atomic<std::int64_t> resting_{0};
    std::atomic<bool> woken_{false};
    std::atomic<bool> stopping_{false};
};

}  // namespace webhooks
