#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/http_client.hpp"

/// What every answer of the API must look like. Each check gives what is wrong, in words, so that
/// `CHECK(support::item_faults(x) == "")` tells it; empty if all is well.
namespace support {

/// RFC 3339 in UTC with milliseconds, exactly: 2026-05-04T10:20:30.123Z.
bool is_time(const nlohmann::json& value);

/// A news item has every member of the contract, of the right type, and none beside them.
std::string item_faults(const nlohmann::json& item);

/// A failure has this status and code and the common body, the same request id in body and head,
/// and tells nothing of the inside.
std::string failure_faults(const Answer& answer, int status, const std::string& code);

/// The fields that `details` names, in order.
std::vector<std::string> fields_in_details(const Answer& answer);

/// The ids of the items of a list answer.
std::vector<std::int64_t> ids_of(const Answer& answer);

/// Newest publication first, then larger id.
bool is_in_order(const nlohmann::json& items);

/// A news item that breaks no rule.
nlohmann::json new_item(const std::string& title, const nlohmann::json& changed = {});

}  // namespace support
