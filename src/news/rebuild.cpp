#include "rebuild.hpp"

#include "article_store.hpp"
#include "base/watermark.hpp"
#include "projector.hpp"

namespace news {

namespace {

using Done = base::Result<bool>;
constexpr std::int64_t clear_rows = 5000;

base::Task<bool> make_slot(database::Database& view) {
    auto work = [](database::Transaction& transaction) -> Done {
        create_slot(transaction, other(active_slot(transaction)));
        return true;
    };
    co_return co_await view.write<bool>(base::Deadline(), 0, std::move(work));
}

/// How far the projector is; nothing when the filled slot now is the active one.
using Behind = std::optional<std::int64_t>;

/// One batch into the other slot.
base::Task<Behind> fill(database::Database& view, std::shared_ptr<std::vector<bus::Event>> events,
                        std::int64_t position, std::string news_type,
                        std::function<void()> swapped) {
    auto work = [events, position, news_type,
                 swapped](database::Transaction& transaction) -> base::Result<Behind> {
        auto slot = other(active_slot(transaction));
        for (const auto& event : *events) project(transaction, slot, news_type, event);
        // The projector writes on this same thread: equal cursors are equal views.
        auto cursor = bus::read_cursor(transaction, view_subscription).position;
        if (cursor != position) return Behind(cursor);
        activate_slot(transaction, slot);
        transaction.after_commit(swapped);
        return Behind();
    };
    co_return co_await view.write<Behind>(base::Deadline(), 0, std::move(work));
}

/// One batch into the other slot; the last one makes it the active one.
base::Task<bool> refill(database::Database& view, std::shared_ptr<std::vector<bus::Event>> events,
                        bus::Cursor cursor, std::string news_type, std::function<void()> swapped) {
    auto work = [events, cursor, news_type, swapped](database::Transaction& transaction) -> Done {
        auto slot = other(active_slot(transaction));
        for (const auto& event : *events) project(transaction, slot, news_type, event);
        if (!events->empty()) return false;
        bus::write_cursor(transaction, view_subscription, cursor);
        bus::forget_parked(transaction, view_subscription);
        activate_slot(transaction, slot);
        transaction.after_commit(swapped);
        return true;
    };
    co_return co_await view.write<bool>(base::Deadline(), 0, std::move(work));
}

base::Error stalled(const std::string& news_type) {
    return {base::Reason::unavailable, "view_stalled",
            "The view of " + news_type +
                " does not follow its log, as on a full disk, so that a new one cannot take its "
                "place. The old one stays."};
}

base::Task<void> pause() {
    base::Watermark never;
    co_await never.reached(1, std::chrono::milliseconds(5));
    co_return base::Result<void>();
}

base::Task<bool> clear(database::Database& view) {
    auto work = [](database::Transaction& transaction) -> Done {
        return clear_slot(transaction, other(active_slot(transaction)), clear_rows);
    };
    co_return co_await view.write<bool>(base::Deadline(), 0, std::move(work));
}

/// Row by row in small commands: the log's own writer must not wait for one large one.
base::Task<void> clear_all(database::Database& view) {
    for (bool more = true; more;) {
        auto cleared = co_await clear(view);
        if (!cleared) co_return cleared.error();
        more = *cleared;
    }
    co_return base::Result<void>();
}

}  // namespace

base::Task<std::int64_t> rebuild_view(database::Database& view, const bus::Feed& log,
                                      std::string news_type, std::int64_t batch,
                                      std::chrono::milliseconds stall_max,
                                      std::function<void(std::int64_t, std::int64_t)> progress,
                                      std::function<void()> swapped) {
    auto made = co_await make_slot(view);
    if (!made) co_return made.error();
    std::int64_t position = 0;
    std::int64_t count = 0;
    std::int64_t cursor = -1;
    auto moved = std::chrono::steady_clock::now();
    for (bool active = false; !active;) {
        auto fed = co_await log.after(position, batch, base::Deadline());
        if (!fed) co_return fed.error();
        auto events = std::make_shared<std::vector<bus::Event>>(std::move(*fed));
        if (!events->empty()) position = events->back().position;
        count += std::ssize(*events);
        auto filled = co_await fill(view, events, position, news_type, swapped);
        if (!filled) co_return filled.error();
        active = !*filled;
        progress(count, log.head().value());
        auto now = std::chrono::steady_clock::now();
        if (active || !events->empty() || **filled != cursor) moved = now;
        if (!active) cursor = **filled;
        if (now - moved > stall_max) co_return stalled(news_type);
        // Nothing left to read, yet not equal: the projector is behind, and gets a moment.
        if (!active && events->empty()) co_await pause();
    }
    auto cleared = co_await clear_all(view);
    if (!cleared) co_return cleared.error();
    co_return count;
}

base::Task<bus::Cursor> replace_view(database::Database& view, const bus::Feed& log,
                                     std::string news_type, std::int64_t batch,
                                     std::function<void()> swapped) {
    auto made = co_await make_slot(view);
    if (!made) co_return made.error();
    bus::Cursor cursor;
    for (bool active = false; !active;) {
        auto fed = co_await log.after(cursor.position, batch, base::Deadline());
        if (!fed) co_return fed.error();
        auto events = std::make_shared<std::vector<bus::Event>>(std::move(*fed));
        if (!events->empty()) cursor = bus::cursor_at(events->back());
        auto filled = co_await refill(view, events, cursor, news_type, swapped);
        if (!filled) co_return filled.error();
        active = *filled;
    }
    auto cleared = co_await clear_all(view);
    if (!cleared) co_return cleared.error();
    co_return cursor;
}

}  // namespace news
