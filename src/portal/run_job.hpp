#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.hpp"
#include "settings.hpp"
#include "site.hpp"

namespace portal {

/// Runs a job of the site in this process, on the caller's thread, and shows how far it is. SIGINT
/// and SIGTERM ask it to end soon, the second of them ends the process. What it throws comes out.
base::Result<nlohmann::json> run_here(Site& site, const std::string& name,
                                      const nlohmann::json& arguments);

/// The same on a site that is opened for it in a folder of its own, which is gone afterwards:
/// nothing of the data that `settings` name is touched.
base::Result<nlohmann::json> run_apart(Settings settings, const std::string& name,
                                       const nlohmann::json& arguments);

/// In the data folder that `settings` name: in this process if nobody owns it, else on the server
/// that does.
base::Result<nlohmann::json> run_job(const Settings& settings, const std::string& name,
                                     const nlohmann::json& arguments);

}  // namespace portal
