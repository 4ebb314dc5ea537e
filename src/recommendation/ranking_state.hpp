#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "names.hpp"
#include "ranking.hpp"
#include "recommendation/article_name.hpp"

namespace recommendation {

/// A reader, by a keyed hash: who it is cannot be told from it.
using ReaderHash = std::uint64_t;

/// How much is kept at most.
struct RankingLimits {
    std::size_t readers_max = 1'000'000;
    std::size_t articles_max = 200'000;
    std::size_t labels_max = 100'000;
};

/// The ranking, and what its numbers stand for: all of it bounded. Where there is no room for a
/// reader, the one who was away for longest is forgotten; where there is none for an article, a
/// tenth of them, those that were neither read nor changed for longest; a label for which there is
/// no room is none. The same calls in the same order make the same state. Pure; one thread.
class RankingState {
public:
    RankingState(const RankingWeights& weights, const RankingLimits& limits);

    /// `labels`: each once, the main one first. `words`: of its title.
    void publish(const ArticleName& article, base::Time at, const std::vector<std::string>& labels,
                 const std::vector<std::string>& words = {});
    /// Of one that is not known nothing is kept.
    void withdraw(const ArticleName& article);
    /// Whether it counts: the article is known, and not read in this session already.
    bool visit(ReaderHash reader, const ArticleName& article, base::Time at);
    /// The same by somebody of whom nothing is to be known, see Ranking.
    bool visit_unknown(const ArticleName& article, base::Time at);
    // Of one that is not known nothing is kept.
    void skim(ReaderHash reader, const ArticleName& article);
    void like(ReaderHash reader, const ArticleName& article, base::Time at);
    void show(const ArticleName& article);
    /// Everything that is kept of them by their number. What they have added to what all read
    /// fades as it would have.
    void forget(ReaderHash reader);

    /// See Ranking.
    void set_back(base::Time now);
    /// When the newest of what it has learned was.
    base::Time latest() const { return latest_; }

    Ranking& ranking() { return ranking_; }
    const Names<ReaderHash>& readers() const { return readers_; }
    const Names<ArticleName>& articles() const { return articles_; }
    const Names<std::string>& labels() const { return labels_; }
    /// How many labels there was no room for, each as often as an article had it.
    std::uint64_t labels_left_out() const { return labels_left_out_; }

    /// All of it, see state_file.hpp. What is read was written with the same weights and limits.
    template <class File>
    void keep(File& file) {
        file(ranking_, readers_, articles_, labels_, labels_left_out_, latest_);
    }

private:
    void make_room_for_articles();
    Index number_of(ReaderHash reader);

    Ranking ranking_;
    Names<ReaderHash> readers_;
    Names<ArticleName> articles_;
    Names<std::string> labels_;
    std::uint64_t labels_left_out_ = 0;
    base::Time latest_{};
};

}  // namespace recommendation
