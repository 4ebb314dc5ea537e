#pragma once

#include <memory>
#include <string>
#include <vector>

#include "article.hpp"
#include "bus/log.hpp"
#include "database/database.hpp"
#include "news/archiver.hpp"
#include "news/importer.hpp"

namespace news {

/// Brings items into the log of one news type. Thread-safe.
class ImporterService final : public Importer {
public:
    /// `archiver`: brings back what an item changes.
    ImporterService(database::Database& database, bus::Log& log, Archiver& archiver,
                    const base::Clock& clock)
        : database_(database), log_(log), archiver_(archiver), clock_(clock) {}

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
    /// An item whose article may be changed; not where it says what it said before.
    struct Known {
        std::string source_id;
        std::string hash{};  ///< empty: it is changed whatever it says
    };
    using KnownItems = std::shared_ptr<const std::vector<Known>>;
    /// Brings the articles back that are archived.
    base::Task<void> bring_back(KnownItems items, base::Context context);
    static std::vector<ArticleId> archived_of(database::ReadTransaction& transaction,
                                              const std::vector<Known>& items);
    /// Refused with `overloaded` if one of them was archived again since.
    static base::Result<void> expect_back(database::ReadTransaction& transaction,
                                          const std::vector<Known>& items);

    database::Database& database_;
    bus::Log& log_;
    Archiver& archiver_;
    const base::Clock& clock_;
};

}  // namespace news
