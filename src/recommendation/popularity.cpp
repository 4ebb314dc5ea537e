#include "popularity.hpp"

namespace recommendation {

void Popularity::add(Index article, base::Time at) {
    if (article >= ranks_.size()) ranks_.resize(article + std::size_t{1}, never);
    ranks_[article] = add_view(ranks_[article], scale_.score(at));
    best_.grew(article, [this](Index index) { return ranks_[index]; });
}

}  // namespace recommendation
