#pragma once

#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/snapshot.hpp"
#include "listener.hpp"
#include "outgoing.hpp"
#include "telemetry/metrics.hpp"
#include "tls_context.hpp"
#include "tls_wire.hpp"

namespace http {

/// How a handshake ended. `unfinished`: the client went away or ran out of time.
enum class Handshake { done, unfinished, plain_http, no_protocol, old_version, failed };

class TlsConnection;

/// What the TLS connections of one I/O thread share; it belongs to that thread.
class TlsThread {
public:
    TlsThread(const base::Snapshot<TlsContext>& contexts, telemetry::Metrics& metrics);

    /// For a socket that has just been accepted, with the certificate that is in force now. Nothing
    /// is read or written yet. The socket must outlive the result; null if there is no memory.
    std::unique_ptr<TlsConnection> begin(const Descriptor& socket);

    // For its connections.
    /// Failures are logged once a second at most, with the count of the others.
    void count(Handshake result, std::string_view reason);
    /// Room in which the pieces of an answer become one record.
    std::span<char> staging() { return staging_; }

private:
    static constexpr std::size_t results = 6;

    base::Snapshot<TlsContext>::Reader contexts_;
    std::array<telemetry::Counter*, results> counters_;
    std::optional<std::chrono::steady_clock::time_point> logged_{};
    std::int64_t unlogged_ = 0;
    std::array<char, SSL3_RT_MAX_PLAIN_LENGTH> staging_;
};

/// TLS on one non-blocking socket: the handshake is part of the first reads. Reads and writes as
/// far as the socket allows and never waits: whatever it lacks, reading or writing, the next event
/// of the socket is the moment to call again. Says goodbye when it is destroyed.
class TlsConnection {
public:
    enum class Read { some, none, ended };

    TlsConnection(SSL* connection, const Descriptor& socket, TlsThread& thread);
    ~TlsConnection();
    TlsConnection(const TlsConnection&) = delete;
    TlsConnection& operator=(const TlsConnection&) = delete;

    /// `count` bytes into `room`, which is not empty. `ended`: by the client, or it broke a rule.
    Read read(std::span<char> room, std::size_t& count);
    /// After `some`: there may be more, which no event of the socket will tell.
    bool has_more() const;
    /// As Outgoing::send(); continues where it was blocked when called with the same `out`.
    Outgoing::Sent send(Outgoing& out);
    /// It broke; nothing can be read or written any more.
    bool failed() const { return failed_; }
    /// Tells the client that nothing follows. False: the socket takes nothing now, call again.
    bool finish();
    /// What the socket has taken, handshake and all.
    std::size_t bytes_written() const { return wire_.written; }

private:
    struct Free {
        void operator()(SSL* connection) const { SSL_free(connection); }
    };
    void note_progress();
    void fail();

    std::unique_ptr<SSL, Free> ssl_;
    TlsThread& thread_;
    TlsWire wire_;
    int quiet_rounds_ = 0;   ///< records without content since the last with some
    bool complete_ = false;  ///< the handshake
    bool failed_ = false;
    bool finished_ = false;  ///< our side
};

}  // namespace http
