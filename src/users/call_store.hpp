#pragma once

#include "base/context.hpp"
#include "database/database.hpp"
#include "user.hpp"

namespace users {

// The table `answered_calls`: what calls with an Idempotency-Key have done. Within a transaction of
// the caller.

/// The user as that call has left it; nothing without a key, or if there was no such call in the
/// last `idempotency_key_life`. Refused with `idempotency_key_reused`.
base::Result<std::optional<Record>> find_call(database::ReadTransaction& transaction,
                                              const std::optional<base::IdempotencyKey>& key,
                                              base::Time now);
/// Also forgets calls that are too old.
void remember_call(database::Transaction& transaction, const base::IdempotencyKey& key,
                   const Record& record, base::Time now);
void forget_calls(database::Transaction& transaction, UserId id);

}  // namespace users
