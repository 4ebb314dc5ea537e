#include "config/nearest.hpp"

#include <algorithm>
#include <cstddef>

namespace config {

namespace {

/// Optimal string alignment distance: insert, delete, replace, or exchange two neighbours.
std::size_t distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        before.swap(above);
        above.swap(row);
    }
    return above[b.size()];
}

}  // namespace

std::string nearest(const std::string& typed, const std::vector<std::string>& names) {
    // A key is never this long, and the comparison costs the product of both lengths.
    if (typed.size() > 100) return {};
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(1, typed.size() / 3) + 1;
    for (const auto& name : names) {
        // The distance is never less than by what the lengths differ.
        auto longer = std::max(typed.size(), name.size());
        if (longer - std::min(typed.size(), name.size()) >= best_distance) continue;
        auto d = distance(typed, name);
        if (d < best_distance) {
            best_distance = d;
            best = name;
        }
    }
    return best;
}

std::string suggestion(const std::string& typed, const std::vector<std::string>& names) {
    auto meant = nearest(typed, names);
    return meant.empty() ? "" : " Did you mean " + meant + '?';
}

}  // namespace config
