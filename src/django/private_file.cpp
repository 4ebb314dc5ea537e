#include "private_file.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace django {

namespace {

base::Error cannot_write(const std::filesystem::path& file, const std::string& why) {
    return {base::Reason::unavailable, "cannot_write",
            "The file " + file.string() + " cannot be written: " + why + "."};
}

bool is_ours(const struct stat& facts) {
    return S_ISREG(facts.st_mode) && facts.st_uid == ::geteuid() && facts.st_nlink == 1;
}

}  // namespace

base::Result<void> make_private(const std::filesystem::path& file) {
    int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                            S_IRUSR | S_IWUSR);
    if (descriptor < 0) return cannot_write(file, std::generic_category().message(errno));
    struct stat facts {};
    bool good = ::fstat(descriptor, &facts) == 0 && is_ours(facts) &&
                ::fchmod(descriptor, S_IRUSR | S_IWUSR) == 0;
    ::close(descriptor);
    if (!good) return cannot_write(file, "what is there is somebody else's, or no plain file");
    return {};
}

base::Result<void> check_private(const std::filesystem::path& file) {
    struct stat facts {};
    if (::lstat(file.c_str(), &facts) != 0 || is_ours(facts)) return {};
    return cannot_write(file, "what is there is somebody else's, or no plain file");
}

base::Result<void> make_durable(const std::filesystem::path& path) {
    int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    bool good = descriptor >= 0 && ::fsync(descriptor) == 0;
    int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    if (!good) return cannot_write(path, std::generic_category().message(error));
    return {};
}

PrivateFolder::PrivateFolder(const std::filesystem::path& parent) {
    auto name = (parent / "portal-XXXXXX").string();
    if (!::mkdtemp(name.data())) {
        throw std::system_error(errno, std::generic_category(), "mkdtemp " + name);
    }
    path_ = name;
}

PrivateFolder::~PrivateFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace django
