#pragma once

#include <functional>
#include <set>
#include <vector>

#include "bus/inbox.hpp"

namespace bus {

/// An inbox on the stand.
struct InboxStage {
    Inbox& inbox;
    /// The positions of what it has applied, in order of position.
    std::function<std::vector<std::int64_t>()> applied;
    /// Has it break on events of these streams; empty: it cannot be made to.
    std::function<void(std::set<std::int64_t>)> break_on{};
};

/// What every inbox has promised that has heard nothing yet; with Catch's checks.
void check_inbox(const InboxStage& stage);

}  // namespace bus
