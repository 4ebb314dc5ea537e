#include "operations/data_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace operations {

namespace {

base::Error unusable(const std::filesystem::path& path, const std::string& why) {
    return {base::Reason::precondition, "folder_unusable",
            "The data folder " + path.string() + " cannot be used: " + why + "."};
}

}  // namespace

base::Result<DataFolder> DataFolder::lock(const std::filesystem::path& path) {
    std::error_code failed;
    if (!std::filesystem::exists(path, failed)) {
        std::filesystem::create_directories(path, failed);
        if (failed) return unusable(path, failed.message());
        std::filesystem::permissions(path, std::filesystem::perms::owner_all, failed);
    }
    if (!std::filesystem::is_directory(path, failed)) return unusable(path, "it is no folder");
    if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0)
        return unusable(path, std::strerror(errno));

    auto file = path / "portal.lock";
    int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return unusable(path, std::string("portal.lock: ") + std::strerror(errno));
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        int error = errno;
        ::close(descriptor);
        if (error != EWOULDBLOCK)
            return unusable(path, std::string("portal.lock: ") + std::strerror(error));
        return base::Error{base::Reason::conflict, "folder_in_use",
                           "Another portal owns the data folder " + path.string() + "."};
    }
    return DataFolder(path, descriptor);
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

DataFolder::~DataFolder() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void DataFolder::write_addresses(const std::map<std::string, std::string>& addresses) const {
    auto file = addresses_file(path_);
    auto next = path_ / "portal.addresses.json.new";
    std::ofstream out(next);
    out << nlohmann::json(addresses).dump(2) << '\n';
    out.close();
    if (!out) throw std::runtime_error("portal.addresses.json cannot be written");
    std::filesystem::rename(next, file);
}

void DataFolder::remove_addresses() const {
    std::error_code ignored;
    std::filesystem::remove(addresses_file(path_), ignored);
}

}  // namespace operations
