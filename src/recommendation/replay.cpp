#include "replay.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "base/problems.hpp"
#include "names.hpp"
#include "ranking.hpp"

namespace recommendation {

namespace {

constexpr std::size_t names_max = 5'000'000;
constexpr std::size_t names_bytes_max = 512 * 1024 * 1024;
constexpr std::size_t places = 10;
/// More than are counted, so that who ties with the last of these is seen.
constexpr std::size_t ranked_max = 32;

/// How often each was read, ever.
class Counts {
public:
    void add(Index article) {
        if (article >= counts_.size()) counts_.resize(article + std::size_t{1});
        ++counts_[article];
        best_.grew(article, [this](Index index) { return counts_[index]; });
    }
    double rank(Index article) const {
        bool known = article < counts_.size() && counts_[article] > 0;
        return known ? static_cast<double>(counts_[article]) : Popularity::never;
    }
    const std::vector<Index>& best() const { return best_.best(); }

private:
    std::vector<std::int64_t> counts_;
    TopList best_{Popularity::best_max};
};

/// What the places of one ranker add up to.
struct Sums {
    double hits_5 = 0;
    double hits_10 = 0;
    double reciprocal = 0;
    double gain = 0;

    /// 0: not ranked at all.
    void add(std::size_t place) {
        if (place == 0 || place > places) return;
        hits_5 += place <= 5 ? 1 : 0;
        hits_10 += 1;
        reciprocal += 1 / static_cast<double>(place);
        gain += 1 / std::log2(static_cast<double>(place) + 1);
    }
};

enum class Ranker { portal, popularity_all, popularity_24h, popularity_1h, newest, random };
constexpr std::size_t ranker_count = 6;
constexpr std::array<const char*, ranker_count> ranker_names = {
    "portal", "popularity_all", "popularity_24h", "popularity_1h", "newest", "random"};

}  // namespace

struct Replay::State {
    State(const RankingWeights& weights, std::uint64_t seed) : ranking(weights), random(seed) {}

    Sums& of(Ranker ranker) { return sums[static_cast<std::size_t>(ranker)]; }

    void ask(Index reader, Index item, base::Time at) {
        auto ranked = ranking.rank(reader, at, ranked_max);
        of(Ranker::portal).add(place_in(ranked, item));
        of(Ranker::popularity_all).add(place_by(ever, reader, item));
        of(Ranker::popularity_24h).add(place_by(ranking.last_day(), reader, item));
        of(Ranker::popularity_1h).add(place_by(ranking.last_hour(), reader, item));
        // What comes with this click nobody could have shown.
        bool known = item < came.size();
        of(Ranker::newest).add(known ? place_among_newest(reader, item) : 0);
        std::uniform_int_distribution<std::size_t> any(1, std::max<std::size_t>(came.size(), 1));
        of(Ranker::random).add(known ? any(random) : 0);
    }

    void ask_among(Index reader, Index item, base::Time at, const std::vector<Index>& pool) {
        auto ranked = ranking.rank_among(reader, at, pool);
        of(Ranker::portal).add(place_in(ranked, item));
        auto place = [&](auto value_of) {
            auto value = value_of(item);
            return 1 + static_cast<std::size_t>(std::ranges::count_if(pool, [&](Index other) {
                       return other != item && value_of(other) >= value;
                   }));
        };
        auto by = [&](const auto& popularity) {
            return place([&](Index article) { return popularity.rank(article); });
        };
        of(Ranker::popularity_all).add(by(ever));
        of(Ranker::popularity_24h).add(by(ranking.last_day()));
        of(Ranker::popularity_1h).add(by(ranking.last_hour()));
        of(Ranker::newest).add(place([this](Index article) { return came[article].at; }));
        std::uniform_int_distribution<std::size_t> any(1, pool.size());
        of(Ranker::random).add(any(random));
    }

    static std::size_t place_in(const std::vector<Ranked>& ranked, Index item) {
        auto found = std::ranges::find(ranked, item, &Ranked::article);
        if (found == ranked.end()) return 0;
        // Whoever ties with it further down could as well stand before it.
        auto tied = std::count_if(found + 1, ranked.end(), [&](const Ranked& other) {
            return other.placed_by >= found->placed_by || other.score == found->score;
        });
        return static_cast<std::size_t>(found - ranked.begin() + tied) + 1;
    }

    template <class Ranks>
    std::size_t place_by(const Ranks& popularity, Index reader, Index item) const {
        auto rank = popularity.rank(item);
        if (rank == Popularity::never) return 0;
        std::size_t before = 0;
        for (auto other : popularity.best()) {
            if (popularity.rank(other) < rank) return before + 1;
            if (other != item && !ranking.has_read(reader, other)) ++before;
        }
        auto lowest = popularity.best().back();
        return popularity.rank(lowest) == rank && before < places ? before + 1 : 0;
    }

