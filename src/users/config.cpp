#include "users/module.hpp"

namespace users {

void describe(config::Section& section, Config& config) {
    section.integer("workers", config.workers, {1, 64},
                    "Workers that bring the queue to the table; a user's rows always go to the "
                    "same one.");
    section.integer("batch_rows_max", config.batch_rows_max, {1, 10000},
                    "Rows that a worker commits together.");
    section.integer("attempts_max", config.attempts_max, {1, 1000},
                    "How often a row is tried before it is parked until the next start.");
    section.duration("retry_delay_ms", config.retry_delay_ms, {1, 60000},
                     "How long a worker waits after a row that failed.");
    section.duration("idle_interval_ms", config.idle_interval_ms, {10, 60000},
                     "How often an idle worker looks at the queue without being woken.");
    section.integer("queue_rows_max", config.queue_rows_max, {1, 100000000},
                    "Changes that may wait; past that they are refused with 503.");
    section.integer("cache_entries", config.cache_entries, {16, 100000000},
                    "Users kept in memory, besides those in the queue.");
    describe(section.section("database", "Limits of the users database file."), config.database);
}

}  // namespace users
