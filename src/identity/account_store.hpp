#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "account_rules.hpp"
#include "base/clock.hpp"
#include "database/database.hpp"
#include "django_hash.hpp"
#include "identity/accounts.hpp"

namespace identity {

/// A row of the table `accounts`.
struct StoredAccount {
    UserId id = 0;
    std::string email;
    std::string email_key;  ///< by which it is told apart: see email_key_of()
    std::string password;   ///< a hash
    base::Role role = base::Role::reader;
    Status status = Status::pending;
    std::int64_t epoch = 0;
    bool open_password = false;  ///< it was set in open mode, under PasswordRules::any
    std::string login{};         ///< empty: it has none
    std::string source{};        ///< where it came from, `auth.user:17`; set by save_import() alone
};

std::optional<StoredAccount> find_account(database::ReadTransaction& transaction, UserId id);
/// By its address, in whichever spelling.
std::optional<StoredAccount> find_account(database::ReadTransaction& transaction,
                                          const std::string& email);
/// By its login name.
std::optional<StoredAccount> find_account_by_login(database::ReadTransaction& transaction,
                                                   std::string_view login);
/// The hash of some account that is still of Django's making, and that these limits let be checked;
/// empty if there is none among the first 64.
std::string some_django_hash(database::ReadTransaction& transaction, const DjangoLimits& limits);
/// The key of that account's address, or what it has instead of one.
std::string stored_email_key(const std::string& email, UserId id);
/// Who has the address, or has prepared to take it.
std::optional<UserId> find_holder(database::ReadTransaction& transaction, const std::string& email);
std::vector<UserId> pending_accounts(database::ReadTransaction& transaction);
std::map<UserId, std::string> emails_of(database::ReadTransaction& transaction,
                                        const std::vector<UserId>& ids);
/// Whether the account is an active admin with a password that counts under these rules.
bool can_rule(const StoredAccount& account, PasswordRules rules, const DjangoLimits& limits);
/// Whether there is another account than `id` that can_rule(), and whose erasure is not prepared.
bool has_other_admin(database::ReadTransaction& transaction, UserId id, PasswordRules rules,
                     const DjangoLimits& limits);

/// Stores a new account under a new id, which is given back. Its address and login name must be
/// free.
UserId insert_account(database::Transaction& transaction, const StoredAccount& account,
                      base::Time now);
/// Replaces what may change: address, login name, hash, role, status, epoch, mark.
void update_account(database::Transaction& transaction, const StoredAccount& account,
                    base::Time now);
/// From now on only the password that is stored here counts, and what the source had is forgotten,
/// its tokens too.
void forget_django_password(database::Transaction& transaction, UserId id);
/// Its refresh tokens, and what is prepared, go with it.
void delete_account(database::Transaction& transaction, UserId id);

/// Gives up to `count` accounts after the id `after` whose key is of the older form that of now,
/// but for those whose address then is another account's. The last id looked at, 0 at the end;
/// those that had to stay as they are are added to `left`.
UserId renew_email_keys(database::Transaction& transaction, UserId after, std::int64_t count,
                        std::vector<UserId>& left);

/// A new random id that no account or API key has, or had while tokens of it may be alive.
std::int64_t free_id(database::ReadTransaction& transaction);

/// The tables of `identity.db`.
std::vector<database::MigrationSet> schema();

}  // namespace identity
