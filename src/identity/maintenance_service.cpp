#include "maintenance_service.hpp"

#include "telemetry/log.hpp"
#include "token_store.hpp"

namespace identity {

namespace {

/// Well within the hour for which a key is published before it signs.
constexpr auto interval = std::chrono::minutes(15);
constexpr std::int64_t rows_at_once = 1000;
constexpr std::size_t batch_bytes = 64 * 1024;

void warn(const char* what, const base::Error& error) {
    telemetry::log(telemetry::Level::warning, "identity", what,
                   {{"error", error.code}, {"why", error.message}});
}

}  // namespace

MaintenanceService::MaintenanceService(database::Database& database, Revocations& revocations,
                                       KeysService& keys, const base::Clock& clock,
                                       base::Executor executor)
    : database_(database),
      revocations_(revocations),
      keys_(keys),
      clock_(clock),
      timer_(clock, executor) {}

void MaintenanceService::stop() {
    stopping_.store(true);
    timer_.cancel();
}

base::Task<std::int64_t> MaintenanceService::forget() {
    auto work = [this, now = clock_.now()](
                    database::Transaction& transaction) -> base::Result<std::int64_t> {
        auto deleted = delete_ended(transaction, now, rows_at_once);
        transaction.after_commit([this, now] { revocations_.forget(now); });
        return deleted;
    };
    co_return co_await database_.write<std::int64_t>(base::Deadline(), batch_bytes,
                                                     std::move(work));
}

base::Task<void> MaintenanceService::run_once() {
    auto rotated = keys_.rotate();
    if (!rotated) warn("the signing keys cannot be replaced", rotated.error());
    // In parts, so that no login waits for long.
    for (;;) {
        auto deleted = co_await forget();
        if (!deleted) warn("what has ended cannot be deleted", deleted.error());
        if (!deleted || *deleted == 0 || stopping_.load()) break;
    }
    co_return base::Result<void>();
}

base::Task<void> MaintenanceService::run() {
    while (!stopping_.load()) {
        co_await run_once();
        if (!stopping_.load()) co_await timer_.pause(interval);
    }
    co_return base::Result<void>();
}

}  // namespace identity
