#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace portal {

/// Tells whoever started this process how it is, as systemd wants to hear it (Type=notify): short
/// datagrams to the socket that NOTIFY_SOCKET names. Where there is none, nothing is said.
///
///   starting   while the process works (it uses the processor or the disk) the start may take
///              longer than was planned: EXTEND_TIMEOUT_USEC. A start that hangs has its time.
///   serving    READY=1; then WATCHDOG=1 twice in the time that WATCHDOG_USEC gives, as long as
///              `answers` says so.
///   stopping   STOPPING=1, and how long that may take.
///
/// Its own thread sends what is sent again and again. The calls come from one thread; none throws.
class Supervisor {
public:
    struct Options {
        std::string socket{};  ///< a path, or `@` and an abstract name; empty: nobody listens
        std::chrono::microseconds watchdog{0};  ///< 0: nobody wants to hear of it
        std::chrono::milliseconds told_every{5000};
        /// Whether the process has worked since the last call; empty: what the kernel says.
        std::function<bool()> works{};
    };

    /// As NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID say.
    static Options from_environment();

    explicit Supervisor(Options options);
    ~Supervisor();
    Supervisor(const Supervisor&) = delete;

    /// What a long start is at, in a few words.
    void starting(const std::string& what);
    /// It is up. `answers` is asked until stopping(), on another thread.
    void serving(const std::string& where, std::function<bool()> answers);
    /// It ends, within `limit`.
    void stopping(std::chrono::milliseconds limit);

private:
    enum class Phase { starting, serving, stopping };

    bool send(const std::string& message);
    void run();
    void tell();
    void tell_start();
    std::optional<std::chrono::microseconds> interval() const;

    const Options options_;
    int socket_ = -1;
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::mutex mutex_;  ///< what follows, and whoever calls `answers`
    std::condition_variable changed_;
    Phase phase_ = Phase::starting;
    std::string what_;
    std::function<bool()> answers_;
    bool answered_ = true;
    bool ends_ = false;
    std::thread thread_;
};

}  // namespace portal
