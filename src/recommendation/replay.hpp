#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "click.hpp"
#include "recommendation/ranking_weights.hpp"

namespace recommendation {

/// How one way of ranking did: of all clicks that were asked for, the share that was among its
/// first five and ten, and the means of 1/place and of 1/log2(place + 1), nothing below the tenth
/// place.
struct ReplayScore {
    std::string ranker;
    double hit_rate_5 = 0;
    double hit_rate_10 = 0;
    double reciprocal_rank_10 = 0;
    double discounted_gain_10 = 0;
};

/// Recorded clicks, each of which is first asked of what was learned from those before it, and then
/// learned (prequential evaluation: Dawid, 1984): of the ranking that serves readers, and beside it
/// of popularity, the newest and chance. Nothing is sampled, and who ties with the click stands
/// before it.
///
/// A click is asked for if its reader is in a session, or if it says what was shown: then the
/// ranking is among these. What the reader has read already is neither offered nor asked for.
/// One thread; in memory, each name and about 100 bytes, and what Ranking keeps of it: up to 9 kB
/// of a reader.
class Replay {
public:
    /// The same `seed` makes the same chances.
    Replay(const RankingWeights& weights, std::uint64_t seed);
    ~Replay();

    /// The next one, in the order of their times. Refused with `clicks_not_in_order` and
    /// `too_many_names`; then nothing has changed.
    base::Result<void> take(const Click& click);

    std::int64_t clicks() const;
    /// Of these, the ones that were asked for.
    std::int64_t asked() const;
    /// portal's first.
    std::vector<ReplayScore> scores() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace recommendation
