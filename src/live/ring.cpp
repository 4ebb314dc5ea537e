#include "ring.hpp"

#include <algorithm>

namespace live {

namespace {

void hide(Ring& ring, std::size_t log, std::vector<std::int64_t> articles) {
    if (articles.empty()) return;
    std::sort(articles.begin(), articles.end());
    for (auto& entry : ring.entries) {
        bool is_meant = entry->log == log && !entry->bare.empty() &&
                        std::binary_search(articles.begin(), articles.end(), entry->article);
        if (!is_meant) continue;
        ring.bytes -= entry->bytes();
        entry = std::make_shared<const Entry>(entry->hidden());
        ring.bytes += entry->bytes();
    }
    ++ring.hidings;
}

}  // namespace

bool Filter::wants(const Entry& entry) const {
    if (!logs[entry.log]) return false;
    if (entry.is_reset) return true;
    if (owner && owner != entry.owner) return false;
    return tags.empty() || std::any_of(tags.begin(), tags.end(), [&](const auto& tag) {
               return std::binary_search(entry.tags.begin(), entry.tags.end(), tag);
           });
}

Entry Entry::hidden() const {
    Entry entry;
    entry.log = log;
    entry.position = position;
    entry.reached = reached;
    entry.tags = tags;
    entry.owner = owner;
    entry.article = article;
    entry.whole.append(whole, 0, id_bytes).append(bare);
    entry.id_bytes = id_bytes;
    return entry;
}

void Part::hide(std::int64_t article) {
    for (auto& entry : entries) {
        if (entry.article == article && !entry.bare.empty()) entry = entry.hidden();
    }
    hidden.push_back(article);
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
    ++next.hidings;  // which there were, nobody has looked
    return next;
}

Ring after(const Ring& ring, std::size_t log, Part told, const std::vector<std::string>& names,
           const RingLimits& limits) {
    Ring next = ring;
    hide(next, log, std::move(told.hidden));
    for (auto& entry : told.entries) {
        if (entry.position > 0) next.reached[log] = entry.position;
        entry.log = log;
        entry.reached = next.reached;
        auto id = id_line(entry.reached, names);
        entry.id_bytes = id.size();
        entry.whole.insert(0, id);
        next.bytes += entry.bytes();
        next.entries.push_back(std::make_shared<const Entry>(std::move(entry)));
    }
    next.reached[log] = std::max(next.reached[log], told.end);
    std::size_t gone = 0;
    while (next.entries.size() - gone > 1 &&
           (next.entries.size() - gone > limits.entries_max || next.bytes > limits.bytes_max)) {
        const auto& oldest = *next.entries[gone++];
        next.bytes -= oldest.bytes();
        next.floor[oldest.log] = std::max(next.floor[oldest.log], oldest.position);
    }
    next.entries.erase(next.entries.begin(),
                       next.entries.begin() + static_cast<std::ptrdiff_t>(gone));
    next.first += gone;
    next.heartbeat = std::make_shared<const std::string>(heartbeat_at(next.reached, names));
    return next;
}

}  // namespace live
