// The worker's side: locks itself in, then does job after job. Nothing of a picture is looked at
// before the sandbox is shut.
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "image/workers.hpp"
#include "job.hpp"
#include "render.hpp"
#include "sandbox.hpp"
#include "warm.hpp"

namespace image {

namespace {

constexpr std::int64_t file_bytes_max = 64 * 1024 * 1024;

class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int number() const { return number_; }

private:
    int number_;
};

struct Received {
    Job job;
    Descriptor from;
    Descriptor to;
};

std::optional<Received> receive() {
    constexpr std::size_t descriptors = 2;
    Received received;
    iovec piece{&received.job, sizeof(Job)};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(descriptors * sizeof(int))> beside{};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = beside.data();
    message.msg_controllen = beside.size();
    ssize_t got = 0;
    do {
        got = ::recvmsg(worker_socket, &message, 0);
    } while (got < 0 && errno == EINTR);
    if (got != sizeof(Job)) return std::nullopt;
    const auto* head = CMSG_FIRSTHDR(&message);
    if (!head || head->cmsg_type != SCM_RIGHTS) return std::nullopt;
    std::array<int, descriptors> numbers{-1, -1};
    auto bytes = std::min(head->cmsg_len - CMSG_LEN(0), sizeof(numbers));
    std::memcpy(numbers.data(), CMSG_DATA(head), bytes);
    received.from = Descriptor(numbers[0]);
    received.to = Descriptor(numbers[1]);
    return received;
}

bool write_all(int to, std::string_view bytes) {
    while (!bytes.empty()) {
        auto written = ::write(to, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

std::string blocked_by(const char* what) {
    return std::string(what) + " (errno " + std::to_string(errno) + ")";
}

Report work(const Received& received) {
    Report report;
    auto bytes = static_cast<std::size_t>(received.job.bytes);
    auto* mapped = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, received.from.number(), 0);
    if (mapped == MAP_FAILED) {
        say(report, Outcome::blocked, blocked_by("its file cannot be read"));
        return report;
    }
    std::string made;
    report = render(received.job, {static_cast<const char*>(mapped), bytes}, made);
    ::munmap(mapped, bytes);
    if (!made.empty() && !write_all(received.to.number(), made)) {
        say(report, Outcome::blocked, blocked_by("what was made cannot be written"));
    }
    return report;
}

template <class Message>
bool send(const Message& message) {
    ssize_t sent = 0;
    do {
        sent = ::send(worker_socket, &message, sizeof(message), MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == sizeof(message);
}

}  // namespace

int run_worker() {
    constexpr std::int64_t memory_default = 1024LL * 1024 * 1024;
    // Who ends the server by its process group leaves it time to finish; then the socket closes.
    for (int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(number, SIG_IGN);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_NAME, "image-worker");
    const char* said = std::getenv(memory_variable);
    auto memory = said ? std::atoll(said) : memory_default;
    warm_up();
    Hello hello;
    hello.limits_held = enter_sandbox(memory > 0 ? memory : memory_default, file_bytes_max) ? 1 : 0;
    bool goes_on = send(hello) && hello.limits_held == 1;
    while (goes_on) {
        auto received = receive();
        if (!received) break;
        goes_on = send(work(*received));
    }
    // No destructor of a static, nor a sanitizer's last look, has to pass the filter.
    ::_exit(goes_on ? 0 : 1);
}

}  // namespace image
