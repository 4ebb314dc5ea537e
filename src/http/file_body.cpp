#include <fcntl.h>
#include <sys/stat.h>

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

base::Result<FileBody> FileBody::open(const std::filesystem::path& path) {
    // Without O_NONBLOCK a pipe of that name would be waited for.
    Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
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
