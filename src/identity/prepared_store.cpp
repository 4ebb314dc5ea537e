#include "prepared_store.hpp"

#include "account_rules.hpp"

namespace identity {

std::int64_t insert_prepared(database::Transaction& transaction, const PreparedChange& change,
                             base::Time now) {
    std::string key;
    auto insert = transaction.prepare(
        "insert into prepared_changes (user_id, kind, email, email_key, password, open_password,"
        " prepared_at) values (?, ?, ?, ?, ?, ?, ?) returning token");
    insert.bind(1, change.prepared.id).bind(2, change.prepared.erasure ? "erasure" : "change");
    if (change.email) {
        key = email_key_of(*change.email);
        insert.bind(3, *change.email).bind(4, key);
    }
    if (change.password) insert.bind(5, *change.password);
    insert.bind(6, std::int64_t{change.open_password}).bind(7, base::to_micros(now));
    insert.step();
    return insert.integer(0);
}

std::optional<PreparedChange> find_prepared(database::ReadTransaction& transaction,
                                            std::int64_t token) {
    auto row = transaction.prepare(
        "select token, user_id, kind = 'erasure', email, password, open_password"
        " from prepared_changes where token = ?");
    if (!row.bind(1, token).step()) return std::nullopt;
    PreparedChange change;
    change.prepared = {row.integer(0), row.integer(1), row.integer(2) != 0};
    change.email = row.text_or_null(3);
    change.password = row.text_or_null(4);
    change.open_password = row.integer(5) != 0;
    return change;
}

std::vector<Prepared> all_prepared(database::ReadTransaction& transaction) {
    auto row = transaction.prepare(
        "select token, user_id, kind = 'erasure' from prepared_changes order by token");
    std::vector<Prepared> all;
    while (row.step()) all.push_back({row.integer(0), row.integer(1), row.integer(2) != 0});
    return all;
}

void delete_prepared(database::Transaction& transaction, std::int64_t token) {
    transaction.prepare("delete from prepared_changes where token = ?").bind(1, token).run();
}

void delete_changes_until(database::Transaction& transaction, UserId id, std::int64_t token) {
    transaction
        .prepare(
            "delete from prepared_changes where user_id = ? and kind = 'change' and token <= ?")
        .bind(1, id)
        .bind(2, token)
        .run();
}

}  // namespace identity
