#include "support/faulty_file_system.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <cstring>
#include <mutex>

namespace support {

std::atomic<int> FaultyFileSystem::writes_until_full{-1};
std::atomic<int> FaultyFileSystem::syncs_until_error{-1};
std::atomic<int> FaultyFileSystem::writes_until_end{-1};

namespace {

sqlite3_vfs shim;
sqlite3_vfs* real = nullptr;

/// Our file, followed in memory by the real one.
struct File {
    sqlite3_file base;
    sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_file* below(sqlite3_file* file) {
    return reinterpret_cast<File*>(file)->below();
}

/// True once the countdown has run out.
bool used_up(std::atomic<int>& left) {
    int now = left.load();
    while (now > 0 && !left.compare_exchange_weak(now, now - 1)) {
    }
    return now == 0;
}

int close_file(sqlite3_file* f) {
    return below(f)->pMethods->xClose(below(f));
}
int read_file(sqlite3_file* f, void* to, int count, sqlite3_int64 at) {
    return below(f)->pMethods->xRead(below(f), to, count, at);
}
int write_file(sqlite3_file* f, const void* from, int count, sqlite3_int64 at) {
    if (used_up(FaultyFileSystem::writes_until_full)) return SQLITE_FULL;
    if (used_up(FaultyFileSystem::writes_until_end)) ::_exit(FaultyFileSystem::ended);
    return below(f)->pMethods->xWrite(below(f), from, count, at);
}
int truncate_file(sqlite3_file* f, sqlite3_int64 size) {
    return below(f)->pMethods->xTruncate(below(f), size);
}
int sync_file(sqlite3_file* f, int flags) {
    if (used_up(FaultyFileSystem::syncs_until_error)) return SQLITE_IOERR_FSYNC;
    return below(f)->pMethods->xSync(below(f), flags);
}
int file_size(sqlite3_file* f, sqlite3_int64* size) {
    return below(f)->pMethods->xFileSize(below(f), size);
}
int lock_file(sqlite3_file* f, int level) {
    return below(f)->pMethods->xLock(below(f), level);
}
int unlock_file(sqlite3_file* f, int level) {
    return below(f)->pMethods->xUnlock(below(f), level);
}
int check_lock(sqlite3_file* f, int* out) {
    return below(f)->pMethods->xCheckReservedLock(below(f), out);
}
int control(sqlite3_file* f, int op, void* argument) {
    return below(f)->pMethods->xFileControl(below(f), op, argument);
}
int sector_size(sqlite3_file* f) {
    return below(f)->pMethods->xSectorSize(below(f));
}
int characteristics(sqlite3_file* f) {
    return below(f)->pMethods->xDeviceCharacteristics(below(f));
}
int shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
    return below(f)->pMethods->xShmMap(below(f), page, size, extend, out);
}
int shm_lock(sqlite3_file* f, int offset, int count, int flags) {
    return below(f)->pMethods->xShmLock(below(f), offset, count, flags);
}
void shm_barrier(sqlite3_file* f) {
    below(f)->pMethods->xShmBarrier(below(f));
}
int shm_unmap(sqlite3_file* f, int remove) {
    return below(f)->pMethods->xShmUnmap(below(f), remove);
}

const sqlite3_io_methods methods = {
    2,         close_file,  read_file,  write_file, truncate_file, sync_file,       file_size,
    lock_file, unlock_file, check_lock, control,    sector_size,   characteristics, shm_map,
    shm_lock,  shm_barrier, shm_unmap,  nullptr,    nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
    int code = real->xOpen(real, name, below(file), flags, out);
    file->pMethods = below(file)->pMethods ? &methods : nullptr;
    return code;
}

}  // namespace

void FaultyFileSystem::install() {
    static std::once_flag once;
    std::call_once(once, [] {
        real = sqlite3_vfs_find(nullptr);
        shim = *real;
        shim.zName = "faulty";
        shim.szOsFile = static_cast<int>(sizeof(File)) + real->szOsFile;
        shim.xOpen = open_file;
        sqlite3_vfs_register(&shim, 1);
    });
}

}  // namespace support
