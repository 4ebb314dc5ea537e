#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>

#include "bus/store_inbox.hpp"
#include "delivery.hpp"

namespace webhooks {

/// Hears the log of one news type: remembers what readers see, and announces each change of that.
class Announcer final : public bus::Subscriber {
public:
    /// `announced`: called after a commit that has some; must not block.
    Announcer(std::string news_type, const base::Clock& clock, std::function<void()> announced)
        : news_type_(std::move(news_type)), clock_(clock), announced_(std::move(announced)) {}
    void apply(database::Transaction& transaction, std::span<const bus::Event> events) override;

private:
    bool hear(database::Transaction& transaction, const bus::Event& event, bool is_late);

    const std::string news_type_;
    const base::Clock& clock_;
    const std::function<void()> announced_;
};

/// The name under which the log of a type is heard.
std::string subscription_of(const std::string& news_type);
/// How far the log of that type was heard.
std::int64_t heard_position(database::ReadTransaction& transaction, const std::string& news_type);

/// Up to `count` announcements of that type behind a position.
std::vector<Announcement> announcements_behind(database::ReadTransaction& transaction,
                                               const std::string& news_type, std::int64_t position,
                                               std::int64_t count);
/// The position before all announcements from that time on, wherever a clock that was set has put
/// them; where all was heard if there is none.
std::int64_t position_before(database::ReadTransaction& transaction, const std::string& news_type,
                             base::Time from);

/// The place of a webhook in the announcements of a type; 0, before all of them, in those of one
/// that came to the site after it.
std::int64_t cursor_of(database::ReadTransaction& transaction, WebhookId webhook,
                       const std::string& news_type);
void put_cursor(database::Transaction& transaction, WebhookId webhook, const std::string& news_type,
                std::int64_t position);

/// It is told what is behind that position: nothing before it, also if that is announced late.
void begin_behind(database::Transaction& transaction, WebhookId webhook,
                  const std::string& news_type, std::int64_t position);

/// Among its deliveries, to be sent at once; if it is there already, only `again` changes it.
void put_delivery(database::Transaction& transaction, WebhookId webhook, const Announcement& what,
                  base::Time now, bool again);

}  // namespace webhooks
