// What an importer may ask of the items that came before.
#include <algorithm>
#include <cassert>

#include "import_store.hpp"
#include "importer_service.hpp"
#include "version_store.hpp"

namespace news {

base::Task<std::vector<std::optional<ImportedBefore>>> ImporterService::imported(
    std::vector<std::string> source_ids, base::Context context) const {
    using Found = std::vector<std::optional<ImportedBefore>>;
    auto work = [source_ids = std::move(source_ids)](
                    database::ReadTransaction& transaction) -> base::Result<Found> {
        Found found;
        for (const auto& source_id : source_ids) {
            auto& one = found.emplace_back();
            auto source = find_source(transaction, source_id);
            if (!source || source->moved) continue;
            auto state = read_state(transaction, source->id);
            if (!state) continue;
            one = ImportedBefore{source->id, state->version, state->status == Status::removed,
                                 is_changed_here(transaction, *source)};
        }
        return found;
    };
    co_return co_await database_.read<Found>(context.deadline, std::move(work));
}

base::Task<std::vector<ImportedItem>> ImporterService::imported_of(std::string prefix,
                                                                   std::string after,
                                                                   std::int64_t limit,
                                                                   base::Context context) const {
    assert(!prefix.empty() && static_cast<unsigned char>(prefix.back()) < 0x80);
    using Found = std::vector<ImportedItem>;
    auto work = [prefix = std::move(prefix), after = std::move(after),
                 limit](database::ReadTransaction& transaction) -> base::Result<Found> {
        Found found;
        for (auto& source_id : sources_after(transaction, prefix, after, limit)) {
            auto source = find_source(transaction, source_id);
            auto state = read_state(transaction, source->id);
            found.push_back({std::move(source_id), state && is_or_will_be_public(*state)});
        }
        return found;
    };
    co_return co_await database_.read<Found>(context.deadline, std::move(work));
}

base::Task<ImportedCount> ImporterService::count_imported(std::string prefix, std::string after,
                                                          std::int64_t limit,
                                                          base::Context context) const {
    assert(!prefix.empty() && static_cast<unsigned char>(prefix.back()) < 0x80);
    auto work = [prefix = std::move(prefix), after = std::move(after),
                 limit](database::ReadTransaction& transaction) -> base::Result<ImportedCount> {
        ImportedCount count;
        for (auto& source_id : sources_after(transaction, prefix, after, limit)) {
            auto source = find_source(transaction, source_id);
            ++count.items;
            // Most have not moved since, which is seen without their events.
            auto imported = std::max<Version>(source->version, 1);
            bool may_be = current_version(transaction, source->id) > imported;
            if (may_be && is_changed_here(transaction, *source)) {
                ++(is_removed(transaction, source->id) ? count.removed_here : count.changed_here);
            }
            count.last = std::move(source_id);
        }
        if (count.items < limit) count.last.clear();
        return count;
    };
    co_return co_await database_.read<ImportedCount>(context.deadline, std::move(work));
}

}  // namespace news
