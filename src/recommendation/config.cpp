#include "recommendation/module.hpp"

namespace recommendation {

void describe(config::Section& section, RankingWeights& weights) {
    section.integer("read_next_permille", weights.read_next_permille, {0, 100000},
                    "Weight of what others read next after what this reader has just read, in "
                    "thousandths.");
    section.integer("popular_permille", weights.popular_permille, {0, 100000},
                    "Weight of what is read by all just now.");
    section.integer("interest_permille", weights.interest_permille, {0, 100000},
                    "Weight of the labels that the reader cares about; half of it until three "
                    "items were read.");
    section.integer("fresh_permille", weights.fresh_permille, {0, 100000},
                    "Weight of what is new.");
    section.integer("explore_permille", weights.explore_permille, {0, 100000},
                    "Weight of what was shown to few so far.");
    section.integer("earlier_read_permille", weights.earlier_read_permille, {1, 1000},
                    "Of the weight of what is read after an item, so much is left for the last one "
                    "that was read, and for each before it of what the next has.");
    section.duration("session_min", weights.session_min, {1, 1440},
                     "A reader who was away for longer begins anew: what was read before says "
                     "nothing of what is read next.");
    section.duration("read_next_half_life_h", weights.read_next_half_life_h, {1, 87600},
                     "After how many hours it weighs half that one item was read after another.");
    section.duration("fresh_half_life_h", weights.fresh_half_life_h, {1, 8760},
                     "After how many hours an item is half as new.");
    section.integer("same_label_permille", weights.same_label_permille, {0, 1000},
                    "What is left of a score, in thousandths, for each item above with the same "
                    "first label.");
    section.integer("same_label_max", weights.same_label_max, {1, 10},
                    "Of ten items, so many have the same first label at most.");
}

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
    describe(section.section("ranking",
                             "How items are ranked for a reader. `portal replay` says "
                             "what it does for recorded visits."),
             config.ranking);
    section.integer("ranked_readers_max", config.ranked_readers_max, {1, 100000000},
                    "Readers that the ranking knows; when there are more, the one who was away for "
                    "longest is a stranger.");
    section.integer("ranked_articles_max", config.ranked_articles_max, {100, 100000000},
                    "Items that the ranking knows; when there are more, a tenth of them is "
                    "recommended no more: those that were neither read nor changed for longest.");
    section.integer("ranked_labels_max", config.ranked_labels_max, {100, 100000000},
                    "Labels that the ranking knows; others are none to it.");
    section.integer("ranking_questions_max", config.ranking_questions_max, {1, 100000},
                    "Questions that may wait for the ranking; when there are more, a front page is "
                    "the plain one.");
    section.integer("visits_max", config.visits_max, {1, 10000},
                    "Visits that one request may tell of.");
    section.duration("short_view_ms", config.short_view_ms, {0, 600000},
                     "Who has stayed less than that on an item has not read it: it is not offered "
                     "again, and says nothing of what they like.");
    section.integer("choices_max", config.choices_max, {1, 100000},
                    "Labels that a reader can follow, labels that they can mute, and items that "
                    "they can hide; of the latter the first go.");
    section.integer("log_days", config.log_days, {1, 3650},
                    "How many days the log keeps what readers have done.");
    section.integer("log_rows_max", config.log_rows_max, {1000, 1000000000},
                    "Rows of that log at most; then the oldest go sooner.");
    section.integer("snapshot_rows", config.snapshot_rows, {10, 1000000000},
                    "When so much was learned since the last one, the ranking is kept in a file, "
                    "so that a start need not learn all of the log. Nobody is answered by the "
                    "ranking while it is written, so that is done every ten minutes at most.");
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
