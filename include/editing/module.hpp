#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "bus/feed.hpp"
#include "bus/subscription.hpp"
#include "bus/topic.hpp"
#include "config/section.hpp"
#include "database/database.hpp"
#include "database/store_file.hpp"
#include "editing/desk.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "news/types.hpp"
#include "search/queries.hpp"

namespace editing {

/// Settings of editing; describe() says what each means.
struct Config {
    std::int64_t working_copy_bytes_max = 1024 * 1024;
    std::int64_t working_copies_per_user_max = 200;
    std::int64_t notes_per_article_max = 500;
    std::chrono::milliseconds presence_ms{30 * 1000};
    std::int64_t presence_articles_max = 10000;
    std::chrono::hours preview_h{24};
    std::chrono::hours preview_max_h{168};
    database::Config database{};
    bus::Config bus{};
};

void describe(config::Section& section, Config& config);

/// What editors have beside articles: working copies, notes, who is editing, preview links, and
/// lists of what is being written. None of it is news: nothing of it is in a log, and readers see
/// none but what a preview link shows them.
class Module : public host::Module {
public:
    static std::vector<database::StoreFile> stores(const Config& config,
                                                   const std::filesystem::path& folder);
    /// What it asks and hears; all of it outlives the module.
    struct Neighbours {
        news::Types types;  ///< asked for articles, and who may change them
        std::map<std::string, const bus::Feed*> news;  ///< by type: what is saved or removed
        const bus::Feed& users;                        ///< whoever is removed there leaves nothing
        const search::Queries& search;                 ///< asked for articles by their words
    };
    /// Opens the store, `editing.db`. Refused as database::Database::open is, and with `older_data`
    /// (conflict) when a log is older than what this store has heard of it, unless the environment
    /// accepts that.
    static base::Result<std::unique_ptr<Module>> open(const Config& config,
                                                      const host::Environment& environment,
                                                      const Neighbours& neighbours);

    virtual Desk& desk() = 0;
    /// Where it is published who comes and goes; subscribe before start().
    virtual bus::Topic<PresenceChanged>& presence_changes() = 0;
};

}  // namespace editing
