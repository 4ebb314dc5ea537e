#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/result.hpp"

namespace config {

/// What a JSON text from outside may be at most.
struct JsonLimits {
    std::size_t bytes = 1024 * 1024;
    std::size_t depth = 32;
    /// All values together. Two bytes of text can be a value of a hundred in memory.
    std::size_t values = 16384;
    bool comments = false;
};

/// Reads JSON as strictly as a border should: valid UTF-8, one value and nothing after it, no
/// member twice in one object, no deeper than the limit, finite numbers, no NUL in text.
/// Refused with Reason::invalid and a sentence that says where: code `nul_in_text` if only that is
/// wrong, that a text has \u0000 in it, else `malformed_json`.
base::Result<nlohmann::json> parse_strict_json(std::string_view text, const JsonLimits& limits);

}  // namespace config
