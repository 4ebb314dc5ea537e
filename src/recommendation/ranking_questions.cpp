// What else a ranking is asked: why, what is next, what is read by many.
#include <algorithm>
#include <cmath>

#include "ranking.hpp"

namespace recommendation {

namespace {

constexpr double hours_of_a_day = 24;

template <class T>
void keep_best(std::vector<T>& all, std::size_t most) {
    std::ranges::sort(all, [](const T& a, const T& b) {
        return std::pair(b.score, b.article) < std::pair(a.score, a.article);
    });
    if (all.size() > most) all.resize(most);
}

}  // namespace

std::vector<std::vector<Why>> Ranking::explain(const Wanted& wanted, base::Time now,
                                               std::span<const Ranked> ranked) const {
    auto question = asked(wanted, now);
    std::vector<std::vector<Why>> all;
    for (const auto& one : ranked) all.push_back(why(question, one));
    return all;
}

std::vector<Why> Ranking::why(const Asked& asked, const Ranked& ranked) const {
    std::vector<Why> reasons;
    if (ranked.score <= 0) return reasons;
    auto add = [&](Term term) -> Why& {
        Why why;
        why.term = term;
        why.share = ranked.part(term) / ranked.score;
        return reasons.emplace_back(why);
    };
    if (ranked.part(Term::read_next) > 0) {
        auto& next = add(Term::read_next);
        double most = 0;
        double step = 1;
        for (auto read : asked.session) {
            step *= static_cast<double>(weights_.earlier_read_permille) / 1000;
            for (const auto& successor : sequences_.after(read)) {
                auto value = step * follows(successor, read, asked.now);
                if (successor.article != ranked.article || value <= most) continue;
                most = value;
                next.article = read;
            }
        }
    }
    if (ranked.part(Term::popular) > 0) {
        add(Term::popular).visits = hour_.weight_at(ranked.article, asked.now);
    }
    const auto& article = articles_[ranked.article];
    for (const auto& [label, value] : asked.interests) {
        if (value <= 0 || !has_label(ranked.article, label)) continue;
        auto& one = add(Term::interest);
        one.share = asked.interest_weight * value / ranked.score;
        one.label = label;
        one.lift = value * static_cast<double>(asked.interests.size());
    }
    if (ranked.part(Term::fresh) > 0) {
        auto age = asked.now - *article.published_at;
        add(Term::fresh).age = std::max(age, base::Time::duration::zero());
    }
    if (ranked.part(Term::explore) > 0) add(Term::explore);
    std::ranges::stable_sort(reasons, std::ranges::greater(), &Why::share);
    return reasons;
}

std::vector<Ranked> Ranking::next(Index article, base::Time now, std::size_t most) const {
    std::vector<Ranked> all;
    for (const auto& successor : sequences_.after(article)) {
        if (!articles_[successor.article].published_at) continue;
        Ranked one;
        one.article = successor.article;
        one.score = follows(successor, article, now);
        one.parts[static_cast<std::size_t>(Term::read_next)] = one.score;
        one.placed_by = one.score;
        all.push_back(one);
    }
    keep_best(all, most);
    return all;
}

std::vector<Index> Ranking::read_by_many(std::optional<Index> label) const {
    auto all = hour_.best();
    all.insert(all.end(), day_.best().begin(), day_.best().end());
    if (label && *label < labels_.size()) {
        const auto& its = labels_[*label].best.best();
        all.insert(all.end(), its.begin(), its.end());
    }
    std::ranges::sort(all);
    auto repeated = std::ranges::unique(all);
    all.erase(repeated.begin(), repeated.end());
    std::erase_if(all, [&](Index article) {
        return !articles_[article].published_at || (label && !has_label(article, *label));
    });
    return all;
}

std::vector<Trend> Ranking::trending(base::Time now, std::optional<Index> label,
                                     std::size_t most) const {
    std::vector<Trend> all;
    for (auto article : read_by_many(label)) {
        auto visits = hour_.weight_at(article, now);
        if (visits < trending_visits_min) continue;
        auto expected = day_.weight_at(article, now) / hours_of_a_day;
        all.push_back({article, (visits - expected) / std::sqrt(expected + 1), visits});
    }
    keep_best(all, most);
    return all;
}

std::vector<Trend> Ranking::most_read(base::Time now, std::optional<Index> label,
                                      std::size_t most) const {
    std::vector<Trend> all;
    for (auto article : read_by_many(label)) {
        auto visits = day_.weight_at(article, now);
        all.push_back({article, visits, visits});
    }
    keep_best(all, most);
    return all;
}

}  // namespace recommendation
