#include "host/trail_json.hpp"

namespace host {

nlohmann::ordered_json to_json(const std::string& source, const bus::TrailEntry& entry) {
    nlohmann::ordered_json one;
    one["at"] = base::to_rfc3339(entry.at);
    one["log"] = source;
    one["position"] = entry.position;
    one["type"] = entry.type;
    one["id"] = entry.stream;
    one["version"] = entry.version;
    one["actor"] = nullptr;
    if (entry.actor) one["actor"] = *entry.actor;
    one["request_id"] = entry.correlation_id;
    return one;
}

}  // namespace host
