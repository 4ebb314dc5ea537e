#include "account_store.hpp"

#include <stdexcept>

#include "base/ids.hpp"
#include "bus/log.hpp"

namespace migrations {
database::MigrationSet identity();
}

namespace identity {

namespace {

StoredAccount read(const database::Statement& row) {
    auto role = role_of(row.text(3));
    auto status = parse_status(row.text(4));
    if (!role || !status) throw std::runtime_error("a row of accounts has an unknown word");
    return {row.integer(0), std::string(row.text(1)), std::string(row.text(2)), *role, *status,
            row.integer(5)};
}

bool is_taken(database::Transaction& transaction, UserId id) {
    auto row = transaction.prepare(
        "select 1 from accounts where id = ?1"
        " union all select 1 from revocations where kind = 'user' and id = ?1");
    return row.bind(1, id).step();
}

}  // namespace

std::vector<database::MigrationSet> schema() {
    return {migrations::identity(), bus::log_schema()};
}

std::optional<StoredAccount> find_account(database::ReadTransaction& transaction, UserId id) {
    auto row = transaction.prepare(
        "select id, email, password, role, status, epoch from accounts where id = ?");
    if (!row.bind(1, id).step()) return std::nullopt;
    return read(row);
}

std::optional<StoredAccount> find_account(database::ReadTransaction& transaction,
                                          const std::string& email_key) {
    auto row = transaction.prepare(
        "select id, email, password, role, status, epoch from accounts where email_key = ?");
    if (!row.bind(1, email_key).step()) return std::nullopt;
    return read(row);
}

std::vector<UserId> pending_accounts(database::ReadTransaction& transaction) {
    auto rows = transaction.prepare("select id from accounts where status = 'pending' order by id");
    std::vector<UserId> ids;
    while (rows.step()) ids.push_back(rows.integer(0));
    return ids;
}

std::map<UserId, std::string> emails_of(database::ReadTransaction& transaction,
                                        const std::vector<UserId>& ids) {
    std::map<UserId, std::string> emails;
    auto row = transaction.prepare("select email from accounts where id = ?");
    for (auto id : ids) {
        row.reset().bind(1, id);
        if (row.step()) emails.emplace(id, row.text(0));
    }
    return emails;
}

bool has_other_admin(database::ReadTransaction& transaction, UserId id) {
    auto row = transaction.prepare(
        "select 1 from accounts where role = 'admin' and status = 'active' and id <> ? limit 1");
    return row.bind(1, id).step();
}

UserId insert_account(database::Transaction& transaction, const StoredAccount& account,
                      base::Time now) {
    auto id = base::make_user_id(base::random_bits());
    // An erased account's id must not come back while tokens of it may be alive.
    while (is_taken(transaction, id)) id = base::make_user_id(base::random_bits());
    // Bound texts must live until the statement has run.
    auto key = email_key_of(account.email);
    transaction
        .prepare(
            "insert into accounts (id, email, email_key, password, role, status, epoch, created_at,"
            " updated_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)")
        .bind(1, id)
        .bind(2, account.email)
        .bind(3, key)
        .bind(4, account.password)
        .bind(5, name_of(account.role))
        .bind(6, name_of(account.status))
        .bind(7, account.epoch)
        .bind(8, base::to_micros(now))
        .run();
    return id;
}

void update_account(database::Transaction& transaction, const StoredAccount& account,
                    base::Time now) {
    auto key = email_key_of(account.email);
    transaction
        .prepare(
            "update accounts set email = ?2, email_key = ?3, password = ?4, role = ?5, status = ?6,"
            " epoch = ?7, updated_at = ?8 where id = ?1")
        .bind(1, account.id)
        .bind(2, account.email)
        .bind(3, key)
        .bind(4, account.password)
        .bind(5, name_of(account.role))
        .bind(6, name_of(account.status))
        .bind(7, account.epoch)
        .bind(8, base::to_micros(now))
        .run();
}

void delete_account(database::Transaction& transaction, UserId id) {
    transaction.prepare("delete from accounts where id = ?").bind(1, id).run();
}

}  // namespace identity
