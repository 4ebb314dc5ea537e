#include "recommendation/module.hpp"

namespace recommendation {

void describe(config::Section& section, Config& config) {
    section.duration("half_life_h", config.half_life_h, {1, 87600},
                     "After how many hours a visit weighs half. What is stored keeps the weight it "
                     "has when this changes.");
    section.duration("batch_interval_ms", config.batch_interval_ms, {1, 1000},
                     "How long a visit waits at most for others to be stored with it.");
    section.integer("batch_visits_max", config.batch_visits_max, {1, 100000},
                    "Visits that are stored in one transaction at most.");
    section.integer("ring_visits_max", config.ring_visits_max, {16, 10000000},
                    "Visits that may wait in memory; when there are more, the oldest go.");
    section.duration(
        "repeat_interval_ms", config.repeat_interval_ms, {1000, 7 * 24 * 3600 * 1000},
        "A second visit to the same news item counts only when it is that much later.");
    section.integer("labels_per_user_max", config.labels_per_user_max, {1, 10000},
                    "Labels that are kept of each reader; the lightest go.");
    section.integer("answer_entries_max", config.answer_entries_max, {1, 1000},
                    "Entries of one answer at most.");
    section.duration("profiles_deadline_ms", config.profiles_deadline_ms, {1, 10000},
                     "How long the readers' names are waited for; then their ids go out alone.");
    auto& breaker = section.section("profiles_breaker",
                                    "When nobody asks for names any more, as they do not come.");
    resilience::describe(breaker, config.profiles_breaker);
    describe(section.section("database", "Limits of recommendation.db."), config.database);
    describe(section.section("bus", "How removals of users are followed."), config.bus);

    if (config.batch_visits_max > config.ring_visits_max) {
        section.refuse("batch_visits_max",
                       "is more than ring_visits_max, so no batch could be full.");
    }
}

}  // namespace recommendation
