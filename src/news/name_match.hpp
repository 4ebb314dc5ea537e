#pragma once

#include <cstdint>
#include <optional>

#include "news/article.hpp"

namespace news {

/// An article that a name leads to, and what tells which of several it is.
struct NameMatch {
    ArticleId id = 0;
    std::int64_t rank = 0;          ///< 0 published, 1 draft, 2 removed
    bool now = true;                ///< it has the name now; else it had it once
    std::int64_t published_at = 0;  ///< microseconds since 1970
};

/// The published ones come first, then drafts, then those that were removed; who has the name now
/// before who had it; of several the one that was published last.
inline bool comes_before(const NameMatch& a, const NameMatch& b) {
    if (a.rank != b.rank) return a.rank < b.rank;
    if (a.now != b.now) return a.now;
    if (a.published_at != b.published_at) return a.published_at > b.published_at;
    return a.id > b.id;
}

inline std::optional<NameMatch> better_of(const std::optional<NameMatch>& a,
                                          const std::optional<NameMatch>& b) {
    if (!a || !b) return a ? a : b;
    return comes_before(*b, *a) ? b : a;
}

}  // namespace news
