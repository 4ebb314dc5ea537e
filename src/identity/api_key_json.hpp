#pragma once

#include <nlohmann/json.hpp>

#include "api_keys.hpp"

namespace identity {

/// Name, role and end (`expires_at`, may be null or missing) of a new key; what else is there is
/// ignored. Refused with `malformed_request` when a member has another type, `invalid_api_key` when
/// one is missing or no such word or time: all problems at once.
base::Result<ApiKey> api_key_from_json(const nlohmann::json& body);

/// A key as admins see it.
nlohmann::ordered_json to_json(const ApiKey& key);

}  // namespace identity
