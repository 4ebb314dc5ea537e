#include "console.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>

#include "telemetry/log.hpp"

namespace telemetry {

namespace {

bool ready(int patience_ms) {
    pollfd asked{STDERR_FILENO, POLLOUT, 0};
    return ::poll(&asked, 1, patience_ms) > 0 && (asked.revents & POLLOUT) != 0;
}

/// A pipe's own mode is shared with whoever else has it, so it stays as it is; a second opening of
/// it has a mode of its own.
ssize_t write_to_pipe(std::string_view text) {
    int opened = ::open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    // Somebody else's pipe, perhaps. What fits into one page goes whole into a pipe that is ready.
    if (opened < 0) return ready(0) ? ::write(STDERR_FILENO, text.data(), text.size()) : -1;
    auto written = ::write(opened, text.data(), text.size());
    ::close(opened);
    return written;
}

ssize_t write_some(std::string_view text, mode_t kind) {
    if (S_ISFIFO(kind)) return write_to_pipe(text.substr(0, 4096));
    if (S_ISSOCK(kind)) {
        return ::send(STDERR_FILENO, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    return ready(0) ? ::write(STDERR_FILENO, text.data(), text.size()) : -1;
}

std::atomic<bool> cut{false};

}  // namespace

bool write_at_once(std::string_view text) {
    struct stat facts {};
    if (::fstat(STDERR_FILENO, &facts) != 0) return false;
    // One write per line where that is possible, so that lines of several threads do not mix.
    std::string whole;
    if (cut.exchange(false)) {
        whole = "\n";
        whole += text;
        text = whole;
    }
    auto rest = text;
    while (!rest.empty()) {
        auto written = write_some(rest, facts.st_mode);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) break;
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    if (rest.empty()) return true;
    // Where nothing came through, the break that was owed is still owed.
    if (rest.size() != text.size() || !whole.empty()) cut = true;
    return false;
}

bool write_console(std::string_view text) {
    constexpr int patience_ms = 1000;
    return ready(patience_ms) && write_at_once(text);
}

}  // namespace telemetry
