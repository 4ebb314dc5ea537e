#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "popularity.hpp"
#include "recommendation/ranking_weights.hpp"
#include "sequences.hpp"

namespace recommendation {

/// What a score is made of; each part is its share of it, added up.
enum class Term { read_next, popular, interest, fresh, explore };
inline constexpr std::size_t term_count = 5;

/// An article, and why it stands where it does.
struct Ranked {
    Index article = 0;
    double score = 0;                        ///< the sum of its parts
    std::array<double, term_count> parts{};  ///< by Term
    double placed_by = 0;                    ///< the score, less for others like it above

    double part(Term term) const { return parts[static_cast<std::size_t>(term)]; }
};

/// Whom articles are ranked for.
struct Wanted {
    std::optional<Index> reader{};  ///< nothing: by `reads` alone
    /// What they have read since, the newest first, all different: counts as if it were learned.
    std::vector<Index> reads{};
    std::vector<Index> followed{};  ///< labels that count as much as followed_visits visits
    std::vector<Index> muted{};     ///< no article with one of these labels
    std::vector<Index> hidden{};    ///< none of these articles
};

/// A part of a score, and where it comes from.
struct Why {
    Term term = Term::fresh;
    double share = 0;                ///< of the score
    std::optional<Index> article{};  ///< after which most of it is read next
    std::optional<Index> label{};    ///< of which interest
    double lift = 0;                 ///< how many times an even share of the interest that is
    double visits = 0;               ///< of the last hour
    base::Time::duration age{};
};

/// What is read by many, and by how many.
struct Trend {
    Index article = 0;
    double score = 0;
    double visits = 0;  ///< of that time, each as much as is left of it
};

/// What to read now, for each reader, of all that was read: kept in memory, changed by each visit
/// at once, and the same whenever the same visits come in the same order. Articles, labels and
/// readers are numbers, which whoever uses it gives from 0 on. Pure; one thread.
///
/// score = w1·ln(1 + 20·S) + w2·ln(1 + P) / ln(1 + Pmax) + w3·A + w4·2^(-age/h) + w5·√(ln(1 + T) /
/// (1 + I)), where S = Σ c^k · (how often it was read after the k-th last) / (how often that was
/// read + 5), P the visits with a half-life of an hour and Pmax the most of any article, A what of
/// the reader's interest its labels have (weight times rarity, of all labels 1), I how often it was
/// shown, and T how often all were (upper confidence bounds: Auer, Cesa-Bianchi, Fischer, ML 2002).
class Ranking {
public:
    static constexpr std::size_t candidates_max = 600;
    static constexpr std::size_t reads_max = 256;
    static constexpr double followed_visits = 10;
    /// Nothing is said of an hour with fewer visits.
    static constexpr double trending_visits_min = 5;

    explicit Ranking(const RankingWeights& weights);

    /// An article that there is from then on; again: it has other labels now, and keeps its time.
    /// `labels`: each once, the main one first. `words`: of its title, as hashes, in order.
    void publish(Index article, base::Time at, std::vector<Index> labels,
                 std::vector<std::uint32_t> words = {});
    /// Nobody may read it any more, until it is published again: it is offered to nobody.
    void withdraw(Index article);
    /// Whether it counts: what the reader has read in this session already only becomes the last
    /// that was read. One that is told when its session has long ended is in none.
    bool visit(Index reader, Index article, base::Time at);
    /// By somebody of whom nothing is to be known: it counts for what all read, and for no more.
    void visit_unknown(Index article, base::Time at);
    /// The reader has opened it and left at once: it is not offered again, and counts nothing.
    void skim(Index reader, Index article);
    /// The reader said that it was good: its labels are of more interest to them.
    void like(Index reader, Index article, base::Time at);
    /// Everything of that reader; the number may be another's then. What they added to what all
    /// read stays, and fades.
    void forget_reader(Index reader);
    /// Everything of these articles; the numbers may be others' then. Looks at all that is kept.
    void forget_articles(std::span<const Index> gone);
    /// The clock was ahead, and is right again: what was learned meanwhile is of now. Looks at all
    /// that is kept.
    void set_back(base::Time now);
    /// It was shown to somebody.
    void show(Index article);

    /// The best for that reader, in order, of what is read after their last ones, of their labels,
    /// of what everybody reads, and of the newest; without what they have read. One never seen is
    /// nobody in particular.
    std::vector<Ranked> rank(const Wanted& wanted, base::Time now, std::size_t most);
    std::vector<Ranked> rank(Index reader, base::Time now, std::size_t most) {
        Wanted wanted;
        wanted.reader = reader;
        return rank(wanted, now, most);
    }
    /// The same of exactly these, in order of their scores.
    std::vector<Ranked> rank_among(Index reader, base::Time now, std::span<const Index> pool);

    /// Why each of them stands there: the shares of one add up to 1, the largest first. Of articles
    /// that were ranked so, with nothing learned since.
    std::vector<std::vector<Why>> explain(const Wanted& wanted, base::Time now,
                                          std::span<const Ranked> ranked) const;

