#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bus/inbox.hpp"
#include "database/database.hpp"
#include "user.hpp"

namespace users {

// The table `queue` within one transaction.

/// A change that waits.
struct QueueRow {
    std::int64_t sequence = 0;
    Kind kind = Kind::changed;
    Record record;
    std::optional<std::int64_t> actor{};
    std::string correlation_id;
    std::optional<std::int64_t> account_token{};  ///< of what goes with it in the account
};

/// The columns of a user as the tables name them; of a statement that selects these first.
Record record_of(const database::Statement& row);

/// The body of every event of a user.
std::string body_of(UserId id);
/// The event that a row becomes, at its sequence.
bus::Event event_of(const QueueRow& row);

std::optional<QueueRow> find_row(database::ReadTransaction& transaction, std::int64_t sequence);
/// The latest of a user.
std::optional<QueueRow> newest_row(database::ReadTransaction& transaction, UserId id);
/// All of them, or those of one user; oldest first.
std::vector<QueueRow> all_rows(database::ReadTransaction& transaction);
std::vector<QueueRow> rows_of(database::ReadTransaction& transaction, UserId id);
/// See UserStore::waiting.
std::vector<QueueRow> rows_after(database::ReadTransaction& transaction, std::int64_t remainder,
                                 std::int64_t workers, std::int64_t sequence, std::int64_t most);
/// Registrations of users who are not removed again, `start` of them skipped.
std::vector<QueueRow> registrations(database::ReadTransaction& transaction, std::int64_t start,
                                    std::int64_t count);
/// Those that have failed, the first thousand.
std::vector<bus::Parked> failing_rows(database::ReadTransaction& transaction);

void delete_row(database::Transaction& transaction, std::int64_t sequence);
/// What came of one more failed attempt at the first row of a user.
enum class Failure { counted, parked_now, parked_before };
Failure count_failure(database::Transaction& transaction, UserId id, const std::string& error,
                      std::int64_t attempts_max);

}  // namespace users
