#pragma once

#include <string>
#include <vector>

#include "article.hpp"
#include "bus/log.hpp"
#include "database/database.hpp"
#include "news/importer.hpp"

namespace news {

/// Brings items into the log of one news type. Thread-safe.
class ImporterService final : public Importer {
public:
    ImporterService(database::Database& database, bus::Log& log, const base::Clock& clock)
        : database_(database), log_(log), clock_(clock) {}

    base::Task<std::vector<ImportOutcome>> import_items(std::vector<ImportItem> items,
                                                        base::Context context) override;
    base::Task<std::vector<std::optional<ImportedBefore>>> imported(
        std::vector<std::string> source_ids, base::Context context) const override;
    base::Task<ImportOutcome> move_away(std::string source_id, MovedTo to, bool theirs,
                                        base::Context context) override;
    base::Task<std::vector<ImportedItem>> imported_of(std::string prefix, std::string after,
                                                      std::int64_t limit,
                                                      base::Context context) const override;
    base::Task<ImportedCount> count_imported(std::string prefix, std::string after,
                                             std::int64_t limit,
                                             base::Context context) const override;
    base::Task<ImportOutcome> withdraw(std::string source_id, bool theirs,
                                       base::Context context) override;
    base::Task<void> recognise(std::string source_id, ArticleId id, Version version,
                               base::Context context) override;

private:
    database::Database& database_;
    bus::Log& log_;
    const base::Clock& clock_;
};

}  // namespace news
