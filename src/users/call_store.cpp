#include "call_store.hpp"

namespace users {

void remember_call(database::Transaction& transaction, const base::IdempotencyKey& key,
                   const Record& record, base::Time now) {
    transaction.prepare("delete from answered_calls where recorded_at <= ?")
        .bind(1, base::to_micros(now - base::idempotency_key_life))
        .run();
    transaction
        .prepare(
            "insert into answered_calls (caller, route, key, body_hash, user_id, name, created_at,"
            " updated_at, version, recorded_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(1, key.caller)
        .bind(2, key.route)
        .bind(3, key.key)
        .bind(4, key.body_hash)
        .bind(5, record.id)
        .bind(6, record.name)
        .bind(7, base::to_micros(record.created_at))
        .bind(8, base::to_micros(record.updated_at))
        .bind(9, record.version)
        .bind(10, base::to_micros(now))
        .run();
}

void forget_calls(database::Transaction& transaction, UserId id) {
    transaction.prepare("delete from answered_calls where user_id = ?").bind(1, id).run();
}

base::Result<std::optional<Record>> find_call(database::ReadTransaction& transaction,
                                              const std::optional<base::IdempotencyKey>& key,
                                              base::Time now) {
    if (!key) return std::optional<Record>();
    auto row = transaction.prepare(
        "select user_id, name, created_at, updated_at, version, body_hash from answered_calls"
        " where caller = ? and route = ? and key = ? and recorded_at > ?");
    row.bind(1, key->caller).bind(2, key->route).bind(3, key->key);
    row.bind(4, base::to_micros(now - base::idempotency_key_life));
    if (!row.step()) return std::optional<Record>();
    if (row.text(5) != key->body_hash) return base::idempotency_key_reused();
    Record record;
    record.id = row.integer(0);
    record.name = row.text(1);
    record.created_at = base::from_micros(row.integer(2));
    record.updated_at = base::from_micros(row.integer(3));
    record.version = row.integer(4);
    return std::optional<Record>(std::move(record));
}

}  // namespace users
