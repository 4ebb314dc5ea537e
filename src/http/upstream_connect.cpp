// How a connection to an upstream is made: its name looked up, each address tried, TLS begun.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <cstring>
#include <vector>

#include "http/outbound.hpp"
#include "upstream_error.hpp"
#include "upstream_socket.hpp"

namespace http {

namespace {

namespace asio = boost::asio;
using Endpoint = asio::generic::stream_protocol::endpoint;
using Resolver = asio::ip::basic_resolver<asio::ip::tcp, base::Executor>;

/// A unix socket whose queue is full says so at once instead of waiting as TCP does.
constexpr auto full_queue_pause = std::chrono::milliseconds(5);

/// A look-up cannot be ended while the C library waits for a name server, so nobody waits for it
/// longer than he wants to: its result may come after that, to nobody. One that still waits for its
/// turn is not made then.
struct LookUp {
    explicit LookUp(base::Executor executor) : resolver(executor), timer(executor) {}
    Resolver resolver;
    SteadyTimer timer;
    std::vector<Endpoint> found;
    boost::system::error_code error = asio::error::timed_out;
    bool over = false;
};

base::Task<std::vector<Endpoint>> look_up(UpstreamAddress address, SteadyTime until,
                                          std::shared_ptr<std::string> reason) {
    if (address.is_unix()) {
        co_return std::vector<Endpoint>(1, asio::local::stream_protocol::endpoint(address.path));
    }
    boost::system::error_code no_number;
    auto number = asio::ip::make_address(address.host, no_number);
    if (!no_number) {
        co_return std::vector<Endpoint>(1, asio::ip::tcp::endpoint(number, address.port));
    }
    auto executor = co_await asio::this_coro::executor;
    auto shared = std::make_shared<LookUp>(executor);
    shared->timer.expires_at(until);
    auto found = [shared](boost::system::error_code error, const Resolver::results_type& all) {
        if (shared->over) return;
        shared->error = error;
        for (const auto& each : all) shared->found.emplace_back(each.endpoint());
        shared->timer.cancel();
    };
    shared->resolver.async_resolve(address.host, std::to_string(address.port),
                                   asio::ip::resolver_base::numeric_service, found);
    boost::system::error_code cancelled;
    auto token = asio::redirect_error(base::use_task, cancelled);
    co_await shared->timer.async_wait(token);
    shared->over = true;
    shared->resolver.cancel();
    if (!shared->found.empty()) co_return shared->found;
    *reason = "its name could not be looked up: " + shared->error.message();
    if (shared->error == asio::error::timed_out) co_return upstream_timeout();
    co_return upstream_unreachable();
}

std::optional<IpAddress> address_of(const Endpoint& endpoint) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* data = endpoint.data();
    auto family = endpoint.protocol().family();
    if (family == AF_INET) {
        inet_ntop(family, &static_cast<const sockaddr_in*>(data)->sin_addr, text.data(),
                  text.size());
    } else if (family == AF_INET6) {
        inet_ntop(family, &static_cast<const sockaddr_in6*>(data)->sin6_addr, text.data(),
                  text.size());
    }
    return IpAddress::parse(text.data());
}

/// One that is not refuses them all: whoever has a name lead to both means no good.
bool admits_all(const OutboundGuard& guard, const UpstreamAddress& server,
                const std::vector<Endpoint>& endpoints) {
    return std::all_of(endpoints.begin(), endpoints.end(), [&](const Endpoint& endpoint) {
        auto address = address_of(endpoint);
        return address && guard.admits(server, *address);
    });
}

base::Error error_of(int number, std::string& reason) {
    reason = std::strerror(number);
    bool refused = number == ECONNREFUSED || number == ENOENT || number == EACCES;
    return refused ? upstream_refused() : upstream_unreachable();
}

base::Task<void> pause(std::chrono::milliseconds span) {
    auto executor = co_await asio::this_coro::executor;
    SteadyTimer timer(executor);
    timer.expires_after(span);
    boost::system::error_code cancelled;
    auto token = asio::redirect_error(base::use_task, cancelled);
    co_await timer.async_wait(token);
    co_return base::Result<void>();
}

base::Task<std::unique_ptr<UpstreamSocket>> connect_to(Endpoint endpoint, SteadyTime until,
                                                       std::shared_ptr<std::string> reason) {
    auto family = endpoint.protocol().family();
    Descriptor made(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!made) co_return error_of(errno, *reason);
    if (family != AF_UNIX) {
        int on = 1;
        setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    auto connection = std::make_unique<UpstreamSocket>(std::move(made), family);
    auto executor = co_await asio::this_coro::executor;
    connection->attach(executor);
    for (;;) {
        auto size = static_cast<socklen_t>(endpoint.size());
        if (::connect(connection->descriptor(), endpoint.data(), size) == 0) break;
        int error = errno;
        if (error == EINPROGRESS || error == EINTR) {
            co_await connection->wait(UpstreamSocket::For::writing, until);
            if (connection->timed_out(UpstreamSocket::For::writing)) {
                *reason = "no connection in time";
                co_return upstream_timeout();
            }
            error = connection->connect_error();
            if (error == 0) break;
        }
        if (error != EAGAIN) co_return error_of(error, *reason);
        if (std::chrono::steady_clock::now() >= until) {
            *reason = "its queue is full";
            co_return upstream_timeout();
        }
        co_await pause(full_queue_pause);
    }
    co_return std::move(connection);
}

base::Task<std::unique_ptr<UpstreamSocket>> shake_hands(std::unique_ptr<UpstreamSocket> connection,
                                                        SteadyTime until,
                                                        std::shared_ptr<std::string> reason) {
    for (;;) {
        auto result = connection->handshake();
        if (result == UpstreamSocket::Io::some) co_return std::move(connection);
        if (result != UpstreamSocket::Io::none) {
            *reason = "TLS failed";
            if (connection->is_untrusted()) {
                *reason = "its certificate does not hold";
                co_return upstream_untrusted();
            }
            co_return upstream_unreachable();
        }
        co_await connection->wait(UpstreamSocket::For::reading, until);
        if (connection->timed_out(UpstreamSocket::For::reading)) {
            *reason = "no TLS in time";
            co_return upstream_timeout();
        }
    }
}

}  // namespace

base::Task<std::unique_ptr<UpstreamSocket>> open_upstream(
    UpstreamAddress address, std::shared_ptr<const OutboundGuard> guard,
    std::shared_ptr<const UpstreamTls> tls, SteadyTime until, std::shared_ptr<std::string> reason) {
    auto endpoints = co_await look_up(address, until, reason);
    if (!endpoints) co_return endpoints.error();
    if (guard && !admits_all(*guard, address, *endpoints)) {
        *reason = "it leads to an address that is not admitted";
        co_return upstream_forbidden();
    }
    base::Error failure = upstream_unreachable();
    for (std::size_t i = 0; i < endpoints->size(); ++i) {
        // An address that says nothing leaves half of the time to the others.
        auto now = std::chrono::steady_clock::now();
        auto its = i + 1 < endpoints->size() ? now + (until - now) / 2 : until;
        auto endpoint = endpoints->at(i);
        auto connection = co_await connect_to(endpoint, its, reason);
        if (!connection) {
            failure = connection.error();
            continue;
        }
        if (!address.tls) co_return std::move(*connection);
        if (!(*connection)->start_tls(tls->begin(address.host))) co_return upstream_unreachable();
        auto open = std::move(*connection);
        co_return co_await shake_hands(std::move(open), until, reason);
    }
    co_return failure;
}

}  // namespace http
