// Preloaded into a server: writes down what it asks of the disk, in the order in which it was done,
// so that a test can make the disk as a power cut would have left it (tests/chaos/disk_log.hpp,
// which has the format). Only what is below PORTAL_DISK_FOLDER counts. With PORTAL_DISK_LIES=1
// nothing is ever made durable, and nobody is told.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>

#include "disk_record.hpp"

namespace {

using preloaded::DiskOperation;
using preloaded::DiskRecord;

struct Settings {
    int log = -1;
    const char* folder = nullptr;
    std::size_t folder_bytes = 0;
    bool lies = false;
};

/// No constructor: what runs before ours may call us already.
const Settings& settings() {
    static const Settings made = [] {
        Settings result;
        const char* log = getenv("PORTAL_DISK_LOG");
        result.folder = getenv("PORTAL_DISK_FOLDER");
        if (!log || !result.folder) return result;
        result.folder_bytes = strlen(result.folder);
        result.lies = getenv("PORTAL_DISK_LIES") != nullptr;
        auto opened =
            syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        constexpr int out_of_the_way = 600;
        result.log = static_cast<int>(syscall(SYS_fcntl, opened, F_DUPFD_CLOEXEC, out_of_the_way));
        syscall(SYS_close, opened);
        return result;
    }();
    return made;
}

std::atomic<std::uint64_t> syncs{0};

bool is_ours(const char* path) {
    const auto& [log, folder, bytes, lies] = settings();
    return log >= 0 && strncmp(path, folder, bytes) == 0 && (path[bytes] == '/' || !path[bytes]);
}

/// Where an open file is now.
struct Place {
    char path[4096] = "";
    std::uint64_t inode = 0;
    bool ours = false;

    explicit Place(int file) {
        if (settings().log < 0) return;
        char link[64];
        snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
        auto count = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof(path) - 1);
        path[count > 0 ? count : 0] = '\0';
        struct stat facts {};
        ours = is_ours(path) && fstat(file, &facts) == 0;
        inode = facts.st_ino;
    }
};

void add(DiskOperation operation, const char* path, std::uint64_t inode, std::uint64_t at = 0,
         const void* data = nullptr, std::size_t bytes = 0) {
    DiskRecord record;
    record.operation = operation;
    record.path_bytes = static_cast<std::uint32_t>(strlen(path));
    record.data_bytes = static_cast<std::uint32_t>(bytes);
    record.inode = inode;
    record.at = at;
    iovec parts[] = {{&record, sizeof(record)},
                     {const_cast<char*>(path), record.path_bytes},
                     {const_cast<void*>(data), bytes}};
    // One call, so one piece.
    syscall(SYS_writev, settings().log, parts, 3);
}

