#include "interrupted_sync.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace tests {

std::atomic<int> InterruptedSync::left{0};

namespace {

int sync(long call, int descriptor) {
    int now = InterruptedSync::left.load();
    while (now > 0 && !InterruptedSync::left.compare_exchange_weak(now, now - 1)) {
    }
    if (now == 0) return static_cast<int>(::syscall(call, descriptor));
    errno = EINTR;
    return -1;
}

}  // namespace

}  // namespace tests

extern "C" int fsync(int descriptor) {
    return tests::sync(SYS_fsync, descriptor);
}

extern "C" int fdatasync(int descriptor) {
    return tests::sync(SYS_fdatasync, descriptor);
}
