#include "bus/call_store.hpp"

namespace migrations {
database::MigrationSet bus_calls();
}

namespace bus {

namespace {

constexpr std::int64_t forgotten_with_each = 2;
constexpr std::int64_t forgotten_at_once = 500;

}  // namespace

database::MigrationSet calls_schema() {
    return migrations::bus_calls();
}

base::Result<std::optional<AnsweredCall>> find_call(database::ReadTransaction& transaction,
                                                    const std::optional<base::IdempotencyKey>& key,
                                                    base::Time now) {
    if (!key) return std::optional<AnsweredCall>();
    auto row = transaction.prepare(
        "select body_hash, stream, version, answer from calls"
        " where caller = ? and route = ? and key = ? and recorded_at > ?");
    row.bind(1, key->caller).bind(2, key->route).bind(3, key->key);
    row.bind(4, base::to_micros(now - base::idempotency_key_life));
    if (!row.step()) return std::optional<AnsweredCall>();
    if (row.text(0) != key->body_hash) return base::idempotency_key_reused();
    return std::optional(AnsweredCall{row.integer(1), row.integer(2), std::string(row.text(3))});
}

void remember_call(database::Transaction& transaction,
                   const std::optional<base::IdempotencyKey>& key, const AnsweredCall& call,
                   base::Time now) {
    if (!key) return;
    forget_calls(transaction, now, forgotten_with_each);
    // One of the same key that is too old may still be there.
    transaction
        .prepare(
            "insert into calls (caller, route, key, body_hash, stream, version, answer,"
            " recorded_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
            " on conflict (caller, route, key) do update set body_hash = ?4, stream = ?5,"
            " version = ?6, answer = ?7, recorded_at = ?8")
        .bind(1, key->caller)
        .bind(2, key->route)
        .bind(3, key->key)
        .bind(4, key->body_hash)
        .bind(5, call.stream)
        .bind(6, call.version)
        .bind(7, call.answer)
        .bind(8, base::to_micros(now))
        .run();
}

std::int64_t forget_calls(database::Transaction& transaction, base::Time now, std::int64_t most) {
    transaction
        .prepare(
            "delete from calls where (caller, route, key) in (select caller, route, key"
            " from calls where recorded_at <= ? order by recorded_at limit ?)")
        .bind(1, base::to_micros(now - base::idempotency_key_life))
        .bind(2, most)
        .run();
    return transaction.changes();
}

void forget_calls_about(database::Transaction& transaction, std::int64_t stream) {
    transaction.prepare("delete from calls where stream = ?").bind(1, stream).run();
}

void forget_calls_beyond_log(database::Transaction& transaction) {
    transaction.execute(
        "delete from calls where not exists (select 1 from events"
        " where events.stream = calls.stream and events.version = calls.version)");
}

base::Task<void> forget_old_calls(database::Database& database, const base::Clock& clock) {
    for (std::int64_t forgotten = forgotten_at_once; forgotten == forgotten_at_once;) {
        auto work = [now = clock.now()](database::Transaction& transaction) {
            return base::Result<std::int64_t>(forget_calls(transaction, now, forgotten_at_once));
        };
        auto count = co_await database.write<std::int64_t>(base::Deadline(), 0, std::move(work));
        if (!count) co_return count.error();
        forgotten = *count;
    }
    co_return base::Result<void>();
}

}  // namespace bus
