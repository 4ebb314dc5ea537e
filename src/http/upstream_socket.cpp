#include "upstream_socket.hpp"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>

namespace http {

namespace {

/// The time is looked at so often, so that no loop has to outlive a wait that has ended by more.
constexpr auto watch_interval = std::chrono::seconds(1);

/// What a wait for either shares with the events that end it; they may come after it.
struct WaitingForEither {
    explicit WaitingForEither(base::Executor executor) : timer(executor) {}
    SteadyTimer timer;
    bool happened = false;
    bool over = false;
};

}  // namespace

/// The one timer of all waits. It is only ever moved to an earlier time: who waits again with a
/// later end, as with each request, costs it nothing.
struct UpstreamSocket::Watch {
    Watch(base::Executor executor, UpstreamSocket* its) : timer(executor), socket(its) {}
    SteadyTimer timer;
    UpstreamSocket* socket;  ///< null: it has gone
    SteadyTime at = SteadyTime::max();
};

UpstreamSocket::UpstreamSocket(Descriptor descriptor, int family)
    : descriptor_(std::move(descriptor)), family_(family) {}

UpstreamSocket::~UpstreamSocket() {
    if (tls_ && !failed_ && SSL_is_init_finished(tls_.get())) finish_writing();
    detach();
}

void UpstreamSocket::attach(base::Executor executor) {
    if (socket_ && socket_->get_executor() == executor) return;
    detach();
    watch_ = std::make_shared<Watch>(executor, this);
    socket_.emplace(executor);
    socket_->assign(boost::asio::generic::stream_protocol(family_, SOCK_STREAM), descriptor_.get());
}

void UpstreamSocket::detach() {
    if (!socket_) return;
    watch_->socket = nullptr;
    watch_->timer.cancel();
    watch_.reset();
    waiting_ = {};
    boost::system::error_code ignored;
    // The descriptor stays ours; what waits for it is cancelled.
    if (socket_->is_open()) socket_->release(ignored);
    socket_.reset();
}

bool UpstreamSocket::start_tls(UpstreamTls::Connection connection) {
    auto* io = connection ? wire_.make_io() : nullptr;
    if (!io) return false;
    tls_ = std::move(connection);
    SSL_set_bio(tls_.get(), io, io);
    return true;
}

/// After a call of OpenSSL that did not succeed.
UpstreamSocket::Io UpstreamSocket::result_of(int error) {
    switch (error) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            return Io::none;
        case SSL_ERROR_ZERO_RETURN:
            return Io::ended;
        default:
            // Also an end without a goodbye: anybody on the way could have made it.
            failed_ = true;
            ERR_clear_error();
            return Io::broken;
    }
}

UpstreamSocket::Io UpstreamSocket::handshake() {
    ERR_clear_error();
    auto result = SSL_do_handshake(tls_.get());
    if (result == 1) return Io::some;
    auto error = SSL_get_error(tls_.get(), result);
    untrusted_ = SSL_get_verify_result(tls_.get()) != X509_V_OK;
    read_wants_write_ = error == SSL_ERROR_WANT_WRITE;
    auto io = result_of(error);
    return io == Io::ended ? Io::broken : io;
}

UpstreamSocket::Io UpstreamSocket::read(std::span<char> room, std::size_t& count) {
    count = 0;
    waiting_[index(For::reading)].until = SteadyTime::max();
    if (failed_) return Io::broken;
    if (tls_) {
        ERR_clear_error();
        wire_.blocked = false;
        if (SSL_read_ex(tls_.get(), room.data(), room.size(), &count) == 1) return Io::some;
        auto error = SSL_get_error(tls_.get(), 0);
        read_wants_write_ = error == SSL_ERROR_WANT_WRITE;
        return result_of(error);
    }
    for (;;) {
        auto got = recv(descriptor_.get(), room.data(), room.size(), MSG_DONTWAIT);
        if (got < 0 && errno == EINTR) continue;
        if (got > 0) {
            count = static_cast<std::size_t>(got);
            return Io::some;
        }
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Io::none;
        // A reset is told once, perhaps to who wrote; after that it looks like a clean end.
        failed_ = got < 0 || write_failed_;
        return failed_ ? Io::broken : Io::ended;
    }
}

