#pragma once

#include <atomic>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "base/result.hpp"
#include "operations/terminal.hpp"
#include "settings.hpp"
#include "site.hpp"

namespace portal {

/// Shows the progress of a job on the caller's thread, and passes SIGINT and SIGTERM on to it, for
/// as long as it lives; the second of them ends the process.
class JobWatch {
public:
    JobWatch(const std::string& title, operations::Progress& progress);
    JobWatch(const JobWatch&) = delete;
    ~JobWatch();

private:
    void look();

    operations::ProgressDisplay display_;
    operations::Progress& progress_;
    std::atomic<bool> finished_{false};
    std::thread thread_;
};

/// Runs a job of the site in this process, on the caller's thread, and shows how far it is. SIGINT
/// and SIGTERM ask it to end soon, the second of them ends the process. What it throws comes out.
base::Result<nlohmann::json> run_here(Site& site, const std::string& name,
                                      const nlohmann::json& arguments);

/// Does other work in the same way: shows how far it is, and has signals ask it to end.
template <class Work>
auto show_here(const std::string& title, const Work& work) {
    operations::Progress progress;
    JobWatch watch(title, progress);
    return work(progress);
}

/// The same on a site that is opened for it in a folder of its own, which is gone afterwards:
/// nothing of the data that `settings` name is touched.
base::Result<nlohmann::json> run_apart(Settings settings, const std::string& name,
                                       const nlohmann::json& arguments);

/// In the data folder that `settings` name: in this process if nobody owns it, else on the server
/// that does.
base::Result<nlohmann::json> run_job(const Settings& settings, const std::string& name,
                                     const nlohmann::json& arguments);

}  // namespace portal
