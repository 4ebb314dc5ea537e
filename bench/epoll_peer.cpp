// The limit in P1 and P2: how fast one thread can move these bytes when it does nothing else.
//
//   epoll_peer RESPONSE_FILE
//
// Listens on a free port of 127.0.0.1 and prints it. It reads what a client sends, looks for the
// end of each request head and for nothing more, and answers each with the bytes of the file,
// which hold a whole response, head and body. Requests must have no body. Ends by a signal.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

struct Connection {
    bool open = false;
    bool waits_for_room = false;  // the socket's send buffer is full
    std::size_t matched = 0;      // how much of the head's end the last bytes read were
    std::size_t owed = 0;         // bytes of answers not sent yet
};

class Peer {
public:
    explicit Peer(std::string response) : response_(std::move(response)) {}

    void listen() {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (listener_ < 0) fail("socket");
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* any = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof(address);
        if (::bind(listener_, any, size) != 0) fail("bind");
        if (::listen(listener_, SOMAXCONN) != 0) fail("listen");
        if (::getsockname(listener_, any, &size) != 0) fail("getsockname");
        std::printf("%d\n", ntohs(address.sin_port));
        std::fflush(stdout);
        epoll_ = ::epoll_create1(0);
        if (epoll_ < 0) fail("epoll_create1");
        watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
    }

    [[noreturn]] void run() {
        std::array<epoll_event, 256> events;
        while (true) {
            const int count = ::epoll_wait(epoll_, events.data(), events.size(), -1);
            if (count < 0 && errno != EINTR) fail("epoll_wait");
            for (int i = 0; i < count; ++i) {
                const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
                if (descriptor == listener_) {
                    accept_all();
                } else {
                    serve(descriptor);
                }
            }
        }
    }

private:
    void watch(int operation, int descriptor, std::uint32_t what) {
        epoll_event event{};
        event.events = what;
        event.data.fd = descriptor;
        if (::epoll_ctl(epoll_, operation, descriptor, &event) != 0) fail("epoll_ctl");
    }

    void accept_all() {
        while (true) {
            const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
            if (descriptor < 0) return;
            const int on = 1;
            ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
            const auto slot = static_cast<std::size_t>(descriptor);
            if (slot >= connections_.size()) connections_.resize(slot + 1);
            connections_[slot] = Connection{};
            connections_[slot].open = true;
            watch(EPOLL_CTL_ADD, descriptor, EPOLLIN);
        }
    }

    void close(int descriptor) {
        ::close(descriptor);
        connections_[static_cast<std::size_t>(descriptor)].open = false;
    }

    void serve(int descriptor) {
        Connection& connection = connections_[static_cast<std::size_t>(descriptor)];
        if (!connection.open) return;
        if (connection.owed == 0) {
            const ssize_t got = ::recv(descriptor, input_.data(), input_.size(), 0);
            if (got < 0 && errno == EAGAIN) return;
            if (got <= 0) return close(descriptor);
            count_heads(connection, {input_.data(), static_cast<std::size_t>(got)});
        }
        send_owed(descriptor, connection);
    }

    void count_heads(Connection& connection, std::string_view input) {
        constexpr std::string_view end = "\r\n\r\n";
        // Nearly always the input is one whole head, and its last four bytes say so.
        if (connection.matched == 0 && input.size() >= end.size() &&
            input.find(end) == input.size() - end.size()) {
            connection.owed += response_.size();
            return;
        }
        for (const char c : input) {
            if (c != end[connection.matched]) {
                connection.matched = c == '\r' ? 1 : 0;
            } else if (++connection.matched == end.size()) {
                connection.matched = 0;
                connection.owed += response_.size();
            }
        }
    }

    void send_owed(int descriptor, Connection& connection) {
        while (connection.owed > 0) {
            const std::size_t begin =
                (response_.size() - connection.owed % response_.size()) % response_.size();
            const ssize_t sent = ::send(descriptor, response_.data() + begin,
                                        response_.size() - begin, MSG_NOSIGNAL);
            if (sent < 0 && errno != EAGAIN) return close(descriptor);
            if (sent < 0) break;
            connection.owed -= static_cast<std::size_t>(sent);
        }
        const bool waits = connection.owed > 0;
        if (waits == connection.waits_for_room) return;
        connection.waits_for_room = waits;
        watch(EPOLL_CTL_MOD, descriptor, waits ? EPOLLOUT : EPOLLIN);
    }

    std::string response_;
    int listener_ = -1;
    int epoll_ = -1;
    std::vector<Connection> connections_;  // by descriptor
    std::array<char, 16384> input_;
};

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: epoll_peer RESPONSE_FILE\n");
        return 2;
    }
    std::ifstream file(arguments[1], std::ios::binary);
    std::string response{std::istreambuf_iterator<char>(file), {}};
    if (response.empty()) {
        std::fprintf(stderr, "epoll_peer: %s is empty or unreadable.\n", arguments[1]);
        return 2;
    }
    Peer peer(std::move(response));
    peer.listen();
    peer.run();
}
