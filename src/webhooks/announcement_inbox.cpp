#include "announcement_inbox.hpp"

#include "forgetting_store.hpp"
#include "telemetry/log.hpp"

namespace webhooks {

base::Task<bus::Cursor> AnnouncementInbox::begin_anew(const bus::Feed& feed) {
    auto head = feed.head().value();
    telemetry::log(telemetry::Level::warning, "webhooks",
                   "a log has another history: it is heard anew",
                   {{"type", news_type_}, {"events", head}});
    for (bool more = true; more;) {
        auto work = [news_type = news_type_,
                     head](database::Transaction& transaction) -> base::Result<bool> {
            return forget_heard(transaction, news_type, head);
        };
        auto forgotten = co_await database_.write<bool>(base::Deadline(), 0, std::move(work));
        if (!forgotten) co_return forgotten.error();
        more = *forgotten;
    }
    co_return co_await StoreInbox::begin_anew(feed);
}

}  // namespace webhooks
