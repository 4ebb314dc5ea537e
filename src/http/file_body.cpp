#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "http/body.hpp"
#include "http/message.hpp"
#include "listener.hpp"

namespace http {

/// A file that is open for reading, and what it was then.
class OpenFile {
public:
    OpenFile(Descriptor opened, const struct stat& found)
        : descriptor(std::move(opened)),
          size(static_cast<std::uint64_t>(found.st_size)),
          identity(std::to_string(found.st_dev) + ' ' + std::to_string(found.st_ino) + ' ' +
                   std::to_string(found.st_mtim.tv_sec) + ' ' +
                   std::to_string(found.st_mtim.tv_nsec)) {}

    const Descriptor descriptor;
    const std::uint64_t size;
    const std::string identity;
};

namespace {

// Without O_NONBLOCK a pipe of that name would be waited for.
constexpr int to_read = O_RDONLY | O_CLOEXEC | O_NONBLOCK;

}  // namespace

base::Result<FileBody> FileBody::open(const std::filesystem::path& path) {
    return take(::open(path.c_str(), to_read));
}

base::Result<FileBody> FileBody::open_below(const std::filesystem::path& folder,
                                            const std::filesystem::path& path) {
    Descriptor root(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    struct open_how how {};
    how.flags = to_read;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    return take(static_cast<int>(syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
}

/// Of a descriptor that open has given, which may be none.
base::Result<FileBody> FileBody::take(int number) {
    Descriptor descriptor(number);
    struct stat found;
    if (!descriptor || fstat(descriptor.get(), &found) != 0 || !S_ISREG(found.st_mode)) {
        return base::Error{base::Reason::not_found, "file_not_found", "There is no such file."};
    }
    return FileBody(std::make_shared<const OpenFile>(std::move(descriptor), found));
}

std::uint64_t FileBody::size() const {
    return file_->size;
}

std::string FileBody::etag() const {
    auto text = file_->identity + ' ' + std::to_string(file_->size);
    return '"' + content_hash(text).substr(0, 16) + '"';
}

int FileBody::descriptor() const {
    return file_->descriptor.get();
}

}  // namespace http
