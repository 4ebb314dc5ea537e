#include "count_inbox.hpp"

#include "count_store.hpp"

namespace site {

std::string subscription_to(const std::string& news_type) {
    return "counts-" + news_type;
}

CountInbox::CountInbox(std::string news_type, database::Database& database,
                       bus::Subscriber& subscriber, const base::Clock& clock)
    : bus::StoreInbox(subscription_to(news_type), database, subscriber, clock),
      news_type_(std::move(news_type)),
      counts_(database) {}

base::Task<bus::Cursor> CountInbox::begin_anew(const bus::Feed&) {
    auto work = [this](database::Transaction& transaction) -> base::Result<bus::Cursor> {
        bus::Cursor start;
        CountWriter(transaction, news_type_).begin_anew();
        bus::write_cursor(transaction, name(), start);
        bus::forget_parked(transaction, name());
        return start;
    };
    co_return co_await counts_.write<bus::Cursor>(base::Deadline(), 0, std::move(work));
}

}  // namespace site
