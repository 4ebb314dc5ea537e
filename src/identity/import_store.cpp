#include "import_store.hpp"

#include <set>
#include <stdexcept>

#include "base/text.hpp"

namespace identity {

namespace {

/// Whether the source says that the account is disabled.
bool is_disabled_there(database::ReadTransaction& transaction, UserId id) {
    auto row = transaction.prepare("select 1 from accounts where id = ? and imported_active = 0");
    return row.bind(1, id).step();
}

std::string model_of(std::string_view source) {
    return std::string(source.substr(0, source.find(':')));
}

/// `theirs`: what the source has.
void count_password(std::string_view text, std::optional<std::string_view> theirs,
                    const DjangoLimits& limits, ImportedPeople& people) {
    if (text.starts_with("$argon2")) {
        ++people.own_hash;
        return;
    }
    // What could not be used when it came was not taken over.
    auto hash = parse_django_hash(text.starts_with('!') ? theirs.value_or(text) : text, limits);
    if (hash) {
        ++people.django_hash;
    } else if (hash.error().code == "password_unusable") {
        ++people.unusable;
    } else {
        ++people.unchecked[hash.error().code];
    }
}

}  // namespace

std::optional<StoredImport> find_import(database::ReadTransaction& transaction,
                                        const std::string& source) {
    StoredImport import;
    UserId id = 0;
    {
        auto row = transaction.prepare(
            "select id, imported_email, imported_login, imported_role, imported_active,"
            " django_password from accounts where source = ?");
        if (!row.bind(1, source).step()) return std::nullopt;
        auto role = role_of(row.text(3));
        if (!role) throw std::runtime_error("a row of accounts has an unknown word");
        id = row.integer(0);
        import.email = row.text(1);
        import.login = row.text(2);
        import.role = *role;
        import.active = row.integer(4) != 0;
        import.django_password = row.text_or_null(5);
    }
    import.source = source;
    auto account = find_account(transaction, id);
    if (!account) throw std::runtime_error("an account is not there by its id");
    import.account = std::move(*account);
    return import;
}

std::string source_of(database::ReadTransaction& transaction, UserId id) {
    auto row = transaction.prepare("select coalesce(source, '') from accounts where id = ?");
    return row.bind(1, id).step() ? std::string(row.text(0)) : "";
}

std::vector<std::string> sources_after(database::ReadTransaction& transaction,
                                       const std::string& prefix, const std::string& after,
                                       std::int64_t count) {
    auto end = base::behind_prefix(prefix);
    auto rows = transaction.prepare(
        "select source from accounts where source > ?1 and source >= ?2 and source < ?3"
        " and status <> 'pending' order by source limit ?4");
    rows.bind(1, after).bind(2, prefix).bind(3, end).bind(4, count);
    std::vector<std::string> found;
    while (rows.step()) found.emplace_back(rows.text(0));
    return found;
}

std::vector<StoredImport> accounts_after(database::ReadTransaction& transaction, UserId after,
                                         std::int64_t count) {
    std::vector<StoredImport> found;
    auto row = transaction.prepare(
        "select id, source, django_password from accounts where id > ? and status <> 'pending'"
        " order by id limit ?");
    row.bind(1, after).bind(2, count);
    while (row.step()) {
        auto& import = found.emplace_back();
        import.account.id = row.integer(0);
        import.source = row.text_or_null(1).value_or("");
        import.django_password = row.text_or_null(2);
    }
    for (auto& import : found) {
        auto account = find_account(transaction, import.account.id);
        if (!account) throw std::runtime_error("an account is not there by its id");
        import.account = std::move(*account);
    }
    return found;
}

void remember_erased(database::Transaction& transaction, UserId id) {
    transaction
        .prepare(
            "insert into erased_sources (source)"
            " select source from accounts where id = ? and source is not null"
            " on conflict do nothing")
        .bind(1, id)
        .run();
}

bool is_erased(database::ReadTransaction& transaction, const std::string& source) {
    auto row = transaction.prepare("select 1 from erased_sources where source = ?");
    return row.bind(1, source).step();
}

void forget_erased(database::Transaction& transaction, const std::string& source) {
    transaction.prepare("delete from erased_sources where source = ?").bind(1, source).run();
}

bool settle_account(database::Transaction& transaction, UserId id, base::Time now) {
    auto account = find_account(transaction, id);
    if (!account) return false;
    if (account->status != Status::pending) return true;
    account->status = is_disabled_there(transaction, id) ? Status::disabled : Status::active;
    update_account(transaction, *account, now);
    return true;
}

bool replace_tokens(database::Transaction& transaction, UserId id,
                    const std::vector<std::string>& hashes) {
    std::set<std::string> before, now(hashes.begin(), hashes.end());
    {
        auto row = transaction.prepare("select token_hash from imported_tokens where user_id = ?");
        row.bind(1, id);
        while (row.step()) before.emplace(row.blob(0));
    }
    if (before == now) return false;
    transaction.prepare("delete from imported_tokens where user_id = ?").bind(1, id).run();
    // One that was another's has been given anew: the source has each once.
    for (const auto& hash : now) {
        transaction
            .prepare(
                "insert into imported_tokens (token_hash, user_id) values (?, ?)"
                " on conflict (token_hash) do update set user_id = excluded.user_id")
            .bind_blob(1, hash)
            .bind(2, id)
            .run();
    }
    return true;
}

std::optional<UserId> find_by_token(database::ReadTransaction& transaction,
                                    const std::string& hash) {
    auto row = transaction.prepare("select user_id from imported_tokens where token_hash = ?");
    if (!row.bind_blob(1, hash).step()) return std::nullopt;
    return row.integer(0);
}

void save_import(database::Transaction& transaction, StoredImport& import, base::Time registered,
                 base::Time now) {
    auto& account = import.account;
    if (account.id == 0) {
        account.id = insert_account(transaction, account, registered);
    } else {
        update_account(transaction, account, now);
    }
    transaction
        .prepare(
            "update accounts set source = ?2, imported_email = ?3, imported_login = ?4,"
            " imported_role = ?5, imported_active = ?6, django_password = ?7 where id = ?1")
        .bind(1, account.id)
        .bind(2, import.source)
        .bind(3, import.email)
        .bind(4, import.login)
        .bind(5, name_of(import.role))
        .bind(6, std::int64_t{import.active})
        .bind(7, import.django_password)
        .run();
}

ImportedPeopleCount count_imports(database::ReadTransaction& transaction, const std::string& after,
                                  std::int64_t limit, const DjangoLimits& limits) {
    ImportedPeopleCount count;
    auto row = transaction.prepare(
        "select source, status, password, django_password, email, imported_email,"
        " coalesce(login, ''), imported_login, role, imported_role, imported_active"
        " from accounts where source > ?1 order by source limit ?2");
    row.bind(1, after).bind(2, limit);
    std::int64_t rows = 0;
    for (; row.step(); ++rows) {
        count.last = row.text(0);
        if (row.text(1) == "pending") continue;
        auto& people = count.models[model_of(count.last)];
        ++people.here;
        count_password(row.text(2), row.text_or_null(3), limits, people);
        if (!row.text_or_null(3)) ++people.new_password;
        if (row.text(4).empty()) ++people.without_email;
        bool same = row.text(4) == row.text(5) && row.text(6) == row.text(7) &&
                    row.text(8) == row.text(9) &&
                    (row.text(1) == "active") == (row.integer(10) != 0);
        if (!same) ++people.changed_here;
    }
    if (rows == limit) return count;
    count.last.clear();
    auto erased = transaction.prepare("select source from erased_sources");
    while (erased.step()) ++count.models[model_of(erased.text(0))].erased;
    return count;
}

std::int64_t forget_django_passwords(database::Transaction& transaction, std::int64_t count) {
    auto rows = transaction.prepare(
        "update accounts set django_password = null where id in (select id from accounts"
        " where django_password is not null limit ?) returning id");
    rows.bind(1, count);
    std::vector<UserId> forgotten;
    while (rows.step()) forgotten.push_back(rows.integer(0));
    for (auto id : forgotten) replace_tokens(transaction, id, {});
    return std::ssize(forgotten);
}

}  // namespace identity
