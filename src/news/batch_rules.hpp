#pragma once

// What a batch is remembered by. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "news/article.hpp"
#include "news/batch.hpp"

namespace news {

/// What one command of a batch has made.
struct MadeInBatch {
    ArticleId id = 0;
    Version version = 0;

    bool operator==(const MadeInBatch&) const = default;
};

/// `[[id,version],…]`, in the order of the commands.
std::string text_of(const std::vector<MadeInBatch>& made);
/// Its reverse, of what text_of() has given.
std::vector<MadeInBatch> made_in(std::string_view text);

}  // namespace news
