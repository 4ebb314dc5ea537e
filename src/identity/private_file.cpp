#include "private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace identity {

namespace {

constexpr std::size_t file_bytes_max = 64 * 1024;

/// A descriptor that closes itself.
class File {
public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    File(const File&) = delete;
    operator int() const { return descriptor_; }

private:
    int descriptor_;
};

base::Error unusable(const std::filesystem::path& file, const std::string& why) {
    return {base::Reason::precondition, "keys_unusable",
            "The file of the signing keys, " + file.filename().string() + ", " + why};
}

base::Error system_error(const std::filesystem::path& file, const char* what) {
    std::string reason = std::strerror(errno);
    return unusable(file, std::string(what) + ": " + reason + ".");
}

bool write_all(int descriptor, std::string_view content) {
    while (!content.empty()) {
        auto written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

base::Result<std::optional<PrivateFile>> read_private_file(const std::filesystem::path& file) {
    File opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (opened < 0 && errno == ENOENT) return std::optional<PrivateFile>();
    if (opened < 0) return system_error(file, "cannot be opened");
    struct stat facts {};
    if (::fstat(opened, &facts) != 0) return system_error(file, "cannot be looked at");
    if (!S_ISREG(facts.st_mode)) return unusable(file, "is no plain file.");
    bool was_open = false;
    if ((facts.st_mode & 077) != 0) {
        // A copy or a mounted volume often loses the mode; that alone is no reason not to start.
        if (::fchmod(opened, S_IRUSR | S_IWUSR) != 0) {
            return unusable(file,
                            "may be read or written by others than its owner, so its keys are no "
                            "secret, and its mode cannot be set to 0600: " +
                                std::string(std::strerror(errno)) + ".");
        }
        was_open = true;
    }
    std::string content(file_bytes_max + 1, '\0');
    std::size_t filled = 0;
    while (filled < content.size()) {
        auto got = ::read(opened, content.data() + filled, content.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error(file, "cannot be read");
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    if (filled > file_bytes_max) return unusable(file, "is too long to be what it should be.");
    content.resize(filled);
    return std::optional<PrivateFile>({std::move(content), was_open});
}

base::Result<void> write_private_file(const std::filesystem::path& file, std::string_view content) {
    auto temporary = file;
    temporary += ".new";
    // Left over from a start that was cut short; nobody else writes here.
    ::unlink(temporary.c_str());
    {
        File made(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                         S_IRUSR | S_IWUSR));
        if (made < 0) return system_error(file, "cannot be made");
        if (::fchmod(made, S_IRUSR | S_IWUSR) != 0 || !write_all(made, content) ||
            ::fsync(made) != 0) {
            return system_error(file, "cannot be written");
        }
    }
    if (::rename(temporary.c_str(), file.c_str()) != 0) {
        return system_error(file, "cannot be put in its place");
    }
    File folder(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder < 0 || ::fsync(folder) != 0) return system_error(file, "cannot be made durable");
    return {};
}

}  // namespace identity
