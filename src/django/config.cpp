#include "django/config.hpp"

namespace django {

void describe(config::Section& section, Config& config) {
    section.text(
        "mapping", config.mapping,
        "The mapping file by which POST /v1/migration/changes takes the rows that a bridge "
        "in the Django site pushes; empty: it takes none.");
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
