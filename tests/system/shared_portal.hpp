#pragma once

#include <cstdint>
#include <string>

#include "support/json_checks.hpp"
#include "support/portal_process.hpp"

namespace tests {

/// One server in open mode for all tests that only need some server: each uses news types or items
/// of its own. Started on first use, stopped at the end of the program.
support::PortalProcess& shared_portal();

/// Creates an item there and gives it as it was answered.
nlohmann::json create(const support::PortalProcess& portal, const std::string& type,
                      const nlohmann::json& item);

/// `/v1/news/<type>/<id>` of an item.
std::string path_of(const nlohmann::json& item);

/// The title that a request for the item gives now; empty if it gives none.
std::string title_of(const support::PortalProcess& portal, const nlohmann::json& item);

/// Walks a keyset list from its start to where `next` is null, and gives all items. `path` has no
/// query yet.
nlohmann::json walk(const support::PortalProcess& portal, const std::string& path, int limit);

/// Waits until the clock shows a later millisecond than the item's last change.
void pass_millisecond_of(const nlohmann::json& item);

/// `span` from now, as the API takes times.
std::string time_from_now(std::chrono::milliseconds span);

}  // namespace tests
