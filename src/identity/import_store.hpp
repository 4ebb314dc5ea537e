#pragma once

#include <optional>
#include <string>
#include <vector>

#include "account_store.hpp"
#include "identity/imports.hpp"

namespace identity {

/// An account that came from elsewhere, and what was taken over of it the last time.
struct StoredImport {
    StoredAccount account;
    std::string source;
    std::string email;
    std::string login;
    base::Role role = base::Role::reader;
    bool active = true;
    std::optional<std::string> django_password{};  ///< nothing: the password was changed here
};

std::optional<StoredImport> find_import(database::ReadTransaction& transaction,
                                        const std::string& source);
/// Of one who has none: empty.
std::string source_of(database::ReadTransaction& transaction, UserId id);
/// See Imports::imported_of().
std::vector<std::string> sources_after(database::ReadTransaction& transaction,
                                       const std::string& prefix, const std::string& after,
                                       std::int64_t count);
/// Up to `count` accounts that are not pending, with ids above `after`: with their source, empty if
/// they have none, and the source's password.
std::vector<StoredImport> accounts_after(database::ReadTransaction& transaction, UserId after,
                                         std::int64_t count);
/// That whoever came from there was erased here; nothing if the account has no source.
void remember_erased(database::Transaction& transaction, UserId id);
bool is_erased(database::ReadTransaction& transaction, const std::string& source);
void forget_erased(database::Transaction& transaction, const std::string& source);

/// A pending account becomes active, or disabled if its source says so; false if there is none.
/// One that is not pending stays as it is.
bool settle_account(database::Transaction& transaction, UserId id, base::Time now);

/// These tokens, by their SHA-256, stand for the account from now on, and no others; true if that
/// is a change.
bool replace_tokens(database::Transaction& transaction, UserId id,
                    const std::vector<std::string>& hashes);
/// Whose token it is, by its SHA-256.
std::optional<UserId> find_by_token(database::ReadTransaction& transaction,
                                    const std::string& hash);

/// Stores the account, under a new id if it has none, which is then in it; and the rest.
void save_import(database::Transaction& transaction, StoredImport& import, base::Time registered,
                 base::Time now);

/// See Imports::count(). `limits`: of hashes that can be checked.
ImportedPeopleCount count_imports(database::ReadTransaction& transaction, const std::string& after,
                                  std::int64_t limit, const DjangoLimits& limits);

/// Of up to `count` accounts; how many there were.
std::int64_t forget_django_passwords(database::Transaction& transaction, std::int64_t count);

}  // namespace identity
