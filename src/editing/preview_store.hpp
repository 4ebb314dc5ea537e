#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "database/database.hpp"
#include "editing/desk.hpp"

namespace editing {

/// What preview links are signed with, and which of them were ended.
class PreviewStore {
public:
    /// `links_life`: how long a link may be good; what was ended before that is forgotten.
    PreviewStore(database::Database& database, const base::Clock& clock,
                 std::chrono::hours links_life)
        : database_(database), clock_(clock), links_life_(links_life) {}

    /// The key to make a link with; made if there is none yet.
    base::Task<std::string> key(base::Deadline deadline);
    /// The key that links were made with; nothing if none was made.
    base::Task<std::optional<std::string>> known_key(base::Deadline deadline);
    /// Another one, so that no link holds any more.
    base::Task<void> replace_key(base::Deadline deadline);
    base::Task<void> end_links(ArticleName article, base::Deadline deadline);
    /// Until when links to the article were ended; nothing if they were not.
    base::Task<std::optional<base::Time>> ended(ArticleName article, base::Deadline deadline) const;

private:
    std::string remembered() const;
    void remember(const std::string& key);

    database::Database& database_;
    const base::Clock& clock_;
    const std::chrono::hours links_life_;
    mutable std::mutex mutex_;
    std::string known_;  ///< the key as it was last read or written
};

/// Ends the links to an article that were made until now. Those of others that have run out by
/// themselves, as they were made `links_life` ago, are forgotten.
void end_preview_links(database::Transaction& transaction, const ArticleName& article,
                       base::Time now, std::chrono::hours links_life);

}  // namespace editing
