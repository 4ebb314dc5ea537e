#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "database/database.hpp"
#include "delivery.hpp"

namespace webhooks {

/// What there is to do for one webhook that is enabled.
struct Due {
    Webhook webhook;
    bool is_behind = false;  ///< announcements wait that can become its deliveries
    std::int64_t pending = 0;
    /// To be sent now: of each article the earliest that is pending, but for what is not ready.
    std::vector<Delivery> deliveries{};
    bool waits_for_view = false;  ///< some could be sent if the view of its type did not lag
    std::optional<base::Time> next_at{};  ///< when the next one is to be tried again
};
struct AllDue {
    std::vector<Due> webhooks;
    std::string master_key;
};

/// Which deliveries of a webhook are asked for, the newest first.
struct DeliveryQuestion {
    std::optional<DeliveryState> state{};
    std::optional<std::int64_t> before{};  ///< numbers
    std::int64_t limit = 50;
};

/// What each webhook is sent. Thread-safe; what it is given outlives it. Refused besides as named:
/// as database::Database is.
class DeliveryStore {
public:
    struct Limits {
        std::int64_t pending = 1000;  ///< of one webhook
        std::int64_t kept = 10000;    ///< of one webhook, after their end
        std::chrono::hours kept_for{168};
    };
    DeliveryStore(database::Database& database, NewsTypes types, const Limits& limits)
        : database_(database), types_(std::move(types)), limits_(limits) {}

    /// `count`: deliveries of each webhook.
    base::Task<AllDue> due(base::Time now, std::int64_t count, Unready unready) const;
    /// Makes announcements deliveries, some hundred for each webhook that is behind.
    base::Task<void> take(base::Time now);
    /// How an attempt ended: its state, attempts, next_at and last_… count.
    base::Task<void> put(Delivery delivery);

    /// Refused with `webhook_not_found`.
    base::Task<std::vector<Delivery>> list(WebhookId webhook, DeliveryQuestion question,
                                           base::Context context) const;
    /// To be sent at once, as if it never was. Refused with `webhook_not_found`,
    /// `delivery_not_found`.
    base::Task<Delivery> redeliver(WebhookId webhook, MessageName name, base::Time now,
                                   base::Context context);
    /// Forgets some of those that are kept for too long, are too many, or are of a webhook that was
    /// removed. False: none are left. Writes nothing where there are none.
    base::Task<bool> forget_some(base::Time now);

private:
    database::Database& database_;
    const NewsTypes types_;
    const Limits limits_;
    std::atomic<std::size_t> turn_{0};  ///< counts what was taken, see take_all_for()
};

}  // namespace webhooks
