#include "profile_store.hpp"

#include <algorithm>

#include "queue_store.hpp"

namespace users {

std::optional<Record> current(database::ReadTransaction& transaction, UserId id) {
    auto queued = newest_row(transaction, id);
    if (queued) return std::move(queued->record);
    auto stored = transaction.prepare(
        "select id, name, created_at, updated_at, version from users where id = ?");
    stored.bind(1, id);
    if (stored.step()) return record_of(stored);
    return std::nullopt;
}

std::optional<std::string> imported_name_of(database::ReadTransaction& transaction, UserId id) {
    auto row = transaction.prepare("select imported_name from users where id = ?");
    if (!row.bind(1, id).step()) return std::nullopt;
    auto name = row.text_or_null(0);
    return name ? std::optional<std::string>(*name) : std::nullopt;
}

void remember_imported_name(database::Transaction& transaction, const ImportedProfile& profile) {
    transaction.prepare("update users set imported_name = ? where id = ?")
        .bind(1, profile.name)
        .bind(2, profile.id)
        .run();
}

void put(database::Transaction& transaction, const Record& record) {
    transaction
        .prepare(
            "insert into users (id, name, created_at, updated_at, version)"
            " values (?1, ?2, ?3, ?4, ?5)"
            " on conflict (id) do update set name = ?2, updated_at = ?4, version = ?5")
        .bind(1, record.id)
        .bind(2, record.name)
        .bind(3, base::to_micros(record.created_at))
        .bind(4, base::to_micros(record.updated_at))
        .bind(5, record.version)
        .run();
}

std::vector<Record> stored_page(database::ReadTransaction& transaction, std::int64_t start,
                                std::int64_t count) {
    std::vector<Record> page;
    auto row = transaction.prepare(
        "select id, name, created_at, updated_at, version from users"
        " where id not in (select user_id from queue where kind = 'removed')"
        " order by created_at, id limit ? offset ?");
    row.bind(1, count).bind(2, start);
    while (row.step()) page.push_back(record_of(row));
    for (auto& record : page) {
        auto newest = current(transaction, record.id);
        if (newest) record = std::move(*newest);
    }
    return page;
}

std::int64_t stored_count(database::ReadTransaction& transaction) {
    auto row = transaction.prepare(
        "select count(*) from users where id not in (select user_id from queue where kind ="
        " 'removed')");
    row.step();
    return row.integer(0);
}

std::vector<Record> queued_page(database::ReadTransaction& transaction, std::int64_t start,
                                std::int64_t count) {
    std::vector<Record> page;
    for (auto& row : registrations(transaction, start, count)) {
        page.push_back(std::move(row.record));
    }
    for (auto& record : page) {
        auto newest = current(transaction, record.id);
        if (newest) record = std::move(*newest);
    }
    return page;
}

}  // namespace users
