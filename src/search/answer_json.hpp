#pragma once

#include <string>
#include <vector>

#include "news/article.hpp"
#include "search/queries.hpp"

namespace search {

/// An article that everybody may read, and how it was found.
struct Item {
    news::Article article;
    Hit hit;
};

std::string found_body(const Found& found, const std::vector<Item>& items);

}  // namespace search
