#include "count_service.hpp"

#include "count_store.hpp"

namespace site {

CountService::CountService(database::Database& database, std::vector<std::string> types,
                           std::function<std::int64_t()> behind)
    : database_(database), types_(std::move(types)), behind_(std::move(behind)) {}

base::Task<SiteCounts> CountService::counts(base::Context context) const {
    using All = std::map<std::string, StateCounts>;
    auto work = [](database::ReadTransaction& transaction) -> base::Result<All> {
        return read_counts(transaction);
    };
    // Before the question: what is counted meanwhile is then said to be missing, never the reverse.
    SiteCounts counts;
    counts.behind = behind_();
    auto all = co_await database_.read<All>(context.deadline, std::move(work));
    if (!all) co_return all.error();
    // Types that are not configured any more may still have counts.
    for (const auto& type : types_) {
        counts.types[type] = (*all)[type];
        add(counts.total, counts.types[type]);
    }
    co_return counts;
}

}  // namespace site
