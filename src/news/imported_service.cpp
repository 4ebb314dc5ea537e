// What an importer may ask and say of the items that came before.
#include <algorithm>

#include "archived_store.hpp"
#include "import_store.hpp"
#include "importer_service.hpp"
#include "publication.hpp"
#include "version_store.hpp"

namespace news {

namespace {

/// No item has this hash: whatever comes of it is a change.
constexpr const char* given_from_here = "given from here";

void recognise(database::Transaction& transaction, const std::string& source_id, ArticleId id,
               Version version) {
    auto source = find_source(transaction, source_id);
    bool is_newer = !source || (source->id == id && !source->moved && source->version < version);
    if (!is_newer) return;
    auto state = read_standing(transaction, id);
    bool is_gone = !state || (state->status == Status::removed && state->version <= version);
    if (is_gone) return;
    if (!source) add_source(transaction, source_id, id, given_from_here);
    update_source(transaction, source_id, {0, given_from_here, version, false});
}

}  // namespace

std::vector<ArticleId> ImporterService::archived_of(database::ReadTransaction& transaction,
                                                    const std::vector<Known>& items) {
    std::vector<ArticleId> ids;
    for (const auto& item : items) {
        auto source = find_source(transaction, item.source_id);
        bool is_same = source && source->hash == item.hash && !source->moved;
        if (!source || is_same || !bus::archive_of(transaction, source->id)) continue;
        ids.push_back(source->id);
    }
    return ids;
}

base::Result<void> ImporterService::expect_back(database::ReadTransaction& transaction,
                                                const std::vector<Known>& items) {
    bool all_there = !has_archived(transaction) || archived_of(transaction, items).empty();
    if (all_there) return {};
    return base::Error{base::Reason::unavailable, "overloaded",
                       "What is imported was archived just now. Try again."};
}

base::Task<void> ImporterService::bring_back(KnownItems items, base::Context context) {
    using Ids = std::vector<ArticleId>;
    auto look = [items](database::ReadTransaction& transaction) -> base::Result<Ids> {
        return has_archived(transaction) ? archived_of(transaction, *items) : Ids();
    };
    auto ids = co_await database_.read<Ids>(context.deadline, std::move(look));
    if (!ids) co_return ids.error();
    for (auto id : *ids) {
        auto back = co_await archiver_.bring_back(id, context);
        if (!back) co_return back.error();
    }
    co_return base::Result<void>();
}

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
            auto state = read_standing(transaction, source->id);
            if (!state) continue;
            one = ImportedBefore{source->id, state->version, state->status == Status::removed,
                                 is_changed_here(transaction, *source), was_killed(*state)};
        }
        return found;
    };
    co_return co_await database_.read<Found>(context.deadline, std::move(work));
}

base::Task<std::vector<ImportedItem>> ImporterService::imported_of(std::string prefix,
                                                                   std::string after,
                                                                   std::int64_t limit,
                                                                   base::Context context) const {
    using Found = std::vector<ImportedItem>;
    auto work = [prefix = std::move(prefix), after = std::move(after),
                 limit](database::ReadTransaction& transaction) -> base::Result<Found> {
        Found found;
        for (auto& source_id : sources_after(transaction, prefix, after, limit)) {
            auto source = find_source(transaction, source_id);
            auto state = read_standing(transaction, source->id);
            found.push_back({std::move(source_id), state && is_or_will_be_public(*state),
                             source->hash == given_from_here});
        }
        return found;
    };
    co_return co_await database_.read<Found>(context.deadline, std::move(work));
}

base::Task<ImportedCount> ImporterService::count_imported(std::string prefix, std::string after,
                                                          std::int64_t limit,
                                                          base::Context context) const {
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

base::Task<void> ImporterService::recognise(std::string source_id, ArticleId id, Version version,
                                            base::Context context) {
    auto work = [source_id = std::move(source_id), id,
                 version](database::Transaction& transaction) -> base::Result<bool> {
        news::recognise(transaction, source_id, id, version);
        return true;
    };
    auto done = co_await database_.write<bool>(context.deadline, 0, std::move(work));
    if (!done) co_return done.error();
    co_return base::Result<void>();
}

}  // namespace news
