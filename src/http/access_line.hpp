#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/message.hpp"
#include "telemetry/line_buffer.hpp"

namespace http {

/// A path as a log may have it: without e-mail addresses, and no longer than that.
std::string loggable_path(std::string_view path);

/// What the log tells of one request that has ended. Everything in it that a client chooses is cut
/// to a bounded length when it is written.
struct AccessLine {
    base::Time at{};
    std::string_view listener;
    std::string_view method;
    std::string_view path;   ///< as sent, without its query; not told where it has a {token}
    std::string_view route;  ///< the pattern
    int status = 0;          ///< 0: nothing was answered
    std::uint64_t bytes = 0;
    std::chrono::microseconds took{};
    bool cut = false;  ///< the client went before it had all

    /// On the hot path: allocates nothing for what is written with plain characters.
    void write(telemetry::LineBuffer& lines, const Request& request) const;
};

}  // namespace http
