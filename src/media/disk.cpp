#include "disk.hpp"

#include <sys/statvfs.h>

#include <cerrno>

#include "rules.hpp"

namespace media {

namespace {

bool is_full(int error) {
    return error == ENOSPC || error == EDQUOT || error == EMFILE || error == ENFILE;
}

}  // namespace

Disk::Disk(std::filesystem::path folder, Options options)
    : folder_(std::move(folder)), options_(std::move(options)) {}

base::Result<void> Disk::room() const {
    struct statvfs facts {};
    // Of a folder that is gone whoever writes there says more.
    if (statvfs(folder_.c_str(), &facts) != 0) return {};
    auto left =
        static_cast<std::int64_t>(facts.f_bavail) * static_cast<std::int64_t>(facts.f_frsize);
    if (left >= options_.free_bytes_min) return {};
    return store_full();
}

base::Error Disk::failed(const std::system_error& failure) {
    if (is_full(failure.code().value())) return store_full();
    bool is_news = !fails_.exchange(true, std::memory_order_relaxed);
    if (is_news && options_.when_failed) options_.when_failed(failure.what());
    return store_unavailable();
}

std::string Disk::trouble() const {
    if (!fails_.load(std::memory_order_relaxed)) return {};
    return "the folder " + folder_.filename().string() + " cannot be used; see the log";
}

void throw_errno(const std::filesystem::path& path) {
    throw std::system_error(errno, std::generic_category(), path.string());
}

}  // namespace media
