#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "base/result.hpp"
#include "editing/desk.hpp"

namespace editing {

/// `{"version": 3, "members": {…}}`. Refused with `malformed_working_copy`.
base::Result<WorkingCopy> working_copy_from_json(const nlohmann::json& body, ArticleName article);
/// `{"text": "…"}`. Refused with `malformed_note`.
base::Result<std::string> note_from_json(const nlohmann::json& body);
/// `{"hours": 24}`, or without. Refused with `malformed_preview`.
base::Result<std::optional<std::int64_t>> hours_from_json(const nlohmann::json& body);

}  // namespace editing
