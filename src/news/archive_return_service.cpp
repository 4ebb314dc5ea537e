// The way back from an archive, and what a run that was cut off has left.
#include "archive_service.hpp"
#include "damage_service.hpp"
#include "projector.hpp"
#include "telemetry/log.hpp"
#include "version_store.hpp"

namespace news {

namespace {

using LinkedStream = std::shared_ptr<const std::vector<bus::LinkedEvent>>;

/// All events of an article, each held against the chain.
base::Result<LinkedStream> linked_stream(database::ReadTransaction& store, ArticleId id) {
    auto read = [&]() -> base::Result<LinkedStream> {
        return std::make_shared<const std::vector<bus::LinkedEvent>>(
            bus::read_linked_stream(store, id));
    };
    return unless_damaged<LinkedStream>(id, read);
}

}  // namespace

base::Task<void> ArchiveService::bring_back(ArticleId id, base::Context context) {
    ++waiting_;
    auto mine = co_await turn();
    --waiting_;
    if (!mine) co_return mine.error();
    co_return co_await bring_back_now(id, context.deadline);
}

base::Task<void> ArchiveService::bring_back_now(ArticleId id, base::Deadline deadline) {
    auto events = co_await events_of(id, deadline);
    if (!events) co_return events.error();
    if (!*events) co_return base::Result<void>();
    auto owe = [id, events = *events](database::Transaction& log) -> base::Result<void> {
        if (!bus::has_stream(log, id, *events)) {
            return archive_unreadable(bus::archive_of(log, id).value_or(""),
                                      "it is of another history than the log");
        }
        add_view_debt(log, id);
        return {};
    };
    auto owed = co_await parts_.commands.write<void>(deadline, 0, std::move(owe));
    if (!owed) co_return owed.error();
    // The view first: the log's next event of the article goes on from what is there. From here on
    // it is done, whoever waits for it.
    auto listed = co_await list(*events, base::Deadline());
    if (!listed) co_return listed.error();
    auto work = [id, events = *events](database::Transaction& log) -> base::Result<void> {
        bus::bring_back(log, id, *events);
        drop_archived(log, id);
        put_states(log, *events);
        return {};
    };
    auto back = co_await parts_.commands.write<void>(base::Deadline(), 0, std::move(work));
    if (!back) co_return back.error();
    telemetry::log(telemetry::Level::info, "news", "an archived item is brought back",
                   {{"type", parts_.news_type}, {"id", id}});
    Ids ids{id};
    co_return co_await pay(std::move(ids));
}

/// Null if it is not archived.
base::Task<ArchiveService::LinkedEvents> ArchiveService::events_of(ArticleId id,
                                                                   base::Deadline deadline) const {
    struct Found {
        std::string archive;
        LinkedEvents events;
    };
    auto look = [id](database::ReadTransaction& log) -> base::Result<Found> {
        auto archive = bus::archive_of(log, id);
        if (!archive) return Found();
        Found found{*archive, nullptr};
        if (!bus::has_bodies(log, id)) return found;
        auto events = linked_stream(log, id);
        if (!events) return events.error();
        found.events = std::move(*events);
        return found;
    };
    auto found = co_await parts_.commands.read<Found>(deadline, std::move(look));
    if (!found) co_return found.error();
    if (found->archive.empty() || found->events) co_return std::move(found->events);
    auto store = parts_.archives.find(found->archive);
    if (!store) co_return store.error();
    auto read = [id](database::ReadTransaction& archive) { return linked_stream(archive, id); };
    auto events = co_await read_archive<LinkedEvents>(**store, deadline, std::move(read));
    if (events && (*events)->empty()) {
        co_return archive_unreadable(found->archive, "the item is not in it");
    }
    co_return events;
}

base::Task<void> ArchiveService::list(LinkedEvents events, base::Deadline deadline) {
    auto work = [type = parts_.news_type,
                 events](database::Transaction& view) -> base::Result<void> {
        std::vector<bus::Event> plain;
        plain.reserve(events->size());
        for (const auto& [event, previous] : *events) plain.push_back(event);
        project(view, active_slot(view), type, plain);
        return {};
    };
    auto listed = co_await parts_.view.write<void>(deadline, 0, std::move(work));
    if (listed) parts_.view_changed();
    co_return listed;
}

base::Task<void> ArchiveService::settle() {
    auto mine = co_await turn();
    if (!mine) co_return mine.error();
    struct Debts {
        Ids archived;
        Ids there;
    };
    auto look = [](database::ReadTransaction& log) -> base::Result<Debts> {
        Debts debts;
        for (auto id : view_debts(log)) {
            (bus::archive_of(log, id) ? debts.archived : debts.there).push_back(id);
        }
        return debts;
    };
    auto debts = co_await parts_.commands.read<Debts>(base::Deadline(), std::move(look));
    if (!debts) co_return debts.error();
    if (debts->archived.empty() && debts->there.empty()) co_return base::Result<void>();
    auto unlisted = co_await unlist(debts->archived);
    if (!unlisted) co_return unlisted.error();
    for (auto id : debts->there) {
        auto read = [id](database::ReadTransaction& log) { return linked_stream(log, id); };
        auto events =
            co_await parts_.commands.read<LinkedEvents>(base::Deadline(), std::move(read));
        // The log says what is wrong with it, and it keeps nobody from the others.
        if (!events && events.error().code == "news_damaged") continue;
        if (!events) co_return events.error();
        auto listed = co_await list(std::move(*events), base::Deadline());
        if (!listed) co_return listed.error();
    }
    auto all = std::move(debts->archived);
    all.insert(all.end(), debts->there.begin(), debts->there.end());
    co_return co_await pay(std::move(all));
}

}  // namespace news
