#pragma once

#include <optional>
#include <string>
#include <vector>

#include "account_store.hpp"
#include "base/clock.hpp"
#include "database/database.hpp"
#include "identity/accounts.hpp"
#include "revocations.hpp"

namespace identity {

/// A row of the table `refresh_tokens`, but for the hash.
struct RefreshToken {
    std::int64_t family = 0;
    UserId user = 0;
    bool rotated = false;  ///< used already
    base::Time expires_at{};
    std::optional<base::Time> issued_at{};  ///< unknown of one from before that was kept
};

/// A login as far as its refresh tokens tell of it.
struct Login {
    std::int64_t family = 0;
    std::optional<base::Time> since{};
    std::optional<base::Time> last_used{};
    base::Time expires_at{};
};

/// Those of the account that have not run out, the one used last first.
std::vector<Login> logins_of(database::ReadTransaction& transaction, UserId user, base::Time now,
                             std::int64_t count);

std::optional<RefreshToken> find_refresh_token(database::ReadTransaction& transaction,
                                               const std::string& hash);
void insert_refresh_token(database::Transaction& transaction, const std::string& hash,
                          const RefreshToken& token);
void mark_rotated(database::Transaction& transaction, const std::string& hash);

/// The refresh tokens that the revocation covers are deleted, the revocation is stored, and once
/// that is committed it is in `revocations` too: no token that it covers counts any more.
void revoke(database::Transaction& transaction, Revocations& revocations,
            const Revocation& revocation);

/// Every login of the account ends: its epoch grows, also in `account`, which is then to be stored.
/// `until`: when no token issued before now can be alive.
void end_logins(database::Transaction& transaction, Revocations& revocations,
                StoredAccount& account, base::Time until);

/// All that are stored, a part at a time: up to `count`, in order, from after `after`.
std::vector<Revocation> revocations_after(database::ReadTransaction& transaction,
                                          const std::optional<Revocation>& after,
                                          std::int64_t count);

/// Deletes up to `count` rows of each table that have ended before `now`; how many there were.
std::int64_t delete_ended(database::Transaction& transaction, base::Time now, std::int64_t count);

}  // namespace identity
