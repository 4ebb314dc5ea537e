#pragma once

#include "list.hpp"
#include "list_store.hpp"
#include "site/lists.hpp"

namespace site {

/// Curated lists, over their store.
class ListService final : public Lists {
public:
    ListService(ListStore& store, NewsTypes types) : store_(store), types_(std::move(types)) {}

    base::Task<std::vector<ListSummary>> all(base::Context context) const override;
    base::Task<List> list(std::string name, base::Context context) const override;
    base::Task<ListHistory> history(std::string name, std::int64_t after, std::int64_t limit,
                                    base::Context context) const override;
    base::Task<PutList> put(std::string name, std::vector<ListEntry> entries,
                            Command command) override;
    base::Task<std::int64_t> remove(std::string name, Command command) override;

private:
    ListStore& store_;
    const NewsTypes types_;
};

}  // namespace site
