#pragma once

// The names that articles have in addresses. Pure.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "news/article.hpp"

namespace news {

/// Of one that somebody chose, and of one that an import brings: that was an address before.
inline constexpr std::size_t slug_length_max = 200;
inline constexpr std::size_t imported_slug_length_max = 1000;

/// Made from a title, and never empty.
std::string first_slug(std::string_view title);

/// The first slug of an article whose first event has none, since it is from before there were
/// slugs: of its first title and its id, so that it takes no look at any other article.
std::string slug_from_before(std::string_view first_title, ArticleId id);

/// The id that stands at the end of such a slug.
std::optional<ArticleId> id_in_slug(std::string_view slug);

}  // namespace news
