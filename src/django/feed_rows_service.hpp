#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/time_zone.hpp"
#include "django/config.hpp"
#include "django/export.hpp"
#include "feed.hpp"
#include "feed_store.hpp"
#include "import_files.hpp"
#include "mapping.hpp"
#include "owner_service.hpp"
#include "portal_reader_service.hpp"
#include "site_rows_service.hpp"
#include "staging_store.hpp"

namespace django {

/// The rows of articles that were changed here, made as an export makes them, of the rows of
/// `django.base`. Blocks: for one thread of its own.
class FeedRows {
public:
    /// All of it must outlive it. `folder`: for the staged rows, which are found again at the next
    /// start.
    struct Parts {
        const Config& config;
        const std::filesystem::path& folder;
        const Mapping& mapping;
        const base::TimeZone& zone;
        const Exported& exported;
        FeedStore& store;
        const OwnerService& owners;
        const base::Clock& clock;
        const std::atomic<bool>& stop;
    };
    explicit FeedRows(const Parts& parts);

    /// Stages the base; first of all. Refused with `base_is_no_dump`, `cannot_read`,
    /// `cannot_write`, `stopped`.
    base::Result<void> prepare();

    /// What the articles of these are now. Ends before an article whose view does not show its
    /// change yet, and once the answer is long or late. Refused as the modules are, and with
    /// `base_not_read` if looking through the base takes longer than the deadline, or portal stops:
    /// asked again it goes on where it was.
    base::Result<FeedPage> page(const FeedEntries& entries, std::int64_t after,
                                base::Deadline deadline);
    /// The row as it has to be. Refused with `row_not_found`, `base_not_read`.
    base::Result<FeedChange> row(const std::string& model, const std::string& key,
                                 base::Deadline deadline);
    /// Those over the base.
    const Passes& passes() const { return *passes_; }

private:
    /// Nothing: there is no row to tell of.
    using Found = base::Result<std::optional<FeedChange>>;
    struct NotYet {};

    std::variant<NotYet, Found> change_of(const FeedEntry& entry);
    /// `changed_at`: by whom the model is to be owned, see OwnerService::is_told().
    Found saved(const news::Article& article, base::Time changed_at);
    Found saved_base_row(const news::Article& article, const std::string& legacy_id,
                         base::Time changed_at);
    base::Result<void> tell(FeedRow row);
    Found saved_row_of_ours(const news::Article& article, const std::optional<FeedRow>& known,
                            base::Time changed_at);
    /// The row without what leads to articles that were removed here.
    Found with_row(FeedChange change, const Row& row, const news::Article& article);
    base::Result<std::vector<bool>> removed_rows(const std::string& model,
                                                 const std::vector<Value>& keys);
    Found removed(const FeedEntry& entry, const news::Instance& instance);
    base::Result<std::string> legacy_id_of(const FeedEntry& entry, const news::Instance& instance);

    const Parts parts_;
    PortalReader portal_;
    ImportRequest request_;
    ImportFiles files_;
    std::unique_ptr<StagingStore> staging_;
    std::optional<Passes> passes_;
    std::optional<SiteRows> rows_;
};

}  // namespace django
