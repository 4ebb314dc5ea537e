#include "listing.hpp"

#include <algorithm>

namespace orchestrator {

namespace {

bool is_listed_before(const news::Article& a, const news::Article& b) {
    return news::comes_before(news::cursor_of(a), news::cursor_of(b));
}

}  // namespace

base::Result<Listing> merge(std::vector<Part> parts, std::optional<std::int64_t> limit) {
    Listing listing;
    for (auto& part : parts) {
        if (!part.items) {
            listing.failed.push_back(part.news_type);
            if (!listing.refused) listing.refused = part.items.error();
            continue;
        }
        std::move(part.items->begin(), part.items->end(), std::back_inserter(listing.items));
    }
    if (!parts.empty() && listing.failed.size() == parts.size()) return parts.front().items.error();
    std::sort(listing.items.begin(), listing.items.end(), is_listed_before);
    if (limit && std::ssize(listing.items) > *limit) {
        listing.items.resize(static_cast<std::size_t>(*limit));
        listing.more = true;
    }
    return listing;
}

}  // namespace orchestrator
