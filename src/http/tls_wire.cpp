#include "tls_wire.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace http {

BIO* TlsWire::make_io() {
    auto* io = BIO_new(method());
    if (io) BIO_set_data(io, this);
    return io;
}

/// Not OpenSSL's own socket BIO: that one's write() raises SIGPIPE, and it does not tell whether a
/// read took all there was, without which each request would cost a second one.
BIO_METHOD* TlsWire::method() {
    static BIO_METHOD* const method = [] {
        auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "connection");
        if (!made) return made;
        BIO_meth_set_read(made, TlsWire::read);
        BIO_meth_set_write(made, TlsWire::write);
        BIO_meth_set_ctrl(made, control);
        return made;
    }();
    return method;
}

int TlsWire::read(BIO* io, char* to, int size) {
    auto& wire = *static_cast<TlsWire*>(BIO_get_data(io));
    BIO_clear_retry_flags(io);
    for (;;) {
        auto got = recv(wire.socket.get(), to, static_cast<std::size_t>(size), MSG_DONTWAIT);
        if (got < 0 && errno == EINTR) continue;
        wire.drained = got < size;
        if (got > 0) return static_cast<int>(got);
        wire.blocked = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        wire.ended = !wire.blocked;
        if (wire.blocked) BIO_set_retry_read(io);
        return wire.blocked ? -1 : 0;
    }
}

int TlsWire::write(BIO* io, const char* from, int size) {
    auto& wire = *static_cast<TlsWire*>(BIO_get_data(io));
    BIO_clear_retry_flags(io);
    for (;;) {
        auto sent = ::send(wire.socket.get(), from, static_cast<std::size_t>(size),
                           MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) continue;
        if (sent >= 0) {
            wire.written += static_cast<std::size_t>(sent);
            return static_cast<int>(sent);
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) BIO_set_retry_write(io);
        return -1;
    }
}

long TlsWire::control(BIO* io, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return static_cast<TlsWire*>(BIO_get_data(io))->ended ? 1 : 0;
    return 0;
}

}  // namespace http
