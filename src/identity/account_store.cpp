#include "account_store.hpp"

#include <stdexcept>

#include "base/ids.hpp"
#include "bus/log.hpp"

namespace migrations {
database::MigrationSet identity();
}

namespace identity {

namespace {

/// Each login looks for one; those that cannot be checked cost it a row each.
constexpr std::int64_t django_hashes_tried_max = 64;

constexpr const char* account_columns =
    "select id, email, email_key, password, role, status, epoch, open_password, login, source"
    " from accounts ";

database::Statement select(database::ReadTransaction& transaction, std::string_view which) {
    std::string sql(account_columns);
    sql.append(which);
    return transaction.prepare(sql);
}

StoredAccount read(const database::Statement& row) {
    auto role = role_of(row.text(4));
    auto status = parse_status(row.text(5));
    if (!role || !status) throw std::runtime_error("a row of accounts has an unknown word");
    StoredAccount account;
    account.id = row.integer(0);
    account.email = row.text(1);
    account.email_key = row.text(2);
    account.password = row.text(3);
    account.role = *role;
    account.status = *status;
    account.epoch = row.integer(6);
    account.open_password = row.integer(7) != 0;
    account.login = row.text_or_null(8).value_or("");
    account.source = row.text_or_null(9).value_or("");
    return account;
}

/// A login name as it is stored; null, both, for an account without one.
struct StoredLogin {
    explicit StoredLogin(const std::string& login) {
        if (login.empty()) return;
        name = login;
        key = login_key_of(login);
    }

