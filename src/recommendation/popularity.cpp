#include "popularity.hpp"

#include <algorithm>

namespace recommendation {

void Popularity::add(Index article, base::Time at) {
    if (article >= ranks_.size()) ranks_.resize(article + std::size_t{1}, never);
    ranks_[article] = add_view(ranks_[article], scale_.score(at));
    best_.grew(article, [this](Index index) { return ranks_[index]; });
}

void Popularity::set_back(base::Time now) {
    auto last = scale_.score(now);
    auto best = best_.best();
    for (auto& rank : ranks_) rank = std::min(rank, last);
    // Those that were ahead are alike now.
    best_ = TopList(best_max);
    for (auto article : best) {
        best_.grew(article, [this](Index index) { return ranks_[index]; });
    }
}

}  // namespace recommendation
