#include "heading_service.hpp"

#include "heading_store.hpp"
#include "month_store.hpp"

namespace news {

HeadingService::HeadingService(database::Database& view, const base::Clock& clock,
                               std::string news_type, std::function<base::Result<void>()> ready)
    : view_(view), clock_(clock), news_type_(std::move(news_type)), ready_(std::move(ready)) {}

base::Task<std::vector<Heading>> HeadingService::headings(HeadingsQuestion question,
                                                          base::Context context) const {
    using Found = std::vector<Heading>;
    auto there = ready_();
    if (!there) co_return there.error();
    auto work = [this, question](database::ReadTransaction& view) -> base::Result<Found> {
        return read_headings(view, active_slot(view), news_type_, question, clock_.now());
    };
    co_return co_await view_.read<Found>(context.deadline, std::move(work));
}

base::Task<std::vector<Month>> HeadingService::months(base::Context context) const {
    using Months = std::vector<Month>;
    auto there = ready_();
    if (!there) co_return there.error();
    auto work = [this](database::ReadTransaction& view) -> base::Result<Months> {
        auto months = read_months(view, active_slot(view));
        if (months) return std::move(*months);
        return base::Error{base::Reason::unavailable, "not_counted_yet",
                           "The items of " + news_type_ +
                               " could not be counted when the server started, as on a full disk. "
                               "The next start tries again."};
    };
    co_return co_await view_.read<Months>(context.deadline, std::move(work));
}

}  // namespace news
