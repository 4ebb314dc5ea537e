// How a connection's bytes come and go when its listener speaks TLS.
#include "connection.hpp"
#include "tls_connection.hpp"
#include "worker.hpp"

namespace http {

bool Connection::start_tls() {
    tls_ = worker_.tls().begin(socket_);
    return tls_ != nullptr;
}

Connection::Received Connection::receive_tls(boost::asio::mutable_buffer room, std::size_t& count) {
    std::span<char> bytes(static_cast<char*>(room.data()), room.size());
    switch (tls_->read(bytes, count)) {
        case TlsConnection::Read::some:
            ready_ = hangup_ || tls_->has_more();
            return Received::some;
        case TlsConnection::Read::none:
            ready_ = false;
            return Received::none;
        case TlsConnection::Read::ended:
            break;
    }
    ready_ = false;
    return Received::ended;
}

/// As much as the socket takes now.
Outgoing::Sent Connection::send_some(Outgoing& out) {
    return tls_ ? tls_->send(out) : out.send(socket_.get());
}

/// Grows while the client takes what is sent; finer than whole records.
std::size_t Connection::send_progress() const {
    return tls_ ? tls_->bytes_written() : pending_->bytes_sent();
}

/// The last that is sent; afterwards the socket is read as it is, since nothing counts any more.
Awaitable<void> Connection::finish_tls() {
    while (tls_ && !tls_->finish()) {
        co_await wait_ready();
    }
    tls_.reset();
}

}  // namespace http
