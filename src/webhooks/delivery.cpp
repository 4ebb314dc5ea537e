#include "delivery.hpp"

#include <array>
#include <limits>

#include "base/text.hpp"

namespace webhooks {

namespace {

constexpr std::array<std::string_view, 3> states = {"pending", "delivered", "dead"};
constexpr std::string_view prefix = "msg_";

/// The number behind the last `_`, which is cut off with it.
std::optional<std::int64_t> take_number(std::string_view& text) {
    auto at = text.rfind('_');
    if (at == text.npos) return std::nullopt;
    auto number = base::parse_number(text.substr(at + 1), std::numeric_limits<std::int64_t>::max());
    text = text.substr(0, at);
    return number;
}

}  // namespace

std::string_view name_of(DeliveryState state) {
    return states[static_cast<std::size_t>(state)];
}

std::optional<DeliveryState> parse_delivery_state(std::string_view name) {
    for (std::size_t i = 0; i < states.size(); ++i) {
        if (states[i] == name) return static_cast<DeliveryState>(i);
    }
    return std::nullopt;
}

bool is_ahead(const Unready& unready, const Announcement& what) {
    auto shown = unready.shown.find(what.news_type);
    return shown != unready.shown.end() && what.position > shown->second &&
           news::is_public_after(what.change);
}

std::string message_id(WebhookId webhook, const Announcement& what) {
    return std::string(prefix) + std::to_string(webhook) + '_' + what.news_type + '_' +
           std::to_string(what.position) + '_' + std::to_string(what.mark);
}

std::optional<MessageName> parse_message_id(std::string_view id) {
    if (!id.starts_with(prefix)) return std::nullopt;
    auto rest = id.substr(prefix.size());
    auto mark = take_number(rest);
    auto position = take_number(rest);
    auto end = rest.find('_');
    if (!mark || !position || end == rest.npos || end + 1 == rest.size()) return std::nullopt;
    auto webhook =
        base::parse_number(rest.substr(0, end), std::numeric_limits<std::int64_t>::max());
    if (!webhook) return std::nullopt;
    return MessageName{*webhook, std::string(rest.substr(end + 1)), *position, *mark};
}

}  // namespace webhooks
