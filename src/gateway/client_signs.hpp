#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "asked_address.hpp"
#include "gateway/sign_limits.hpp"

namespace gateway {

/// A sign that was seen, and the figures that made it: names as log lines have them.
struct Finding {
    struct Figure {
        const char* name = nullptr;  ///< null: there is no further one
        std::int64_t value = 0;
    };

    Sign sign{};
    std::array<Figure, 4> figures{};
};

/// One request that was answered.
struct Heard {
    AskedAddress asked{};
    std::uint64_t voice = 0;  ///< what tells one program from another at the same address
    int status = 200;
    bool reads = true;  ///< a GET or HEAD
};

/// Whether one client looks like an attack, from what it asks: in a fixed number of bytes, without
/// clock or lock. What a crowd behind one address does adds up, so no sign is a mere sum:
///
/// * rate: `per_second` for each voice, up to eight of them, over ten seconds.
/// * regularity: how much the intervals vary (standard deviation by mean) over enough of them and
///   at least five seconds. Many people together come at random (about 100 %), one person in bursts
///   (more); a loop with a pause comes at 0 to 10 %.
/// * walk: numbers of one form in order, each a step of at most eight beyond the last end; or many
///   items that are not there; or very many items, hardly one twice. Each list that is read in
///   between pardons 32: whoever follows links walks, too.
/// * errors: so many requests were refused (4xx), and such a share of all.
///
/// What a page refers to by itself (pictures, styles) counts for the rate alone. Each sign begins
/// anew once it is found, and with each window.
class ClientSigns {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// The first sign that this request completes. Times that go back count as no time.
    std::optional<Finding> note(const Heard& heard, Time now, const SignLimits& limits);

private:
    /// Requests within ten seconds, and whose.
    struct Rate {
        Time since{};
        std::uint64_t voices = 0;
        std::int32_t requests = 0;

        std::optional<Finding> note(std::uint64_t voice, Time now, const SignLimits& limits);
    };
    /// Mean and variance of intervals, one after the other (Welford, Technometrics 4, 1962).
    struct Beat {
        Time since{};
        Time last{};
        double mean = 0;
        double squares = 0;
        std::int32_t intervals = 0;

        std::optional<Finding> note(Time now, const SignLimits& limits);
    };
    /// Numbers of one form, from the first to both sides.
    struct Run {
        std::uint64_t form = 0;
        std::int64_t low = 0;
        std::int64_t high = 0;
        std::int32_t up = 0;      ///< steps beyond `high`
        std::int32_t down = 0;    ///< and beyond `low`
        std::int32_t all = 0;     ///< numbers of the form
        std::int32_t others = 0;  ///< what did not go with it

        void note(std::uint64_t its_form, std::int64_t number);
        bool in_order(std::int64_t least) const;
    };
    struct Walk {
        Run run{};
        std::array<std::uint64_t, 4> seen{};     ///< which hashes: estimates how many
        std::array<std::uint64_t, 4> missing{};  ///< likewise, of what is not there
        std::int32_t items = 0;
        std::int32_t missed = 0;
        std::int32_t lists = 0;

        std::optional<Finding> note(const Heard& heard, const SignLimits& limits);
    };

    std::optional<Finding> note_errors(int status, const SignLimits& limits);

    Rate rate_{};
    Beat beat_{};
    Walk walk_{};
    Time window_{};
    std::int32_t requests_ = 0;
    std::int32_t refused_ = 0;
};

}  // namespace gateway
