#include "sandbox.hpp"

#include <errno.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <memory>

namespace image {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// Their shadow of all addresses is terabytes, and they have questions of their own.
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

bool limit(__rlimit_resource what, std::int64_t most) {
    rlimit both{static_cast<rlim_t>(most), static_cast<rlim_t>(most)};
    return ::setrlimit(what, &both) == 0;
}

struct Release {
    void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Release>;

bool allow(const Filter& filter, std::initializer_list<int> calls) {
    for (int call : calls) {
        if (seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0) != 0) return false;
    }
    return true;
}

/// What libraries ask in passing, and can live without.
bool deny(const Filter& filter, std::initializer_list<int> calls) {
    for (int call : calls) {
        if (seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0) != 0) return false;
    }
    return true;
}

}  // namespace

bool enter_sandbox(std::int64_t memory_bytes_max, std::int64_t file_bytes_max) {
    constexpr std::int64_t descriptors = 8;
    bool limited = limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, file_bytes_max) &&
                   limit(RLIMIT_NOFILE, descriptors) &&
                   (is_sanitized || limit(RLIMIT_AS, memory_bytes_max));
    if (!limited || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
    // Nobody looks into it, not even another process of the same user.
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return false;

    Filter filter(seccomp_init(SCMP_ACT_KILL_PROCESS));
    if (!filter) return false;
    bool ruled =
        allow(filter, {SCMP_SYS(read),         SCMP_SYS(write),        SCMP_SYS(close),
                       SCMP_SYS(recvmsg),      SCMP_SYS(sendto),       SCMP_SYS(sendmsg),
                       SCMP_SYS(mmap),         SCMP_SYS(munmap),       SCMP_SYS(mremap),
                       SCMP_SYS(mprotect),     SCMP_SYS(madvise),      SCMP_SYS(brk),
                       SCMP_SYS(futex),        SCMP_SYS(sched_yield),  SCMP_SYS(clock_gettime),
                       SCMP_SYS(gettimeofday), SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall),
                       SCMP_SYS(exit),         SCMP_SYS(exit_group)}) &&
        deny(filter,
             {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(access), SCMP_SYS(readlink),
              SCMP_SYS(newfstatat), SCMP_SYS(fstat), SCMP_SYS(sysinfo), SCMP_SYS(sched_getaffinity),
              SCMP_SYS(getrandom), SCMP_SYS(clone3), SCMP_SYS(clone), SCMP_SYS(prctl)});
    if (ruled && is_sanitized) {
        ruled = allow(filter, {SCMP_SYS(sigaltstack), SCMP_SYS(getpid), SCMP_SYS(gettid),
                               SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask)});
    }
    return ruled && seccomp_load(filter.get()) == 0;
}

}  // namespace image
