#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "files.hpp"
#include "manifest.hpp"

namespace backup {

/// One entry of a folder of backups.
struct Listed {
    std::string id;
    std::optional<Manifest> manifest{};  ///< nothing: it cannot be read
    std::string problem{};               ///< why
};

/// A folder of backups; see manifest.hpp. What cannot be read or written throws std::system_error.
class Folder {
public:
    explicit Folder(std::filesystem::path path) : path_(std::move(path)) {}

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path at(const std::string& inside) const { return path_ / inside; }

    /// Makes it, if it is not there, and takes it for the only one who changes it. Refused with
    /// `backup_running` (conflict) while somebody else does, and with `no_backup_folder` where
    /// other things are.
    base::Result<void> take();
    /// Keeps everybody from removing backups while somebody reads them. Where nothing can be
    /// written nobody does.
    void hold();

    /// The backups that are whole as far as their manifests go, the oldest first; reads only.
    /// Refused with `no_backups` (not_found) if it is no folder of backups.
    base::Result<std::vector<Listed>> list() const;
    void write(const Manifest& manifest) const;

    /// Removes those backups, and then what none needs that is left. False, and nothing done,
    /// while somebody reads. For who has taken it.
    bool remove(const std::vector<std::string>& ids) const;
    /// Removes what no backup needs; only what was cut off, if there is a manifest that cannot be
    /// read: then nobody knows what that one needs.
    void sweep() const;
    /// Files in it that no backup names and that nothing of ours looks like, or is left over.
    std::vector<std::string> strangers(const std::vector<Listed>& all) const;

private:
    std::filesystem::path path_;
    std::unique_ptr<FileLock> lock_;
    std::unique_ptr<FileLock> held_;
};

/// Those that can be read.
std::vector<Manifest> readable(const std::vector<Listed>& all);

}  // namespace backup
