#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "base/watermark.hpp"
#include "bus/event.hpp"

namespace bus {

/// Facts in an order, as others hear them, wherever they are kept: the log of a module, a queue, a
/// ring, or one of these in another process. Positions grow and are never given twice; there may be
/// gaps. Thread-safe where an implementation does not say otherwise.
class Feed {
public:
    virtual ~Feed() = default;

    /// Names it in messages: `news-sports`.
    virtual const std::string& source() const = 0;
    /// The position of the newest event, 0 if there was none yet. To wait for it is the wake-up. It
    /// moves after the commit, so after() may give events beyond it for a moment.
    virtual const base::Watermark& head() const = 0;

    /// Up to `count` events after `position`, in order; fewer if they are large, none at the end.
    /// May wait for a moment so that more come together. Refused with `unavailable`, `deadline`.
    virtual base::Task<std::vector<Event>> after(std::int64_t position, std::int64_t count,
                                                 base::Deadline deadline) const = 0;
    /// What there is of one stream, in order; none if there is no such stream. Refused as after().
    virtual base::Task<std::vector<Event>> stream(std::int64_t id,
                                                  base::Deadline deadline) const = 0;
};

}  // namespace bus
