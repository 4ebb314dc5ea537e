#include "backup/module.hpp"

namespace backup {

void describe(config::Section& section, Config& config) {
    section.path("folder", config.folder,
                 "Where backups are made on time, best on another disk; `portal backup` without a "
                 "folder makes them there too. Empty: only when somebody says where.");
    section.integer("every_h", config.every_h, {0, 8784},
                    "How long after one the next is made. 0: not on time.");
    section.integer("late_h", config.late_h, {1, 100000},
                    "Without a new backup for so long, whoever is in charge is alerted.");
    section.integer("keep_count", config.keep_count, {1, 100000},
                    "Backups that are kept; then the oldest goes, and what only it needs.");
    section.integer("keep_days", config.keep_days, {0, 100000},
                    "Backups that are older go too, but for the newest. 0: none does for its age.");
    section.integer("bytes_per_second_max", config.bytes_per_second_max,
                    {1024 * 1024, std::int64_t{1} << 40},
                    "How fast events are copied at most, so that others have something of the "
                    "disk.");
    section.integer("disk_free_bytes_min", config.disk_free_bytes_min, {0, std::int64_t{1} << 50},
                    "Room on the backups' disk below which a backup is given up.");
    section.text("alert_url", config.alert_url,
                 "Where a failed or late backup is told by a POST of a small JSON object: "
                 "http(s)://host:port/path. Empty: nowhere but in the log, /readyz and /metrics.");
    if (!config.alert_url.empty() && !config.alert_url.starts_with("http://") &&
        !config.alert_url.starts_with("https://")) {
        section.refuse("alert_url", "is no address: http://… or https://….");
    }
}

}  // namespace backup
