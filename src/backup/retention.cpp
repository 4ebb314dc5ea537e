#include "retention.hpp"

#include <algorithm>

namespace backup {

namespace {

constexpr std::size_t segments_apart = 32;

}  // namespace

std::vector<std::string> superseded(const std::vector<Manifest>& all, base::Time now,
                                    std::int64_t keep_count, std::int64_t keep_days) {
    std::vector<std::string> going;
    auto count = std::ssize(all);
    for (std::ptrdiff_t i = 0; i + 1 < count; ++i) {
        const auto& backup = all[static_cast<std::size_t>(i)];
        bool is_one_too_many = count - i > keep_count;
        bool is_old = keep_days > 0 && now - backup.at > std::chrono::days(keep_days);
        if (is_one_too_many || is_old) going.push_back(backup.id);
    }
    return going;
}

/// As the digits of a counter: those at the end that together are no smaller than the one before
/// them are put into one with it.
std::size_t segments_kept(const std::vector<Segment>& segments) {
    auto kept = segments.size();
    if (kept < segments_apart) return kept;
    std::int64_t bytes = 0;
    while (kept > 0 && (bytes == 0 || segments[kept - 1].file.bytes <= bytes)) {
        bytes += segments[--kept].file.bytes;
    }
    return kept;
}

}  // namespace backup
