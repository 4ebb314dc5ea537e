#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "recommendation/article_name.hpp"

namespace recommendation {

/// A part of why an article stands where it does. It names no reader.
struct Reason {
    enum class Kind {
        read_next,  ///< others read it after `article`
        trending,   ///< it is read by many just now: `visits` of the last hour, faded
        label,      ///< the reader cares about `label`
        fresh,      ///< it is `age` old
        explore,    ///< it was shown to few so far
    };
    Kind kind = Kind::fresh;
    double share = 0;  ///< of the score; all shares of an article add up to 1
    std::optional<ArticleName> article{};
    std::string label{};
    double lift = 0;  ///< how much more of the reader's interest the label has than an even share
    double visits = 0;
    std::chrono::seconds age{};
};

/// An article that is worth reading now, and why.
struct Recommended {
    ArticleName article;
    double score = 0;
    std::vector<Reason> reasons{};  ///< the largest share first
};

/// Articles in order, the best first.
struct RankedList {
    /// False: nothing is known of the reader, or they do not want it used, so these are nobody's in
    /// particular, and the plain front page is as good.
    bool personal = true;
    std::vector<Recommended> articles{};
    // What the reader does not want to see, wherever the list is filled up from.
    std::vector<std::string> muted{};  ///< labels
    std::vector<ArticleName> hidden{};
};

/// How a list is wanted.
struct RankedQuestion {
    std::size_t most = 20;
    bool explain = false;  ///< with reasons
};

/// What is read by many.
struct TrendingQuestion {
    enum class Window { hour, day } window = Window::hour;
    std::string news_type{};  ///< empty: any
    std::string tag{};        ///< empty: any
    std::size_t most = 10;
};

/// What to read now, wherever it is worked out. Articles that readers may not see any more are
/// gone from the answers soon, not at once: whoever shows them looks them up. Thread-safe.
/// Refused with `recommendation_busy`, `recommendation_not_ready`, `unavailable` and `deadline`.
class Rankings {
public:
    /// How many articles an answer has at most.
    static constexpr std::size_t most_max = 200;
    /// How many reads may be said.
    static constexpr std::size_t reads_max = 100;

    virtual ~Rankings() = default;

    /// For the actor of the context, by what is kept of their visits and what they have said.
    virtual base::Task<RankedList> for_reader(RankedQuestion question,
                                              base::Context context) const = 0;
    /// Whether the actor has what is kept of them used: a list that was made before is theirs no
    /// more if not.
    virtual base::Task<bool> is_wanted(base::Context context) const = 0;
    /// For somebody who has read these, the newest last. Nothing of it is kept.
    virtual base::Task<RankedList> for_reads(std::vector<ArticleName> reads,
                                             RankedQuestion question,
                                             base::Context context) const = 0;
    /// What readers of that article read next; where there is too little of it, what is like it.
    virtual base::Task<std::vector<Recommended>> next(ArticleName article, std::size_t most,
                                                      base::Context context) const = 0;
    virtual base::Task<std::vector<Recommended>> similar(ArticleName article, std::size_t most,
                                                         base::Context context) const = 0;
    /// The hour's: what is read more than the day before makes one expect; the day's: the most
    /// read.
    virtual base::Task<std::vector<Recommended>> trending(TrendingQuestion question,
                                                          base::Context context) const = 0;
};

}  // namespace recommendation
