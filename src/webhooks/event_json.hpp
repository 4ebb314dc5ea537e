#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "webhook.hpp"

namespace webhooks {

// What happened to a webhook, for ever; its secrets stand in none of it.

/// `webhook_created.v1`
struct WebhookCreated {
    Settings settings;
};
/// `webhook_changed.v1`: all of them as they are then.
struct WebhookChanged {
    Settings settings;
};
/// `webhook_removed.v1`
struct WebhookRemoved {};
/// `webhook_disabled.v1`: its target answered 410, gone.
struct WebhookDisabled {};
/// `webhook_secret_rotated.v1`
struct SecretRotated {};
/// `webhook_replayed.v1`: what is behind these positions is told again; by type.
struct WebhookReplayed {
    std::map<std::string, std::int64_t> positions;
};

using Event = std::variant<WebhookCreated, WebhookChanged, WebhookRemoved, WebhookDisabled,
                           SecretRotated, WebhookReplayed>;

std::string_view name_of(const Event& event);
std::string to_json(const Event& event);
/// Throws std::runtime_error for a name or a body that no version of this program has written.
Event event_from_json(std::string_view type, std::string_view body);

}  // namespace webhooks
