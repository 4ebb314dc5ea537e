#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "news/article.hpp"

namespace news {

/// A place in the order of lists: newest publication first, then larger id, then type by name.
struct ListCursor {
    base::Time published_at{};
    ArticleId id = 0;
    std::string news_type;
};

/// Where an article stands that lists show.
ListCursor cursor_of(const Article& article);

/// The order of lists, over one or several types.
bool comes_before(const ListCursor& a, const ListCursor& b);

/// A cursor as URL-safe text, opaque to clients.
std::string to_cursor(const ListCursor& cursor);
/// Its reverse; nothing for text that is no cursor.
std::optional<ListCursor> from_cursor(std::string_view text);

}  // namespace news
