#include "queue_store.hpp"

#include "queue_json.hpp"

namespace users {

namespace {

constexpr const char* columns =
    "select user_id, name, created_at, updated_at, version, kind, sequence, actor, correlation_id,"
    " account_token from queue ";

QueueRow row_of(const database::Statement& statement) {
    QueueRow row;
    row.record = record_of(statement);
    row.kind = kind_of(statement.text(5));
    row.record.removed = row.kind == Kind::removed;
    row.sequence = statement.integer(6);
    row.actor = statement.integer_or_null(7);
    row.correlation_id = statement.text(8);
    row.account_token = statement.integer_or_null(9);
    return row;
}

std::vector<QueueRow> take_all(database::Statement& statement) {
    std::vector<QueueRow> rows;
    while (statement.step()) rows.push_back(row_of(statement));
    return rows;
}

database::Statement select(database::ReadTransaction& transaction, const char* which) {
    return transaction.prepare(std::string(columns) + which);
}

}  // namespace

Record record_of(const database::Statement& row) {
    Record record;
    record.id = row.integer(0);
    record.name = row.text(1);
    record.created_at = base::from_micros(row.integer(2));
    record.updated_at = base::from_micros(row.integer(3));
    record.version = row.integer(4);
    return record;
}

std::string body_of(UserId id) {
    return "{\"id\":" + std::to_string(id) + "}";
}

bus::Event event_of(const QueueRow& row) {
    bus::Event event;
    event.position = row.sequence;
    event.stream = row.record.id;
    event.version = row.record.version;
    event.type = event_of(row.kind);
    event.body = queue_body(row.record.id, row.account_token);
    event.actor = row.actor;
    event.correlation_id = row.correlation_id;
    event.recorded_at = row.record.updated_at;
    return event;
}

std::optional<QueueRow> find_row(database::ReadTransaction& transaction, std::int64_t sequence) {
    auto row = select(transaction, "where sequence = ?");
    if (!row.bind(1, sequence).step()) return std::nullopt;
    return row_of(row);
}

std::optional<QueueRow> newest_row(database::ReadTransaction& transaction, UserId id) {
    auto row = select(transaction, "where user_id = ? order by sequence desc limit 1");
    if (!row.bind(1, id).step()) return std::nullopt;
    return row_of(row);
}

std::vector<QueueRow> all_rows(database::ReadTransaction& transaction) {
    auto rows = select(transaction, "order by sequence");
    return take_all(rows);
}

std::vector<QueueRow> rows_of(database::ReadTransaction& transaction, UserId id) {
    auto rows = select(transaction, "where user_id = ? order by sequence");
    rows.bind(1, id);
    return take_all(rows);
}

std::vector<QueueRow> rows_after(database::ReadTransaction& transaction, std::int64_t remainder,
                                 std::int64_t workers, std::int64_t sequence, std::int64_t most) {
    auto rows =
        select(transaction, "where user_id % ? = ? and sequence > ? order by sequence limit ?");
    rows.bind(1, workers).bind(2, remainder).bind(3, sequence).bind(4, most);
    return take_all(rows);
}

std::vector<QueueRow> registrations(database::ReadTransaction& transaction, std::int64_t start,
                                    std::int64_t count) {
    auto rows = select(transaction,
                       "where kind = 'registered' and user_id not in"
                       " (select user_id from queue where kind = 'removed')"
                       " order by sequence limit ? offset ?");
    rows.bind(1, count).bind(2, start);
    return take_all(rows);
}

std::vector<bus::Parked> failing_rows(database::ReadTransaction& transaction) {
    std::vector<bus::Parked> all;
    auto row = transaction.prepare(
        "select user_id, sequence, attempts, error, queued_at from queue where attempts > 0"
        " order by sequence limit 1000");
    while (row.step()) {
        all.push_back({row.integer(0), row.integer(1), row.integer(2), std::string(row.text(3)),
                       base::from_micros(row.integer(4))});
    }
    return all;
}

void delete_row(database::Transaction& transaction, std::int64_t sequence) {
    transaction.prepare("delete from queue where sequence = ?").bind(1, sequence).run();
}

Failure count_failure(database::Transaction& transaction, UserId id, const std::string& error,
                      std::int64_t attempts_max) {
    std::int64_t sequence = 0;
    std::int64_t attempts = 0;
    bool was_parked = false;
    {
        auto row = transaction.prepare(
            "select sequence, attempts, parked from queue where user_id = ?"
            " order by sequence limit 1");
        if (!row.bind(1, id).step()) return Failure::counted;
        sequence = row.integer(0);
        attempts = row.integer(1) + 1;
        was_parked = row.integer(2) == 1;
    }
    bool is_parked = attempts >= attempts_max;
    transaction.prepare("update queue set attempts = ?, error = ?, parked = ? where sequence = ?")
        .bind(1, attempts)
        .bind(2, error)
        .bind(3, std::int64_t{is_parked})
        .bind(4, sequence)
        .run();
    if (!is_parked) return Failure::counted;
    return was_parked ? Failure::parked_before : Failure::parked_now;
}

}  // namespace users
