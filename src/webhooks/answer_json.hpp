#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "delivery.hpp"
#include "webhook.hpp"

namespace webhooks {

/// What became of a message that only tried whether it arrives.
struct Tried {
    std::optional<std::int64_t> status{};  ///< what the target answered
    std::string error{};                   ///< the code of why there was no good answer
    std::int64_t took_ms = 0;
};

// The bodies of api/openapi.yaml. `now`: whether an old secret still signs.

/// With its secret, where that is shown; else it is empty.
std::string webhook_body(const Webhook& webhook, const std::string& secret, base::Time now);
std::string webhooks_body(const std::vector<Webhook>& webhooks, base::Time now);
std::string secret_body(const std::string& secret, base::Time previous_until);
std::string delivery_body(const Delivery& delivery);
/// `next`: where the next part goes on, if anything follows.
std::string deliveries_body(const std::vector<Delivery>& deliveries,
                            const std::optional<std::int64_t>& next);
std::string replayed_body(const std::map<std::string, std::int64_t>& positions);
std::string tried_body(const Tried& tried);

}  // namespace webhooks
