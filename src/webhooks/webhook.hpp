#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/command.hpp"
#include "base/result.hpp"
#include "news/public_change.hpp"

namespace webhooks {

using WebhookId = std::int64_t;
using NewsTypes = std::set<std::string>;

/// What an admin says of a webhook.
struct Settings {
    std::string url;
    std::vector<news::PublicChange> events{};  ///< empty: all
    std::vector<std::string> types{};          ///< empty: all
    std::string description{};                 ///< up to 200
    bool enabled = true;

    bool operator==(const Settings&) const = default;
};

/// What of that is to be another.
struct SettingsChange {
    std::optional<std::string> url{};
    std::optional<std::vector<news::PublicChange>> events{};
    std::optional<std::vector<std::string>> types{};
    std::optional<std::string> description{};
    std::optional<bool> enabled{};
};

/// A target that is told of the news, at one version.
struct Webhook {
    WebhookId id = 0;
    std::int64_t version = 0;  ///< the number of its events
    Settings settings;
    bool is_gone = false;         ///< it was disabled because the target answered 410
    std::int64_t secret = 1;      ///< which of its secrets signs
    base::Time previous_until{};  ///< until then the one before signs, too
    base::Time created_at{};
    base::Time updated_at{};
};

// All pure.

Settings changed(Settings settings, SettingsChange change);
/// What breaks a rule, but for the URL.
std::vector<base::Problem> problems_of(const Settings& settings, const NewsTypes& types);
bool wants_type(const Settings& settings, const std::string& news_type);
/// Whether it wants to be told of that.
bool wants(const Settings& settings, news::PublicChange change, const std::string& news_type);

/// The events as one text, as they are stored; and back, without words that are none.
std::string text_of(const std::vector<news::PublicChange>& events);
std::vector<news::PublicChange> events_of(std::string_view text);
/// The same for types.
std::string text_of(const std::vector<std::string>& types);
std::vector<std::string> types_of(std::string_view text);

/// Refused with `precondition_failed` or `version_conflict` when the caller has seen another
/// version.
base::Result<void> may_change(std::int64_t version, const std::optional<base::Expected>& expected);

base::Error webhook_not_found();
base::Error delivery_not_found();
base::Error too_many_webhooks(std::int64_t most);

}  // namespace webhooks
