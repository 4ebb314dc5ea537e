#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "telemetry/log.hpp"

namespace telemetry {

/// What went wrong here, as a line of the log of level error or critical tells it: without what is
/// somebody's or secret.
struct Breakdown {
    base::Time at{};
    Level level = Level::error;
    std::string module{};
    std::string message{};
    std::string route{};  ///< the pattern; empty: it was no request, or found none
    std::string request_id{};
    std::string trace_id{};
    std::string span_id{};  ///< of the request in that trace
    std::vector<std::pair<std::string, std::string>> fields{};
    std::uint64_t others = 0;  ///< of its kind that were left out before it
};

/// The field of a line that says what does not answer.
inline constexpr std::string_view dependency_field = "dependency";

/// How many breakdowns are kept, and how often.
struct BreakdownLimits {
    std::size_t queue_max = 256;  ///< that wait to be taken
    std::int64_t per_minute_max = 60;
    std::chrono::seconds repeat{10};  ///< so long after one no other of its kind is kept
};

/// A text as others may have it: e-mail addresses, what follows a `?`, and what looks like a key, a
/// token or a password are taken out, and it is cut to a kilobyte. Pure.
std::string scrubbed(std::string_view text);

/// Breakdowns that wait to be told, as many as the limits say. One thread at a time.
class BreakdownQueue {
public:
    explicit BreakdownQueue(const BreakdownLimits& limits) : limits_(limits) {}

    /// Of several about one request the first is kept; of a kind (module, message, route,
    /// dependency) one in a while. False: it is left out.
    bool add(Breakdown breakdown);
    /// Up to `count`, the oldest first.
    std::vector<Breakdown> take(std::size_t count);
    /// For which there was no room, or which were too many for a minute.
    std::uint64_t dropped() const { return dropped_; }

private:
    struct Kind {
        base::Time kept{};
        std::uint64_t others = 0;
    };
    bool is_known(const std::string& request_id, base::Time at);

    BreakdownLimits limits_;
    std::deque<Breakdown> waiting_;
    std::map<std::string, Kind> kinds_;
    std::deque<std::pair<std::string, base::Time>> requests_;  ///< the newest
    base::Time minute_{};
    std::int64_t in_minute_ = 0;
    std::uint64_t dropped_ = 0;
};

/// From here on log() keeps a breakdown for each line of level error and critical, but for those of
/// `reporting` and of its collectors, which would speak of themselves. Of the process, as the log
/// is. Thread-safe, all of it.
void start_breakdowns(const BreakdownLimits& limits);
void stop_breakdowns();
bool breakdowns_on();
void keep(Breakdown breakdown);
std::vector<Breakdown> take_breakdowns(std::size_t count);
std::uint64_t breakdowns_dropped();

}  // namespace telemetry
