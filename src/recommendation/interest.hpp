#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "recommendation/recommendations.hpp"

namespace recommendation {

/// How a time becomes a score: a straight line that rises by one per half-life. A visit at time t
/// weighs 2^(score(t) - score(now)), one when it happens and half of that a half-life later. So
/// what is stored never has to be touched as time passes, and ranks compare whenever they were made
/// (forward decay: Cormode, Shkapenyuk, Srivastava, Xu, ICDE 2009).
struct Scale {
    base::Time since{};
    double base = 0;  ///< the score of `since`
    std::chrono::microseconds half_life{};

    double score(base::Time time) const;
};

/// The line with another half-life from `now` on: what is stored weighs now what it weighed before.
Scale with_half_life(const Scale& scale, std::chrono::microseconds half_life, base::Time now);

/// A rank, log2(Σ 2^score), with one more visit in it. Neither overflows nor loses the smaller part
/// before it has to.
double add_view(double rank, double score);

/// What a rank weighs when the score is `now`. Always finite.
double weight(double rank, double now);

/// Labels that few read say more of a reader (inverse document frequency): ln(1 + total / readers).
double rarity(std::int64_t readers_total, std::int64_t readers_of_label);

/// Whether a visit counts, by the latest one of that reader and article that did. One that is not
/// later, or later by less than the interval, does not: applying a visit twice changes nothing.
bool counts(const std::optional<base::Time>& counted, base::Time at,
            std::chrono::microseconds repeat_interval);

constexpr std::size_t label_bytes_max = 200;

/// The tags that become labels: each once, neither empty nor too long.
std::vector<std::string> labels_of(const std::vector<std::string>& tags);

/// One reader's edge, as it is stored.
struct Edge {
    std::string label;
    double rank = 0;
    base::Time last_seen{};
    std::int64_t readers_of_label = 0;
};

/// The edges by what they weigh when the score is `now`, heaviest first; at most `most`.
std::vector<Interest> heaviest(std::vector<Edge> edges, std::int64_t readers_total, double now,
                               std::int64_t most);

}  // namespace recommendation
