#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "news/public_change.hpp"
#include "webhook.hpp"

namespace webhooks {

/// A change of what readers see, as a news log has it.
struct Announcement {
    std::string news_type;
    std::int64_t position = 0;
    news::ArticleId article = 0;
    news::PublicChange change{};
    base::Time at{};
    /// Of the event's hash: another history has other ones at the same positions.
    std::int64_t mark = 0;
};

/// pending: it waits, for its first attempt or the next. delivered: the target took it. dead: given
/// up.
enum class DeliveryState { pending, delivered, dead };

std::string_view name_of(DeliveryState state);
std::optional<DeliveryState> parse_delivery_state(std::string_view name);

/// What one webhook is told of one change.
struct Delivery {
    std::int64_t number = 0;  ///< in the order in which they were taken
    WebhookId webhook = 0;
    Announcement what;
    DeliveryState state{};
    std::int64_t attempts = 0;
    base::Time next_at{};                       ///< while it is pending
    std::optional<base::Time> last_at{};        ///< of the last attempt
    std::optional<std::int64_t> last_status{};  ///< what the target answered to it
    std::string last_error{};                   ///< the code of why it did not; empty: it did
};

/// An article among those of all types.
using ArticleName = std::pair<std::string, news::ArticleId>;

/// What no message can be made of now.
struct Unready {
    /// By type, up to where its view has the log: what readers are to see waits for that. What
    /// they are to see no more does not, and neither does a type that has no view.
    std::map<std::string, std::int64_t> shown{};
    /// Could not be read a moment ago.
    std::set<ArticleName> articles{};
};
/// Whether the view of its type lags behind it.
bool is_ahead(const Unready& unready, const Announcement& what);

/// The id of a message, the same for each attempt and after each start:
/// `msg_<webhook>_<type>_<position>_<mark>`.
std::string message_id(WebhookId webhook, const Announcement& what);

/// What such an id names.
struct MessageName {
    WebhookId webhook = 0;
    std::string news_type;
    std::int64_t position = 0;
    std::int64_t mark = 0;
};
/// Nothing for a text that message_id() never gives.
std::optional<MessageName> parse_message_id(std::string_view id);

}  // namespace webhooks
