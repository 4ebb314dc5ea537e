#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "news/queries.hpp"

namespace orchestrator {

/// A list over one or several news types.
struct Listing {
    std::vector<news::Article> items;
    std::vector<std::string> failed;       ///< types that could not answer
    bool more = false;                     ///< something follows the last item
    std::optional<std::int64_t> count{};   ///< of all there are, if that was asked for
    std::optional<base::Error> refused{};  ///< the first of their refusals
};

/// What one type gave, or why not.
struct Part {
    std::string news_type;
    base::Result<std::vector<news::Article>> items;
};

/// All parts in one order: newest publication first, then larger id, then type by name. Refused
/// only if no part answered, with the first one's refusal. `limit`: keep only so many.
base::Result<Listing> merge(std::vector<Part> parts, std::optional<std::int64_t> limit);

}  // namespace orchestrator
