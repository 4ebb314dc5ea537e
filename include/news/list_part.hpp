#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "news/list_cursor.hpp"

namespace news {

/// Which of the published articles: all, or those of one tag, byline or language (in its one
/// spelling). Empty: any.
struct ListFilter {
    std::string tag{}, author{}, language{};
};

/// A part of a list, asked for by where it stands.
struct PlacesQuestion {
    ListFilter filter{};
    std::optional<ListCursor> from{};  ///< what follows it; nothing: from the end of the list on
    /// The other way: what stands before `from`, the nearest first.
    bool backwards = false;
    /// So many are stepped over. In the list of all, forwards, that costs the same for any number;
    /// elsewhere it grows with it.
    std::int64_t skip = 0;
    std::int64_t limit = 10;
    std::optional<base::Time> oldest{};  ///< nothing that was published before
};

/// Whether articles are read with their contents: left out, they are empty, and none of what may
/// be large is read.
enum class Contents { read, left_out };

/// How many articles may be asked for at once.
inline constexpr std::size_t several_max = 100;

}  // namespace news
