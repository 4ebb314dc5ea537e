#include "count_service.hpp"

namespace site {

namespace {

void add(news::StateCounts& to, const news::StateCounts& counts) {
    to.draft += counts.draft;
    to.scheduled += counts.scheduled;
    to.published += counts.published;
    to.removed += counts.removed;
}

}  // namespace

base::Task<SiteCounts> CountService::counts(base::Context context) const {
    SiteCounts counts;
    for (const auto& [name, type] : types_) {
        auto of_type = co_await type.queries->counts(context);
        if (!of_type) co_return of_type.error();
        counts.types[name] = *of_type;
        add(counts.total, *of_type);
    }
    co_return counts;
}

}  // namespace site
