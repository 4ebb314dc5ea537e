#include "spool.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace portal {

Spool::Spool(const std::filesystem::path& data) {
    std::string name = std::filesystem::temp_directory_path() / "portal-import-XXXXXX";
    int file = mkstemp(name.data());
    if (file < 0) return;
    file_ = name;
    // Root may have started this, and the server be another.
    struct stat owner {};
    if (geteuid() == 0 && stat(data.c_str(), &owner) == 0) {
        complete_ = fchown(file, owner.st_uid, owner.st_gid) == 0;
    }
    std::array<char, 64 * 1024> bytes;
    while (complete_) {
        auto count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            complete_ = count == 0;
            break;
        }
        complete_ = write_all(file, bytes.data(), static_cast<std::size_t>(count));
    }
    ::close(file);
}

Spool::~Spool() {
    if (!file_.empty()) ::unlink(file_.c_str());
}

bool Spool::write_all(int file, const char* bytes, std::size_t count) {
    while (count > 0) {
        auto written = ::write(file, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes += written;
        count -= static_cast<std::size_t>(written);
    }
    return true;
}

}  // namespace portal
