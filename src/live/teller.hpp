#pragma once

#include <vector>

#include "base/task.hpp"
#include "bus/event.hpp"
#include "ring.hpp"

namespace live {

/// Makes what is told of events.
class Teller {
public:
    virtual ~Teller() = default;

    /// Of events of one log that follow each other, a hundred at most: what they are to those who
    /// listen, in order, without ids. Refused as the types are: then it is asked again.
    virtual base::Task<std::vector<Entry>> tell(std::size_t log,
                                                std::vector<bus::Event> events) = 0;
};

/// So many events are read at a time.
inline constexpr std::int64_t events_at_once = 100;

}  // namespace live
