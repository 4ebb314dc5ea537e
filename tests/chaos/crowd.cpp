#include "crowd.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string_view>

namespace tests {

namespace {

constexpr std::string_view whole_get = "GET /v1/news/all/1/10 HTTP/1.1\r\nHost: crowd\r\n\r\n";
constexpr std::string_view head_without_end =
    "GET /v1/news/all/1/10 HTTP/1.1\r\nHost: crowd\r\nX-Slow: ";
constexpr std::string_view post_head =
    "POST /v1/news/sports HTTP/1.1\r\nHost: crowd\r\nContent-Type: application/json\r\n"
    "Content-Length: 100000\r\n\r\n";

bool alive(ssize_t result) {
    return result > 0 || (result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

bool send_text(int socket, std::string_view text) {
    return alive(send(socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

/// Whether the server still has it open; takes at most a little of what it sent.
bool look(int socket, std::size_t most) {
    std::array<char, 512> bytes;
    return alive(recv(socket, bytes.data(), std::min(most, bytes.size()), MSG_DONTWAIT));
}

}  // namespace

Crowd::Crowd(const std::string& address) {
    auto colon = address.rfind(':');
    in_addr host{};
    if (inet_pton(AF_INET, address.substr(0, colon).c_str(), &host) != 1) {
        throw std::runtime_error("no IPv4 address: " + address);
    }
    host_ = host.s_addr;
    port_ = static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1)));
}

Crowd::~Crowd() {
    for (auto& member : members_) close(member.socket);
}

bool Crowd::connect(Member& member) {
    member.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    member.sent = 0;
    if (member.socket < 0) return false;
    if (member.manner == Manner::slow_read) {
        int small = 4096;
        setsockopt(member.socket, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = host_;
    to.sin_port = htons(port_);
    // Loopback: done at once, unless the queue is full, and then it should wait.
    if (::connect(member.socket, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0) return true;
    close(member.socket);
    member.socket = -1;
    return false;
}

bool Crowd::act(Member& member) {
    bool first = member.sent++ == 0;
    switch (member.manner) {
        case Manner::idle:
            if (first) return send_text(member.socket, whole_get);
            // The whole of its answer has to go, or it would be a slow reader.
            for (int i = 0; i < 64; ++i) {
                std::array<char, 4096> bytes;
                auto got = recv(member.socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
                if (got <= 0) return alive(got);
            }
            return true;
        case Manner::slow_head:
            return send_text(member.socket, first ? head_without_end : "x") &&
                   look(member.socket, 1);
        case Manner::slow_body:
            return send_text(member.socket, first ? post_head : " ") && look(member.socket, 512);
        case Manner::slow_read:
            if (first) {
                for (int i = 0; i < 8; ++i) {
                    if (!send_text(member.socket, whole_get)) return false;
                }
            }
            return look(member.socket, 1);
    }
    return false;
}

std::size_t Crowd::open(Manner manner, std::size_t count) {
    std::size_t opened = 0;
    for (std::size_t i = 0; i < count; ++i) {
        Member member;
        member.manner = manner;
        if (!connect(member)) continue;
        act(member);
        members_.push_back(member);
        ++opened;
    }
    return opened;
}

void Crowd::go_on(std::size_t count) {
    for (std::size_t i = 0; i < count && !members_.empty(); ++i) {
        auto& member = members_[next_++ % members_.size()];
        if (member.socket >= 0 && act(member)) continue;
        if (member.socket >= 0) {
            close(member.socket);
            ++closed_;
        }
        if (connect(member)) act(member);
    }
}

std::size_t raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace tests
