#pragma once

#include <functional>
#include <set>
#include <vector>

#include "bus/inbox.hpp"

namespace bus {

/// An inbox on the stand. It has heard nothing yet, and is given seven events: those at 1, 3 and 4
/// of stream 1, at 2, 5 and 7 of stream 2, and at 6 of stream 3.
struct InboxStage {
    Inbox& inbox;
    /// The positions of what it has applied, in order of position.
    std::function<std::vector<std::int64_t>()> applied;
    /// Has it break on events of these streams; empty: it cannot be made to.
    std::function<void(std::set<std::int64_t>)> break_on{};
    /// Has it unable to store anything, or able again; empty: it has nothing to store.
    std::function<void(bool)> refuse{};
    /// The event there in the words that it understands; empty: it takes any.
    std::function<Event(std::int64_t position, std::int64_t stream)> event{};
    /// Whether what breaks is kept, to be tried again; else it is left out.
    bool puts_aside = true;
    /// Whether it knows after a restart where it was; else its feed has only what is not done yet.
    bool keeps_place = true;
};

/// What every inbox has promised; with Catch's checks.
void check_inbox(const InboxStage& stage);

}  // namespace bus
