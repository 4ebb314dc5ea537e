#include "listener.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "inherited.hpp"

namespace http {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        close();
        number_ = other.release();
    }
    return *this;
}

int Descriptor::release() {
    return std::exchange(number_, -1);
}

void Descriptor::close() {
    if (number_ >= 0) ::close(release());
}

namespace {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
    int family() const { return storage.ss_family; }
};

SocketAddress to_socket_address(const Address& address) {
    SocketAddress result;
    if (address.is_unix()) {
        auto* local = reinterpret_cast<sockaddr_un*>(&result.storage);
        local->sun_family = AF_UNIX;
        std::memcpy(local->sun_path, address.path.c_str(), address.path.size() + 1);
        result.size = sizeof(sockaddr_un);
    } else if (address.host.find(':') != std::string::npos) {
        auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(address.port);
        inet_pton(AF_INET6, address.host.c_str(), &v6->sin6_addr);
        result.size = sizeof(sockaddr_in6);
    } else {
        auto* v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
        v4->sin_family = AF_INET;
        v4->sin_port = htons(address.port);
        inet_pton(AF_INET, address.host.c_str(), &v4->sin_addr);
        result.size = sizeof(sockaddr_in);
    }
    return result;
}

base::Error cannot_listen(const Address& address, int error) {
    std::string why;
    switch (error) {
        case EADDRINUSE:
            why = "is already in use";
            break;
        case EADDRNOTAVAIL:
            why = "is no address of this machine";
            break;
        case EACCES:
            why = "may not be used by this user";
            break;
        case ENOENT:
            why = "is in a folder that does not exist";
            break;
        default:
            why = "cannot be used (" + std::string(std::strerror(error)) + ")";
    }
    return {base::Reason::unavailable, "address_unavailable", address.text() + " " + why + "."};
}

Descriptor open_socket(const SocketAddress& where) {
    Descriptor socket(::socket(where.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    int on = 1;
    if (socket && where.family() != AF_UNIX) {
        setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    }
    if (socket && where.family() == AF_INET6) {
        setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    }
    return socket;
}

std::uint16_t real_port(int socket) {
    sockaddr_storage name{};
    socklen_t size = sizeof(name);
    getsockname(socket, reinterpret_cast<sockaddr*>(&name), &size);
    return name.ss_family == AF_INET6 ? ntohs(reinterpret_cast<sockaddr_in6*>(&name)->sin6_port)
                                      : ntohs(reinterpret_cast<sockaddr_in*>(&name)->sin_port);
}

base::Result<Bound> bind_tcp(Address address, std::size_t count, int queued_max) {
    auto where = to_socket_address(address);
    if (address.port != 0) {
        // The probe listens too: another server may have bound and not listened yet.
        auto probe = open_socket(where);
        if (!probe || bind(probe.get(), where.get(), where.size) != 0 ||
            listen(probe.get(), 1) != 0) {
            return cannot_listen(address, errno);
        }
    }
    Bound bound;
    for (std::size_t i = 0; i < count; ++i) {
        auto socket = open_socket(where);
        int on = 1;
        if (!socket || setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0 ||
            bind(socket.get(), where.get(), where.size) != 0 ||
            listen(socket.get(), queued_max) != 0) {
            return cannot_listen(address, errno);
        }
        if (i == 0) {
            address.port = real_port(socket.get());
            where = to_socket_address(address);
        }
        bound.sockets.push_back(std::move(socket));
    }
    bound.address = address;
    return bound;
}

bool has_v6_loopback() {
    Address any;
    any.host = "::1";
    auto where = to_socket_address(any);
    auto probe = open_socket(where);
    return probe && bind(probe.get(), where.get(), where.size) == 0;
}

/// Of localhost: who asks by that name gets one or the other, as their system likes.
base::Result<Bound> bind_both(const Address& address, std::size_t count, int queued_max) {
    if (!has_v6_loopback()) return bind_tcp(address, count, queued_max);
    // A port that is free in one family may be taken in the other.
    constexpr int tries_max = 8;
    for (int tries = 1;; ++tries) {
        auto bound = bind_tcp(address, count, queued_max);
        if (!bound) return bound;
        auto other = bound->address;
        other.host = "::1";
        auto also = bind_tcp(other, count, queued_max);
        if (!also && (address.port != 0 || tries == tries_max)) return also;
        if (!also) continue;
        for (auto& socket : also->sockets) bound->sockets.push_back(std::move(socket));
        return bound;
    }
}

base::Result<Bound> bind_unix(const Address& address, std::size_t count, int queued_max,
                              unsigned mode) {
    auto where = to_socket_address(address);
    auto probe = open_socket(where);
    if (!probe) return cannot_listen(address, errno);
    if (connect(probe.get(), where.get(), where.size) == 0 || errno == EAGAIN) {
        return cannot_listen(address, EADDRINUSE);
    }
    // Left behind by a server that was killed; anything but a socket is somebody's file.
    struct stat found;
    if (errno == ECONNREFUSED && lstat(address.path.c_str(), &found) == 0 &&
        S_ISSOCK(found.st_mode)) {
        unlink(address.path.c_str());
    }
    auto socket = open_socket(where);
    // On Linux the file takes its mode from the unbound socket, so nobody can connect in between.
    if (!socket || fchmod(socket.get(), 0600) != 0 ||
        bind(socket.get(), where.get(), where.size) != 0 ||
        chmod(address.path.c_str(), mode) != 0 || listen(socket.get(), queued_max) != 0) {
        return cannot_listen(address, errno);
    }
    Bound bound;
    bound.address = address;
    bound.sockets.push_back(std::move(socket));
    // There is no SO_REUSEPORT here: all threads look into one queue.
    while (bound.sockets.size() < count) {
        Descriptor same(fcntl(bound.sockets.front().get(), F_DUPFD_CLOEXEC, 0));
        if (!same) return cannot_listen(address, errno);
        bound.sockets.push_back(std::move(same));
    }
    return bound;
}

}  // namespace

base::Result<Bound> bind_listener(const std::string& listen, std::size_t count, int queued_max,
                                  unsigned unix_mode, const InheritedSockets& inherited) {
    auto address = parse_address(listen);
    if (!address) return address.error();
    if (address->is_inherited()) return take_inherited(inherited, *address, count, queued_max);
    if (address->is_unix()) return bind_unix(*address, count, queued_max, unix_mode);
    if (address->both_families) return bind_both(*address, count, queued_max);
    return bind_tcp(*address, count, queued_max);
}

}  // namespace http
