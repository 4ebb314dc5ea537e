#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "news/article.hpp"
#include "site/pages.hpp"

namespace orchestrator {

/// The forms that one item is given in, besides the API's own.
enum class Shape { json, linked_data, ninjs_2, ninjs_3 };

/// What stands behind its id in an address; empty for the API's own.
std::string_view ending_of(Shape shape);
std::string media_type_of(Shape shape);
/// The form of ninjs that a field Accept asks for: by `version=2`, else the newer.
Shape ninjs_for(std::string_view accept);

// All that follows is pure.

/// schema.org's NewsArticle, as JSON-LD.
std::string linked_data_of(const site::Pages& pages, const news::Article& article);
/// IPTC's ninjs. `is_public`: else it is withheld.
std::string ninjs_of(const site::Pages& pages, const news::Article& article, Shape shape,
                     bool is_public);
/// The same of an item that was taken back: that it was, and why, and no more.
std::string canceled_ninjs_of(const site::Pages& pages, std::string_view news_type,
                              news::ArticleId id, std::string_view notice, Shape shape);

}  // namespace orchestrator
