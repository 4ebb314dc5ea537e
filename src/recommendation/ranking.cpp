#include "ranking.hpp"

#include <algorithm>
#include <cmath>

namespace recommendation {

namespace {

constexpr std::size_t successors_of = 5;  // of the last reads
constexpr std::size_t labels_asked = 6;
constexpr std::size_t of_a_label = 32;
constexpr std::size_t of_the_hour = 64;
constexpr std::size_t newest_asked = 24;
constexpr std::size_t reads_for_interest = 3;
constexpr double next_factor = 20;
constexpr double few_reads = 5;
constexpr std::size_t spread_over = 10;
constexpr std::chrono::hours hour{1};
constexpr std::chrono::hours day{24};
constexpr std::chrono::hours interest_half_life{14 * 24};

double in_thousandths(std::int64_t value) {
    return static_cast<double>(value) / 1000;
}

template <class Pairs>
double value_of(const Pairs& pairs, Index index) {
    auto found = std::ranges::lower_bound(pairs, index, {}, &Pairs::value_type::first);
    return found != pairs.end() && found->first == index ? found->second : 0;
}

}  // namespace

Ranking::Ranking(const RankingWeights& weights)
    : weights_(weights),
      hour_(hour),
      day_(day),
      followed_(weights.read_next_half_life_h),
      sequences_(weights.read_next_half_life_h),
      interest_scale_{base::Time{}, 0, interest_half_life} {}

void Ranking::publish(Index article, base::Time at, std::vector<Index> labels,
                      std::vector<std::uint32_t> words) {
    auto& one = grown_to(articles_, article);
    for (auto label : labels) grown_to(labels_, label);
    for (auto label : one.labels) labels_[label].best.erase(article);
    one.labels = std::move(labels);
    one.words = std::move(words);
    bool is_new = !one.published_at;
    if (is_new) one.published_at = at;
    if (day_.rank(article) != Popularity::never) add_to_labels(article);
    if (!is_new) return;
    auto earlier = [this](base::Time time, Index other) {
        return time < *articles_[other].published_at;
    };
    newest_.insert(std::upper_bound(newest_.begin(), newest_.end(), at, earlier), article);
    // Some more than are asked for, since a reader may have read some.
    if (newest_.size() > Popularity::best_max) newest_.erase(newest_.begin());
}

void Ranking::withdraw(Index article) {
    auto& one = grown_to(articles_, article);
    for (auto label : one.labels) labels_[label].best.erase(article);
    std::erase(newest_, article);
    one.published_at.reset();
}

bool Ranking::has_read(Index reader, Index article) const {
    const auto* one = known(reader);
    return one && std::ranges::find(one->reads, article) != one->reads.end();
}

bool Ranking::is_in_session(Index reader, base::Time now) const {
    const auto* one = known(reader);
    return one && !one->session.empty() && now - one->last <= weights_.session_min;
}

/// What was read since comes first, and begins a session if there is none.
std::vector<Index> Ranking::session_of(const Wanted& wanted, base::Time now) const {
    auto session = wanted.reads;
    if (wanted.reader && is_in_session(*wanted.reader, now)) {
        for (auto read : readers_[*wanted.reader].session) {
            if (std::ranges::find(wanted.reads, read) == wanted.reads.end()) {
                session.push_back(read);
            }
        }
    }
    if (session.size() > Sequences::window) session.resize(Sequences::window);
    return session;
}

double Ranking::follows(const Sequences::Successor& successor, Index read, base::Time now) const {
    return sequences_.weight_at(successor, now) / (followed_.weight_at(read, now) + few_reads);
}

Ranking::Asked Ranking::asked(const Wanted& wanted, base::Time now) const {
    Asked asked;
    asked.reader = wanted.reader ? known(*wanted.reader) : nullptr;
    asked.now = now;
    asked.session = session_of(wanted, now);
    asked.popularity_max =
        hour_.best().empty() ? 0 : std::log1p(hour_.weight_at(hour_.best().front(), now));
    if (!asked.session.empty()) ask_next(asked);
    ask_interests(asked, wanted);
    return asked;
}

void Ranking::ask_next(Asked& asked) const {
    asked.read_next_weight = in_thousandths(weights_.read_next_permille);
    double step = 1;
    for (auto read : asked.session) {
        step *= in_thousandths(weights_.earlier_read_permille);
        for (const auto& successor : sequences_.after(read)) {
            asked.next.emplace_back(successor.article, step * follows(successor, read, asked.now));
        }
    }
    std::ranges::sort(asked.next);
    std::size_t kept = 0;
    for (const auto& [article, value] : asked.next) {
        if (kept > 0 && asked.next[kept - 1].first == article) {
            asked.next[kept - 1].second += value;
        } else {
            asked.next[kept++] = {article, value};
        }
    }
    asked.next.resize(kept);
}

std::vector<Ranking::LabelRank> Ranking::interests_of(const Wanted& wanted, base::Time now) const {
    std::vector<LabelRank> labels;
    const auto* reader = wanted.reader ? known(*wanted.reader) : nullptr;
    if (reader) labels = reader->labels;
    auto add = [&labels](Index label, double rank) {
        auto found = std::ranges::find(labels, label, &LabelRank::label);
        if (found == labels.end()) {
            labels.push_back({label, rank});
        } else {
            found->rank = add_view(found->rank, rank);
        }
    };
    auto score = interest_scale_.score(now);
    for (auto read : wanted.reads) {
        if (read >= articles_.size()) continue;
        const auto& of = articles_[read].labels;
        for (auto label : of) add(label, score - std::log2(static_cast<double>(of.size())));
    }
    for (auto label : wanted.followed) {
        if (label < labels_.size()) add(label, score + std::log2(followed_visits));
    }
    return labels;
}

double Ranking::rarity_of(Index label) const {
    // Who has just begun to read about a label is not counted among its readers yet.
    auto readers = std::max<std::int64_t>(labels_[label].readers, 1);
    return rarity(std::max(readers_total_, readers), readers);
}

void Ranking::ask_interests(Asked& asked, const Wanted& wanted) const {
    asked.interest_weight = in_thousandths(weights_.interest_permille);
    auto reads = wanted.reads.size() + (asked.reader ? asked.reader->reads.size() : 0);
    if (reads < reads_for_interest && wanted.followed.empty()) asked.interest_weight /= 2;
    double all = 0;
    auto score = interest_scale_.score(asked.now);
    for (const auto& [label, rank] : interests_of(wanted, asked.now)) {
        auto value = weight(rank, score) * rarity_of(label);
        asked.interests.emplace_back(label, value);
        all += value;
    }
    for (auto& interest : asked.interests) interest.second /= all > 0 ? all : 1;
    std::ranges::sort(asked.interests);
}

Ranked Ranking::score(const Asked& asked, Index article) const {
    const auto& one = articles_[article];
    Ranked ranked{article, 0, {}, 0};
    auto set = [&ranked](Term term, double part) {
        ranked.parts[static_cast<std::size_t>(term)] = part;
        ranked.score += part;
    };
    set(Term::read_next,
        asked.read_next_weight * std::log1p(next_factor * value_of(asked.next, article)));
    if (asked.popularity_max > 0) {
        set(Term::popular, in_thousandths(weights_.popular_permille) *
                               std::log1p(hour_.weight_at(article, asked.now)) /
                               asked.popularity_max);
    }
    double interest = 0;
    for (auto label : one.labels) interest += value_of(asked.interests, label);
    set(Term::interest, asked.interest_weight * interest);
    if (one.published_at) {
        auto age = std::max(asked.now - *one.published_at, base::Time::duration::zero());
        std::chrono::duration<double> seconds = age;
        std::chrono::duration<double> half_life = weights_.fresh_half_life_h;
        set(Term::fresh, in_thousandths(weights_.fresh_permille) *
                             std::exp2(-seconds.count() / half_life.count()));
    }
    set(Term::explore, in_thousandths(weights_.explore_permille) *
                           std::sqrt(std::log1p(static_cast<double>(shown_total_)) /
                                     (1 + static_cast<double>(one.shown))));
    ranked.placed_by = ranked.score;
    return ranked;
}

bool Ranking::has_label(Index article, Index label) const {
    return std::ranges::find(articles_[article].labels, label) != articles_[article].labels.end();
}

std::vector<Index> Ranking::candidates(const Asked& asked, const Wanted& wanted) {
    ++questions_;
    std::vector<Index> found;
    auto take = [&](Index article) {
        auto& one = articles_[article];
        if (one.seen_in == questions_ || !one.published_at) return;
        one.seen_in = questions_;
        auto is_in = [&](Index label) { return has_label(article, label); };
        if (std::ranges::any_of(wanted.muted, is_in)) return;
        found.push_back(article);
    };
    auto take_first = [&](const std::vector<Index>& best, std::size_t most) {
        for (std::size_t i = 0; i < std::min(most, best.size()); ++i) take(best[i]);
    };
    // So that they are none.
    auto leave_out = [&](const std::vector<Index>& articles) {
        for (auto article : articles) {
            if (article < articles_.size()) articles_[article].seen_in = questions_;
        }
    };
    if (asked.reader) leave_out(asked.reader->reads);
    leave_out(wanted.reads);
    leave_out(wanted.hidden);
    for (std::size_t i = 0; i < std::min(successors_of, asked.session.size()); ++i) {
        if (asked.read_next_weight == 0) break;
        for (const auto& next : sequences_.after(asked.session[i])) take(next.article);
    }
    auto interests = asked.interests;
    auto last = interests.begin() +
                std::min(std::ssize(interests), static_cast<std::ptrdiff_t>(labels_asked));
    std::partial_sort(interests.begin(), last, interests.end(), [](auto& a, auto& b) {
        return std::pair(b.second, a.first) < std::pair(a.second, b.first);
    });
    for (auto label = interests.begin(); label != last; ++label) {
        take_first(labels_[label->first].best.best(), of_a_label);
    }
    take_first(hour_.best(), of_the_hour);
    std::size_t newest = 0;
    for (auto article = newest_.rbegin(); article != newest_.rend() && newest < newest_asked;
         ++article) {
        auto before = found.size();
        take(*article);
        newest += found.size() - before;
    }
    if (found.size() > candidates_max) found.resize(candidates_max);
    return found;
}

std::vector<Ranked> Ranking::spread(std::vector<Ranked> all, std::size_t most) const {
    auto main_label = [this](const Ranked& one) -> std::optional<Index> {
        const auto& labels = articles_[one.article].labels;
        return labels.empty() ? std::nullopt : std::optional(labels.front());
    };
    auto better = [this](const Ranked& a, const Ranked& b) {
        if (a.placed_by != b.placed_by) return a.placed_by > b.placed_by;
        auto published_a = articles_[a.article].published_at;
        auto published_b = articles_[b.article].published_at;
        return std::pair(published_b, b.article) < std::pair(published_a, a.article);
    };
    auto same_max = static_cast<std::ptrdiff_t>(weights_.same_label_max);
    auto less = in_thousandths(weights_.same_label_permille);
    for (std::size_t place = 0; place < std::min(most, all.size()); ++place) {
        auto begin = all.begin() + static_cast<std::ptrdiff_t>(place);
        auto from = place >= spread_over - 1 ? place - (spread_over - 1) : 0;
        auto last_ones = std::span(all).subspan(from, place - from);
        auto may_stand = [&](const Ranked& one) {
            auto label = main_label(one);
            if (!label) return true;
            return std::ranges::count_if(last_ones, [&](const Ranked& other) {
                       return main_label(other) == label;
                   }) < same_max;
        };
        auto best = all.end();
        for (auto one = begin; one != all.end(); ++one) {
            if (!may_stand(*one)) continue;
            if (best == all.end() || better(*one, *best)) best = one;
        }
        // Nothing but more of the same: then that.
        if (best == all.end()) best = std::ranges::min_element(begin, all.end(), better);
        std::iter_swap(begin, best);
        auto label = main_label(*begin);
        if (!label) continue;
        for (auto one = begin + 1; one != all.end(); ++one) {
            if (main_label(*one) == label) one->placed_by *= less;
        }
    }
    if (all.size() > most) all.resize(most);
    return all;
}

std::vector<Ranked> Ranking::rank(const Wanted& wanted, base::Time now, std::size_t most) {
    auto question = asked(wanted, now);
    std::vector<Ranked> all;
    for (auto article : candidates(question, wanted)) all.push_back(score(question, article));
    return spread(std::move(all), most);
}

std::vector<Ranked> Ranking::rank_among(Index reader, base::Time now, std::span<const Index> pool) {
    Wanted wanted;
    wanted.reader = reader;
    auto question = asked(wanted, now);
    std::vector<Ranked> all;
    for (auto article : pool) {
        grown_to(articles_, article);
        all.push_back(score(question, article));
    }
    std::ranges::stable_sort(all, std::ranges::greater(), &Ranked::score);
    return all;
}

}  // namespace recommendation
