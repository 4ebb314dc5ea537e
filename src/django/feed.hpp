#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "value.hpp"

namespace django {

/// A row of the old site as it has to be now, or that it has to go.
struct FeedChange {
    enum class Operation { save, remove };
    std::int64_t position = 0;
    Operation operation = Operation::save;
    std::string model;
    Value key{};
    Value fields{};                   ///< all of them, as dumpdata writes them; null: see `why`
    std::vector<std::string> kept{};  ///< what no rule can say in the row: it has what it had
    std::string why{};                ///< it is not known what the row has to be
};

/// Some of them, in their order.
struct FeedPage {
    std::vector<FeedChange> changes{};
    std::int64_t next = 0;        ///< what is asked for after them
    std::int64_t head = 0;        ///< the newest position
    std::chrono::seconds lag{0};  ///< since when the oldest that was not taken before waits
};

}  // namespace django
