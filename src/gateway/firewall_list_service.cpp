#include "firewall_list_service.hpp"

#include <fstream>
#include <utility>

#include "telemetry/log.hpp"

namespace gateway {

namespace {
constexpr std::chrono::milliseconds look_every{1000};
}

FirewallListService::FirewallListService(const SignLimits& limits,
                                         std::shared_ptr<const SignService> signs,
                                         const host::Environment& environment)
    : signs_(std::move(signs)),
      lists_(limits.lists()),
      file_(environment.folder / limits.list_file),
      timer_(environment.clock, environment.background) {}

void FirewallListService::begin(host::TaskGroup& tasks) {
    tasks.spawn("signs", "what is done about clients that look like an attack does not end",
                [this] { return keep_up(); });
}

void FirewallListService::stop() {
    stopping_.store(true);
    timer_.cancel();
}

base::Task<void> FirewallListService::keep_up() {
    is_written_ = false;
    while (!stopping_.load()) {
        signs_->expire();
        if (lists_) write();
        co_await timer_.pause(look_every);
    }
    co_return base::Result<void>();
}

/// Whoever reads it has the old list or the new one, never a part. It is not synced: after a power
/// cut it begins anew, as the naming does.
void FirewallListService::write() {
    std::string text;
    for (const auto& client : signs_->listed()) text += client + '\n';
    if (is_written_ && text == written_) return;
    auto next = file_;
    next += ".new";
    std::ofstream out(next, std::ios::trunc);
    out << text;
    out.close();
    std::error_code failed;
    if (out) std::filesystem::rename(next, file_, failed);
    bool bad = !out || failed;
    if (bad && !has_failed_) {
        telemetry::log(telemetry::Level::warning, "gateway",
                       "the list of clients for the firewall cannot be written",
                       {{"file", file_.string()}});
    }
    has_failed_ = bad;
    is_written_ = !bad;
    written_ = std::move(text);
}

}  // namespace gateway
