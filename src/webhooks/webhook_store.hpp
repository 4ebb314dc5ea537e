#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bus/log.hpp"
#include "database/database.hpp"
#include "event_json.hpp"
#include "webhook.hpp"

namespace webhooks {

/// A webhook that was made or got a new secret, and the key that its secrets come from.
struct WithKey {
    Webhook webhook;
    std::string master_key;
};

/// From where on a webhook is told again.
struct From {
    std::optional<base::Time> time{};
    std::map<std::string, std::int64_t> positions{};  ///< by type; only where there is no time
};

/// The webhooks themselves: a log, and what it says as a table. Thread-safe; what it is given
/// outlives it. Refused besides as named: `webhook_not_found`, and as database::Database is.
class WebhookStore {
public:
    /// Up to where the log of a type goes. Any thread; must not block.
    using Heads = std::function<std::int64_t(const std::string& news_type)>;
    /// `types`: of this site. `rotation`: how long the secret before signs. `changed`: called after
    /// each change; must not block.
    WebhookStore(database::Database& database, bus::Log& log, const base::Clock& clock,
                 std::int64_t webhooks_max, std::chrono::hours rotation, NewsTypes types,
                 Heads heads, std::function<void()> changed);

    base::Task<std::vector<Webhook>> all(base::Context context) const;
    /// With the key, for whoever signs.
    base::Task<WithKey> find(WebhookId id, base::Context context) const;
    /// Begins with what happens from now on. Refused with `too_many_webhooks`,
    /// `idempotency_key_reused`.
    base::Task<WithKey> create(Settings settings, base::Command command);
    /// `check` has the settings as they are and as they would be, and may refuse. One that is
    /// enabled again is not gone any more. Refused with `version_conflict`, `precondition_failed`.
    using Check = std::function<base::Result<void>(const Settings& before, const Settings& after)>;
    base::Task<Webhook> change(WebhookId id, SettingsChange change, Check check,
                               base::Command command);
    /// With all that it would have been sent; what was is forgotten by and by, see
    /// DeliveryStore::forget_some().
    base::Task<void> remove(WebhookId id, base::Command command);
    /// Refused with `idempotency_key_reused`, and as change() is.
    base::Task<WithKey> rotate_secret(WebhookId id, base::Command command);
    /// Gives its places as they are now. Refused with `invalid_replay`, and as change() is.
    base::Task<std::map<std::string, std::int64_t>> replay(WebhookId id, From from,
                                                           base::Command command);
    /// The target said that it wants no more. Nothing, if it has another URL by now.
    base::Task<void> disable(WebhookId id, std::string url);

private:
    bus::Event append(database::Transaction& transaction, WebhookId id, std::int64_t version,
                      const Event& event, const base::Context& context);
    base::Result<WithKey> create_in(database::Transaction& transaction, const Settings& settings,
                                    const base::Command& command);
    base::Result<WithKey> rotate_in(database::Transaction& transaction, WebhookId id,
                                    const base::Command& command);
    std::int64_t newest(database::ReadTransaction& transaction, const std::string& type) const;

    database::Database& database_;
    bus::Log& log_;
    const base::Clock& clock_;
    const std::int64_t webhooks_max_;
    const std::chrono::hours rotation_;
    const NewsTypes types_;
    const Heads heads_;
    const std::function<void()> changed_;
};

/// All of them, by id.
std::vector<Webhook> read_webhooks(database::ReadTransaction& transaction);
/// Empty before there was a webhook.
std::string read_master_key(database::ReadTransaction& transaction);

}  // namespace webhooks
