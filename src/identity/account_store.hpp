#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "account_rules.hpp"
#include "base/clock.hpp"
#include "database/database.hpp"
#include "identity/accounts.hpp"

namespace identity {

/// A row of the table `accounts`.
struct StoredAccount {
    UserId id = 0;
    std::string email;
    std::string password;  ///< a hash
    base::Role role = base::Role::reader;
    Status status = Status::pending;
    std::int64_t epoch = 0;
};

std::optional<StoredAccount> find_account(database::ReadTransaction& transaction, UserId id);
/// By its email_key_of().
std::optional<StoredAccount> find_account(database::ReadTransaction& transaction,
                                          const std::string& email_key);
std::vector<UserId> pending_accounts(database::ReadTransaction& transaction);
std::map<UserId, std::string> emails_of(database::ReadTransaction& transaction,
                                        const std::vector<UserId>& ids);
/// Whether there is an active admin besides `id`.
bool has_other_admin(database::ReadTransaction& transaction, UserId id);

/// Stores a new account under a new id, which is given back. Its address must be free.
UserId insert_account(database::Transaction& transaction, const StoredAccount& account,
                      base::Time now);
/// Replaces what may change: address, hash, role, status, epoch.
void update_account(database::Transaction& transaction, const StoredAccount& account,
                    base::Time now);
/// Its refresh tokens go with it.
void delete_account(database::Transaction& transaction, UserId id);

/// The tables of `identity.db`.
std::vector<database::MigrationSet> schema();

}  // namespace identity
