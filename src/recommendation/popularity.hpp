#pragma once

#include <chrono>
#include <cstddef>
#include <limits>
#include <vector>

#include "interest.hpp"
#include "top_list.hpp"

namespace recommendation {

/// How much each article is read, where a visit weighs half after a half-life; kept as ranks
/// (Scale), so that nothing is touched as time passes. Pure; one thread.
class Popularity {
public:
    static constexpr double never = -std::numeric_limits<double>::infinity();
    static constexpr std::size_t best_max = 256;

    explicit Popularity(std::chrono::microseconds half_life)
        : scale_{base::Time{}, 0, half_life}, best_(best_max) {}

    void add(Index article, base::Time at);
    /// As if it had never been read.
    void erase(Index article) {
        if (article < ranks_.size()) ranks_[article] = never;
        best_.erase(article);
    }
    /// Nothing was read later than that: what seems so was read with a clock that was wrong.
    void set_back(base::Time now);
    /// log2 of its weight on the scale; `never` of what was never read.
    double rank(Index article) const { return article < ranks_.size() ? ranks_[article] : never; }
    /// Visits, each as much as is left of it at that time.
    double weight_at(Index article, base::Time now) const {
        return weight(rank(article), scale_.score(now));
    }
    /// Those that are read most, best first, at most best_max.
    const std::vector<Index>& best() const { return best_.best(); }

    template <class File>
    void keep(File& file) {
        file(ranks_, best_);
    }

private:
    Scale scale_;
    std::vector<double> ranks_;
    TopList best_;
};

}  // namespace recommendation
