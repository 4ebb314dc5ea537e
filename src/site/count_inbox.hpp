#pragma once

#include <string>

#include "bus/store_inbox.hpp"

namespace site {

/// Where the counts of one type stand in its log. Begins anew with counts of nothing: what a log
/// does not say any more must not be counted.
class CountInbox final : public bus::StoreInbox {
public:
    CountInbox(std::string news_type, database::Database& database, bus::Subscriber& subscriber,
               const base::Clock& clock);
    base::Task<bus::Cursor> begin_anew(const bus::Feed& feed) override;

private:
    std::string news_type_;
    database::Database& counts_;
};

/// The name of the subscription to a type: `counts-sports`.
std::string subscription_to(const std::string& news_type);

}  // namespace site
