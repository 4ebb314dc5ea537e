#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "base/result.hpp"
#include "media/library.hpp"

namespace media {

/// What a change's body says.
struct ChangeInput {
    Change change;
    std::optional<std::int64_t> version{};
};

/// `{alt, credit, focus: {x, y}, version}`, each of which may be missing; unknown members are
/// ignored. Refused with `malformed_media` and all details.
base::Result<ChangeInput> change_from_json(const nlohmann::json& body);

}  // namespace media
