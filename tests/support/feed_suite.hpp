#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bus/feed.hpp"

namespace bus {

/// A feed on the stand.
struct FeedStage {
    const Feed& feed;
    /// Adds one event to that stream, from any thread; nothing of the feed is taken away meanwhile.
    std::function<void(std::int64_t stream)> add;
    /// Whether events belong to streams; else each stands by itself.
    bool has_streams = true;
    /// Whether what was passed is still given to who asks again.
    bool is_kept = true;
    /// Has it unable to answer, or able again; empty: it has all that it gives at hand.
    std::function<void(bool)> refuse{};
};

/// What every feed has promised, wherever it is kept; with Catch's checks.
void check_feed(const FeedStage& stage);

}  // namespace bus
