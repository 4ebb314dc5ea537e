#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "config/reader.hpp"
#include "settings.hpp"

namespace portal {

/// What is wrong with `data.folder` before anything in it is opened: its path is too long for the
/// control socket, or it has no store, but the folder that the same setting meant before (relative
/// to the working folder) has one. Looks, and changes nothing.
std::vector<config::Problem> check_folder(const Settings& settings);

/// Whether a module of these settings has a store in that folder.
bool has_stores(const Settings& settings, const std::filesystem::path& folder);

/// A folder's files belong to whoever the folder belongs to, also if root makes some of them: a
/// command given as root before the service's first start must not shut the service out. For root
/// only, what lies in the folder and belongs to root is given to the folder's owner, now and when
/// this goes; a folder that is made meanwhile gets the owner of the one it is made in. Symbolic
/// links and files with several names are left alone, since they could stand for files elsewhere.
class KeepOwner {
public:
    explicit KeepOwner(const std::filesystem::path& folder);
    ~KeepOwner();
    KeepOwner(const KeepOwner&) = delete;
    KeepOwner& operator=(const KeepOwner&) = delete;

    /// What is there now. Never fails: what cannot be given away is left as it is.
    void give() const;

private:
    struct Owner {
        unsigned user;
        unsigned group;
    };
    const std::filesystem::path folder_;
    std::optional<Owner> owner_;  ///< nothing: not root, or root's own folder
};

}  // namespace portal
