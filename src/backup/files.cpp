#include "files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

namespace backup {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path) {
    throw std::system_error(errno, std::generic_category(), path.string());
}

/// A descriptor that closes itself.
struct Opened {
    Opened(const std::filesystem::path& path, int flags, unsigned mode = 0)
        : number(::open(path.c_str(), flags | O_CLOEXEC, mode)) {
        if (number < 0) fail(path);
    }
    ~Opened() { ::close(number); }
    Opened(const Opened&) = delete;
    const int number;
};

void write_all(int descriptor, std::string_view content, const std::filesystem::path& file) {
    while (!content.empty()) {
        auto written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail(file);
        content.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace

void make_folder(const std::filesystem::path& folder) {
    if (std::filesystem::is_directory(folder)) return;
    auto parent = std::filesystem::absolute(folder).parent_path();
    if (parent != folder) make_folder(parent);
    if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) fail(folder);
    sync_path(parent);
}

void sync_path(const std::filesystem::path& path) {
    Opened opened(path, O_RDONLY);
    if (::fsync(opened.number) != 0) fail(path);
}

void write_file(const std::filesystem::path& file, std::string_view content) {
    auto part = file.string() + ".part";
    {
        Opened made(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
        if (::fchmod(made.number, S_IRUSR | S_IWUSR) != 0) fail(part);
        write_all(made.number, content, part);
        if (::fsync(made.number) != 0) fail(part);
    }
    move_file(part, file);
}

void make_private(const std::filesystem::path& file) {
    if (::chmod(file.c_str(), S_IRUSR | S_IWUSR) != 0) fail(file);
}

std::string read_file(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream content;
    content << in.rdbuf();
    if (!in || in.bad()) {
        errno = errno == 0 ? EIO : errno;
        fail(file);
    }
    return content.str();
}

void move_file(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) fail(to);
    sync_path(std::filesystem::absolute(to).parent_path());
}

void copy_privately(const std::filesystem::path& from, const std::filesystem::path& to) {
    constexpr std::size_t bytes_at_once = 1024 * 1024;
    Opened source(from, O_RDONLY | O_NOFOLLOW);
    Opened made(to, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (::fchmod(made.number, S_IRUSR | S_IWUSR) != 0) fail(to);
    std::vector<char> buffer(bytes_at_once);
    for (;;) {
        auto got = ::read(source.number, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail(from);
        if (got == 0) break;
        write_all(made.number, {buffer.data(), static_cast<std::size_t>(got)}, to);
    }
    if (::fsync(made.number) != 0) fail(to);
}

std::int64_t free_bytes(const std::filesystem::path& folder) {
    return static_cast<std::int64_t>(std::filesystem::space(folder).available);
}

void ask_for_little() {
    constexpr int least_urgent = 19;
    // Of this thread alone, as Linux has it. Without that it is only slower for others.
    [[maybe_unused]] auto refused = ::setpriority(PRIO_PROCESS, 0, least_urgent);
}

bool lies_within(const std::filesystem::path& path, const std::filesystem::path& folder) {
    auto inner = std::filesystem::weakly_canonical(path);
    auto outer = std::filesystem::weakly_canonical(folder);
    auto [in_outer, in_inner] =
        std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
    return in_outer == outer.end();
}

FileLock::FileLock(const std::filesystem::path& file, Kind kind) {
    int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0) fail(file);
    if (::flock(descriptor, (kind == Kind::alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0) {
        descriptor_ = descriptor;
        return;
    }
    int error = errno;
    ::close(descriptor);
    errno = error;
    if (error != EWOULDBLOCK) fail(file);
}

FileLock::~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace backup
