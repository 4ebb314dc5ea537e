#include "ring.hpp"

#include <algorithm>

namespace live {

bool Filter::wants(const Entry& entry) const {
    if (!logs[entry.log]) return false;
    if (owner && owner != entry.owner) return false;
    return tags.empty() || std::any_of(tags.begin(), tags.end(), [&](const auto& tag) {
               return std::binary_search(entry.tags.begin(), entry.tags.end(), tag);
           });
}

std::string id_line(const Positions& positions, const std::vector<std::string>& names) {
    return "id: " + text_of(positions, names) + "\n";
}

std::string heartbeat_at(const Positions& positions, const std::vector<std::string>& names) {
    return ":\n" + id_line(positions, names) + "\n";
}

Ring begin_at(Positions positions, const std::vector<std::string>& names) {
    Ring ring;
    ring.heartbeat = std::make_shared<const std::string>(heartbeat_at(positions, names));
    ring.floor = positions;
    ring.reached = std::move(positions);
    return ring;
}

Ring without(const Ring& ring, std::size_t log, std::int64_t end,
             const std::vector<std::string>& names) {
    Ring next = ring;
    next.reached[log] = std::max(next.reached[log], end);
    next.floor[log] = next.reached[log];
    next.heartbeat = std::make_shared<const std::string>(heartbeat_at(next.reached, names));
    return next;
}

Ring after(const Ring& ring, std::size_t log, std::int64_t end, std::vector<Entry> told,
           const std::vector<std::string>& names, const RingLimits& limits) {
    Ring next = ring;
    for (auto& entry : told) {
        if (entry.position > 0) next.reached[log] = entry.position;
        entry.log = log;
        entry.reached = next.reached;
        auto id = id_line(entry.reached, names);
        entry.id_bytes = id.size();
        entry.whole.insert(0, id);
        next.bytes += entry.whole.size();
        next.entries.push_back(std::make_shared<const Entry>(std::move(entry)));
    }
    next.reached[log] = std::max(next.reached[log], end);
    std::size_t gone = 0;
    while (next.entries.size() - gone > 1 &&
           (next.entries.size() - gone > limits.entries_max || next.bytes > limits.bytes_max)) {
        const auto& oldest = *next.entries[gone++];
        next.bytes -= oldest.whole.size();
        next.floor[oldest.log] = std::max(next.floor[oldest.log], oldest.position);
    }
    next.entries.erase(next.entries.begin(),
                       next.entries.begin() + static_cast<std::ptrdiff_t>(gone));
    next.first += gone;
    next.heartbeat = std::make_shared<const std::string>(heartbeat_at(next.reached, names));
    return next;
}

}  // namespace live
