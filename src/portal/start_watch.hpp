#pragma once

#include <signal.h>

#include <thread>

namespace portal {

/// Hears the signals that stop the server from the first moment on: while stores are opened and
/// what they hold is read, which may take long, nobody waits for signals yet. One that comes then
/// ends the process at once, as done: nothing was acknowledged, and stores bear an end at any
/// moment.
///
/// `signals` are those that stop (they are blocked in every thread, this one's included). What
/// comes after end() waits for the next sigwait.
class StartWatch {
public:
    explicit StartWatch(sigset_t signals);
    ~StartWatch() { end(); }
    StartWatch(const StartWatch&) = delete;

    void end();

private:
    static int wake_signal() { return SIGRTMIN; }
    void watch(sigset_t signals) const;

    std::thread thread_;
};

}  // namespace portal
