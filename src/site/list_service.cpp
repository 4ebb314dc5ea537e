#include "list_service.hpp"

namespace site {

base::Task<std::vector<ListSummary>> ListService::all(base::Context context) const {
    co_return co_await store_.all(std::move(context));
}

base::Task<List> ListService::list(std::string name, base::Context context) const {
    co_return co_await store_.list(std::move(name), std::move(context));
}

base::Task<ListHistory> ListService::history(std::string name, std::int64_t after,
                                             std::int64_t limit, base::Context context) const {
    co_return co_await store_.history(std::move(name), after, limit, std::move(context));
}

base::Task<PutList> ListService::put(std::string name, std::vector<ListEntry> entries,
                                     Command command) {
    auto checked = check(name, entries, types_);
    if (!checked) co_return checked.error();
    co_return co_await store_.put(std::move(name), std::move(entries), std::move(command));
}

base::Task<std::int64_t> ListService::remove(std::string name, Command command) {
    co_return co_await store_.remove(std::move(name), std::move(command));
}

}  // namespace site
