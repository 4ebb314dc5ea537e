#include "api_key_store.hpp"

#include <stdexcept>

#include "identity/accounts.hpp"

namespace identity {

std::vector<StoredApiKey> all_api_keys(database::ReadTransaction& transaction) {
    auto row = transaction.prepare(
        "select id, secret_hash, name, role, created_at, created_by, expires_at from api_keys"
        " order by created_at, id");
    std::vector<StoredApiKey> all;
    while (row.step()) {
        auto role = role_of(row.text(3));
        if (!role) throw std::runtime_error("a row of api_keys has an unknown word");
        StoredApiKey stored;
        stored.secret_hash = row.blob(1);
        stored.key.id = row.integer(0);
        stored.key.name = row.text(2);
        stored.key.role = *role;
        stored.key.created_at = base::from_micros(row.integer(4));
        stored.key.created_by = row.integer_or_null(5);
        auto expires = row.integer_or_null(6);
        if (expires) stored.key.expires_at = base::from_micros(*expires);
        all.push_back(std::move(stored));
    }
    return all;
}

std::int64_t count_api_keys(database::ReadTransaction& transaction) {
    auto row = transaction.prepare("select count(*) from api_keys");
    row.step();
    return row.integer(0);
}

void insert_api_key(database::Transaction& transaction, const StoredApiKey& stored) {
    const auto& key = stored.key;
    std::optional<std::int64_t> expires;
    if (key.expires_at) expires = base::to_micros(*key.expires_at);
    transaction
        .prepare(
            "insert into api_keys (id, secret_hash, name, role, created_at, created_by, expires_at)"
            " values (?, ?, ?, ?, ?, ?, ?)")
        .bind(1, key.id)
        .bind_blob(2, stored.secret_hash)
        .bind(3, key.name)
        .bind(4, name_of(key.role))
        .bind(5, base::to_micros(key.created_at))
        .bind(6, key.created_by)
        .bind(7, expires)
        .run();
}

bool delete_api_key(database::Transaction& transaction, std::int64_t id) {
    transaction.prepare("delete from api_keys where id = ?").bind(1, id).run();
    return transaction.changes() > 0;
}

}  // namespace identity
