#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/database.hpp"
#include "news/article.hpp"

namespace news {

// What is known of imported items beside the log, within one transaction on the command store.

/// What is known of an item that was imported before, by its source_id.
struct Source {
    ArticleId id = 0;
    std::string hash;
    Version version = 0;  ///< at its last import; 0: look into the log
    bool moved = false;
};

std::optional<Source> find_source(database::ReadTransaction& transaction,
                                  const std::string& source_id);
void add_source(database::Transaction& transaction, const std::string& source_id, ArticleId id,
                const std::string& hash);
/// All but the id, which stays.
void update_source(database::Transaction& transaction, const std::string& source_id,
                   const Source& source);

/// The `limit` source_ids that begin with `prefix`, which is not empty and ends in ASCII, and
/// follow `after`; not of items that have moved away.
std::vector<std::string> sources_after(database::ReadTransaction& transaction,
                                       const std::string& prefix, const std::string& after,
                                       std::int64_t limit);

/// With what the request id of a publication begins that was due: no person's doing, as an import.
inline constexpr std::string_view scheduler_request_prefix = "scheduler-";

/// Whether the last that happened to the article is that it was removed; without a look at what it
/// said.
bool is_removed(database::ReadTransaction& transaction, ArticleId id);

/// Whether a person has changed the article since its item was last imported.
bool is_changed_here(database::ReadTransaction& transaction, const Source& source);

}  // namespace news
