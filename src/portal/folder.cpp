#include "folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>

#include "operations/data_folder.hpp"

namespace portal {

namespace {

/// What the kernel takes as the path of a unix socket, without the zero at its end.
constexpr std::size_t socket_path_max = sizeof(sockaddr_un::sun_path) - 1;

/// The default was `data`, relative to the working folder, as every setting of it was.
constexpr const char* former_default = "data";
constexpr const char* present_default = "../data";

std::filesystem::path former_folder(const std::string& in_file) {
    return in_file == present_default ? former_default : in_file;
}

}  // namespace

bool has_stores(const Settings& settings, const std::filesystem::path& folder) {
    auto stores = stores_of(*settings.modules, folder);
    return std::any_of(stores.begin(), stores.end(), [](const database::StoreFile& store) {
        std::error_code unknown;
        return std::filesystem::exists(store.path, unknown);
    });
}

std::vector<config::Problem> check_folder(const Settings& settings) {
    std::vector<config::Problem> problems;
    if (settings.data.folder.empty()) return {{"data.folder", "it names no folder."}};
    auto folder = std::filesystem::absolute(settings.data.folder);
    auto socket = operations::DataFolder::control_socket(folder).string();
    if (socket.size() > socket_path_max) {
        problems.push_back({"data.folder", "the path " + folder.string() + " is too long: " +
                                               socket + " has " + std::to_string(socket.size()) +
                                               " bytes, and a socket's path can have " +
                                               std::to_string(socket_path_max) + "."});
    }
    const auto& in_file = settings.data.folder_in_file;
    if (in_file.empty() || std::filesystem::path(in_file).is_absolute()) return problems;
    auto former = std::filesystem::absolute(former_folder(in_file)).lexically_normal();
    if (former == folder || has_stores(settings, folder) || !has_stores(settings, former))
        return problems;
    problems.push_back(
        {"data.folder", "this is relative to the configuration file now, so it means " +
                            folder.string() + ", which has no stores; but " + former.string() +
                            " has some. Move that folder, or name the right one in the file."});
    return problems;
}

namespace {

/// A descriptor that closes itself.
class File {
public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    operator int() const { return descriptor_; }

private:
    int descriptor_;
};

/// Gives one entry of an open folder away, if it is root's. The file is only named (O_PATH), never
/// opened: closing an opened one would end SQLite's locks on it.
bool give_entry(int parent, const char* name, unsigned user, unsigned group) {
    File named(::openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat facts {};
    if (named < 0 || ::fstat(named, &facts) != 0) return false;
    if (S_ISLNK(facts.st_mode)) return false;
    bool folder = S_ISDIR(facts.st_mode);
    if (facts.st_uid == 0 && (folder || facts.st_nlink == 1)) {
        // Left as it is if that is refused: on some file systems there are no owners.
        [[maybe_unused]] auto refused = ::fchownat(named, "", user, group, AT_EMPTY_PATH);
    }
    return folder;
}

/// The data folder has the folder of the logs in it, and nothing deeper.
void give_folder(int folder, unsigned user, unsigned group, int depth_left) {
    std::error_code unknown;
    auto path = "/proc/self/fd/" + std::to_string(folder);
    for (const auto& entry : std::filesystem::directory_iterator(path, unknown)) {
        auto name = entry.path().filename();
        if (!give_entry(folder, name.c_str(), user, group) || depth_left == 0) continue;
        File below(::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (below >= 0) give_folder(below, user, group, depth_left - 1);
    }
}

}  // namespace

KeepOwner::KeepOwner(const std::filesystem::path& folder)
    : folder_(std::filesystem::absolute(folder)) {
    if (::geteuid() != 0) return;
    struct stat facts {};
    auto at = folder_;
    while (::stat(at.c_str(), &facts) != 0 && at != at.parent_path()) at = at.parent_path();
    if (facts.st_uid == 0) return;
    owner_ = Owner{facts.st_uid, facts.st_gid};
    give();
}

KeepOwner::~KeepOwner() {
    give();
}

void KeepOwner::give() const {
    if (!owner_) return;
    File folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat facts {};
    if (folder < 0 || ::fstat(folder, &facts) != 0) return;
    if (facts.st_uid == 0) {
        [[maybe_unused]] auto refused = ::fchown(folder, owner_->user, owner_->group);
    }
    give_folder(folder, owner_->user, owner_->group, 3);
}

}  // namespace portal
