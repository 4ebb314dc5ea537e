// How a thread gets its connections, and what it does when there are too many.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <cstring>

#include "telemetry/log.hpp"
#include "worker.hpp"

namespace http {

using namespace std::chrono_literals;

namespace {

constexpr auto back_off = 50ms;
constexpr auto log_interval = 1s;
constexpr int accepted_at_once_max = 64;
/// Of a queue into which other threads look as well: they are awake too, and get their share.
constexpr int accepted_of_shared_max = 4;
/// So far may the total be over its limit while other threads look for an idle connection.
constexpr std::int64_t connections_slack = 64;

std::string peer_name(const sockaddr_storage& name) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (name.ss_family == AF_INET) {
        auto& v4 = reinterpret_cast<const sockaddr_in&>(name);
        inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    } else if (name.ss_family == AF_INET6) {
        auto& v6 = reinterpret_cast<const sockaddr_in6&>(name);
        // An inherited socket may be for both families; one client has one name.
        constexpr std::size_t before_v4 = 12;
        bool is_v4 = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
        const auto* bytes = v6.sin6_addr.s6_addr + (is_v4 ? before_v4 : 0);
        inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes, text.data(), text.size());
    }
    return text.data();
}

boost::asio::generic::stream_protocol protocol_of(const Address& address) {
    if (address.is_unix()) return {AF_UNIX, 0};
    return {address.host.find(':') == std::string::npos ? AF_INET : AF_INET6, IPPROTO_TCP};
}

/// accept4 takes a descriptor before it looks into the queue: out of them, it says so even when
/// nobody waits.
bool somebody_waits(Acceptor& acceptor) {
    pollfd listening{acceptor.socket.native_handle(), POLLIN, 0};
    return poll(&listening, 1, 0) > 0;
}

}  // namespace

void Worker::add_acceptor(ListenerState& state, Descriptor socket) {
    auto& acceptor = *acceptors_.emplace_back(std::make_unique<Acceptor>(executor(), state));
    acceptor.socket.assign(protocol_of(state.address), socket.release());
}

void Worker::use_tls(const base::Snapshot<TlsContext>& contexts) {
    tls_ = std::make_unique<TlsThread>(contexts, metrics_);
}

Awaitable<void> Worker::accept_loop(Acceptor& acceptor) {
    boost::system::error_code error;
    auto token = boost::asio::redirect_error(base::use_task, error);
    Timer timer(executor());
    const auto& address = acceptor.state.address;
    bool is_shared = address.is_unix() || address.is_inherited();
    int at_once = is_shared ? accepted_of_shared_max : accepted_at_once_max;
    while (acceptor.socket.is_open()) {
        co_await acceptor.socket.async_wait(Acceptor::Socket::wait_read, token);
        auto accepted = error ? Accepted::failed : Accepted::none;
        for (int i = 0; i < at_once && acceptor.socket.is_open(); ++i) {
            accepted = accept_one(acceptor);
            if (accepted == Accepted::exhausted) accepted = accept_exhausted(acceptor);
            if (accepted != Accepted::one) break;
        }
        if (accepted == Accepted::exhausted || accepted == Accepted::failed) {
            timer.expires_after(back_off);
            co_await timer.async_wait(token);
        }
    }
}

Worker::Accepted Worker::accept_one(Acceptor& acceptor) {
    sockaddr_storage name{};
    socklen_t size = sizeof(name);
    int descriptor = accept4(acceptor.socket.native_handle(), reinterpret_cast<sockaddr*>(&name),
                             &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor >= 0) {
        open_connection(acceptor, descriptor, name);
        return Accepted::one;
    }
    switch (errno) {
        case EAGAIN:
            return Accepted::none;
        case EMFILE:
        case ENFILE:
            return somebody_waits(acceptor) ? Accepted::exhausted : Accepted::none;
        // The client gave up while it was queued (accept(2)); the next one may be fine.
        case EINTR:
        case ECONNABORTED:
        case EPROTO:
            return Accepted::one;
        default:
            break;
    }
    int error = errno;
    if (now_ - exhaustion_logged_ >= log_interval) {
        exhaustion_logged_ = now_;
        telemetry::log(telemetry::Level::error, "http", "cannot accept a connection",
                       {{"error", std::strerror(error)}});
    }
    return Accepted::failed;
}

void Worker::open_connection(Acceptor& acceptor, int descriptor, const sockaddr_storage& peer) {
    Descriptor owned(descriptor);
    if (!make_place()) return;
    // An inherited listener may have sockets of both kinds.
    if (peer.ss_family != AF_UNIX) {
        int on = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        limit_unsent(descriptor);
    }
    auto connection =
        std::make_unique<Connection>(*this, acceptor, std::move(owned), peer_name(peer));
    if (acceptor.state.address.tls && !connection->start_tls()) return;
    epoll_event wanted{};
    wanted.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    wanted.data.ptr = connection.get();
    if (epoll_ctl(poller_.native_handle(), EPOLL_CTL_ADD, descriptor, &wanted) != 0) return;
    shared_.connections.fetch_add(1, std::memory_order_relaxed);
    if (acceptor.state.listener.is_public) {
        shared_.public_connections.fetch_add(1, std::memory_order_relaxed);
    }
    acceptor.state.connections.fetch_add(1, std::memory_order_relaxed);
    waiting_.push_back(*connection.release());  // end() deletes it
}

/// The kernel would take a whole answer for a client that reads nothing of it, and keep it, also
/// after our close: so it takes little, and gives up a client whose window stays shut.
void Worker::limit_unsent(int descriptor) const {
    auto most = static_cast<int>(shared_.config.unsent_bytes_max);
    setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof(most));
    auto stall = static_cast<unsigned>(shared_.config.write_stall_timeout.count());
    setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &stall, sizeof(stall));
}

/// True if one more connection may be opened. When the server is full the longest idle one has to
/// go: this thread's if it has one, else that of another thread, a moment later.
bool Worker::make_place() {
    auto open = shared_.connections.load(std::memory_order_relaxed);
    if (open < shared_.config.connections_max) return true;
    if (now_ - exhaustion_logged_ >= log_interval) {
        exhaustion_logged_ = now_;
        telemetry::log(telemetry::Level::warning, "http", "connections are at their limit",
                       {{"connections", open}});
    }
    if (close_longest_idle()) return true;
    for (auto& other : shared_.workers) {
        if (other.get() != this) other->close_longest_idle_later();
    }
    return shared_.workers.size() > 1 && open < shared_.config.connections_max + connections_slack;
}

bool Worker::close_longest_idle() {
    if (waiting_.empty()) return false;
    waiting_.front().cut();
    return true;
}

void Worker::close_longest_idle_later() {
    boost::asio::post(context_, [this] { close_longest_idle(); });
}

/// Out of descriptors. An idle connection makes room, if there is one; if not, the next client in
/// the queue is accepted with a descriptor that was put by, and closed: it hears at once that it
/// cannot be served, and the queue does not keep the loop awake.
Worker::Accepted Worker::accept_exhausted(Acceptor& acceptor) {
    if (now_ - exhaustion_logged_ >= log_interval) {
        exhaustion_logged_ = now_;
        telemetry::log(telemetry::Level::warning, "http", "out of file descriptors");
    }
    if (close_longest_idle() && accept_one(acceptor) == Accepted::one) return Accepted::one;
    reserve_.close();
    Descriptor refused(accept4(acceptor.socket.native_handle(), nullptr, nullptr, SOCK_CLOEXEC));
    refused.close();
    reserve_ = Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
    return Accepted::exhausted;
}

}  // namespace http
