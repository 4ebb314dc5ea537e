#include "tls_connection.hpp"

#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <utility>

#include "telemetry/log.hpp"

namespace http {

namespace {

constexpr auto log_interval = std::chrono::seconds(1);

/// More of these at a stretch no honest client sends; each costs a change of keys.
constexpr int quiet_rounds_max = 64;

Handshake result_of(int reason) {
    switch (reason) {
        case SSL_R_HTTP_REQUEST:
        case SSL_R_HTTPS_PROXY_REQUEST:
            return Handshake::plain_http;
        case SSL_R_NO_APPLICATION_PROTOCOL:
            return Handshake::no_protocol;
        case SSL_R_UNSUPPORTED_PROTOCOL:
            return Handshake::old_version;
        case SSL_R_UNEXPECTED_EOF_WHILE_READING:
            return Handshake::unfinished;
        default:
            return Handshake::failed;
    }
}

const char* name_of(Handshake result) {
    static constexpr const char* names[] = {"done",        "unfinished",  "plain_http",
                                            "no_protocol", "old_version", "failed"};
    return names[static_cast<std::size_t>(result)];
}

}  // namespace

TlsThread::TlsThread(const base::Snapshot<TlsContext>& contexts, telemetry::Metrics& metrics)
    : contexts_(contexts) {
    for (std::size_t i = 0; i < results; ++i) {
        counters_[i] = &metrics.counter("portal_tls_handshakes_total", "TLS handshakes by outcome.",
                                        {{"result", name_of(static_cast<Handshake>(i))}});
    }
}

std::unique_ptr<TlsConnection> TlsThread::begin(const Descriptor& socket) {
    auto* ssl = SSL_new(contexts_.get().get());
    if (!ssl) {
        count(Handshake::failed, "out of memory");
        return nullptr;
    }
    return std::make_unique<TlsConnection>(ssl, socket, *this);
}

void TlsThread::count(Handshake result, std::string_view reason) {
    counters_[static_cast<std::size_t>(result)]->add();
    if (result == Handshake::done) return;
    auto now = std::chrono::steady_clock::now();
    if (logged_ && now - *logged_ < log_interval) {
        ++unlogged_;
        return;
    }
    logged_ = now;
    telemetry::log(telemetry::Level::info, "http", "a TLS handshake did not succeed",
                   {{"result", name_of(result)},
                    {"reason", reason},
                    {"others_unlogged", std::exchange(unlogged_, 0)}});
}

TlsConnection::TlsConnection(SSL* connection, const Descriptor& socket, TlsThread& thread)
    : ssl_(connection), thread_(thread), wire_{socket} {
    auto* io = wire_.make_io();
    if (!io) {
        failed_ = true;  // out of memory: the first read ends the connection
        return;
    }
    SSL_set_bio(connection, io, io);
    SSL_set_accept_state(connection);
}

TlsConnection::~TlsConnection() {
    finish();
    if (!complete_ && !failed_) thread_.count(Handshake::unfinished, "no end in time");
}

TlsConnection::Read TlsConnection::read(std::span<char> room, std::size_t& count) {
    count = 0;
    while (!failed_) {
        ERR_clear_error();
        wire_.blocked = false;
        if (SSL_read_ex(ssl_.get(), room.data(), room.size(), &count) == 1) {
            note_progress();
            quiet_rounds_ = 0;
            return Read::some;
        }
        switch (SSL_get_error(ssl_.get(), 0)) {
            case SSL_ERROR_WANT_READ:
                note_progress();
                if (wire_.blocked) return Read::none;
                // A record that was not for us; the next may be.
                if (complete_ && ++quiet_rounds_ > quiet_rounds_max) fail();
                break;
            case SSL_ERROR_WANT_WRITE:
                return Read::none;
            case SSL_ERROR_ZERO_RETURN:
                return Read::ended;
            default:
                fail();
        }
    }
    return Read::ended;
}

void TlsConnection::note_progress() {
    if (complete_ || !SSL_is_init_finished(ssl_.get())) return;
    complete_ = true;
    thread_.count(Handshake::done, {});
}

/// OpenSSL has sent the alert that tells the client, as far as the socket took it.
void TlsConnection::fail() {
    failed_ = true;
    if (complete_) return;
    auto error = ERR_peek_error();
    const char* reason = ERR_reason_error_string(error);
    bool gone = error == 0;  // the socket broke
    thread_.count(gone ? Handshake::unfinished : result_of(ERR_GET_REASON(error)),
                  reason ? reason : "the connection broke");
    ERR_clear_error();
}

bool TlsConnection::has_more() const {
    return !wire_.drained || SSL_has_pending(ssl_.get()) == 1;
}

Outgoing::Sent TlsConnection::send(Outgoing& out) {
    while (!out.empty() && !failed_) {
        auto bytes = out.next(thread_.staging());
        std::size_t taken = 0;
        ERR_clear_error();
        if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &taken) == 1) {
            out.consume(taken);
            continue;
        }
        auto error = SSL_get_error(ssl_.get(), 0);
        // What is blocked stands in OpenSSL's own buffer; it only asks for the same bytes again.
        if (error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ) {
            return Outgoing::Sent::blocked;
        }
        fail();
    }
    if (!failed_) return Outgoing::Sent::all;
    out.clear();
    return Outgoing::Sent::broken;
}

bool TlsConnection::finish() {
    if (finished_ || failed_ || !complete_) return true;
    ERR_clear_error();
    auto result = SSL_shutdown(ssl_.get());
    if (result < 0 && SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_WRITE) return false;
    finished_ = true;
    return true;
}

}  // namespace http