template <class Function>
Function* real(Function* /*of*/, const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

bool exists(const char* path) {
    return syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
}

void opened(int file, bool was_there, bool truncates) {
    if (file < 0) return;
    Place place(file);
    if (!place.ours) return;
    if (!was_there) add(DiskOperation::create, place.path, place.inode);
    if (was_there && truncates) add(DiskOperation::truncate, place.path, place.inode, 0);
}

template <class Sync>
int sync_with(int file, Sync&& sync) {
    Place place(file);
    if (!place.ours) return sync(file);
    if (settings().lies) return 0;
    auto number = ++syncs;
    add(DiskOperation::sync_begin, place.path, place.inode, number);
    int result = sync(file);
    if (result == 0) add(DiskOperation::sync_end, place.path, place.inode, number);
    return result;
}

void wrote(int file, const void* data, ssize_t count, std::int64_t at) {
    if (count <= 0) return;
    Place place(file);
    if (!place.ours) return;
    if (at < 0) at = syscall(SYS_lseek, file, 0, SEEK_CUR) - count;
    add(DiskOperation::write, place.path, place.inode, static_cast<std::uint64_t>(at), data,
        static_cast<std::size_t>(count));
}

int truncated(int file, std::int64_t size, int result) {
    if (result != 0) return result;
    Place place(file);
    if (place.ours) {
        add(DiskOperation::truncate, place.path, place.inode, static_cast<std::uint64_t>(size));
    }
    return result;
}

int removed(const char* path, int result) {
    if (result == 0 && is_ours(path)) add(DiskOperation::remove, path, 0);
    return result;
}

int renamed(const char* from, const char* to, int result) {
    if (result == 0 && is_ours(to)) {
        add(DiskOperation::rename, from, 0, 0, to, strlen(to));
    }
    return result;
}

int open_with(int (*next)(const char*, int, ...), const char* path, int flags, mode_t mode) {
    bool was_there = settings().log < 0 || (flags & O_CREAT) == 0 || exists(path);
    int file = next(path, flags, mode);
    opened(file, was_there, (flags & O_TRUNC) != 0);
    return file;
}

FILE* fopen_with(FILE* (*next)(const char*, const char*), const char* path, const char* mode) {
    bool was_there = settings().log < 0 || exists(path);
    FILE* file = next(path, mode);
    if (file) opened(fileno(file), was_there, mode[0] == 'w');
    return file;
}

mode_t mode_in(int flags, va_list more) {
    return (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    auto mode = mode_in(flags, more);
    va_end(more);
    static auto* next = real(&open, "open");
    return open_with(next, path, flags, mode);
}

int open64(const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    auto mode = mode_in(flags, more);
    va_end(more);
    static auto* next = real(&open64, "open64");
    return open_with(next, path, flags, mode);
}

FILE* fopen(const char* path, const char* mode) {
    static auto* next = real(&fopen, "fopen");
    return fopen_with(next, path, mode);
}

FILE* fopen64(const char* path, const char* mode) {
    static auto* next = real(&fopen64, "fopen64");
    return fopen_with(next, path, mode);
}

ssize_t write(int file, const void* data, size_t count) {
    static auto* next = real(&write, "write");
    auto done = next(file, data, count);
    wrote(file, data, done, -1);
    return done;
}

ssize_t writev(int file, const iovec* parts, int count) {
    static auto* next = real(&writev, "writev");
    auto done = next(file, parts, count);
    auto left = done;
    for (int i = 0; i < count && left > 0; ++i) {
        auto part = left < static_cast<ssize_t>(parts[i].iov_len)
                        ? left
                        : static_cast<ssize_t>(parts[i].iov_len);
        auto end = syscall(SYS_lseek, file, 0, SEEK_CUR);
        wrote(file, parts[i].iov_base, part, end - left);
        left -= part;
    }
    return done;
}

ssize_t pwrite(int file, const void* data, size_t count, off_t at) {
    static auto* next = real(&pwrite, "pwrite");
    auto done = next(file, data, count, at);
    wrote(file, data, done, at);
    return done;
}

ssize_t pwrite64(int file, const void* data, size_t count, off64_t at) {
    static auto* next = real(&pwrite64, "pwrite64");
    auto done = next(file, data, count, at);
    wrote(file, data, done, at);
    return done;
}

int ftruncate(int file, off_t size) noexcept {
    static auto* next = real(&ftruncate, "ftruncate");
    return truncated(file, size, next(file, size));
}

int ftruncate64(int file, off64_t size) noexcept {
    static auto* next = real(&ftruncate64, "ftruncate64");
    return truncated(file, size, next(file, size));
}

int fsync(int file) {
    static auto* next = real(&fsync, "fsync");
    return sync_with(file, next);
}

int fdatasync(int file) {
    static auto* next = real(&fdatasync, "fdatasync");
    return sync_with(file, next);
}

int unlink(const char* path) noexcept {
    static auto* next = real(&unlink, "unlink");
    return removed(path, next(path));
}

int remove(const char* path) noexcept {
    static auto* next = real(&remove, "remove");
    return removed(path, next(path));
}

int rename(const char* from, const char* to) noexcept {
    static auto* next = real(&rename, "rename");
    return renamed(from, to, next(from, to));
}

int mkdir(const char* path, mode_t mode) noexcept {
    static auto* next = real(&mkdir, "mkdir");
    int result = next(path, mode);
    if (result == 0 && is_ours(path)) add(DiskOperation::make_folder, path, 0);
    return result;
}
}
