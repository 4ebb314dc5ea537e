#include "orchestrator/module.hpp"

namespace orchestrator {

void describe(config::Section& section, Config& config) {
    section.duration("deadline_ms", config.deadline_ms, {10, 60000},
                     "How long a list over several news types waits; a type that is later is left "
                     "out of the answer and named.");
    section.integer("cache_bytes_max", config.cache_bytes_max, {0, std::int64_t{1} << 36},
                    "Memory for answers that are ready to send, all I/O threads together.");
    section.integer("limit_default", config.limit_default, {1, 100},
                    "Items of a list whose request names no limit.");
    section.integer("feed_items", config.feed_items, {1, 100}, "Items of a feed, the newest.");
    section.integer(
        "sitemap_urls", config.sitemap_urls, {1, 20000},
        "Addresses of a sitemap; a month that has more has several. 20000 are below 50 MiB, "
        "however long they are.");
    section.integer("sitemaps_at_once", config.sitemaps_at_once, {2, 64},
                    "How many sitemaps of months are made at the same time, half of them for one "
                    "client at most; another is refused with overloaded (503). Each takes some MiB "
                    "while it is made.");
    section.duration("stale_max_s", config.stale_max_s, {0, 86400},
                     "An answer that is known to be out of date is given instead of none, marked, "
                     "for so long after it was last known not to be; 0: never.");
    section.duration("ranking_deadline_ms", config.ranking_deadline_ms, {5, 10000},
                     "How long a ranking is waited for; a personal front page is the plain one "
                     "then.");
    section.duration("ranking_cached_s", config.ranking_cached_s, {1, 600},
                     "How long what is next, similar or trending is given again.");
    section.duration("ranked_list_kept_s", config.ranked_list_kept_s, {5, 3600},
                     "How long the further pages of a personal front page stay as they were when "
                     "the first one was given.");
    section.integer("ranked_lists_max", config.ranked_lists_max, {16, 10000000},
                    "Personal front pages that are kept for that, of about 16 KiB each, and ten times "
                    "as much with reasons; those that were not asked for longest go.");
    auto& breaker =
        section.section("breaker",
                        "When a news type, or the ranking, that does not answer is given rest, and "
                        "asked no more.");
    resilience::describe(breaker, config.breaker);
}

}  // namespace orchestrator
