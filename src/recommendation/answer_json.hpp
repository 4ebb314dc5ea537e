#pragma once

#include <optional>
#include <string>
#include <vector>

#include "log_store.hpp"
#include "reader_store.hpp"
#include "recommendation/recommendations.hpp"
#include "users/users.hpp"
#include "visit_store.hpp"

namespace recommendation {

/// All that is known of one, or a part of it.
struct Known {
    users::User user{};
    Preferences preferences{};
    std::vector<Interest> interests{};
    std::vector<LogRow> visits{};
    std::optional<std::int64_t> next{};  ///< where further visits go on
};

/// The bodies of api/openapi.yaml.
std::string interests_body(const std::vector<Interest>& interests);
std::string readers_body(const std::vector<Reader>& readers);
std::string taken_body(const VisitsTaken& taken);
std::string preferences_body(const Preferences& preferences);
std::string privacy_body(bool is_personal);
std::string known_body(const Known& known);

}  // namespace recommendation
