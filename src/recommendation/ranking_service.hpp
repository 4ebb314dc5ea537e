#pragma once

#include <functional>
#include <vector>

#include "base/clock.hpp"
#include "database/database.hpp"
#include "learner_service.hpp"
#include "pseudonyms.hpp"
#include "reader_store.hpp"
#include "recommendation/rankings.hpp"

namespace recommendation {

/// The ranking of this process. What it is given outlives it. Thread-safe.
class RankingService final : public Rankings {
public:
    /// What a user has read that is not learned yet, the newest first.
    using Pending = std::function<std::vector<ArticleName>(std::int64_t user)>;

    RankingService(Learner& learner, database::Database& database, const Pseudonyms& pseudonyms,
                   const base::Clock& clock, Pending pending)
        : learner_(learner),
          database_(database),
          pseudonyms_(pseudonyms),
          clock_(clock),
          pending_(std::move(pending)) {}

    base::Task<RankedList> for_reader(RankedQuestion question,
                                      base::Context context) const override;
    base::Task<bool> is_wanted(base::Context context) const override;
    base::Task<RankedList> for_reads(std::vector<ArticleName> reads, RankedQuestion question,
                                     base::Context context) const override;
    base::Task<std::vector<Recommended>> next(ArticleName article, std::size_t most,
                                              base::Context context) const override;
    base::Task<std::vector<Recommended>> similar(ArticleName article, std::size_t most,
                                                 base::Context context) const override;
    base::Task<std::vector<Recommended>> trending(TrendingQuestion question,
                                                  base::Context context) const override;

private:
    /// Of whom a list is wanted, by names.
    struct Reader {
        std::optional<ReaderHash> reader{};
        std::vector<ArticleName> reads{};  ///< the newest first
        Preferences preferences{};
    };
    base::Task<RankedList> ranked(Reader reader, RankedQuestion question,
                                  base::Deadline deadline) const;

    Learner& learner_;
    database::Database& database_;
    const Pseudonyms& pseudonyms_;
    const base::Clock& clock_;
    const Pending pending_;
};

}  // namespace recommendation
