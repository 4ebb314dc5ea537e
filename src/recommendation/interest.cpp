#include "interest.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <tuple>

namespace recommendation {

double Scale::score(base::Time time) const {
    return base +
           static_cast<double>((time - since).count()) / static_cast<double>(half_life.count());
}

Scale with_half_life(const Scale& scale, std::chrono::microseconds half_life, base::Time now) {
    return {now, scale.score(now), half_life};
}

double add_view(double rank, double score) {
    double larger = std::max(rank, score);
    double smaller = std::min(rank, score);
    return larger + std::log1p(std::exp2(smaller - larger)) * std::numbers::log2e;
}

double weight(double rank, double now) {
    // Ranks lie far ahead of now only if the clock was put back; JSON knows no infinity.
    constexpr double ahead_max = 1000;
    return std::exp2(std::min(rank - now, ahead_max));
}

double rarity(std::int64_t readers_total, std::int64_t readers_of_label) {
    auto readers = std::max<std::int64_t>(readers_of_label, 1);
    auto total = std::max(readers_total, readers);
    return std::log1p(static_cast<double>(total) / static_cast<double>(readers));
}

bool counts(const std::optional<base::Time>& counted, base::Time at,
            std::chrono::microseconds repeat_interval) {
    return !counted || (at > *counted && at - *counted >= repeat_interval);
}

std::vector<std::string> labels_of(const std::vector<std::string>& tags) {
    std::vector<std::string> labels;
    std::set<std::string_view> seen;
    for (const auto& tag : tags) {
        if (tag.empty() || tag.size() > label_bytes_max || !seen.insert(tag).second) continue;
        labels.push_back(tag);
    }
    return labels;
}

std::vector<Interest> heaviest(std::vector<Edge> edges, std::int64_t readers_total, double now,
                               std::int64_t most) {
    std::vector<Interest> interests;
    interests.reserve(edges.size());
    for (auto& edge : edges) {
        double weighed = weight(edge.rank, now) * rarity(readers_total, edge.readers_of_label);
        interests.push_back({std::move(edge.label), weighed, edge.last_seen});
    }
    auto heavier = [](const Interest& a, const Interest& b) {
        return std::tie(b.weight, a.label) < std::tie(a.weight, b.label);
    };
    std::sort(interests.begin(), interests.end(), heavier);
    if (std::ssize(interests) > most) interests.resize(static_cast<std::size_t>(most));
    return interests;
}

}  // namespace recommendation
