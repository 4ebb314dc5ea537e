#include "config/strict_json.hpp"

#include <utility>

#include "json_builder.hpp"

namespace config {

base::Result<nlohmann::json> parse_strict_json(std::string_view text, const JsonLimits& limits) {
    auto parsed = parse_json(text, limits, Repeated::refuse);
    if (parsed.failure && parsed.failure->holds_nul) {
        return base::Error{
            base::Reason::invalid, "nul_in_text",
            "No text may hold the character U+0000: " + parsed.failure->reason + "."};
    }
    if (parsed.failure) {
        return base::Error{base::Reason::invalid, "malformed_json",
                           "This is not well-formed JSON: " + parsed.failure->reason + "."};
    }
    // Named, because a json converts to anything, and the compiler cannot choose.
    return {boost::system::in_place_value, std::move(parsed.value)};
}

}  // namespace config
