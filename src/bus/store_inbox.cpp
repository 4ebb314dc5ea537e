#include "bus/store_inbox.hpp"

#include <algorithm>
#include <cstring>

namespace migrations {
database::MigrationSet bus_subscriber();
}

namespace bus {

namespace {

std::string_view bytes_of(const Hash& hash) {
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

std::size_t bytes_of(const Batch& batch) {
    std::size_t bytes = 0;
    for (const auto& event : batch.events) bytes += event.body.size();
    return bytes;
}

/// Where a stream was parked; nothing if it is not.
std::optional<std::int64_t> parked_position(database::ReadTransaction& transaction,
                                            std::string_view subscription, std::int64_t stream) {
    auto row =
        transaction.prepare("select position from parked where subscription = ? and stream = ?");
    row.bind(1, subscription).bind(2, stream);
    if (!row.step()) return std::nullopt;
    return row.integer(0);
}

void unpark(database::Transaction& transaction, std::string_view subscription,
            std::int64_t stream) {
    transaction.prepare("delete from parked where subscription = ? and stream = ?")
        .bind(1, subscription)
        .bind(2, stream)
        .run();
}

}  // namespace

database::MigrationSet subscriber_schema() {
    return migrations::bus_subscriber();
}

Cursor read_cursor(database::ReadTransaction& transaction, std::string_view subscription) {
    Cursor cursor;
    auto row = transaction.prepare("select position, hash from cursors where subscription = ?");
    row.bind(1, subscription);
    if (!row.step()) return cursor;
    cursor.position = row.integer(0);
    auto hash = row.blob(1);
    if (hash.size() == cursor.hash.size()) {
        std::memcpy(cursor.hash.data(), hash.data(), hash.size());
    }
    return cursor;
}

void write_cursor(database::Transaction& transaction, std::string_view subscription,
                  const Cursor& cursor) {
    transaction
        .prepare(
            "insert into cursors (subscription, position, hash) values (?1, ?2, ?3)"
            " on conflict (subscription) do update set position = ?2, hash = ?3")
        .bind(1, subscription)
        .bind(2, cursor.position)
        .bind_blob(3, bytes_of(cursor.hash))
        .run();
}

void forget_parked(database::Transaction& transaction, std::string_view subscription) {
    transaction.prepare("delete from parked where subscription = ?").bind(1, subscription).run();
}

StoreInbox::StoreInbox(std::string name, database::Database& database, Subscriber& subscriber,
                       const base::Clock& clock, Released released)
    : name_(std::move(name)),
      database_(database),
      subscriber_(subscriber),
      clock_(clock),
      released_(released) {}

base::Task<Progress> StoreInbox::load() {
    auto work = [this](database::ReadTransaction& transaction) -> base::Result<Progress> {
        Progress progress;
        progress.cursor = read_cursor(transaction, name_);
        auto rows = transaction.prepare("select stream from parked where subscription = ?");
        rows.bind(1, name_);
        while (rows.step()) progress.parked.push_back(rows.integer(0));
        return progress;
    };
    co_return co_await database_.read<Progress>(base::Deadline(), std::move(work));
}

base::Task<std::vector<Deferred>> StoreInbox::apply(std::shared_ptr<const Batch> batch) {
    using Left = std::vector<Deferred>;
    auto bytes = bytes_of(*batch);
    auto work = [this, batch](database::Transaction& transaction) -> base::Result<Left> {
        subscriber_.apply(transaction, batch->events);
        write_cursor(transaction, name_, batch->end);
        // On the writer's thread, not when the caller hears of it: others wait for this.
        transaction.after_commit([this, end = batch->end.position] { applied().advance(end); });
        return Left();
    };
    co_return co_await database_.write<Left>(base::Deadline(), bytes, std::move(work));
}

base::Task<void> StoreInbox::park(Event event, std::string error) {
    auto work = [this, event = std::move(event), error = std::move(error)](
                    database::Transaction& transaction) -> base::Result<void> {
        transaction
            .prepare(
                "insert into parked (subscription, stream, position, attempts, error, parked_at)"
                " values (?, ?, ?, 1, ?, ?) on conflict (subscription, stream)"
                " do update set attempts = attempts + 1, error = excluded.error")
            .bind(1, name_)
            .bind(2, event.stream)
            .bind(3, event.position)
            .bind(4, error)
            .bind(5, base::to_micros(clock_.now()))
            .run();
        // A later attempt at a stream that was parked before moves nothing.
        if (event.position > read_cursor(transaction, name_).position) {
            write_cursor(transaction, name_, cursor_at(event));
            transaction.after_commit(
                [this, position = event.position] { applied().advance(position); });
        }
        return {};
    };
    co_return co_await database_.write<void>(base::Deadline(), 0, std::move(work));
}

base::Task<std::vector<Parked>> StoreInbox::parked() {
    using All = std::vector<Parked>;
    auto work = [this](database::ReadTransaction& transaction) -> base::Result<All> {
        All all;
        auto rows = transaction.prepare(
            "select stream, position, attempts, error, parked_at from parked"
            " where subscription = ? order by parked_at, stream");
        rows.bind(1, name_);
        while (rows.step()) {
            all.push_back({rows.integer(0), rows.integer(1), rows.integer(2),
                           std::string(rows.text(3)), base::from_micros(rows.integer(4))});
        }
        return all;
    };
    co_return co_await database_.read<All>(base::Deadline(), std::move(work));
}

base::Task<void> StoreInbox::release(std::int64_t stream, std::shared_ptr<const Batch> missed) {
    auto bytes = bytes_of(*missed);
    auto work = [this, stream, missed](database::Transaction& transaction) -> base::Result<void> {
        auto first = parked_position(transaction, name_, stream);
        if (!first) return {};
        const auto& events = missed->events;
        bool all = released_ == Released::whole_stream;
        auto from = std::find_if(events.begin(), events.end(), [&](const Event& event) {
            return all || event.position >= *first;
        });
        subscriber_.apply(transaction, {from, events.end()});
        unpark(transaction, name_, stream);
        return {};
    };
    co_return co_await database_.write<void>(base::Deadline(), bytes, std::move(work));
}

base::Task<Cursor> StoreInbox::begin_anew(const Feed&) {
    auto work = [this](database::Transaction& transaction) -> base::Result<Cursor> {
        write_cursor(transaction, name_, Cursor());
        forget_parked(transaction, name_);
        return Cursor();
    };
    co_return co_await database_.write<Cursor>(base::Deadline(), 0, std::move(work));
}

}  // namespace bus
