// Preloaded into a server: every third write to a file or a socket takes a part of what it is given
// only, as a system may do at any time.
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>

namespace {

std::atomic<unsigned> calls{0};

/// Of what is written to that; an eventfd takes its eight bytes or none.
size_t taken(int file, size_t count) {
    struct stat facts {};
    bool may_be_short = count > 1 && fstat(file, &facts) == 0 &&
                        (S_ISREG(facts.st_mode) || S_ISSOCK(facts.st_mode));
    return may_be_short && ++calls % 3 == 0 ? 1 + (count - 1) / 2 : count;
}

template <class Function>
Function* real(Function* /*of*/, const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* data, size_t count) {
    static auto* next = real(&write, "write");
    return next(file, data, taken(file, count));
}

ssize_t pwrite(int file, const void* data, size_t count, off_t at) {
    static auto* next = real(&pwrite, "pwrite");
    return next(file, data, taken(file, count), at);
}

ssize_t pwrite64(int file, const void* data, size_t count, off64_t at) {
    static auto* next = real(&pwrite64, "pwrite64");
    return next(file, data, taken(file, count), at);
}

ssize_t sendmsg(int socket, const msghdr* message, int flags) {
    static auto* next = real(&sendmsg, "sendmsg");
    if (message->msg_iovlen == 0) return next(socket, message, flags);
    msghdr part = *message;
    iovec first = part.msg_iov[0];
    auto all = first.iov_len;
    first.iov_len = taken(socket, all);
    if (first.iov_len == all) return next(socket, message, flags);
    part.msg_iov = &first;
    part.msg_iovlen = 1;
    return next(socket, &part, flags);
}
}
