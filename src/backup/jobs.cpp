#include "jobs.hpp"

#include <nlohmann/json.hpp>

namespace backup {

namespace {

using Json = nlohmann::json;

Json told(const std::string& folder, const Taken& taken) {
    std::int64_t events = 0;
    for (const auto& store : taken.manifest.stores) events += store.head.position;
    return {{"folder", folder},
            {"id", taken.manifest.id},
            {"stores", std::ssize(taken.manifest.stores)},
            {"events", events},
            {"new_events", taken.events},
            {"bytes", taken.bytes},
            {"removed", taken.removed},
            {"together", taken.manifest.together}};
}

}  // namespace

operations::NamedJob backup_job(BackupService& service, std::string configured_folder) {
    auto job = [&service, configured = std::move(configured_folder)](
                   const Json& arguments, operations::Progress& progress) -> base::Result<Json> {
        auto folder = arguments.value("folder", std::string());
        if (folder.empty()) folder = configured;
        if (folder.empty()) {
            return base::Error{base::Reason::invalid, "backup_folder",
                               "Name a folder for backups, or set backup.folder."};
        }
        auto taken = service.run(folder, progress);
        if (!taken) return taken.error();
        return {boost::system::in_place_value, told(folder, *taken)};
    };
    return {"backup", std::move(job)};
}

}  // namespace backup
