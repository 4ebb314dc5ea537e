#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/strict_json.hpp"

namespace config {

/// Where in a text reading stopped, and why.
struct JsonFailure {
    std::string reason;      ///< `line 3, column 7: unexpected '}'`, without a final period
    bool holds_nul = false;  ///< it is well-formed, but a text has U+0000 in it
};

/// What to do when a member stands twice in one object.
enum class Repeated {
    refuse,   ///< stop: text from outside
    collect,  ///< the first one counts, and all are named: a file that a person should mend
};

/// A JSON text as a value, and what is the matter with it.
struct ParsedJson {
    nlohmann::json value{};
    std::optional<JsonFailure> failure{};
    std::vector<std::string> repeated{};  ///< paths, as `http.listen`; for Repeated::collect
};

/// Reads a text within the limits. Hostile input (with Repeated::refuse) costs at most memory in
/// proportion to its length: nothing here recurses, and nesting stops at the limit.
ParsedJson parse_json(std::string_view text, const JsonLimits& limits, Repeated repeated);

}  // namespace config
