#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace identity {

/// The text members of a body, in the order of `names`. Refused with all problems at once:
/// `malformed_request` if it is no object or a member is no text, `invalid_request` if one is
/// missing. Other members are ignored.
base::Result<std::vector<std::string>> texts_from_json(const nlohmann::json& body,
                                                       const std::vector<std::string>& names);

}  // namespace identity
