#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/command.hpp"
#include "database/database.hpp"

namespace bus {

/// What a call with an Idempotency-Key did: from that version of the stream its answer can be made
/// again. `answer` is JSON for what is not to be read there; most modules need none.
struct AnsweredCall {
    std::int64_t stream = 0;
    std::int64_t version = 0;
    std::string answer{};
};

// The table `calls`, in each store whose commands take an Idempotency-Key, within a transaction of
// the caller: a call is remembered with what it did, or not at all.

/// The tables, for Options::migrations; before those of the module.
database::MigrationSet calls_schema();

/// The same call of the last `base::idempotency_key_life`; nothing without a key, or if there was
/// none. Refused with `idempotency_key_reused` if the key came with another body.
base::Result<std::optional<AnsweredCall>> find_call(database::ReadTransaction& transaction,
                                                    const std::optional<base::IdempotencyKey>& key,
                                                    base::Time now);

/// Remembers a call; does nothing without a key. Also forgets up to two that are too old, so that
/// the table shrinks faster than it grows, whatever the rate.
void remember_call(database::Transaction& transaction,
                   const std::optional<base::IdempotencyKey>& key, const AnsweredCall& call,
                   base::Time now);

/// Forgets up to `most` calls that are too old, oldest first; gives how many there were. For
/// stores that nobody writes to.
std::int64_t forget_calls(database::Transaction& transaction, base::Time now, std::int64_t most);

/// Forgets all calls about a stream: where answers hold what has to go with its subject.
void forget_calls_about(database::Transaction& transaction, std::int64_t stream);

/// Forgets those of which the log beside them does not have the version that they were answered
/// with: after it was cut off.
void forget_calls_beyond_log(database::Transaction& transaction);

/// Forgets all that are too old, a few hundred in each write, so that nobody waits long for it.
base::Task<void> forget_old_calls(database::Database& database, const base::Clock& clock);

}  // namespace bus
