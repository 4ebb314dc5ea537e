#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "source.hpp"

namespace django {

/// One change of the old site, as its bridge tells it.
struct Change {
    enum class Operation { save, remove };
    std::int64_t sequence = 0;  ///< of the bridge's outbox; rises
    Operation operation = Operation::save;
    std::string model;
    std::string key;  ///< the pk as a text
    /// The row as it is now, and those that the mapping reads with it.
    std::vector<Record> rows{};
    /// Why one of them is no row: then the change is refused, and those behind it are taken.
    std::optional<Reject> unreadable{};
};

/// Some changes of one outbox, in its order.
struct Push {
    std::string source;  ///< names the outbox, for ever
    std::vector<Change> changes;
};

/// A change that was refused for good.
struct Refusal {
    std::int64_t sequence = 0;
    std::string code;
    std::string message;
};
using Refusals = std::vector<Refusal>;

/// What became of a push: all up to `last_sequence` is done, or refused.
struct Pushed {
    std::int64_t last_sequence = 0;
    std::int64_t accepted = 0;  ///< also what changed nothing
    Refusals refused{};
};

}  // namespace django
