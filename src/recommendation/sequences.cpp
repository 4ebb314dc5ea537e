#include "sequences.hpp"

#include <algorithm>
#include <cmath>

namespace recommendation {

void Sequences::add(Index article, std::span<const Index> before, base::Time at) {
    auto score = scale_.score(at);
    double steps = 0;
    for (auto previous : before.first(std::min(before.size(), window))) {
        ++steps;
        if (previous == article) continue;
        if (previous >= successors_.size()) successors_.resize(previous + std::size_t{1});
        auto& known = successors_[previous];
        auto added = score - std::log2(steps);
        auto found = std::ranges::find(known, article, &Successor::article);
        if (found != known.end()) {
            found->rank = add_view(found->rank, added);
        } else if (known.size() < successors_max) {
            known.push_back({article, added});
        } else {
            *std::ranges::min_element(known, {}, &Successor::rank) = {article, added};
        }
    }
}

void Sequences::set_back(base::Time now) {
    auto last = scale_.score(now);
    for (auto& known : successors_) {
        for (auto& one : known) one.rank = std::min(one.rank, last);
    }
}

void Sequences::erase(const std::vector<bool>& gone) {
    auto is_gone = [&gone](std::size_t article) { return article < gone.size() && gone[article]; };
    for (std::size_t article = 0; article < successors_.size(); ++article) {
        auto& known = successors_[article];
        if (is_gone(article)) {
            std::vector<Successor>().swap(known);
        } else {
            std::erase_if(known, [&](const Successor& one) { return is_gone(one.article); });
        }
    }
}

std::span<const Sequences::Successor> Sequences::after(Index article) const {
    if (article >= successors_.size()) return {};
    return successors_[article];
}

}  // namespace recommendation
