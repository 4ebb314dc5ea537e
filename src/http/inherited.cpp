#include "inherited.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "base/text.hpp"

namespace http {

namespace {

constexpr int first_inherited = 3;
constexpr std::int64_t sockets_max = 1024;

base::Error not_usable(const Address& wanted, const std::string& why) {
    return {base::Reason::unavailable, "address_unavailable", wanted.text() + " " + why};
}

bool listens(int socket) {
    int type = 0;
    int accepts = 0;
    socklen_t size = sizeof(type);
    if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM) {
        return false;
    }
    size = sizeof(accepts);
    return getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size) == 0 && accepts != 0;
}

/// Where the socket is, in the form of a listener's address; false if that cannot be said.
bool find_out(int socket, Address& address) {
    sockaddr_storage name{};
    socklen_t size = sizeof(name);
    if (getsockname(socket, reinterpret_cast<sockaddr*>(&name), &size) != 0) return false;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (name.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(name);
        address.host = inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
        address.port = ntohs(v4.sin_port);
        return true;
    }
    if (name.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(name);
        address.host = inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
        address.port = ntohs(v6.sin6_port);
        return true;
    }
    if (name.ss_family != AF_UNIX || size <= offsetof(sockaddr_un, sun_path)) return false;
    const auto& local = reinterpret_cast<const sockaddr_un&>(name);
    // An abstract one begins with a zero; it is written with an @.
    bool abstract = local.sun_path[0] == '\0';
    auto length = size - offsetof(sockaddr_un, sun_path);
    address.path = abstract ? "@" + std::string(local.sun_path + 1, length - 1)
                            : std::string(local.sun_path, strnlen(local.sun_path, length));
    return true;
}

}  // namespace

InheritedSockets read_inherited(const char* listen_pid, const char* listen_fds,
                                const char* listen_names, long own_pid) {
    if (!listen_pid || !listen_fds) return {};
    auto count = base::parse_number(listen_fds, sockets_max);
    if (std::to_string(own_pid) != listen_pid || !count) return {};
    InheritedSockets sockets;
    std::string_view names = listen_names ? listen_names : "";
    for (int i = 0; i < static_cast<int>(*count); ++i) {
        auto name = names.substr(0, names.find(':'));
        names.remove_prefix(std::min(names.size(), name.size() + 1));
        sockets[name.empty() ? "unknown" : std::string(name)].push_back(first_inherited + i);
    }
    return sockets;
}

InheritedSockets inherited_sockets() {
    return read_inherited(std::getenv("LISTEN_PID"), std::getenv("LISTEN_FDS"),
                          std::getenv("LISTEN_FDNAMES"), getpid());
}

base::Result<Bound> take_inherited(const InheritedSockets& sockets, Address wanted,
                                   std::size_t count, int queued_max) {
    auto found = sockets.find(wanted.inherited);
    if (found == sockets.end()) {
        return not_usable(wanted,
                          "is a socket that nobody has passed on. A socket unit of systemd does "
                          "(FileDescriptorName=" +
                              wanted.inherited +
                              "); by hand, name an address: --set http.listen=127.0.0.1:8080.");
    }
    Bound bound;
    for (int socket : found->second) {
        if (!listens(socket)) {
            return not_usable(wanted, "was passed on, but is no socket that listens for streams.");
        }
        Address place;
        if (!find_out(socket, place)) return not_usable(wanted, "is of an unknown family.");
        if (bound.sockets.empty()) {
            bound.address = wanted;
            bound.address.host = place.host;
            bound.address.port = place.port;
            bound.address.path = place.path;
        }
        if (wanted.tls && place.is_unix()) {
            return not_usable(wanted, "is a unix socket, on which TLS is not spoken.");
        }
        // Both are of the open socket itself, so whoever passed it on sees them too.
        fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
        ::listen(socket, queued_max);
        fcntl(socket, F_SETFD, FD_CLOEXEC);
        for (std::size_t i = 0; i < count; ++i) {
            Descriptor same(fcntl(socket, F_DUPFD_CLOEXEC, 0));
            if (!same) {
                return not_usable(wanted, "cannot be used (" + std::string(strerror(errno)) + ").");
            }
            bound.sockets.push_back(std::move(same));
        }
    }
    return bound;
}

}  // namespace http
