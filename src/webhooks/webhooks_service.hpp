#pragma once

#include "http/outbound.hpp"
#include "webhook_store.hpp"

namespace webhooks {

/// Takes what an admin says of a webhook, if it may be so. Thread-safe.
class WebhooksService {
public:
    WebhooksService(WebhookStore& store, http::OutboundGuard guard, NewsTypes types)
        : store_(store), guard_(std::move(guard)), types_(std::move(types)) {}

    /// Refused with `invalid_webhook` and all details, and as WebhookStore is.
    base::Task<WithKey> create(SettingsChange settings, base::Command command);
    /// Likewise; but whatever it is, it may be disabled.
    base::Task<Webhook> change(WebhookId id, SettingsChange change, base::Command command);

private:
    base::Result<void> check(const Settings& settings) const;

    WebhookStore& store_;
    const http::OutboundGuard guard_;
    const NewsTypes types_;
};

}  // namespace webhooks
