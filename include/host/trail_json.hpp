#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "bus/trail.hpp"

namespace host {

/// `{"at", "log", "position", "type", "id", "version", "actor", "request_id"}`, as every answer
/// about what happened has it. `source`: the log's.
nlohmann::ordered_json to_json(const std::string& source, const bus::TrailEntry& entry);

}  // namespace host
