#include "rebuild.hpp"

#include <boost/asio/this_coro.hpp>

#include "article_store.hpp"
#include "base/timer.hpp"
#include "projector.hpp"
#include "telemetry/log.hpp"

namespace news {

namespace {

using Done = base::Result<bool>;
using Events = std::shared_ptr<std::vector<bus::Event>>;
constexpr std::int64_t clear_rows = 5000;
/// How soon a rebuild that only waits for the projector looks again.
constexpr std::chrono::milliseconds look_again{5};

base::Deadline patience(const ViewRebuild& rebuild) {
    return base::Deadline::in(rebuild.stall_max);
}

base::Error stalled(const std::string& sentence) {
    return {base::Reason::unavailable, "view_stalled", sentence};
}

/// A store that has not come to a question in all that time does nothing any more.
base::Error told(base::Error error, const ViewRebuild& rebuild) {
    if (error.reason != base::Reason::deadline) return error;
    return stalled("The view of " + rebuild.news_type + " cannot be made anew: its stores have " +
                   "done nothing for " + std::to_string(rebuild.stall_max.count()) +
                   " ms, as on a disk that hangs.");
}

/// The next batch of the log behind that position.
base::Task<Events> read_on(ViewRebuild rebuild, std::int64_t position) {
    auto fed = co_await rebuild.log.after(position, rebuild.batch, patience(rebuild));
    if (!fed) co_return told(fed.error(), rebuild);
    co_return std::make_shared<std::vector<bus::Event>>(std::move(*fed));
}

base::Task<bool> make_slot(ViewRebuild rebuild) {
    auto work = [](database::Transaction& transaction) -> Done {
        create_slot(transaction, other(active_slot(transaction)));
        return true;
    };
    auto made = co_await rebuild.view.write<bool>(patience(rebuild), 0, std::move(work));
    if (!made) co_return told(made.error(), rebuild);
    co_return true;
}

/// How far the projector is; nothing when the filled slot now is the active one.
using Behind = std::optional<std::int64_t>;

/// One batch into the other slot.
base::Task<Behind> fill(ViewRebuild rebuild, Events events, std::int64_t position) {
    auto work = [events, position, news_type = rebuild.news_type, swapped = rebuild.swapped](
                    database::Transaction& transaction) -> base::Result<Behind> {
        auto slot = other(active_slot(transaction));
        project(transaction, slot, news_type, *events);
        // The projector writes on this same thread: equal cursors are equal views.
        auto cursor = bus::read_cursor(transaction, view_subscription).position;
        if (cursor != position) return Behind(cursor);
        activate_slot(transaction, slot);
        transaction.after_commit(swapped);
        return Behind();
    };
    auto filled = co_await rebuild.view.write<Behind>(patience(rebuild), 0, std::move(work));
    if (!filled) co_return told(filled.error(), rebuild);
    co_return *filled;
}

/// One batch into the other slot; the last one makes it the active one.
base::Task<bool> refill(ViewRebuild rebuild, Events events, bus::Cursor cursor, bool is_last) {
    auto work = [events, cursor, is_last, news_type = rebuild.news_type,
                 swapped = rebuild.swapped](database::Transaction& transaction) -> Done {
        auto slot = other(active_slot(transaction));
        project(transaction, slot, news_type, *events);
        if (!is_last) return true;
        bus::write_cursor(transaction, view_subscription, cursor);
        bus::forget_parked(transaction, view_subscription);
        activate_slot(transaction, slot);
        transaction.after_commit(swapped);
        return true;
    };
    auto filled = co_await rebuild.view.write<bool>(patience(rebuild), 0, std::move(work));
    if (!filled) co_return told(filled.error(), rebuild);
    co_return true;
}

base::Task<bool> clear(ViewRebuild rebuild) {
    auto work = [](database::Transaction& transaction) -> Done {
        return clear_slot(transaction, other(active_slot(transaction)), clear_rows);
    };
    auto cleared = co_await rebuild.view.write<bool>(patience(rebuild), 0, std::move(work));
    if (!cleared) co_return told(cleared.error(), rebuild);
    co_return *cleared;
}

/// Row by row in small commands: the log's own writer must not wait for one large one.
base::Task<void> clear_all(ViewRebuild rebuild) {
    for (bool more = true; more;) {
        auto cleared = co_await clear(rebuild);
        if (!cleared) co_return cleared.error();
        more = *cleared;
    }
    co_return base::Result<void>();
}

/// The new view serves already: what cannot be cleared now the next rebuild drops.
base::Task<void> clear_old(ViewRebuild rebuild) {
    auto news_type = rebuild.news_type;
    auto cleared = co_await clear_all(std::move(rebuild));
    if (!cleared) {
        telemetry::log(telemetry::Level::warning, "news", "an old view cannot be cleared yet",
                       {{"type", news_type}, {"error", cleared.error().code}});
    }
    co_return base::Result<void>();
}

}  // namespace

base::Task<std::int64_t> rebuild_view(ViewRebuild rebuild,
                                      std::function<void(std::int64_t, std::int64_t)> progress) {
    auto made = co_await make_slot(rebuild);
    if (!made) co_return made.error();
    auto executor = co_await boost::asio::this_coro::executor;
    base::Timer timer(rebuild.clock, executor);
    std::int64_t position = 0;
    std::int64_t count = 0;
    std::int64_t cursor = -1;
    auto moved = rebuild.clock.steady();
    for (bool active = false; !active;) {
        auto events = co_await read_on(rebuild, position);
        if (!events) co_return events.error();
        bool idle = (*events)->empty();
        if (!idle) position = (*events)->back().position;
        count += std::ssize(**events);
        auto filled = co_await fill(rebuild, *events, position);
        if (!filled) co_return filled.error();
        active = !*filled;
        progress(count, rebuild.log.head().value());
        auto now = rebuild.clock.steady();
        if (active || !idle || **filled != cursor) moved = now;
        if (!active) cursor = **filled;
        if (now - moved > rebuild.stall_max) {
            co_return stalled("The view of " + rebuild.news_type +
                              " does not follow its log, as on a full disk, so that a new one "
                              "cannot take its place. The old one stays.");
        }
        // Nothing left to read, yet not equal: the projector is behind, and gets a moment.
        if (!active && idle) co_await timer.pause(look_again);
    }
    co_await clear_old(rebuild);
    co_return count;
}

base::Task<bus::Cursor> replace_view(ViewRebuild rebuild) {
    auto made = co_await make_slot(rebuild);
    if (!made) co_return made.error();
    // What is added from now on comes by the subscription, as always: so this ends, however fast
    // others write.
    auto end = rebuild.log.head().value();
    bus::Cursor cursor;
    for (bool active = false; !active;) {
        auto events = co_await read_on(rebuild, cursor.position);
        if (!events) co_return events.error();
        if (!(*events)->empty()) cursor = bus::cursor_at((*events)->back());
        active = (*events)->empty() || cursor.position >= end;
        auto filled = co_await refill(rebuild, *events, cursor, active);
        if (!filled) co_return filled.error();
    }
    co_await clear_old(rebuild);
    co_return cursor;
}

}  // namespace news
