#pragma once

#include <string>
#include <vector>

#include "bus/inbox.hpp"
#include "identity/accounts.hpp"
#include "telemetry/metrics.hpp"
#include "user_store.hpp"

namespace users {

/// Brings the queue's rows to the table, in order per user. Before that it finishes what a row
/// means for the account: a registration activates it, a removal erases it; both may have been done
/// already. A row whose account side is refused waits for as long as it takes; one that keeps
/// breaking is parked. Either holds back the later rows of its user, and nobody else.
/// It keeps no cursor: what is not applied is still in the queue. Driven by one subscription.
class QueueInbox final : public bus::Inbox {
public:
    QueueInbox(UserStore& store, identity::Accounts& accounts, std::int64_t attempts_max,
               telemetry::Counter& retries);

    const std::string& name() const override { return name_; }
    base::Task<bus::Progress> load() override;
    base::Task<std::vector<bus::Deferred>> apply(std::shared_ptr<const bus::Batch> batch) override;
    base::Task<void> park(bus::Event event, std::string error) override;
    base::Task<std::vector<bus::Parked>> parked() override;
    /// Refused: what was acknowledged is not given up.
    base::Task<void> drop(std::int64_t stream) override;
    base::Task<void> release(std::int64_t stream,
                             std::shared_ptr<const bus::Batch> missed) override;
    base::Task<bus::Cursor> begin_anew(const bus::Feed& feed) override;

private:
    /// The account's side of a row.
    base::Task<void> settle(bus::Event event);

    const std::string name_ = "users-queue";
    UserStore& store_;
    identity::Accounts& accounts_;
    const std::int64_t attempts_max_;
    telemetry::Counter& retries_;
};

}  // namespace users
