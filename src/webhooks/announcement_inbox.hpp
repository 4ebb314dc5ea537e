#pragma once

#include <string>

#include "announcement_store.hpp"
#include "bus/store_inbox.hpp"
#include "database/database.hpp"

namespace webhooks {

/// Hears the log of one type. One of another history, as a copy that was put back, is heard from
/// its beginning; what was announced of the other one does not count any more.
class AnnouncementInbox final : public bus::StoreInbox {
public:
    AnnouncementInbox(std::string news_type, database::Database& database, Announcer& announcer,
                      const base::Clock& clock)
        : StoreInbox(subscription_of(news_type), database, announcer, clock),
          news_type_(std::move(news_type)),
          database_(database) {}

    base::Task<bus::Cursor> begin_anew(const bus::Feed& feed) override;

private:
    const std::string news_type_;
    database::Database& database_;
};

}  // namespace webhooks
