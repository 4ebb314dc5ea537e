#include "standard_streams.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>

namespace portal {

namespace {

constexpr std::size_t secret_bytes_max = 4096;

/// Byte by byte: what follows the line is not ours.
std::optional<std::string> read_line() {
    std::string line;
    char byte = 0;
    for (;;) {
        auto got = ::read(STDIN_FILENO, &byte, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return line.empty() ? std::nullopt : std::optional(line);
        if (byte == '\n' || line.size() == secret_bytes_max) return line;
        line += byte;
    }
}

}  // namespace

bool open_standard_streams() {
    for (int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(descriptor, F_GETFD) >= 0) continue;
        // The lowest free number is given: the one that was looked at.
        if (::open("/dev/null", O_RDWR) != descriptor) return false;
    }
    return true;
}

std::string as_meant(std::string line) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (line.starts_with(byte_order_mark)) line.erase(0, byte_order_mark.size());
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

std::optional<std::string> read_secret(const char* question) {
    bool asks = ::isatty(STDIN_FILENO) == 1;
    termios shown{};
    if (asks) {
        std::fprintf(stderr, "%s", question);
        ::tcgetattr(STDIN_FILENO, &shown);
        auto hidden = shown;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSANOW, &hidden);
    }
    auto line = read_line();
    if (asks) {
        ::tcsetattr(STDIN_FILENO, TCSANOW, &shown);
        std::fprintf(stderr, "\n");
    }
    if (!line) return std::nullopt;
    return as_meant(std::move(*line));
}

}  // namespace portal