    /// Numbers are given in the order in which items come; some come at the same time.
    std::size_t place_among_newest(Index reader, Index item) const {
        std::size_t before = 0;
        for (auto other = item + std::size_t{1}; other < came.size() && before < places; ++other) {
            if (!ranking.has_read(reader, static_cast<Index>(other))) ++before;
        }
        for (auto other = item; other > 0 && before < places; --other) {
            if (came[other - 1].at != came[item].at) break;
            if (!ranking.has_read(reader, other - 1)) ++before;
        }
        return before + 1;
    }

    /// When it first came, with the first labels that are said of it.
    void publish(Index item, base::Time at, std::vector<Index> its_labels) {
        bool is_new = item >= came.size();
        if (is_new) came.push_back({at, false});
        auto& one = came[item];
        if (!is_new && (one.has_labels || its_labels.empty())) return;
        one.has_labels = !its_labels.empty();
        ranking.publish(item, one.at, std::move(its_labels));
    }

    /// take() has seen that there is room.
    Index number_of(Names<std::string>& names, const std::string& name) {
        auto before = names.size();
        auto number = *names.use(name);
        if (names.size() > before) name_bytes += name.size();
        return number;
    }

    Ranking ranking;
    Counts ever;
    Names<std::string> readers{names_max};
    Names<std::string> items{names_max};
    Names<std::string> labels{names_max};
    std::size_t name_bytes = 0;
    std::mt19937_64 random;
    std::array<Sums, ranker_count> sums{};
    std::int64_t clicks = 0;
    std::int64_t asked = 0;
    base::Time last{};
    struct Came {
        base::Time at{};
        bool has_labels = false;
    };
    std::vector<Came> came;  ///< by item
};

Replay::Replay(const RankingWeights& weights, std::uint64_t seed)
    : state_(std::make_unique<State>(weights, seed)) {}

Replay::~Replay() = default;

base::Result<void> Replay::take(const Click& click) {
    auto& state = *state_;
    if (state.clicks > 0 && click.at < state.last) {
        return base::malformed("clicks_not_in_order",
                               "this click is earlier than the one before it: sort them by at.");
    }
    auto added = 2 + click.shown.size() + click.labels.size();
    auto names = added + state.readers.size() + state.items.size() + state.labels.size();
    if (names > names_max || state.name_bytes > names_bytes_max) {
        return base::malformed(
            "too_many_names",
            "there are more readers, items and labels than are kept: " + std::to_string(names_max) +
                ", with names of " + std::to_string(names_bytes_max) + " bytes.");
    }
    state.last = click.at;
    ++state.clicks;
    std::vector<Index> shown;
    for (const auto& name : click.shown) {
        auto index = state.number_of(state.items, name);
        if (std::ranges::find(shown, index) == shown.end()) shown.push_back(index);
        state.publish(index, click.at, {});
    }
    auto reader = state.number_of(state.readers, click.reader);
    auto item = state.number_of(state.items, click.item);
    bool is_new = !state.ranking.has_read(reader, item);
    if (is_new && !shown.empty()) {
        auto pool = shown;
        std::erase_if(pool, [&](Index one) { return state.ranking.has_read(reader, one); });
        state.ask_among(reader, item, click.at, pool);
        ++state.asked;
    } else if (is_new && shown.empty() && state.ranking.is_in_session(reader, click.at)) {
        state.ask(reader, item, click.at);
        ++state.asked;
    }
    std::vector<Index> labels;
    bool has_labels = item < state.came.size() && state.came[item].has_labels;
    if (!has_labels) {
        for (const auto& label : click.labels) {
            labels.push_back(state.number_of(state.labels, label));
        }
    }
    state.publish(item, click.at, std::move(labels));
    for (auto one : shown) state.ranking.show(one);
    if (state.ranking.visit(reader, item, click.at)) state.ever.add(item);
    return {};
}

std::int64_t Replay::clicks() const {
    return state_->clicks;
}

std::int64_t Replay::asked() const {
    return state_->asked;
}

std::vector<ReplayScore> Replay::scores() const {
    std::vector<ReplayScore> scores;
    auto all = std::max<double>(static_cast<double>(state_->asked), 1);
    for (std::size_t i = 0; i < ranker_count; ++i) {
        const auto& sums = state_->sums[i];
        scores.push_back({ranker_names[i], sums.hits_5 / all, sums.hits_10 / all,
                          sums.reciprocal / all, sums.gain / all});
    }
    return scores;
}

}  // namespace recommendation
