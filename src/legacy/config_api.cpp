#include "legacy/config_api.hpp"

namespace legacy {

void describe(config::Section& section, ApiConfig& config) {
    section.path("api", config.file,
                 "The file that says which old routes are answered here in the monolith's own "
                 "shape, and how; empty: none.");
    section.duration("api_deadline_ms", config.deadline_ms, {1, 60000},
                     "How long such an answer may take.");
    section.integer("api_offset_max", config.offset_max, {100, 10000000},
                    "No page of such a list begins behind so many items. What is skipped is "
                    "stepped over, so a deep page costs more.");
    section.integer("api_cache_answers", config.cache_answers, {0, 100000},
                    "So many of these answers, of 256 KiB at most, are kept ready to send until "
                    "news changes; 0: none.");
}

}  // namespace legacy
