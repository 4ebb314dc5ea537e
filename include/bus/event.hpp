#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace bus {

/// A fact that a module wants to add to its log.
struct NewEvent {
    std::int64_t stream = 0;   ///< the aggregate's id
    std::int64_t version = 0;  ///< its next version: 1, 2, 3 …
    std::string type;          ///< `article_published.v1`: written by hand, never renamed
    std::string body;          ///< JSON
    std::optional<std::int64_t> actor{};
    std::string correlation_id;
    std::optional<base::Time> at{};  ///< when it was decided; nothing: when it is stored
};

using Hash = std::array<unsigned char, 32>;

/// A fact in a log: immutable, at a position. With the log's name as source it has the attributes
/// of CloudEvents 1.0 (id, source, type, subject = stream, time, data = body), so that it can cross
/// a network unchanged.
struct Event {
    std::int64_t position = 0;
    std::int64_t stream = 0;
    std::int64_t version = 0;
    std::string event_id;
    std::string type;
    std::string body;
    std::optional<std::int64_t> actor{};
    std::string correlation_id;
    base::Time recorded_at{};
};

}  // namespace bus
