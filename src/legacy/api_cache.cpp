#include "api_cache.hpp"

namespace legacy {

ApiCache::Answer ApiCache::find(const std::string& key, const Stamp& now) {
    if (!on_) return nullptr;
    auto entry = entries_.find(key);
    return entry && entry->stamp == now ? entry->answer : nullptr;
}

void ApiCache::put(const std::string& key, Stamp stamp, Answer answer) {
    if (!on_ || answer->body.size() > answer_bytes_max) return;
    entries_.put(key, {std::move(stamp), std::move(answer)});
}

}  // namespace legacy
