#pragma once

#include <string>
#include <vector>

#include "article_store.hpp"
#include "database/store_file.hpp"
#include "news/verify.hpp"

namespace news {

// What `verify` has to look at of the lists that articles of the view stand in.

/// Whether articles are where they belong, in one look at the view.
class ListMembers {
public:
    ListMembers(database::ReadTransaction& view, Slot slot, const ArticleStore& store);
    /// The lists that the article belongs to and is not in.
    std::vector<std::string> missing(const Article& article) const;

private:
    database::ReadTransaction& view_;
    Slot slot_;
    const ArticleStore& store_;
    const bool has_entries_;
};

/// Whether what stands in lists belongs there, a part after the other.
void check_lists(database::StoreReader& queries, const std::string& news_type,
                 VerifyReport& report);

}  // namespace news
