#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace recommendation {

/// The number that stands for an article, a label or a reader in memory, from 0 on in the order in
/// which they came.
using Index = std::uint32_t;

/// Those of many that rank highest, best first; of equal ones the later came first. Ranks only
/// grow, and all fade alike, so what is out of it comes back by growing alone: it is exact, and
/// repaired where something grows. Pure.
class TopList {
public:
    explicit TopList(std::size_t most) : most_(most) {}

    /// Tells it that the rank of one of them grew. `rank_of(index)` gives any one's rank now.
    template <class RankOf>
    void grew(Index index, const RankOf& rank_of);

    /// It is none of them any more. What was out of the list until then comes back when it grows.
    void erase(Index index) { std::erase(best_, index); }

    const std::vector<Index>& best() const { return best_; }

    template <class File>
    void keep(File& file) {
        file(best_);
    }

private:
    std::size_t most_;
    std::vector<Index> best_;
};

template <class RankOf>
void TopList::grew(Index index, const RankOf& rank_of) {
    auto rank = rank_of(index);
    auto is_below = [&](Index other) {
        auto its = rank_of(other);
        return its < rank || (its == rank && other < index);
    };
    std::size_t at = 0;
    while (at < best_.size() && best_[at] != index) ++at;
    if (at == best_.size()) {
        if (at == most_ && !is_below(best_.back())) return;
        if (at < most_) best_.push_back(index);
        at = best_.size() - 1;
        best_[at] = index;
    }
    for (; at > 0 && is_below(best_[at - 1]); --at) {
        best_[at] = best_[at - 1];
        best_[at - 1] = index;
    }
}

}  // namespace recommendation
