#include "django/config.hpp"

namespace django {

void describe(config::Section& section, Config& config) {
    section.text(
        "mapping", config.mapping,
        "The mapping file by which POST /v1/migration/changes takes the rows that a bridge "
        "in the Django site pushes; empty: it takes none.");
    section.text(
        "base", config.base,
        "The dump of the Django site (dumpdata's json or jsonl) by whose rows "
        "GET /v1/migration/feed says what the rows of articles have to be that were changed "
        "here; made when the site stopped changing them. Empty: there is no feed.");
    section.integer("feed_limit_max", config.feed_limit_max, {1, 1000},
                    "Changes in one page of the feed; who asks for more gets these.");
    section.integer("feed_bytes_max", config.feed_bytes_max, {64 * 1024, 256 * 1024 * 1024},
                    "A page of the feed ends with the change that makes it longer, in memory.");
    section.integer("row_bytes_max", config.row_bytes_max, {4096, 15 * 1024 * 1024},
                    "The longest row of a dump; a longer one is refused and reported.");
    section.integer("batch_rows", config.batch_rows, {1, 100'000},
                    "Rows that are staged in one transaction; a stopped import goes on behind the "
                    "last.");
    section.integer("cache_bytes_max", config.cache_bytes_max, {1024 * 1024, std::int64_t{1} << 32},
                    "Memory for rows that others point to.");
    section.duration("write_wait_max_ms", config.write_wait_max_ms, {100, 600'000},
                     "How long a block of rows waits for a store that has too much to do, and "
                     "the end of the import for a view that does not move.");
}

}  // namespace django
