#pragma once

#include <chrono>
#include <functional>

#include "database/database.hpp"
#include "find_store.hpp"
#include "search/queries.hpp"

namespace search {

/// Limits and settings of questions.
struct QueryOptions {
    std::string language;  ///< of articles that have said none, and of questions that have not
    std::int64_t candidates_max = 1000;
    std::chrono::milliseconds time_max{500};
    std::chrono::hours half_life{24 * 30};
};

/// Asks the index. Thread-safe.
class QueryService final : public Queries {
public:
    /// `missing`: types that are not wholly in the index.
    QueryService(database::Database& database, QueryOptions options, const base::Clock& clock,
                 std::function<std::vector<std::string>()> missing)
        : database_(database),
          options_(std::move(options)),
          clock_(clock),
          missing_(std::move(missing)) {}

    base::Task<Found> find(Question question, base::Context context) const override;

private:
    base::Result<Found> answer(database::ReadTransaction& transaction, const Question& question,
                               const Wanted& wanted, const Mark& mark) const;
    Hit hit_of(const Shown& shown, const Wanted& wanted, bool is_draft) const;

    database::Database& database_;
    const QueryOptions options_;
    const base::Clock& clock_;
    std::function<std::vector<std::string>()> missing_;
};

}  // namespace search
