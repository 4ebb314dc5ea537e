#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/task.hpp"
#include "database/database.hpp"
#include "database/store_file.hpp"

namespace django {

/// How far the outbox of each bridge has been taken. Thread-safe.
class PushStore {
public:
    PushStore(database::Database& database, const base::Clock& clock)
        : database_(database), clock_(clock) {}

    /// How far that outbox has been taken, and what of its last push was refused, as JSON.
    struct Taken {
        std::int64_t sequence = 0;  ///< 0: nothing of it
        std::string refused = "[]";
    };
    base::Task<Taken> taken(std::string source, base::Deadline deadline) const;
    /// `newly_refused`: of the changes behind those that were taken before.
    base::Task<void> put(std::string source, Taken taken, std::int64_t newly_refused);

    /// An outbox, and how far it is since the last import that ended was begun.
    struct Outbox {
        std::string source;
        Taken taken{};
        base::Time pushed_at{};
        /// At most so many changes: a sequence may have gaps.
        std::int64_t since_import_max = 0;
        std::int64_t refused_since_import = 0;
    };
    /// The hundred that pushed last, the newest first.
    base::Task<std::vector<Outbox>> outboxes(base::Deadline deadline) const;

private:
    database::Database& database_;
    const base::Clock& clock_;
};

database::StoreFile push_store_file(const std::filesystem::path& folder);

}  // namespace django
