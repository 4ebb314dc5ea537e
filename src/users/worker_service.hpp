#pragma once

#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <set>
#include <string>

#include "identity/accounts.hpp"
#include "telemetry/metrics.hpp"
#include "user_store.hpp"
#include "users/module.hpp"

namespace users {

/// Brings the queue's rows of its share of the users to the table, in order per user. Before that
/// it finishes what a row means for the account: a registration activates it, a removal erases it;
/// both may have been done already. A row that keeps failing is parked: it holds back the later
/// rows of its user, and nobody else.
/// Lives on one executor; wake() and stop() are thread-safe.
class WorkerService {
public:
    WorkerService(UserStore& store, identity::Accounts& accounts, const Config& config,
                  std::int64_t number, telemetry::Counter& retries, base::Executor executor);

    /// Works until stop(). Spawn it once.
    base::Task<void> run();
    void wake();
    void stop();

private:
    using Row = UserStore::Row;
    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          base::Executor>;

    /// True if it found rows.
    base::Task<bool> pass();
    /// The account's side of a row; empty if it is done, else why not.
    base::Task<std::string> settle(const Row& row);
    /// Empty if all of them are in the table now, else why not.
    base::Task<std::string> apply(std::vector<Row> rows);
    base::Task<void> retry_later(const Row& row, std::string error);
    base::Task<void> sleep(std::chrono::milliseconds span);

    UserStore& store_;
    identity::Accounts& accounts_;
    const Config& config_;
    std::int64_t number_;
    telemetry::Counter& retries_;
    base::Executor executor_;
    Timer timer_;
    std::set<UserId> held_;  ///< in this pass: users with a row that failed
    std::atomic<bool> awake_{false};
    std::atomic<bool> stopping_{false};
};

}  // namespace users
