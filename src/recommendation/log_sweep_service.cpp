#include "log_sweep_service.hpp"

#include "reader_store.hpp"
#include "telemetry/log.hpp"

namespace recommendation {

using namespace std::chrono_literals;

namespace {

constexpr auto sweep_interval = 60s;
/// So often it begins at the beginning: what has become of an article since is not behind it.
constexpr auto whole_interval = 24h;
constexpr std::int64_t swept_at_once = 1000;

}  // namespace

void LogSweep::stop() {
    stopping_.store(true);
    timer_.cancel();
}

base::Task<void> LogSweep::run() {
    while (!stopping_.load()) {
        auto swept = co_await sweep();
        if (!swept) {
            telemetry::log(telemetry::Level::warning, "recommendation",
                           "visits that are too old cannot be forgotten yet",
                           {{"error", swept.error().code}});
        }
        if (!stopping_.load()) co_await timer_.pause(sweep_interval);
    }
    co_return base::Result<void>();
}

base::Task<void> LogSweep::sweep() {
    if (timer_.clock().steady() >= next_whole_) {
        next_whole_ = timer_.clock().steady() + whole_interval;
        swept_ = 0;
    }
    for (bool more = true; more && !stopping_.load();) {
        LogWriter::Kept kept{timer_.clock().now() - limits_.kept_for, limits_.rows_max};
        auto work = [kept, after = swept_, now = timer_.clock().now()](
                        database::Transaction& transaction) -> base::Result<std::int64_t> {
            ReaderWriter(transaction).forget_taken(now - names_kept, swept_at_once);
            return LogWriter(transaction).forget_older(kept, after, swept_at_once);
        };
        auto swept = co_await database_.write<std::int64_t>(base::Deadline(), 0, std::move(work));
        if (!swept) co_return swept.error();
        more = *swept > swept_;
        swept_ = *swept;
    }
    co_return base::Result<void>();
}

}  // namespace recommendation
