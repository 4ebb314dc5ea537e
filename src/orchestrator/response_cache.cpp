#include "response_cache.hpp"

#include <algorithm>

namespace orchestrator {

namespace {

/// What the containers and the response take beside the texts.
constexpr std::size_t overhead = 400;

bool is_valid(const CachedResponse& response) {
    for (const auto& source : response.sources) {
        if (source.queries->generation() != source.generation) return false;
    }
    return true;
}

}  // namespace

void NewPage::asks(const news::Queries& queries) {
    auto generation = queries.generation();
    if (generation) sources.push_back({&queries, *generation});
    may_be_kept = may_be_kept && generation;
}

http::Response CachedResponse::again() const {
    http::Response response;
    response.body = answer;
    return response;
}

void CachedResponse::ends_at(const std::optional<base::Time>& time, const base::Clock& clock) {
    if (!time) return;
    // A moment may be too far ahead to be counted: after a day it is asked again.
    constexpr base::Time::duration looked_ahead = std::chrono::hours(24);
    auto left = std::min(*time - clock.now(), looked_ahead);
    expires = std::min(expires, clock.steady() + left);
}

const CachedResponse* ResponseCache::find(std::string_view target, Moment now) {
    auto found = places_.find(target);
    if (found == places_.end()) return nullptr;
    auto entry = found->second;
    if (now >= entry->response.expires || !is_valid(entry->response)) {
        if (!may_be_shown(*entry, now)) erase(entry);
        return nullptr;
    }
    entry->valid_at = now;
    if (entry != entries_.begin()) entries_.splice(entries_.begin(), entries_, entry);
    return &entry->response;
}

const CachedResponse* ResponseCache::find_stale(std::string_view target, Moment now,
                                                std::span<const Source> well) const {
    auto found = places_.find(target);
    if (found == places_.end() || !may_be_shown(*found->second, now)) return nullptr;
    const auto& response = found->second->response;
    auto has_changed = [&](const Source& source) {
        return std::any_of(well.begin(), well.end(), [&](const Source& now_well) {
            return now_well.queries == source.queries && now_well.generation != source.generation;
        });
    };
    bool is_newer = std::any_of(response.sources.begin(), response.sources.end(), has_changed);
    return is_newer ? nullptr : &response;
}

bool ResponseCache::may_be_shown(const Entry& entry, Moment now) const {
    return now - entry.valid_at < stale_max_ && now < entry.response.expires;
}

void ResponseCache::put(std::string target, CachedResponse response, Moment now) {
    auto before = places_.find(target);
    if (before != places_.end()) erase(before->second);
    std::size_t bytes = overhead + target.size() + response.answer->head.size() +
                        response.answer->head_304.size() + response.answer->body.size();
    if (bytes > bytes_max_) return;
    entries_.push_front({std::move(target), std::move(response), bytes, now});
    places_.emplace(entries_.front().target, entries_.begin());
    bytes_ += bytes;
    while (bytes_ > bytes_max_) erase(std::prev(entries_.end()));
}

void ResponseCache::erase(Entries::iterator entry) {
    places_.erase(entry->target);
    bytes_ -= entry->bytes;
    entries_.erase(entry);
}

}  // namespace orchestrator
