#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/command.hpp"
#include "base/result.hpp"
#include "news/article.hpp"
#include "news/commands.hpp"

namespace news {

// What may stand in a batch.

/// As Commands::create.
struct CreateInBatch {
    NewArticle article;
};
/// As Commands::revise.
struct ReviseInBatch {
    ArticleId id = 0;
    Revision revision;
    base::Expected expected;
};
/// As Commands::publish.
struct PublishInBatch {
    ArticleId id = 0;
    std::optional<base::Time> at{};
    std::optional<base::Expected> expected{};
};
/// As Commands::unpublish.
struct UnpublishInBatch {
    ArticleId id = 0;
    std::optional<base::Expected> expected{};
};
/// As Commands::remove.
struct RemoveInBatch {
    ArticleId id = 0;
    std::optional<base::Expected> expected{};
};

/// At most so many at once.
inline constexpr std::size_t batch_commands_max = 100;
/// And of the items that are the answer, with so many bytes of contents together.
inline constexpr std::size_t batch_content_bytes_max = std::size_t{32} << 20;

/// The refusal of one command, as that of the batch: message and details say which it is, as
/// `commands[3]`, counted from 0. Pure.
base::Error in_batch(base::Error error, std::size_t number);

}  // namespace news
