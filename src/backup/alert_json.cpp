#include "alert_json.hpp"

#include <nlohmann/json.hpp>

namespace backup {

std::string to_json(const Alert& alert) {
    nlohmann::json json{{"event", alert.event},
                        {"folder", alert.folder},
                        {"message", alert.message},
                        {"at", base::to_rfc3339(alert.at)},
                        {"last_success", nullptr}};
    if (alert.last_success) json["last_success"] = base::to_rfc3339(*alert.last_success);
    // What an operating system says may be in any character set.
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace backup
