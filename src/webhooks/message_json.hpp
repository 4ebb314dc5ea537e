#pragma once

#include <optional>
#include <string>

#include "delivery.hpp"
#include "news/article.hpp"

namespace webhooks {

/// What a target is sent (Standard Webhooks 1.0): `{"type": "news.published", "timestamp", "data":
/// {"event": "published", "news"}}`. `shown`: the news item as everybody may read it now; nothing:
/// its type and id are all that is told.
std::string message_body(const Announcement& what, const std::optional<news::Article>& shown);

/// The body of a message that only tries whether it arrives.
std::string ping_body(WebhookId webhook, base::Time at);

}  // namespace webhooks