UpstreamSocket::Io UpstreamSocket::write(std::string_view bytes, std::size_t& count) {
    count = 0;
    waiting_[index(For::writing)].until = SteadyTime::max();
    if (failed_) return Io::broken;
    if (tls_) {
        ERR_clear_error();
        if (SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &count) == 1) return Io::some;
        auto error = SSL_get_error(tls_.get(), 0);
        write_wants_read_ = error == SSL_ERROR_WANT_READ;
        // A goodbye that was read meanwhile does not keep what came before from being read.
        return error == SSL_ERROR_ZERO_RETURN ? Io::broken : result_of(error);
    }
    for (;;) {
        auto sent =
            ::send(descriptor_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent >= 0) {
            count = static_cast<std::size_t>(sent);
            return Io::some;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) return Io::none;
        write_failed_ = true;
        return Io::broken;
    }
}

void UpstreamSocket::finish_writing() {
    if (tls_) {
        ERR_clear_error();
        if (!failed_) SSL_shutdown(tls_.get());
        ERR_clear_error();
    }
    shutdown(descriptor_.get(), SHUT_WR);
}

int UpstreamSocket::connect_error() const {
    int error = 0;
    socklen_t size = sizeof(error);
    if (getsockopt(descriptor_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
    return error;
}

bool UpstreamSocket::is_quiet() {
    char byte;
    std::size_t count = 0;
    // A byte that is taken here is lost, but then so is the connection.
    return read(std::span<char>(&byte, 1), count) == Io::none;
}

UpstreamSocket::Wait UpstreamSocket::wait(For what, SteadyTime until) {
    auto& waiting = waiting_[index(what)];
    waiting.until = until;
    waiting.timed_out = false;
    watch(until);
    using Socket = boost::asio::socket_base;
    auto event = wants_writable(what) ? Socket::wait_write : Socket::wait_read;
    return socket_->async_wait(event, boost::asio::redirect_error(base::use_task, waiting.error));
}

void UpstreamSocket::watch(SteadyTime until) {
    auto at = std::min(until, std::chrono::steady_clock::now() + watch_interval);
    if (watch_->at <= at) return;
    watch_->at = at;
    watch_->timer.expires_at(at);
    watch_->timer.async_wait([watch = watch_](boost::system::error_code error) {
        if (!error && watch->socket) watch->socket->look_at_time();
    });
}

void UpstreamSocket::look_at_time() {
    watch_->at = SteadyTime::max();
    auto now = std::chrono::steady_clock::now();
    auto next = SteadyTime::max();
    bool over = false;
    for (auto& waiting : waiting_) {
        if (waiting.until <= now) {
            waiting.until = SteadyTime::max();
            waiting.timed_out = over = true;
        }
        next = std::min(next, waiting.until);
    }
    if (next != SteadyTime::max()) watch(next);
    // Whoever else waits for this socket is woken too, and then waits again.
    boost::system::error_code ignored;
    if (over) socket_->cancel(ignored);
}

base::Task<bool> UpstreamSocket::wait_for_either(SteadyTime until) {
    auto waiting = std::make_shared<WaitingForEither>(socket_->get_executor());
    waiting->timer.expires_at(until);
    auto event = [waiting](boost::system::error_code) {
        if (waiting->over) return;
        waiting->happened = true;
        waiting->timer.cancel();
    };
    using Socket = boost::asio::socket_base;
    bool in = !wants_writable(For::reading) || !wants_writable(For::writing);
    bool out = wants_writable(For::reading) || wants_writable(For::writing);
    if (in) socket_->async_wait(Socket::wait_read, event);
    if (out) socket_->async_wait(Socket::wait_write, event);
    boost::system::error_code cancelled;
    auto token = boost::asio::redirect_error(base::use_task, cancelled);
    co_await waiting->timer.async_wait(token);
    waiting->over = true;
    boost::system::error_code ignored;
    if ((in && out) || !waiting->happened) socket_->cancel(ignored);
    co_return waiting->happened;
}

}  // namespace http
