#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "article_store.hpp"

namespace news {

// The list of all published articles in blocks, with the number of articles in each: how a page by
// its number is found at the same price however deep it is. Two levels, so that a page in a million
// articles costs some dozen blocks and less than one block of index entries.

/// Where an article stands in the list: it falls, so the newest has the highest place.
struct BlockPlace {
    std::int64_t published_at = 0;  ///< microseconds since 1970
    ArticleId id = 0;

    auto operator<=>(const BlockPlace&) const = default;
};
inline constexpr BlockPlace highest_place{std::numeric_limits<std::int64_t>::max(),
                                          std::numeric_limits<ArticleId>::max()};

/// How many articles a block of each level has at most; a change splits what has more, and joins
/// neighbours that have half of it together.
struct BlockSizes {
    std::int64_t most[2] = {512, 16384};
};

/// From where on to read: `skip` articles below `below`.
struct BlockStep {
    BlockPlace below;
    std::int64_t skip = 0;
};
/// The same place nearer to what is read: fewer than a block are left to skip. As it is where that
/// is so already, and in a slot that has no blocks.
BlockStep step_over(database::ReadTransaction& transaction, Slot slot, BlockStep step,
                    const BlockSizes& sizes = {});

/// Those of a slot without articles.
void begin_blocks(database::Transaction& transaction, Slot slot);
bool has_blocks(database::ReadTransaction& transaction, Slot slot);
/// Makes them of what is there, unless they are kept already. Reads the whole index of the list.
void fill_blocks(database::Transaction& transaction, Slot slot, const BlockSizes& sizes = {});
void forget_blocks(database::Transaction& transaction, Slot slot);
/// Whether each block says what is there; true in a view that no start has brought up to date yet.
bool blocks_are_right(database::ReadTransaction& transaction, Slot slot);

/// What the articles that one transaction changes do to the blocks, gathered so that each block is
/// written once. In a slot without blocks it does nothing.
class BlockChanges {
public:
    BlockChanges(database::Transaction& transaction, Slot slot, const BlockSizes& sizes = {});
    /// `before`: null for a new article.
    void add(const Article* before, const Article& after);
    /// It is not in the view any more.
    void drop(const Article& article);
    /// After the articles themselves.
    void write() const;

private:
    void add(const Article& article, std::int64_t change);

    database::Transaction& transaction_;
    Slot slot_;
    BlockSizes sizes_;
    bool are_kept_;
    std::map<BlockPlace, std::int64_t> changes_;
};

}  // namespace news
