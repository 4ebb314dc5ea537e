#include "worker_service.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <set>

#include "telemetry/log.hpp"

namespace users {

namespace {
/// The longest wait between two attempts; longer only if a single one is configured so.
constexpr std::chrono::milliseconds retry_delay_most{30000};
constexpr std::chrono::minutes forget_interval{10};
}  // namespace

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
    auto forget_next = Clock::now();
    while (!stopping_.load()) {
        awake_.store(false);
        // One of the workers does it for all.
        if (number_ == 0 && Clock::now() >= forget_next) {
            try {
                co_await store_.forget_old_calls();
            } catch (const std::exception& failure) {
                telemetry::log(telemetry::Level::warning, "users",
                               "answered calls cannot be forgotten yet",
                               {{"error", failure.what()}});
            }
            forget_next = Clock::now() + forget_interval;
        }
        auto worked = co_await pass();
        if (!worked) {
            telemetry::log(telemetry::Level::warning, "users", "the queue cannot be read",
                           {{"error", worked.error().code}});
        }
        if (stopping_.load()) break;
        if (!worked) {
            co_await sleep(config_.retry_delay_ms);
        } else if (!*worked && !awake_.load()) {
            auto span = pause();
            co_await sleep(span);
        }
    }
    co_return base::Result<void>();
}

bool WorkerService::is_held(UserId id) const {
    auto hold = held_.find(id);
    return hold != held_.end() && Clock::now() < hold->second.until;
}

std::chrono::milliseconds WorkerService::pause() const {
    auto span = config_.idle_interval_ms;
    for (const auto& [id, hold] : held_) {
        auto left = std::chrono::ceil<std::chrono::milliseconds>(hold.until - Clock::now());
        span = std::min(span, std::max(left, std::chrono::milliseconds(1)));
    }
    return span;
}

base::Task<bool> WorkerService::pass() {
    auto rows = co_await store_.waiting(number_, config_.workers, config_.batch_rows_max);
    if (!rows) co_return rows.error();
    // Whose rows are gone, parked or done by now is held no more.
    std::erase_if(held_, [&](const auto& held) {
        return std::none_of(rows->begin(), rows->end(),
                            [&](const Row& row) { return row.record.id == held.first; });
    });
    // A hold may end during the pass; a user's later rows must not overtake all the same.
    std::set<UserId> waiting;
    std::vector<Row> ready;
    for (auto& row : *rows) {
        if (is_held(row.record.id)) waiting.insert(row.record.id);
        if (waiting.contains(row.record.id)) continue;
        auto settled = co_await settle(row);
        if (!settled) co_return settled.error();
        if (settled->how == Outcome::done) {
            ready.push_back(std::move(row));
        } else {
            waiting.insert(row.record.id);
            co_await retry_later(row, std::move(*settled));
        }
    }
    if (ready.empty()) co_return false;
    auto together = ready;
    auto applied = co_await apply(std::move(together));
    if (!applied) co_return applied.error();
    bool any = applied->how == Outcome::done;
    if (any) co_return true;
    // One by one, to find the row that cannot be applied.
    for (auto& row : ready) {
        if (waiting.contains(row.record.id)) continue;
        std::vector<Row> alone{row};
        auto single = co_await apply(std::move(alone));
        if (!single) co_return single.error();
        if (single->how == Outcome::done) {
            any = true;
        } else {
            waiting.insert(row.record.id);
            co_await retry_later(row, std::move(*single));
        }
    }
    co_return any;
}

base::Task<WorkerService::Outcome> WorkerService::settle(const Row& row) {
    base::Context context;
    context.request_id = row.correlation_id;
    context.actor.id = row.actor;
    Outcome outcome;
    base::Result<void> done;
    try {
        if (row.kind == Kind::registered) {
            auto activated = co_await accounts_.activate(row.record.id, context);
            done = activated;
        } else if (row.kind == Kind::removed) {
            auto erased = co_await accounts_.erase(row.record.id, context);
            done = erased;
        }
        // The account may be gone already, by a removal that waits behind this row.
        if (!done && done.error().reason != base::Reason::not_found) {
            outcome = {Outcome::refused, done.error().code};
        }
    } catch (const std::exception& failure) {
        outcome = {Outcome::broken, failure.what()};
    }
    co_return outcome;
}

base::Task<WorkerService::Outcome> WorkerService::apply(std::vector<Row> rows) {
    Outcome outcome;
    try {
        auto applied = co_await store_.apply(std::move(rows));
        if (!applied) outcome = {Outcome::refused, applied.error().code};
    } catch (const std::exception& failure) {
        outcome = {Outcome::broken, failure.what()};
    }
    co_return outcome;
}

base::Task<void> WorkerService::retry_later(const Row& row, Outcome outcome) {
    auto& hold = held_[row.record.id];
    hold.span = std::max(config_.retry_delay_ms, std::min(hold.span * 2, retry_delay_most));
    hold.until = Clock::now() + hold.span;
    retries_.add();
    bool is_parked = false;
    if (outcome.how == Outcome::broken) {
        auto parked = co_await store_.failed(row.sequence, outcome.error, config_.attempts_max);
        is_parked = parked && *parked;
    }
    telemetry::log(is_parked ? telemetry::Level::error : telemetry::Level::warning, "users",
                   is_parked ? "a change of a user is parked: it cannot be brought to the table"
                             : "a change of a user could not be brought to the table yet",
                   {{"user_id", row.record.id}, {"row", row.sequence}, {"error", outcome.error}},
                   row.correlation_id);
    co_return base::Result<void>();
}

}  // namespace users
