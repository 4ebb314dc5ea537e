#include "folder_service.hpp"

#include <algorithm>
#include <array>

#include "digest_crypto.hpp"
#include "manifest_json.hpp"
#include "telemetry/log.hpp"

namespace backup {

namespace {

constexpr const char* lock_name = "portal.backups.lock";
constexpr const char* readers_name = "portal.backups.readers";
constexpr std::array folders = {"manifests", "events", "rest", "files"};

std::filesystem::path manifest_file(const std::filesystem::path& folder, const std::string& id) {
    return folder / "manifests" / (id + ".json");
}

std::set<std::string> named(const std::vector<Listed>& all) {
    std::set<std::string> paths;
    for (const auto& one : all) {
        paths.insert("manifests/" + one.id + ".json");
        if (!one.manifest) continue;
        for (const auto& file : files_of(*one.manifest)) paths.insert(file.path);
    }
    return paths;
}

std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> all;
    for (const char* name : folders) {
        std::error_code missing;
        std::filesystem::recursive_directory_iterator below(folder / name, missing);
        if (missing) continue;
        for (const auto& entry : below) {
            if (!entry.is_directory()) all.push_back(entry.path());
        }
    }
    return all;
}

/// What the engine keeps beside a file while it is written.
bool is_cut_off(const std::string& name) {
    return name.ends_with(".part") || name.ends_with(".part-wal") || name.ends_with(".part-shm") ||
           name.ends_with(".part-journal");
}

}  // namespace

base::Result<void> Folder::take() {
    bool is_ours = std::filesystem::exists(path_ / lock_name);
    if (!is_ours && std::filesystem::exists(path_) &&
        (!std::filesystem::is_directory(path_) || !std::filesystem::is_empty(path_))) {
        return base::Error{base::Reason::precondition, "no_backup_folder",
                           path_.string() +
                               " has other things in it and no backups: name an empty folder, or "
                               "one that is not there yet."};
    }
    make_folder(path_);
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
    lock_ = std::make_unique<FileLock>(path_ / lock_name, FileLock::Kind::alone);
    if (!lock_->is_held()) {
        return base::Error{
            base::Reason::conflict, "backup_running",
            "Another backup is being made in " + path_.string() + ". Try again when it is done."};
    }
    for (const char* name : folders) make_folder(path_ / name);
    return {};
}

void Folder::hold() {
    std::error_code unknown;
    auto file = path_ / readers_name;
    try {
        held_ = std::make_unique<FileLock>(file, FileLock::Kind::shared);
    } catch (const std::system_error&) {
        // A disk that nothing can be written to, or another's folder.
        held_.reset();
    }
}

base::Result<std::vector<Listed>> Folder::list() const {
    std::error_code unknown;
    std::filesystem::directory_iterator entries(path_ / "manifests", unknown);
    if (unknown) {
        return base::Error{
            base::Reason::not_found, "no_backups",
            path_.string() + " is no folder of backups (" + unknown.message() + ")."};
    }
    std::vector<Listed> all;
    for (const auto& entry : entries) {
        if (entry.path().extension() != ".json") continue;
        Listed listed{entry.path().stem().string()};
        try {
            auto manifest = manifest_from_json(read_file(entry.path()), digest_of);
            if (!manifest) {
                listed.problem = manifest.error().message;
            } else if (manifest->id != listed.id) {
                listed.problem = "it is the manifest of " + manifest->id;
            } else {
                listed.manifest = std::move(*manifest);
            }
        } catch (const std::system_error& failure) {
            listed.problem = failure.what();
        }
        all.push_back(std::move(listed));
    }
    std::sort(all.begin(), all.end(),
              [](const Listed& one, const Listed& other) { return one.id < other.id; });
    return all;
}

void Folder::write(const Manifest& manifest) const {
    write_file(manifest_file(path_, manifest.id), to_json(manifest, digest_of));
}

bool Folder::remove(const std::vector<std::string>& ids) const {
    FileLock nobody_reads(path_ / readers_name, FileLock::Kind::alone);
    if (!nobody_reads.is_held()) {
        telemetry::log(telemetry::Level::info, "backup",
                       "old backups are kept this time: somebody reads them",
                       {{"folder", path_.string()}});
        return false;
    }
    for (const auto& id : ids) std::filesystem::remove(manifest_file(path_, id));
    if (!ids.empty()) sync_path(path_ / "manifests");
    sweep();
    return true;
}

void Folder::sweep() const {
    auto all = list();
    if (!all) return;
    bool all_known = std::all_of(all->begin(), all->end(),
                                 [](const Listed& one) { return one.manifest.has_value(); });
    auto needed = named(*all);
    for (const auto& file : files_below(path_)) {
        auto inside = std::filesystem::relative(file, path_).string();
        bool goes = is_cut_off(inside) || (all_known && !needed.contains(inside));
        if (goes) std::filesystem::remove(file);
    }
}

std::vector<std::string> Folder::strangers(const std::vector<Listed>& all) const {
    auto needed = named(all);
    std::vector<std::string> found;
    for (const auto& file : files_below(path_)) {
        auto inside = std::filesystem::relative(file, path_).string();
        if (!needed.contains(inside)) found.push_back(inside);
    }
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
        auto name = entry.path().filename().string();
        bool is_ours = name == lock_name || name == readers_name ||
                       std::find(folders.begin(), folders.end(), name) != folders.end();
        if (!is_ours) found.push_back(name);
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<Manifest> readable(const std::vector<Listed>& all) {
    std::vector<Manifest> manifests;
    for (const auto& one : all) {
        if (one.manifest) manifests.push_back(*one.manifest);
    }
    return manifests;
}

}  // namespace backup
