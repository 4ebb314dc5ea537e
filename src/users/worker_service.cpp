#include "worker_service.hpp"

#include <boost/asio/redirect_error.hpp>

#include "telemetry/log.hpp"

namespace users {

WorkerService::WorkerService(UserStore& store, identity::Accounts& accounts, const Config& config,
                             std::int64_t number, telemetry::Counter& retries,
                             base::Executor executor)
    : store_(store),
      accounts_(accounts),
      config_(config),
      number_(number),
      retries_(retries),
      executor_(executor),
      timer_(executor) {}

void WorkerService::wake() {
    if (awake_.exchange(true)) return;
    boost::asio::post(executor_, [this] { timer_.cancel(); });
}

void WorkerService::stop() {
    stopping_.store(true);
    boost::asio::post(executor_, [this] { timer_.cancel(); });
}

base::Task<void> WorkerService::sleep(std::chrono::milliseconds span) {
    timer_.expires_after(span);
    boost::system::error_code cancelled;
    auto token = boost::asio::redirect_error(base::use_task, cancelled);
    co_await timer_.async_wait(token);
    co_return base::Result<void>();
}

base::Task<void> WorkerService::run() {
    while (!stopping_.load()) {
        awake_.store(false);
        held_.clear();
        auto worked = co_await pass();
        if (!worked) {
            telemetry::log(telemetry::Level::warning, "users", "the queue cannot be read",
                           {{"error", worked.error().code}});
        }
        bool idle = !worked || !*worked;
        if (stopping_.load()) break;
        if (!worked || !held_.empty()) {
            co_await sleep(config_.retry_delay_ms);
        } else if (idle && !awake_.load()) {
            co_await sleep(config_.idle_interval_ms);
        }
    }
    co_return base::Result<void>();
}

base::Task<bool> WorkerService::pass() {
    auto rows = co_await store_.waiting(number_, config_.workers, config_.batch_rows_max);
    if (!rows) co_return rows.error();
    std::vector<Row> ready;
    for (auto& row : *rows) {
        if (held_.contains(row.record.id)) continue;
        auto settled = co_await settle(row);
        if (!settled) co_return settled.error();
        if (settled->empty()) {
            ready.push_back(std::move(row));
        } else {
            co_await retry_later(row, std::move(*settled));
        }
    }
    if (ready.empty()) co_return !rows->empty();
    auto together = ready;
    auto refused = co_await apply(std::move(together));
    if (!refused) co_return refused.error();
    if (refused->empty()) co_return true;
    // One by one, to find the row that cannot be applied.
    for (auto& row : ready) {
        if (held_.contains(row.record.id)) continue;
        std::vector<Row> alone{row};
        auto single = co_await apply(std::move(alone));
        if (!single) co_return single.error();
        if (!single->empty()) co_await retry_later(row, std::move(*single));
    }
    co_return true;
}

base::Task<std::string> WorkerService::settle(const Row& row) {
    base::Context context;
    context.request_id = row.correlation_id;
    context.actor.id = row.actor;
    std::string error;
    base::Result<void> done;
    if (row.kind == Kind::registered) {
        auto activated = co_await accounts_.activate(row.record.id, context);
        done = activated;
    } else if (row.kind == Kind::removed) {
        auto erased = co_await accounts_.erase(row.record.id, context);
        done = erased;
    }
    // The account may be gone already, by a removal that waits behind this row.
    if (!done && done.error().reason != base::Reason::not_found) error = done.error().code;
    co_return error;
}

base::Task<std::string> WorkerService::apply(std::vector<Row> rows) {
    std::string error;
    try {
        auto applied = co_await store_.apply(std::move(rows));
        if (!applied) error = applied.error().code;
    } catch (const std::exception& failure) {
        error = failure.what();
    }
    co_return error;
}

base::Task<void> WorkerService::retry_later(const Row& row, std::string error) {
    held_.insert(row.record.id);
    retries_.add();
    auto parked = co_await store_.failed(row.sequence, error, config_.attempts_max);
    bool is_parked = parked && *parked;
    telemetry::log(is_parked ? telemetry::Level::error : telemetry::Level::warning, "users",
                   is_parked ? "a change of a user is parked: it cannot be brought to the table"
                             : "a change of a user could not be brought to the table yet",
                   {{"user_id", row.record.id}, {"row", row.sequence}, {"error", error}},
                   row.correlation_id);
    co_return base::Result<void>();
}

}  // namespace users
