// Which articles are alike.
#include <algorithm>
#include <cmath>

#include "ranking.hpp"

namespace recommendation {

namespace {

constexpr double together_weight = 0.6;
constexpr double labels_weight = 0.3;
constexpr double words_weight = 0.1;
/// Of articles that were hardly read it says little that they were read together.
constexpr double reads_added = 5;

/// What two of words in order have in common, of all that they have.
double words_in_common(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
    std::vector<std::uint32_t> both;
    std::ranges::set_intersection(a, b, std::back_inserter(both));
    auto all = a.size() + b.size() - both.size();
    return all == 0 ? 0 : static_cast<double>(both.size()) / static_cast<double>(all);
}

}  // namespace

double Ranking::read_together(Index article, Index other, base::Time now) const {
    double together = 0;
    auto add = [&](Index first, Index then) {
        for (const auto& successor : sequences_.after(first)) {
            if (successor.article == then) together += sequences_.weight_at(successor, now);
        }
    };
    add(article, other);
    add(other, article);
    if (together == 0) return 0;
    return together / std::sqrt((followed_.weight_at(article, now) + reads_added) *
                                (followed_.weight_at(other, now) + reads_added));
}

double Ranking::labels_in_common(const Article& article, const Article& other) const {
    double both = 0;
    double all = 0;
    for (auto label : article.labels) {
        all += rarity_of(label);
        if (std::ranges::find(other.labels, label) != other.labels.end()) both += rarity_of(label);
    }
    for (auto label : other.labels) all += rarity_of(label);
    all -= both;
    return all > 0 ? both / all : 0;
}

std::vector<Index> Ranking::may_be_similar(Index article) const {
    std::vector<Index> found;
    for (const auto& successor : sequences_.after(article)) found.push_back(successor.article);
    for (auto label : articles_[article].labels) {
        const auto& best = labels_[label].best.best();
        found.insert(found.end(), best.begin(), best.end());
    }
    found.insert(found.end(), newest_.begin(), newest_.end());
    std::ranges::sort(found);
    auto repeated = std::ranges::unique(found);
    found.erase(repeated.begin(), repeated.end());
    std::erase_if(found,
                  [&](Index other) { return other == article || !articles_[other].published_at; });
    return found;
}

std::vector<Ranked> Ranking::similar(Index article, base::Time now, std::size_t most) const {
    std::vector<Ranked> all;
    if (article >= articles_.size()) return all;
    const auto& one = articles_[article];
    for (auto other : may_be_similar(article)) {
        Ranked ranked;
        ranked.article = other;
        ranked.score = together_weight * std::min(read_together(article, other, now), 1.0) +
                       labels_weight * labels_in_common(one, articles_[other]) +
                       words_weight * words_in_common(one.words, articles_[other].words);
        ranked.placed_by = ranked.score;
        if (ranked.score > 0) all.push_back(ranked);
    }
    std::ranges::sort(all, [](const Ranked& a, const Ranked& b) {
        return std::pair(b.score, b.article) < std::pair(a.score, a.article);
    });
    if (all.size() > most) all.resize(most);
    return all;
}

}  // namespace recommendation
