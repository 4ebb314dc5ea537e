#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "webhook.hpp"

namespace webhooks {

/// The members of a webhook that an admin may set; others are ignored. `is_new`: the URL is needed.
/// Refused with `malformed_webhook` when a member has the wrong JSON type, and with
/// `invalid_webhook` when it is missing or says what it may not: all problems at once.
base::Result<SettingsChange> settings_from_json(const nlohmann::json& body, bool is_new);

/// From where on it is told again: a time, or positions by type; one of the two.
struct Replay {
    std::optional<base::Time> from{};
    std::map<std::string, std::int64_t> positions{};
};

/// Refused with `malformed_replay`.
base::Result<Replay> replay_from_json(const nlohmann::json& body);

}  // namespace webhooks
