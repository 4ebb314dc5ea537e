#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "database/transaction.hpp"

namespace webhooks {

// All that is forgotten goes in transactions of a bounded size, so that nobody waits long for one.

/// Deliveries that have ended, and are kept.
struct KeptDeliveries {
    std::int64_t most = 0;  ///< of one webhook
    base::Time since{};     ///< whose last attempt was later
};

/// The numbers of some deliveries that are to be forgotten: too old, too many, or of a webhook that
/// there is no more. As many as forget_deliveries() takes at once, or all.
std::vector<std::int64_t> deliveries_to_forget(database::ReadTransaction& transaction,
                                               const KeptDeliveries& kept);
/// Those that have been made to wait again meanwhile are left alone.
void forget_deliveries(database::Transaction& transaction,
                       const std::vector<std::int64_t>& numbers);
/// Whether there may be more to forget than these.
bool is_full(const std::vector<std::int64_t>& numbers);

/// The log of that type has another history, that ends at `head`: nothing that was heard of it
/// counts. What was not delivered yet is announced again as far as it is there. Forgets a part, and
/// is to be called again until it says that there is no more, before anything of that log is heard;
/// also after a kill in between.
bool forget_heard(database::Transaction& transaction, const std::string& news_type,
                  std::int64_t head);

}  // namespace webhooks
