#include "supervisor.hpp"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "base/text.hpp"
#include "telemetry/log.hpp"

namespace portal {

using namespace std::chrono_literals;
using std::chrono::duration_cast;
using std::chrono::microseconds;

namespace {

/// So much longer a start may take than was planned, each time that it is told.
constexpr auto start_extended_by = 60s;
/// The loops of the I/O threads have surely gone round in this time.
constexpr auto watchdog_interval_min = 500ms;
constexpr std::int64_t watchdog_max = std::int64_t{1} << 50;

std::string usec(microseconds span) {
    return std::to_string(span.count());
}

/// Whether this process has used a hundredth of a processor or any disk since the last call.
class Work {
public:
    bool operator()() {
        rusage used{};
        getrusage(RUSAGE_SELF, &used);
        auto now = std::chrono::steady_clock::now();
        auto processor = micros(used.ru_utime) + micros(used.ru_stime);
        auto blocks = used.ru_inblock + used.ru_oublock;
        bool worked = (processor - processor_) * 100 >= duration_cast<microseconds>(now - at_) ||
                      blocks != blocks_;
        processor_ = processor;
        blocks_ = blocks;
        at_ = now;
        return worked;
    }

private:
    static microseconds micros(const timeval& time) {
        return std::chrono::seconds(time.tv_sec) + microseconds(time.tv_usec);
    }

    microseconds processor_{0};
    long blocks_ = 0;
    std::chrono::steady_clock::time_point at_ = std::chrono::steady_clock::now();
};

Supervisor::Options completed(Supervisor::Options options) {
    if (!options.works) options.works = Work();
    return options;
}

}  // namespace

Supervisor::Options Supervisor::from_environment() {
    Options options;
    if (const char* socket = std::getenv("NOTIFY_SOCKET")) options.socket = socket;
    const char* limit = std::getenv("WATCHDOG_USEC");
    const char* meant = std::getenv("WATCHDOG_PID");
    if (!limit || (meant && std::to_string(getpid()) != meant)) return options;
    options.watchdog = microseconds(base::parse_number(limit, watchdog_max).value_or(0));
    return options;
}

Supervisor::Supervisor(Options options) : options_(completed(std::move(options))) {
    if (options_.socket.empty()) return;
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    // Whoever listens reads soon; a broken one must not hold up the server.
    timeval patience{2, 0};
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    thread_ = std::thread([this] { run(); });
}

Supervisor::~Supervisor() {
    {
        std::lock_guard lock(mutex_);
        ends_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    if (socket_ >= 0) ::close(socket_);
}

bool Supervisor::send(const std::string& message) {
    if (options_.socket.empty()) return true;
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    auto length = std::min(options_.socket.size(), sizeof(to.sun_path) - 1);
    std::memcpy(to.sun_path, options_.socket.data(), length);
    if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
    auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
    if (::sendto(socket_, message.data(), message.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&to), size) >= 0) {
        return true;
    }
    telemetry::log(telemetry::Level::warning, "main", "NOTIFY_SOCKET does not take what it is told",
                   {{"error", std::strerror(errno)}});
    return false;
}

void Supervisor::starting(const std::string& what) {
    std::lock_guard lock(mutex_);
    what_ = what;
    send("STATUS=Starting: " + what);
}

void Supervisor::serving(const std::string& where, std::function<bool()> answers) {
    std::lock_guard lock(mutex_);
    phase_ = Phase::serving;
    answers_ = std::move(answers);
    send("READY=1\nSTATUS=Serving " + where);
    changed_.notify_all();
}

void Supervisor::stopping(std::chrono::milliseconds limit) {
    std::lock_guard lock(mutex_);
    if (phase_ == Phase::stopping) return;
    phase_ = Phase::stopping;
    answers_ = nullptr;
    send("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + usec(limit) +
         "\nSTATUS=Answering what is under way, then ending");
    changed_.notify_all();
}

std::optional<microseconds> Supervisor::interval() const {
    if (phase_ == Phase::starting) return options_.told_every;
    if (options_.watchdog.count() == 0) return std::nullopt;
    return std::max<microseconds>(options_.watchdog / 2, watchdog_interval_min);
}

void Supervisor::run() {
    std::unique_lock lock(mutex_);
    while (!ends_) {
        auto phase = phase_;
        auto changed = [&] { return ends_ || phase_ != phase; };
        auto next = interval();
        if (!next) {
            changed_.wait(lock, changed);
        } else if (!changed_.wait_for(lock, *next, changed)) {
            tell();
        }
    }
}

void Supervisor::tell() {
    if (phase_ == Phase::starting) {
        tell_start();
        return;
    }
    bool answers = !answers_ || answers_();
    if (answers) send("WATCHDOG=1");
    if (!answers && answered_) {
        telemetry::log(telemetry::Level::error, "main",
                       "the loop of an I/O thread does not go round, so the watchdog is not told");
    }
    answered_ = answers;
}

void Supervisor::tell_start() {
    if (!options_.works()) return;
    auto seconds =
        duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began_).count();
    send("EXTEND_TIMEOUT_USEC=" + usec(start_extended_by) + "\nSTATUS=Starting for " +
         std::to_string(seconds) + " s: " + what_);
}

}  // namespace portal
