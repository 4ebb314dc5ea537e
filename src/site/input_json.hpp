#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "site/lists.hpp"
#include "site/redirects.hpp"

namespace site {

/// `{"redirects": [{"from", "to", "permanent"?} | {"from", "remove": true}]}`; `to` null: gone.
/// Refused with `malformed_redirects` when a member has the wrong JSON type, with
/// `invalid_redirects` when one is missing, or does not go with another: all problems at once.
base::Result<std::vector<RedirectChange>> redirect_changes_from_json(const nlohmann::json& body);

/// The body of a list.
struct ListInput {
    std::vector<ListEntry> entries;
    std::optional<std::int64_t> version{};
};

/// `{"entries": [{"type", "id", "pinned"?} | {"newest": type or null}], "version"?}`. Refused with
/// `malformed_list` and `invalid_list` likewise. Of entries beyond what a list may have none is
/// looked at: that there are too many is said by check().
base::Result<ListInput> list_from_json(const nlohmann::json& body);

}  // namespace site
