#include "bus/log.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <stdexcept>

#include "base/ids.hpp"
#include "bus/archive.hpp"
#include "bus/chain.hpp"
#include "spans.hpp"
#include "telemetry/log.hpp"

namespace migrations {
database::MigrationSet bus_log();
}

namespace bus {

namespace {

constexpr std::size_t feed_bytes_max = 4 * 1024 * 1024;
/// A look at the feed makes room for so many at once; it seldom finds more.
constexpr std::int64_t few_events = 8;

Hash read_hash(const database::Statement& row, int column) {
    Hash hash{};
    auto stored = row.blob(column);
    if (stored.size() == hash.size()) std::memcpy(hash.data(), stored.data(), hash.size());
    return hash;
}

const std::string stored_events =
    "select position, stream, version, event_id, type, body, actor, correlation_id, recorded_at,"
    " hash from events";

Event read_event(const database::Statement& row) {
    Event event;
    event.position = row.integer(0);
    event.stream = row.integer(1);
    event.version = row.integer(2);
    event.event_id = row.text(3);
    event.type = row.text(4);
    event.body = row.text(5);
    event.actor = row.integer_or_null(6);
    event.correlation_id = row.text(7);
    event.recorded_at = base::from_micros(row.integer(8));
    event.hash = read_hash(row, 9);
    return event;
}

const std::string behind = " where position > ? order by position";
const std::string stored_behind = stored_events + behind;
/// What others hear: that the events of an archived stream were, and not what they say.
const std::string heard_behind =
    "select position, events.stream, version, event_id, type,"
    " case when archive is null then body else '' end, actor, correlation_id, recorded_at, hash"
    " from events left join archived_streams on archived_streams.stream = events.stream" +
    behind;

/// As read_log(), for a visitor that may keep the event.
template <class Visitor>
void read_behind(database::ReadTransaction& transaction, std::string_view sql,
                 std::int64_t position, Visitor visit) {
    auto rows = transaction.prepare(sql);
    rows.bind(1, position);
    database::RisingKeys<std::int64_t> positions(transaction, "the positions of its log", position);
    while (rows.step()) {
        auto event = read_event(rows);
        positions.next(event.position);
        if (!visit(std::move(event))) return;
    }
}

}  // namespace

database::MigrationSet log_schema() {
    return migrations::bus_log();
}

Log::Log(database::Database& database, const base::Clock& clock, std::string source)
    : database_(database), clock_(clock), source_(std::move(source)) {
    auto work = [](database::ReadTransaction& transaction) -> base::Result<Head> {
        return read_head(transaction);
    };
    auto head = base::run(database_.read<Head>(base::Deadline(), work));
    // Whoever asks a log that is out is refused; its head says nothing.
    if (!head && database::is_out(head.error())) return;
    if (!head) throw std::runtime_error(source_ + ": " + head.error().message);
    head_.advance(head->position);
    newest_time_.store(base::to_micros(head->recorded_at));
    if (auto span = ahead_of_clock(); span.count() > 0) {
        telemetry::log(telemetry::Level::warning, "bus",
                       "the newest event is dated later than the clock says: one of the two is "
                       "wrong; what is recorded now follows the clock",
                       {{"log", source_}, {"seconds", span.count()}});
    }
}

std::chrono::seconds Log::ahead_of_clock() const {
    auto span = base::from_micros(newest_time_.load(std::memory_order_relaxed)) - clock_.now();
    if (span < clock_tolerance) return std::chrono::seconds(0);
    return std::chrono::duration_cast<std::chrono::seconds>(span);
}

/// The clock is followed also when it goes back: who set it right must not have to live with what
/// it said before. Order is by position.
void Log::note_clock(base::Time now) {
    auto before = std::exchange(clock_seen_, now);
    if (now + clock_tolerance > before) return;
    auto span = std::chrono::duration_cast<std::chrono::seconds>(before - now);
    telemetry::log(telemetry::Level::warning, "bus",
                   "the clock was set back: what is recorded now is dated earlier than before",
                   {{"log", source_}, {"seconds", span.count()}});
}

Log::Head Log::read_head(database::ReadTransaction& transaction) {
    Head head;
    auto row = transaction.prepare(
        "select position, hash, recorded_at from events order by position desc limit 1");
    if (row.step()) {
        head.position = row.integer(0);
        head.hash = read_hash(row, 1);
        head.recorded_at = base::from_micros(row.integer(2));
    }
    return head;
}

Event Log::append(database::Transaction& transaction, NewEvent added) {
    if (!pending_) pending_ = read_head(transaction);
    auto span = span_of_commit(source_, added);
    // A rolled back SAVEPOINT or a failed COMMIT takes events back: read the head again then.
    transaction.on_undo([this] { pending_.reset(); });
    if (span) {
        transaction.on_undo([span] { span->failed(); });
        transaction.after_commit([span] { span->end(); });
    }

    assert(!added.body.empty());  // that would be an archived one
    Event event;
    event.position = pending_->position + 1;
    event.stream = added.stream;
    event.version = added.version;
    auto now = clock_.now();
    note_clock(now);
    event.recorded_at = added.at.value_or(now);
    event.event_id = base::make_uuid_v7(event.recorded_at);
    event.type = std::move(added.type);
    event.body = std::move(added.body);
    event.actor = added.actor;
    event.correlation_id = std::move(added.correlation_id);
    event.hash = chain_hash(pending_->hash, event);

    put_event(transaction, event);
    pending_ = Head{event.position, event.hash, event.recorded_at};

    transaction.after_commit([this, position = event.position, at = event.recorded_at] {
        newest_time_.store(base::to_micros(at), std::memory_order_relaxed);
        head_.advance(position);
    });
    return event;
}

base::Task<std::vector<Event>> Log::after(std::int64_t position, std::int64_t count,
                                          base::Deadline deadline) const {
    auto work = [position, count](
                    database::ReadTransaction& transaction) -> base::Result<std::vector<Event>> {
        std::vector<Event> events;
        events.reserve(static_cast<std::size_t>(std::min(count, few_events)));
        std::size_t bytes = 0;
        read_behind(transaction, heard_behind, position, [&](Event&& event) {
            bytes += event.body.size();
            events.push_back(std::move(event));
            return std::ssize(events) < count && bytes < feed_bytes_max;
        });
        return events;
    };
    co_return co_await database_.read<std::vector<Event>>(deadline, std::move(work));
}

base::Task<std::vector<Event>> Log::stream(std::int64_t id, base::Deadline deadline) const {
    auto work = [id](database::ReadTransaction& transaction) -> base::Result<std::vector<Event>> {
        auto events = read_stream(transaction, id);
        if (archive_of(transaction, id)) {
            for (auto& event : events) event.body.clear();
        }
        return events;
    };
    co_return co_await database_.read<std::vector<Event>>(deadline, std::move(work));
}

std::vector<Event> read_stream(database::ReadTransaction& transaction, std::int64_t stream) {
    std::vector<Event> events;
    read_stream(transaction, stream, 0, [&events](const Event& event) {
        events.push_back(event);
        return true;
    });
    return events;
}

void read_stream(database::ReadTransaction& transaction, std::int64_t stream, std::int64_t version,
                 const std::function<bool(const Event&)>& visit) {
    static const std::string sql =
        stored_events + " where stream = ? and version > ? order by version";
    auto rows = transaction.prepare(sql);
    rows.bind(1, stream).bind(2, version);
    database::RisingKeys<std::int64_t> versions(transaction, "a stream of its log", version);
    while (rows.step()) {
        auto event = read_event(rows);
        versions.next(event.version);
        if (!visit(event)) return;
    }
}

void read_proven_stream(database::ReadTransaction& transaction, std::int64_t stream,
                        std::int64_t version, const std::function<bool(const Event&)>& visit) {
    auto expected = version;
    read_stream(transaction, stream, version, [&](const Event& event) {
        auto previous = hash_before(transaction, event.position);
        if (event.version != ++expected || chain_hash(previous, event) != event.hash) {
            transaction.damaged("the event at position " + std::to_string(event.position) +
                                " is not what was recorded, or what stood before it");
        }
        return visit(event);
    });
}

void read_log(database::ReadTransaction& transaction, std::int64_t position,
              const std::function<bool(const Event&)>& visit) {
    read_behind(transaction, stored_behind, position, std::cref(visit));
}

void read_streams(database::ReadTransaction& transaction, std::int64_t position, std::int64_t after,
                  const std::function<bool(const Event&)>& visit) {
    static const std::string sql =
        stored_events + " where stream > ?1 and position <= ?2 order by stream, version";
    using Key = std::pair<std::int64_t, std::int64_t>;
    auto rows = transaction.prepare(sql);
    rows.bind(1, after).bind(2, position);
    database::RisingKeys<Key> keys(transaction, "the streams of its log", Key(after, 0));
    while (rows.step()) {
        auto event = read_event(rows);
        keys.next({event.stream, event.version});
        if (!visit(event)) return;
    }
}

void put_event(database::Transaction& transaction, const Event& event) {
    transaction
        .prepare(
            "insert into events (position, stream, version, event_id, type, body, actor,"
            " correlation_id, recorded_at, hash) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(1, event.position)
        .bind(2, event.stream)
        .bind(3, event.version)
        .bind(4, event.event_id)
        .bind(5, event.type)
        .bind(6, event.body)
        .bind(7, event.actor)
        .bind(8, event.correlation_id)
        .bind(9, base::to_micros(event.recorded_at))
        .bind_blob(10, {reinterpret_cast<const char*>(event.hash.data()), event.hash.size()})
        .run();
}

Cursor read_head(database::ReadTransaction& transaction) {
    auto row =
        transaction.prepare("select position, hash from events order by position desc limit 1");
    if (!row.step()) return {};
    return {row.integer(0), read_hash(row, 1)};
}

std::int64_t read_head_position(database::ReadTransaction& transaction) {
    auto row = transaction.prepare("select max(position) from events");
    row.step();
    return row.integer(0);
}

bool has_cursor(database::ReadTransaction& transaction, const Cursor& cursor) {
    if (cursor.position == 0) return true;
    if (!cursor.has_hash()) return cursor.position <= read_head_position(transaction);
    auto row = transaction.prepare("select hash from events where position = ?");
    row.bind(1, cursor.position);
    return row.step() && read_hash(row, 0) == cursor.hash;
}

}  // namespace bus
