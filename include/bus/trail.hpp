#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/task.hpp"

namespace bus {

/// What an auditor hears of an event: who did what to which, when. Never what it says.
struct TrailEntry {
    base::Time at{};  ///< when it was decided; of an import, when that was
    std::int64_t position = 0;
    std::int64_t stream = 0;
    std::int64_t version = 0;
    std::string type;
    std::optional<std::int64_t> actor{};
    std::string correlation_id;
};

/// A place in a log in the order of time.
struct TrailPlace {
    base::Time at{};
    std::int64_t position = 0;
};
/// Which events are asked for.
struct TrailQuery {
    std::optional<std::int64_t> actor{};
    std::optional<base::Time> from{};  ///< this moment and later
    std::optional<base::Time> to{};    ///< before this moment
    /// Only what is behind that place, which is older.
    std::optional<TrailPlace> behind{};
    std::int64_t count = 20;
    std::int64_t look_max = 100000;  ///< events whose time and actor are looked at
};

/// What of a log answers a query, the newest first.
struct TrailPage {
    std::vector<TrailEntry> entries;
    /// How far was looked, if that is not the end: ask on from there. An entry may yet be behind it
    /// though there is none here.
    std::optional<TrailPlace> looked_to{};
};

/// The log of a module as an auditor reads it. Thread-safe.
class Trail {
public:
    virtual ~Trail() = default;

    /// Names it in answers: `news-sports`.
    virtual const std::string& source() const = 0;
    /// Walks an index of times and actors, at most `look_max` events of it (100,000 take some ten
    /// milliseconds) however many there are; only what is given is read itself. Refused as
    /// Feed::after().
    virtual base::Task<TrailPage> trail(TrailQuery query, base::Deadline deadline) const = 0;
};

}  // namespace bus
