#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "django/import_types.hpp"

namespace django {

/// What the last import of one model that ended has said of it.
struct KeptImport {
    base::Time finished_at{};
    std::string source;  ///< its kind: json, jsonl, xml or sqlite
    bool cut_off = false;
    std::int64_t unreadable = 0;  ///< rows that were none, besides those that the rules have read
    std::int64_t vanished = 0;    ///< what came before, and was not in the source
    /// In the order of the mapping; what `published`, `scheduled`, `drafts` and `past` said is not
    /// kept.
    std::vector<RuleReport> rules{};
};
/// By model.
using KeptImports = std::map<std::string, KeptImport>;

}  // namespace django
