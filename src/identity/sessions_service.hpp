#pragma once

#include <vector>

#include "audit_store.hpp"
#include "revocations.hpp"
#include "token_store.hpp"

namespace identity {

/// What admins see of somebody's logins, and how they end them. Thread-safe.
class SessionsService {
public:
    /// `token_life`: how long a token issued now may count.
    SessionsService(database::Database& database, AuditStore& audit, Revocations& revocations,
                    const base::Clock& clock, std::chrono::seconds token_life)
        : database_(database),
          audit_(audit),
          revocations_(revocations),
          clock_(clock),
          token_life_(token_life) {}

    /// The logins with a refresh token, the one used last first, at most 100. Those of browsers
    /// have none: nothing is stored of them. Refused with `account_not_found`.
    base::Task<std::vector<Login>> logins(UserId id, base::Context context) const;
    /// Every login of the account ends, also those of browsers: on the very next request none of
    /// its tokens counts. Refused with `account_not_found`.
    base::Task<void> end_all(UserId id, base::Context context);

private:
    database::Database& database_;
    AuditStore& audit_;
    Revocations& revocations_;
    const base::Clock& clock_;
    const std::chrono::seconds token_life_;
};

}  // namespace identity
