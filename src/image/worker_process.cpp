#include "worker_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

namespace image {

namespace {

[[noreturn]] void fail(const char* what, int error) {
    throw NoWorker(std::string(what) + ": " + std::generic_category().message(error));
}

struct FileActions {
    FileActions() { ::posix_spawn_file_actions_init(&value); }
    ~FileActions() { ::posix_spawn_file_actions_destroy(&value); }
    FileActions(const FileActions&) = delete;
    posix_spawn_file_actions_t value{};
};

struct Attributes {
    Attributes() { ::posix_spawnattr_init(&value); }
    ~Attributes() { ::posix_spawnattr_destroy(&value); }
    Attributes(const Attributes&) = delete;
    posix_spawnattr_t value{};
};

pid_t spawn(const WorkerOptions& options, int socket) {
    FileActions files;
    int error =
        ::posix_spawn_file_actions_addopen(&files.value, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (error == 0) {
        error = ::posix_spawn_file_actions_addopen(&files.value, STDOUT_FILENO, "/dev/null",
                                                   O_WRONLY, 0);
    }
    // What a picture has it say is for nobody, least of all for the log.
    if (error == 0) {
        error = ::posix_spawn_file_actions_addopen(&files.value, STDERR_FILENO, "/dev/null",
                                                   O_WRONLY, 0);
    }
    // Also where it has this number already: then it loses its close-on-exec (POSIX.1-2024).
    if (error == 0) {
        error = ::posix_spawn_file_actions_adddup2(&files.value, socket, worker_socket);
    }
    if (error == 0) {
        error = ::posix_spawn_file_actions_addclosefrom_np(&files.value, worker_socket + 1);
    }
    Attributes attributes;
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    if (error == 0) error = ::posix_spawnattr_setsigmask(&attributes.value, &none);
    if (error == 0) error = ::posix_spawnattr_setsigdefault(&attributes.value, &all);
    if (error == 0) {
        error = ::posix_spawnattr_setflags(&attributes.value,
                                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    if (error != 0) fail("a process cannot be described", error);

    std::string name = "portal";
    std::string argument = options.argument;
    std::string memory =
        std::string(memory_variable).append("=").append(std::to_string(options.memory_bytes_max));
    char* arguments[] = {name.data(), argument.data(), nullptr};
    char* environment[] = {memory.data(), nullptr};
    pid_t process = -1;
    error = ::posix_spawn(&process, options.program.c_str(), &files.value, &attributes.value,
                          arguments, environment);
    if (error != 0) fail("a process cannot be started", error);
    return process;
}

}  // namespace

WorkerProcess::WorkerProcess(const WorkerOptions& options) : job_time_max_(options.job_time_max) {
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        fail("a socket cannot be made", errno);
    }
    try {
        process_ = spawn(options, ends[1]);
    } catch (...) {
        ::close(ends[0]);
        ::close(ends[1]);
        throw;
    }
    ::close(ends[1]);
    socket_ = ends[0];
    Hello hello;
    constexpr std::chrono::seconds start_time_max{30};
    bool came = comes(start_time_max) && ::recv(socket_, &hello, sizeof(hello), MSG_DONTWAIT) ==
                                             static_cast<ssize_t>(sizeof(hello));
    if (came && hello.limits_held == 1) return;
    end();
    throw NoWorker(came ? "the kernel does not let it lock itself in (seccomp)"
                        : "it ended before it was ready");
}

WorkerProcess::~WorkerProcess() {
    end();
}

void WorkerProcess::end() {
    if (socket_ >= 0) ::close(socket_);
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    // As the first process of a container we ignore SIGCHLD: then there is nothing to wait for.
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

bool WorkerProcess::comes(std::chrono::milliseconds span) const {
    auto end = std::chrono::steady_clock::now() + span;
    for (;;) {
        auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        if (left.count() < 0) return false;
        pollfd waiting{socket_, POLLIN, 0};
        int ready = ::poll(&waiting, 1, static_cast<int>(left.count()) + 1);
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
}

/// Of one that has closed its socket. Unknown, and then false, where nobody waits for processes.
bool WorkerProcess::was_killed() {
    constexpr std::chrono::seconds end_time_max{1};
    auto end = std::chrono::steady_clock::now() + end_time_max;
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(process_, &status, WNOHANG)) == 0 &&
           std::chrono::steady_clock::now() < end) {
        ::poll(nullptr, 0, 1);
    }
    if (ended != process_) return false;
    process_ = -1;
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

WorkerProcess::Answer WorkerProcess::run(const Job& job, int from, int to) {
    int descriptors[2] = {from, to};
    std::size_t count = to < 0 ? 1 : 2;
    auto bytes = count * sizeof(int);
    alignas(cmsghdr) char beside[CMSG_SPACE(sizeof(descriptors))] = {};
    Job copy = job;
    iovec piece{&copy, sizeof(copy)};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = beside;
    message.msg_controllen = CMSG_SPACE(bytes);
    auto* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(bytes);
    std::memcpy(CMSG_DATA(head), descriptors, bytes);
    if (::sendmsg(socket_, &message, MSG_NOSIGNAL) != static_cast<ssize_t>(sizeof(copy))) {
        return {{}, true};
    }
    Report report;
    if (!comes(job_time_max_)) return {};
    auto got = ::recv(socket_, &report, sizeof(report), MSG_DONTWAIT);
    if (got != static_cast<ssize_t>(sizeof(report))) return {{}, got <= 0 && was_killed()};
    return {report};
}

}  // namespace image
