#include "purge_service.hpp"

#include "document_store.hpp"
#include "telemetry/log.hpp"

namespace search {

namespace {

constexpr std::chrono::seconds interval{5};
/// So that others come to their turn between two steps.
constexpr std::chrono::milliseconds pause_between{2};

}  // namespace

void PurgeService::stop() {
    stopping_.store(true);
    timer_.cancel();
}

base::Task<void> PurgeService::purge_all() {
    auto look = [](database::ReadTransaction& transaction) -> base::Result<bool> {
        return has_remains(transaction);
    };
    auto wanted = co_await database_.read<bool>(base::Deadline(), std::move(look));
    if (!wanted) co_return wanted.error();
    bool first = true;
    for (bool more = *wanted; more && !stopping_.load(); first = false) {
        auto work = [first](database::Transaction& transaction) -> base::Result<bool> {
            return purge(transaction, first);
        };
        auto step = co_await database_.write<bool>(base::Deadline(), 0, std::move(work));
        if (!step) co_return step.error();
        steps_.add(1);
        more = *step;
        if (more) co_await timer_.pause(pause_between);
    }
    co_return base::Result<void>();
}

base::Task<void> PurgeService::run() {
    while (!stopping_.load()) {
        auto purged = co_await purge_all();
        if (!purged && database_.usable()) {
            telemetry::log(telemetry::Level::warning, "search",
                           "words of removed articles are in the file still",
                           {{"error", purged.error().code}});
        }
        if (!stopping_.load()) co_await timer_.pause(interval);
    }
    co_return base::Result<void>();
}

}  // namespace search
