#pragma once

#include <string>
#include <vector>

#include "article_store.hpp"
#include "news/headings.hpp"

namespace news {

/// As Headings::headings, within one transaction; what has expired by `now` is left out.
std::vector<Heading> read_headings(database::ReadTransaction& transaction, Slot slot,
                                   const std::string& news_type, const HeadingsQuestion& question,
                                   base::Time now);

}  // namespace news
