#pragma once

#include <functional>
#include <string>

#include "database/database.hpp"
#include "news/items.hpp"

namespace news {

/// Reads the view for the newsroom. Thread-safe.
class ItemService final : public Items {
public:
    /// `ready`: whether the view may be asked, see QueryService::ready.
    ItemService(database::Database& view, std::string news_type,
                std::function<base::Result<void>()> ready);

    base::Task<ItemsPage> items(ItemsQuestion question, base::Context context) const override;
    base::Task<std::vector<Item>> items_by_id(std::vector<ArticleId> ids,
                                              base::Context context) const override;
    base::Task<ItemCounts> item_counts(bool mine, base::Context context) const override;

private:
    base::Result<void> admit(const base::Context& context) const;

    database::Database& view_;
    const std::string news_type_;
    const std::function<base::Result<void>()> ready_;
};

}  // namespace news
