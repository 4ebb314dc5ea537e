#include "channel.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>

namespace http {

Channel::Received Channel::receive(boost::asio::mutable_buffer room, std::size_t& count) {
    if (tls_) return receive_tls(room, count);
    count = 0;
    for (;;) {
        auto got = recv(socket_.get(), room.data(), room.size(), MSG_DONTWAIT);
        if (got > 0) {
            count = static_cast<std::size_t>(got);
            // Less than there was room for: that was all, and the next bytes are a new event. But
            // for a client that has finished, whose end would be none.
            ready_ = hangup_ || count == room.size();
            return Received::some;
        }
        if (got < 0 && errno == EINTR) continue;
        ready_ = false;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Received::none;
        broken_ = got < 0;
        return Received::ended;
    }
}

Channel::Received Channel::receive_tls(boost::asio::mutable_buffer room, std::size_t& count) {
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
    broken_ = tls_->failed();
    ready_ = false;
    return Received::ended;
}

Outgoing::Sent Channel::send(Outgoing& out) {
    return tls_ ? tls_->send(out) : out.send(socket_.get());
}

std::size_t Channel::progress(const Outgoing& out) const {
    return tls_ ? tls_->bytes_written() : out.bytes_sent();
}

bool Channel::has_unsent() const {
    int bytes = 0;
    return ioctl(socket_.get(), SIOCOUTQ, &bytes) == 0 && bytes > 0;
}

base::Task<int> Channel::wait_ready(Waiter who) {
    auto keep = [this, who](base::Completion<int> completion) {
        waiters_[static_cast<std::size_t>(who)] = std::move(completion);
    };
    return base::suspend<int>(keep);
}

void Channel::wake() {
    for (auto& waiting : waiters_) {
        if (!waiting) continue;
        auto waiter = std::move(*waiting);
        waiting.reset();
        waiter(0);
    }
}

Awaitable<void> Channel::finish_sending() {
    while (tls_ && !tls_->finish()) {
        co_await wait_ready();
    }
    tls_.reset();
    shutdown(socket_.get(), SHUT_WR);
}

bool Channel::finish_writing() {
    if (tls_) return tls_->finish();
    shutdown(socket_.get(), SHUT_WR);
    return true;
}

void Channel::close() {
    tls_.reset();  // while there is a socket to say goodbye on
    socket_.close();
}

void Channel::reset() {
    linger at_once{1, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close();
}

}  // namespace http
