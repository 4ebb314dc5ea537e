#include "start_watch.hpp"

#include <pthread.h>

#include <cstdlib>

#include "commands.hpp"
#include "telemetry/log.hpp"

namespace portal {

StartWatch::StartWatch(sigset_t signals) {
    sigaddset(&signals, wake_signal());
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    thread_ = std::thread([this, signals] { watch(signals); });
}

void StartWatch::watch(sigset_t signals) const {
    int signal = 0;
    while (sigwait(&signals, &signal) != 0) {
    }
    if (signal == wake_signal()) return;
    telemetry::log(telemetry::Level::info, "main", "stopped before it served",
                   {{"signal", signal}});
    telemetry::stop_log();
    std::_Exit(done);
}

void StartWatch::end() {
    if (!thread_.joinable()) return;
    pthread_kill(thread_.native_handle(), wake_signal());
    thread_.join();
}

}  // namespace portal