    std::optional<std::string> name, key;
};

bool is_taken(database::ReadTransaction& transaction, std::int64_t id) {
    auto row = transaction.prepare(
        "select 1 from accounts where id = ?1"
        " union all select 1 from revocations where kind = 'user' and id = ?1"
        " union all select 1 from api_keys where id = ?1");
    return row.bind(1, id).step();
}

std::optional<StoredAccount> find_by_key(database::ReadTransaction& transaction,
                                         const std::string& key) {
    auto row = select(transaction, "where email_key = ?");
    if (!row.bind(1, key).step()) return std::nullopt;
    return read(row);
}

}  // namespace

std::string stored_email_key(const std::string& email, UserId id) {
    // In capitals, as no address's key is.
    return email.empty() ? "NONE " + std::to_string(id) : email_key_of(email);
}

std::vector<database::MigrationSet> schema() {
    return {migrations::identity(), bus::log_schema()};
}

std::optional<StoredAccount> find_account(database::ReadTransaction& transaction, UserId id) {
    auto row = select(transaction, "where id = ?");
    if (!row.bind(1, id).step()) return std::nullopt;
    return read(row);
}

std::optional<StoredAccount> find_account(database::ReadTransaction& transaction,
                                          const std::string& email) {
    auto key = email_key_of(email);
    auto older = older_email_key_of(email);
    // The older form first: two that were told apart by it alone are so for ever.
    auto found = older == key ? std::nullopt : find_by_key(transaction, older);
    return found ? found : find_by_key(transaction, key);
}

std::optional<StoredAccount> find_account_by_login(database::ReadTransaction& transaction,
                                                   std::string_view login) {
    auto key = login_key_of(login);
    auto row = select(transaction, "where login_key = ?");
    if (!row.bind(1, key).step()) return std::nullopt;
    return read(row);
}

std::string some_django_hash(database::ReadTransaction& transaction, const DjangoLimits& limits) {
    auto row = transaction.prepare(
        "select password from accounts"
        " where substr(password, 1, 7) <> '$argon2' and substr(password, 1, 1) <> '!' limit ?");
    row.bind(1, django_hashes_tried_max);
    while (row.step()) {
        if (parse_django_hash(row.text(0), limits)) return std::string(row.text(0));
    }
    return {};
}

std::optional<UserId> find_holder(database::ReadTransaction& transaction,
                                  const std::string& email) {
    if (auto account = find_account(transaction, email)) return account->id;
    auto key = email_key_of(email);
    auto row = transaction.prepare("select user_id from prepared_changes where email_key = ?");
    if (!row.bind(1, key).step()) return std::nullopt;
    return row.integer(0);
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

bool can_rule(const StoredAccount& account, PasswordRules rules, const DjangoLimits& limits) {
    bool is_ours = account.password.starts_with("$argon2");
    return account.role == base::Role::admin && account.status == Status::active &&
           (!account.open_password || rules == PasswordRules::any) &&
           (is_ours || parse_django_hash(account.password, limits));
}

bool has_other_admin(database::ReadTransaction& transaction, UserId id, PasswordRules rules,
                     const DjangoLimits& limits) {
    auto row = select(transaction,
                      "where role = 'admin' and status = 'active' and id <> ?1"
                      " and not exists (select 1 from prepared_changes"
                      " where user_id = accounts.id and kind = 'erasure')");
    row.bind(1, id);
    while (row.step()) {
        if (can_rule(read(row), rules, limits)) return true;
    }
    return false;
}

std::int64_t free_id(database::ReadTransaction& transaction) {
    auto id = base::make_user_id(base::random_bits());
    while (is_taken(transaction, id)) id = base::make_user_id(base::random_bits());
    return id;
}

UserId insert_account(database::Transaction& transaction, const StoredAccount& account,
                      base::Time now) {
    auto id = free_id(transaction);
    // Bound texts must live until the statement has run.
    auto key = stored_email_key(account.email, id);
    StoredLogin login(account.login);
    transaction
        .prepare(
            "insert into accounts (id, email, email_key, password, role, status, epoch, created_at,"
            " updated_at, open_password, key_form, login, login_key)"
            " values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, 1, ?10, ?11)")
        .bind(1, id)
        .bind(2, account.email)
        .bind(3, key)
        .bind(4, account.password)
        .bind(5, name_of(account.role))
        .bind(6, name_of(account.status))
        .bind(7, account.epoch)
        .bind(8, base::to_micros(now))
        .bind(9, std::int64_t{account.open_password})
        .bind(10, login.name)
        .bind(11, login.key)
        .run();
    return id;
}

void update_account(database::Transaction& transaction, const StoredAccount& account,
                    base::Time now) {
    StoredLogin login(account.login);
    transaction
        .prepare(
            "update accounts set email = ?2, email_key = ?3, password = ?4, role = ?5, status = ?6,"
            " epoch = ?7, updated_at = ?8, open_password = ?9, login = ?10, login_key = ?11"
            " where id = ?1")
        .bind(1, account.id)
        .bind(2, account.email)
        .bind(3, account.email_key)
        .bind(4, account.password)
        .bind(5, name_of(account.role))
        .bind(6, name_of(account.status))
        .bind(7, account.epoch)
        .bind(8, base::to_micros(now))
        .bind(9, std::int64_t{account.open_password})
        .bind(10, login.name)
        .bind(11, login.key)
        .run();
}

UserId renew_email_keys(database::Transaction& transaction, UserId after, std::int64_t count,
                        std::vector<UserId>& left) {
    struct Row {
        UserId id;
        std::string email;
    };
    std::vector<Row> rows;
    {
        auto row = transaction.prepare(
            "select id, email from accounts where key_form = 0 and id > ? order by id limit ?");
        row.bind(1, after).bind(2, count);
        database::RisingKeys<UserId> ids(transaction, "its accounts", after);
        while (row.step()) {
            ids.next(row.integer(0));
            rows.push_back({row.integer(0), std::string(row.text(1))});
        }
    }
    for (const auto& row : rows) {
        auto key = email_key_of(row.email);
        auto holder = find_by_key(transaction, key);
        if (holder && holder->id != row.id) {
            left.push_back(row.id);
            continue;
        }
        transaction.prepare("update accounts set email_key = ?, key_form = 1 where id = ?")
            .bind(1, key)
            .bind(2, row.id)
            .run();
    }
    return rows.empty() ? 0 : rows.back().id;
}

void forget_django_password(database::Transaction& transaction, UserId id) {
    transaction
        .prepare(
            "update accounts set django_password = null"
            " where id = ? and django_password is not null")
        .bind(1, id)
        .run();
    transaction.prepare("delete from imported_tokens where user_id = ?").bind(1, id).run();
}

void delete_account(database::Transaction& transaction, UserId id) {
    transaction.prepare("delete from accounts where id = ?").bind(1, id).run();
}

}  // namespace identity
