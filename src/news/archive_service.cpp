#include "archive_service.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <set>

#include "base/timer.hpp"
#include "count_store.hpp"
#include "damage_service.hpp"
#include "version_store.hpp"
#include "view_rows_store.hpp"

namespace news {

namespace {

/// Calls that are answered again are of articles that were changed since.
constexpr auto youngest = base::idempotency_key_life;
constexpr std::int64_t rows_at_once = 1000;
/// What one write of the log moves: its writer serves everybody.
constexpr std::size_t articles_at_once = 20;
constexpr std::int64_t bytes_at_once = 1024 * 1024;
/// An article with more history would hold the log's writer up, and stays.
constexpr std::int64_t history_bytes_max = 16 * 1024 * 1024;

constexpr int turns_asked_for = 200;
constexpr std::chrono::milliseconds turn_pause{10};

base::Error view_is_busy(const std::string& type) {
    return {base::Reason::unavailable, "view_busy",
            "The view of " + type +
                " is being made anew, and nothing can be archived or brought back meanwhile. Try "
                "again in a moment."};
}

std::int64_t bytes_in(const std::vector<bus::LinkedEvent>& events) {
    std::int64_t bytes = 0;
    for (const auto& [event, previous] : events)
        bytes += static_cast<std::int64_t>(event.body.size());
    return bytes;
}

/// False if the archive has other events there.
bool put_stream(database::Transaction& archive, const std::vector<bus::LinkedEvent>& events) {
    for (const auto& linked : events) {
        if (!bus::put_linked(archive, linked)) return false;
    }
    put_states(archive, events);
    return true;
}

}  // namespace

base::Task<void> ArchiveService::pause(std::chrono::milliseconds span) const {
    auto executor = co_await boost::asio::this_coro::executor;
    base::Timer timer(parts_.clock, executor);
    co_await timer.pause(span);
    co_return base::Result<void>();
}

base::Task<ArchiveService::Turn> ArchiveService::turn() const {
    for (int asked = 0; asked < turns_asked_for; ++asked) {
        auto mine = std::make_unique<base::Turn>(parts_.view_turn);
        if (mine->is_mine() && parts_.view_fits()) co_return base::Result<Turn>(std::move(mine));
        mine.reset();
        co_await pause(turn_pause);
    }
    co_return view_is_busy(parts_.news_type);
}

base::Task<ArchiveReport> ArchiveService::archive(ArchiveWish wish, Tell progress,
                                                  const std::atomic<bool>& stop) {
    if (wish.before > parts_.clock.now() - youngest) {
        co_return base::Error{base::Reason::invalid, "too_recent",
                              "What has changed in the last 24 hours is not archived: name an "
                              "earlier date."};
    }
    ArchiveReport report;
    if (!wish.dry_run) {
        auto settled = co_await settle();
        if (!settled) co_return settled.error();
    }
    auto marked = co_await move_marked(wish.dry_run, stop, report);
    if (!marked) co_return marked.error();
    report.moved = report.articles;
    report.articles = report.events = report.bytes = 0;
    auto done = co_await archive_all(wish, std::move(progress), stop, report);
    if (!done) co_return done.error();
    report.stopped = stop.load();
    co_return report;
}

base::Task<void> ArchiveService::move_marked(bool dry_run, const std::atomic<bool>& stop,
                                             ArchiveReport& report) {
    ArticleId last = 0;
    for (bool more = parts_.archives.any(); more && !stop;) {
        auto before = last;
        auto found = co_await marked(last);
        if (!found) co_return found.error();
        more = last != before;
        auto moved = co_await move_all(std::move(*found), dry_run, stop, report);
        if (!moved) co_return moved.error();
    }
    co_return base::Result<void>();
}

base::Task<void> ArchiveService::archive_all(ArchiveWish wish, Tell progress,
                                             const std::atomic<bool>& stop, ArchiveReport& report) {
    auto count = [](database::ReadTransaction& view) -> base::Result<std::int64_t> {
        auto counts = read_counts(view, active_slot(view)).value_or(StateCounts());
        return counts.draft + counts.scheduled + counts.published + counts.removed;
    };
    auto total = co_await parts_.view.read<std::int64_t>(base::Deadline(), std::move(count));
    if (!total) co_return total.error();
    ArticleId last = 0;
    std::int64_t looked_at = 0;
    for (bool more = true; more && !stop;) {
        auto before = last;
        auto found = co_await old_articles(last, looked_at, wish.before);
        if (!found) co_return found.error();
        more = last != before;
        auto moved = co_await move_all(std::move(*found), wish.dry_run, stop, report);
        if (!moved) co_return moved.error();
        progress(std::min(looked_at, *total), *total);
    }
    co_return base::Result<void>();
}

base::Task<ArchiveService::Candidates> ArchiveService::old_articles(ArticleId& last,
                                                                    std::int64_t& looked_at,
                                                                    base::Time before) {
    using Rows = std::vector<ViewRow>;
    auto look = [after = last](database::ReadTransaction& view) -> base::Result<Rows> {
        return rows_after(view, active_slot(view), after, rows_at_once);
    };
    auto rows = co_await parts_.view.read<Rows>(base::Deadline(), std::move(look));
    if (!rows) co_return rows.error();
    Candidates candidates;
    for (const auto& row : *rows) {
        bool is_old = row.status == Status::published && !row.is_due && row.updated_at < before;
        if (is_old) candidates.push_back({row.id, row.version});
        last = row.id;
    }
    looked_at += std::ssize(*rows);
    co_return candidates;
}

base::Task<ArchiveService::Candidates> ArchiveService::marked(ArticleId& last) {
    struct Found {
        Candidates candidates;
        ArticleId last = 0;
    };
    auto look = [after = last](database::ReadTransaction& log) -> base::Result<Found> {
        Found found{{}, after};
        for (auto id : bus::archived_after(log, after, rows_at_once)) {
            if (bus::has_bodies(log, id)) {
                found.candidates.push_back({id, current_version(log, id)});
            }
            found.last = id;
        }
        return found;
    };
    auto found = co_await parts_.commands.read<Found>(base::Deadline(), std::move(look));
    if (!found) co_return found.error();
    last = found->last;
    co_return std::move(found->candidates);
}

base::Task<void> ArchiveService::move_all(Candidates candidates, bool dry_run,
                                          const std::atomic<bool>& stop, ArchiveReport& report) {
    while (!candidates.empty() && !stop) {
        // Of one turn: between two of them somebody may bring an article back.
        if (waiting_.load() > 0) co_await pause(2 * turn_pause);
        auto mine = co_await turn();
        if (!mine) co_return mine.error();
        auto part = co_await load(candidates);
        if (!part) co_return part.error();
        auto looked_at = static_cast<std::ptrdiff_t>((*part)->looked_at);
        report.skipped += (*part)->skipped;
        if (dry_run) {
            for (const auto& one : (*part)->articles) {
                ++report.articles;
                report.events += std::ssize(one.events);
                report.bytes += one.bytes;
            }
        } else {
            auto moved = co_await move(std::move(*part), report);
            if (!moved) co_return moved.error();
        }
        candidates.erase(candidates.begin(), candidates.begin() + looked_at);
    }
    co_return base::Result<void>();
}

/// Reads what one write is to move. An article that was changed since it was found is passed; one
/// that is archived though the view has it is only taken out of that.
base::Task<ArchiveService::Shared> ArchiveService::load(Candidates candidates) const {
    auto work = [this, candidates = std::move(candidates)](
                    database::ReadTransaction& log) -> base::Result<Shared> {
        auto part = std::make_shared<Part>();
        std::int64_t bytes = 0;
        for (const auto& [id, version] : candidates) {
            if (part->articles.size() == articles_at_once || bytes >= bytes_at_once) break;
            ++part->looked_at;
            if (current_version(log, id) != version) continue;
            auto archive = bus::archive_of(log, id);
            if (archive && !bus::has_bodies(log, id)) {
                auto known = find_archived(log, id);
                if (known) part->articles.push_back({std::move(*known), *archive, {}, 0, true});
                continue;
            }
            auto read = [&]() -> base::Result<Moving> {
                auto state = read_state(log, id);
                if (!state || state->history_bytes > history_bytes_max) return not_found();
                Moving moving;
                moving.events = bus::read_linked_stream(log, id);
                moving.article = archived_article(moving.events);
                moving.bytes = bytes_in(moving.events);
                moving.is_marked = archive.has_value();
                moving.archive = archive.value_or(
                    parts_.archives.name_of(moving.events.back().event.recorded_at));
                return moving;
            };
            auto moving = unless_damaged<Moving>(id, read);
            if (!moving) {
                ++part->skipped;
                continue;
            }
            bytes += moving->bytes;
            part->articles.push_back(std::move(*moving));
        }
        return Shared(std::move(part));
    };
    co_return co_await parts_.commands.read<Shared>(base::Deadline(), std::move(work));
}

base::Task<void> ArchiveService::move(Shared part, ArchiveReport& report) {
    std::set<std::string> archives;
    for (const auto& one : part->articles) {
        if (!one.events.empty()) archives.insert(one.archive);
    }
    for (const auto& archive : archives) {
        auto copied = co_await copy(part, archive);
        if (!copied) co_return copied.error();
    }
    auto moved = co_await take(part);
    if (!moved) co_return moved.error();
    if (moved->empty()) co_return base::Result<void>();
    parts_.archives.note_any();
    for (const auto& one : part->articles) {
        if (one.events.empty() || !std::binary_search(moved->begin(), moved->end(), one.article.id))
            continue;
        ++report.articles;
        report.events += std::ssize(one.events);
        report.bytes += one.bytes;
    }
    auto unlisted = co_await unlist(*moved);
    if (!unlisted) co_return unlisted.error();
    co_return co_await pay(std::move(*moved));
}

base::Task<void> ArchiveService::copy(Shared part, std::string archive) {
    auto store = parts_.archives.find_or_make(archive);
    if (!store) co_return store.error();
    auto work = [part, archive](database::Transaction& transaction) -> base::Result<void> {
        for (const auto& one : part->articles) {
            if (one.archive != archive) continue;
            if (put_stream(transaction, one.events)) continue;
            return archive_unreadable(archive, "it is of another history than the log");
        }
        return {};
    };
    auto put = co_await (*store)->write<void>(base::Deadline(), 0, std::move(work));
    if (!put) co_return put.error();
    co_return co_await prove(std::move(part), std::move(archive), **store);
}

base::Task<void> ArchiveService::prove(Shared part, std::string archive,
                                       database::Database& store) const {
    auto work = [part, archive](database::ReadTransaction& transaction) -> base::Result<void> {
        for (const auto& one : part->articles) {
            if (one.archive != archive || one.events.empty()) continue;
            auto id = one.article.id;
            auto read = [&]() -> base::Result<std::vector<bus::LinkedEvent>> {
                return bus::read_linked_stream(transaction, id);
            };
            auto there = unless_damaged<std::vector<bus::LinkedEvent>>(id, read);
            bool is_whole = there && there->size() == one.events.size() &&
                            there->back().event.hash == one.events.back().event.hash;
            if (!is_whole) return archive_unreadable(archive, "what was written is not there");
        }
        return {};
    };
    co_return co_await store.read<void>(base::Deadline(), std::move(work));
}

/// Gives those that are archived now, in order.
base::Task<ArchiveService::Ids> ArchiveService::take(Shared part) {
    auto work = [part](database::Transaction& log) -> base::Result<Ids> {
        Ids ids;
        for (const auto& one : part->articles) {
            auto id = one.article.id;
            bool is_same = current_version(log, id) == one.article.version &&
                           bus::archive_of(log, id).has_value() == one.is_marked;
            if (!is_same) continue;
            if (!one.is_marked) {
                bus::mark_archived(log, id, one.archive);
                drop_archived(log, id);
                put_archived(log, one.article);
            }
            bus::take_bodies(log, id);
            drop_states(log, id);
            add_view_debt(log, id);
            ids.push_back(id);
        }
        std::sort(ids.begin(), ids.end());
        return ids;
    };
    co_return co_await parts_.commands.write<Ids>(base::Deadline(), 0, std::move(work));
}

base::Task<void> ArchiveService::unlist(Ids ids) {
    auto work = [type = parts_.news_type,
                 ids = std::move(ids)](database::Transaction& view) -> base::Result<void> {
        drop_articles(view, type, ids);
        return {};
    };
    auto dropped = co_await parts_.view.write<void>(base::Deadline(), 0, std::move(work));
    if (dropped) parts_.view_changed();
    co_return dropped;
}

base::Task<void> ArchiveService::pay(Ids ids) {
    auto work = [ids = std::move(ids)](database::Transaction& log) -> base::Result<void> {
        for (auto id : ids) pay_view_debt(log, id);
        return {};
    };
    co_return co_await parts_.commands.write<void>(base::Deadline(), 0, std::move(work));
}

}  // namespace news
