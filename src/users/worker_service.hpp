#pragma once

#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <map>
#include <string>

#include "identity/accounts.hpp"
#include "telemetry/metrics.hpp"
#include "user_store.hpp"
#include "users/module.hpp"

namespace users {

/// Brings the queue's rows of its share of the users to the table, in order per user. Before that
/// it finishes what a row means for the account: a registration activates it, a removal erases it;
/// both may have been done already. A row that is refused (a full queue or disk, say) waits, longer
/// each time, for as long as it takes; one that keeps breaking is parked. Either holds back the
/// later rows of its user, and nobody else.
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

    using Clock = std::chrono::steady_clock;
    struct Outcome {
        enum { done, refused, broken } how = done;
        std::string error{};
    };
    struct Hold {
        Clock::time_point until{};
        std::chrono::milliseconds span{0};
    };

    /// True if it brought rows to the table.
    base::Task<bool> pass();
    bool is_held(UserId id) const;
    /// Until the first hold ends, or there may be something new.
    std::chrono::milliseconds pause() const;
    /// The account's side of a row.
    base::Task<Outcome> settle(const Row& row);
    base::Task<Outcome> apply(std::vector<Row> rows);
    base::Task<void> retry_later(const Row& row, Outcome outcome);
    base::Task<void> sleep(std::chrono::milliseconds span);

    UserStore& store_;
    identity::Accounts& accounts_;
    const Config& config_;
    std::int64_t number_;
    telemetry::Counter& retries_;
    base::Executor executor_;
    Timer timer_;
    std::map<UserId, Hold> held_;  ///< users with a row that failed
    std::atomic<bool> awake_{false};
    std::atomic<bool> stopping_{false};
};

}  // namespace users