    /// What is read after that article, by all who have read it; the score is S.
    std::vector<Ranked> next(Index article, base::Time now, std::size_t most) const;
    /// What is like that article: 0.6 · read by the same readers, either after the other (cosine),
    /// 0.3 · labels in common by their rarity, 0.1 · words of the title in common (both Jaccard).
    /// What nobody has read has the last two alone.
    std::vector<Ranked> similar(Index article, base::Time now, std::size_t most) const;
    /// What is read more in this hour than the day makes one expect, in standard deviations of a
    /// Poisson distribution: z = (P1 - P24 / 24) / sqrt(P24 / 24 + 1). `label`: of these alone.
    std::vector<Trend> trending(base::Time now, std::optional<Index> label, std::size_t most) const;
    /// What is read most in the last day.
    std::vector<Trend> most_read(base::Time now, std::optional<Index> label,
                                 std::size_t most) const;

    bool has_read(Index reader, Index article) const;
    /// Whether the reader's session still goes on.
    bool is_in_session(Index reader, base::Time now) const;
    const Popularity& last_hour() const { return hour_; }
    const Popularity& last_day() const { return day_; }

    /// All that it has learned, see state_file.hpp.
    template <class File>
    void keep(File& file) {
        file(hour_, day_, followed_, sequences_, articles_, readers_, labels_, newest_,
             readers_total_, shown_total_, questions_);
    }

private:
    struct Article {
        std::optional<base::Time> published_at{};
        std::vector<Index> labels{};
        std::vector<std::uint32_t> words{};
        std::int64_t shown = 0;
        std::uint64_t seen_in = 0;  ///< the question for which it is a candidate already

        template <class File>
        void keep(File& file) {
            bool is_public = published_at.has_value();
            auto at = published_at.value_or(base::Time());
            file(is_public, at, labels, words, shown, seen_in);
            if (is_public) published_at = at;
        }
    };
    struct LabelRank {
        Index label = 0;
        double rank = 0;
    };
    struct Reader {
        std::vector<Index> session{};  ///< the newest first, all different
        base::Time last{};
        std::vector<Index> reads{};  ///< the newest last, all different
        std::vector<LabelRank> labels{};

        template <class File>
        void keep(File& file) {
            file(session, last, reads, labels);
        }
    };
    struct Label {
        TopList best{Popularity::best_max};
        std::int64_t readers = 0;

        template <class File>
        void keep(File& file) {
            file(best, readers);
        }
    };
    /// What is the same for all articles of one question.
    struct Asked {
        const Reader* reader = nullptr;
        base::Time now{};
        std::vector<Index> session{};                       ///< the newest first
        std::vector<std::pair<Index, double>> next{};       ///< S by article, in order
        std::vector<std::pair<Index, double>> interests{};  ///< A by label, in order
        double read_next_weight = 0;
        double interest_weight = 0;
        double popularity_max = 0;
    };

    template <class T>
    static T& grown_to(std::vector<T>& all, Index index) {
        if (index >= all.size()) all.resize(index + std::size_t{1});
        return all[index];
    }
    const Reader* known(Index reader) const {
        return reader < readers_.size() ? &readers_[reader] : nullptr;
    }
    Asked asked(const Wanted& wanted, base::Time now) const;
    std::vector<Index> session_of(const Wanted& wanted, base::Time now) const;
    /// How often it is read after that one, of all reads of that one.
    double follows(const Sequences::Successor& successor, Index read, base::Time now) const;
    void ask_next(Asked& asked) const;
    void ask_interests(Asked& asked, const Wanted& wanted) const;
    std::vector<LabelRank> interests_of(const Wanted& wanted, base::Time now) const;
    Ranked score(const Asked& asked, Index article) const;
    std::vector<Why> why(const Asked& asked, const Ranked& ranked) const;
    std::vector<Index> candidates(const Asked& asked, const Wanted& wanted);
    bool has_label(Index article, Index label) const;
    /// Those that may be among the most read, with that label if there is one.
    std::vector<Index> read_by_many(std::optional<Index> label) const;
    double rarity_of(Index label) const;
    double read_together(Index article, Index other, base::Time now) const;
    double labels_in_common(const Article& article, const Article& other) const;
    std::vector<Index> may_be_similar(Index article) const;
    std::vector<Ranked> spread(std::vector<Ranked> all, std::size_t most) const;
    void add_to_labels(Index article);
    static void note_read(Reader& reader, Index article);
    void add_interest(Reader& reader, const Article& article, base::Time at);

    RankingWeights weights_;
    Popularity hour_;
    Popularity day_;
    Popularity followed_;  ///< fades as what is read next does
    Sequences sequences_;
    Scale interest_scale_;
    std::vector<Article> articles_;
    std::vector<Reader> readers_;
    std::vector<Label> labels_;
    std::vector<Index> newest_;  ///< the newest last
    std::int64_t readers_total_ = 0;
    std::int64_t shown_total_ = 0;
    std::uint64_t questions_ = 0;
};

}  // namespace recommendation
