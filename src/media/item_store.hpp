#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bus/log.hpp"
#include "database/database.hpp"
#include "media/events.hpp"
#include "media/library.hpp"

namespace media {

/// The table `items`, and its events in the log. Thread-safe. Refuses as Library does; what an
/// actor may is its caller's business, but for changes, where the item has to be looked at first.
class ItemStore {
public:
    ItemStore(database::Database& database, bus::Log& log, const base::Clock& clock);

    base::Task<Item> item(ItemId id, base::Context context) const;
    base::Task<std::vector<Item>> list(ListQuestion question, base::Context context) const;
    /// Description and focus keep the rules.
    base::Task<Item> add(Bytes bytes, Description description, Focus focus, base::Command command);
    base::Task<Changed> change(ItemId id, Change change, base::Command command);
    /// Gives what the bytes of the item were.
    base::Task<std::string> remove(ItemId id, base::Command command);

    /// Whether an item has these bytes. Blocks.
    bool has_bytes(const std::string& sha256) const;
    /// Reads how many there are. Refused as database::Database::read is.
    base::Task<void> load();
    std::int64_t total() const { return total_.load(std::memory_order_relaxed); }

private:
    Item put_new(database::Transaction& transaction, MediaAdded added,
                 const base::Command& command);
    bus::Event append(database::Transaction& transaction, ItemId id, std::int64_t version,
                      const Event& event, const base::Command& command);
    void count(database::Transaction& transaction, std::int64_t more);
    base::Result<Changed> apply(database::Transaction& transaction, ItemId id, const Change& change,
                                const base::Command& command);

    database::Database& database_;
    bus::Log& log_;
    const base::Clock& clock_;
    std::atomic<std::int64_t> total_{0};
};

std::vector<database::MigrationSet> schema();

}  // namespace media
