#include <algorithm>

#include "search/module.hpp"

namespace search {

void describe(config::Section& section, Config& config) {
    section.text("language", config.language,
                 "The language of articles that have said none, and of searches that name none, as "
                 "en or de: by which stems words are found. Another one makes the index anew.");
    section.integer(
        "candidates_max", config.candidates_max, {100, 10000},
        "Of how many that have what was looked for, the newest, the best are chosen and "
        "facets counted.");
    section.duration("query_time_max_ms", config.query_time_max_ms, {10, 10000},
                     "How long one search may take; then it is refused.");
    section.integer("freshness_half_life_days", config.freshness_half_life_days, {1, 3650},
                    "What is new counts up to twice as much; after so many days half of that is "
                    "gone.");
    section.integer("backlog_events_max", config.backlog_events_max, {1, 1000000000},
                    "Events that the index may be behind a log before /readyz warns of it.");
    describe(section.section("database", "Limits of search.db."), config.database);
    describe(section.section("bus", "How the news are heard."), config.bus);
    auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
    bool good = config.language.size() >= 2 && config.language.size() <= 3 &&
                std::all_of(config.language.begin(), config.language.end(), is_small);
    if (!good) section.refuse("language", "expected two or three small letters, as en.");
}

}  // namespace search
