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

    /// Of events of one log that follow each other, one to a hundred: what they are to those who
    /// listen, in order, without ids. Ends before the last of them once that is `told_bytes_max`.
    /// Refused as the types are: then it is asked again.
    virtual base::Task<Part> tell(std::size_t log, std::vector<bus::Event> events) = 0;
};

/// What is told at once; one entry may go beyond it.
inline constexpr std::size_t told_bytes_max = std::size_t{4} << 20;

/// So many events are read at a time.
inline constexpr std::int64_t events_at_once = 100;

}  // namespace live
