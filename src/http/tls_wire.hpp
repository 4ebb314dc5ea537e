#pragma once

#include <openssl/bio.h>

#include <cstddef>

#include "listener.hpp"

namespace http {

/// The way of one TLS connection to its socket, for OpenSSL. It never waits, and stays where it is
/// while the connection lives.
struct TlsWire {
    const Descriptor& socket;
    bool blocked = false;  ///< the last read found nothing
    bool drained = false;  ///< the last read took all there was
    bool ended = false;
    std::size_t written = 0;

    /// OpenSSL's I/O object over it; null if there is no memory.
    BIO* make_io();

private:
    static BIO_METHOD* method();
    static int read(BIO* io, char* to, int size);
    static int write(BIO* io, const char* from, int size);
    static long control(BIO* io, int command, long number, void* pointer);
};

}  // namespace http
