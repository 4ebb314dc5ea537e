#include "support/tls.hpp"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "http/address.hpp"

namespace support {

namespace {

std::string content_of(BIO* memory) {
    char* start = nullptr;
    auto size = BIO_get_mem_data(memory, &start);
    std::string text(start, static_cast<std::size_t>(size));
    BIO_free(memory);
    return text;
}

}  // namespace

Certificate make_certificate(const std::string& name, const CertificateWishes& wishes) {
    auto* key = wishes.rsa_bits > 0 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", wishes.rsa_bits)
                                    : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
    auto* made = X509_new();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    constexpr long day = 24 * 60 * 60;
    X509_gmtime_adj(X509_getm_notBefore(made), -day);
    X509_gmtime_adj(X509_getm_notAfter(made), static_cast<long>(wishes.life.count()));
    X509_set_pubkey(made, key);
    auto* subject = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(made, subject);
    if (X509_sign(made, key, EVP_sha256()) == 0) throw std::runtime_error("no certificate");
    auto* certificate_pem = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(certificate_pem, made);
    auto* key_pem = BIO_new(BIO_s_mem());
    const auto* cipher = wishes.password.empty() ? nullptr : EVP_aes_128_cbc();
    PEM_write_bio_PKCS8PrivateKey(key_pem, key, cipher, wishes.password.data(),
                                  static_cast<int>(wishes.password.size()), nullptr, nullptr);
    X509_free(made);
    EVP_PKEY_free(key);
    return {content_of(certificate_pem), content_of(key_pem)};
}

void write_certificate(const std::filesystem::path& folder, const Certificate& made) {
    std::ofstream(folder / "certificate.pem") << made.certificate;
    auto key = folder / "key.pem";
    std::ofstream(key) << made.key;
    std::filesystem::permissions(
        key, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TlsClient::TlsClient(const std::string& address, const Wishes& wishes)
    : context_(SSL_CTX_new(TLS_client_method())), piece_(wishes.piece) {
    // What a server must refuse has to be offered first.
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_min_proto_version(context_.get(), wishes.version);
    SSL_CTX_set_max_proto_version(context_.get(), wishes.version);
    if (!wishes.ciphers.empty()) SSL_CTX_set_cipher_list(context_.get(), wishes.ciphers.c_str());
    ssl_.reset(SSL_new(context_.get()));
    std::string host = "example.org";
    SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data());
    std::string protocols;
    for (const auto& protocol : wishes.protocols) {
        protocols += static_cast<char>(protocol.size());
        protocols += protocol;
    }
    if (!protocols.empty()) {
        SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                            static_cast<unsigned>(protocols.size()));
    }
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_.get());

    auto parsed = http::parse_address(address);
    if (!parsed) throw std::runtime_error(parsed.error().message);
    boost::asio::ip::tcp::endpoint endpoint(boost::asio::ip::make_address(parsed->host),
                                            parsed->port);
    socket_ = socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    timeval limit{patience.count(), 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (wishes.buffer_bytes > 0) {
        setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &wishes.buffer_bytes, sizeof(int));
        setsockopt(socket_, SOL_SOCKET, SO_SNDBUF, &wishes.buffer_bytes, sizeof(int));
    }
    if (connect(socket_, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
        close(socket_);
        throw std::runtime_error("cannot connect to " + address);
    }
}

TlsClient::~TlsClient() {
    close(socket_);
}

/// What TLS has to say, sent or not.
std::string TlsClient::take_output() {
    std::string out;
    char part[4096];
    for (int got; (got = BIO_read(SSL_get_wbio(ssl_.get()), part, sizeof(part))) > 0;) {
        out.append(part, static_cast<std::size_t>(got));
    }
    return out;
}

bool TlsClient::send_raw(std::string_view bytes) {
    while (!bytes.empty()) {
        auto size = piece_ == 0 ? bytes.size() : std::min(piece_, bytes.size());
        auto sent = ::send(socket_, bytes.data(), size, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool TlsClient::flush() {
    return send_raw(take_output());
}

bool TlsClient::receive_wire() {
    char part[65536];
    auto got = recv(socket_, part, sizeof(part), 0);
    if (got < 0 && errno == EAGAIN) throw std::runtime_error("nothing came");
    if (got <= 0) return false;
    BIO_write(SSL_get_rbio(ssl_.get()), part, static_cast<int>(got));
    return true;
}

/// One call of OpenSSL, with as much traffic as it needs.
template <class Step>
bool TlsClient::run(Step step) {
    for (;;) {
        ERR_clear_error();
        auto result = step();
        auto error = SSL_get_error(ssl_.get(), result);
        const char* reason = ERR_reason_error_string(ERR_peek_error());
        if (error == SSL_ERROR_SSL && reason) failure_ = reason;
        bool sent = flush();
        if (result > 0) return sent;
        if (error != SSL_ERROR_WANT_READ || !receive_wire()) return false;
    }
}

bool TlsClient::begin() {
    return run([this] { return SSL_connect(ssl_.get()); });
}

bool TlsClient::send(std::string_view bytes) {
    return run([this, bytes] {
        return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    });
}

bool TlsClient::receive() {
    char part[16384];
    int got = 0;
    bool some = run([&] { return got = SSL_read(ssl_.get(), part, sizeof(part)); });
    if (some) received_.append(part, static_cast<std::size_t>(got));
    return some;
}

std::string TlsClient::answer() {
    std::size_t end;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
        if (!receive()) return {};
    }
    constexpr std::string_view length = "\r\nContent-Length: ";
    auto at = received_.find(length);
    end += 4;
    if (at < end) end += std::stoul(received_.substr(at + length.size()));
    while (received_.size() < end) {
        if (!receive()) return {};
    }
    auto answer = received_.substr(0, end);
    received_.erase(0, end);
    return answer;
}

std::string TlsClient::rest() {
    while (receive()) {
    }
    return std::exchange(received_, {});
}

void TlsClient::finish_sending() {
    SSL_shutdown(ssl_.get());
    flush();
    shutdown(socket_, SHUT_WR);
}

bool TlsClient::quiet(std::chrono::milliseconds span) {
    pollfd waiting{socket_, POLLIN, 0};
    return poll(&waiting, 1, static_cast<int>(span.count())) == 0;
}

std::string TlsClient::encrypted(std::string_view bytes) {
    if (bytes.empty()) {
        SSL_connect(ssl_.get());
    } else {
        SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    }
    return take_output();
}

void TlsClient::renew_keys(bool both) {
    SSL_key_update(ssl_.get(), both ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
}

bool TlsClient::renegotiate() {
    SSL_renegotiate(ssl_.get());
    return run([this] { return SSL_do_handshake(ssl_.get()); });
}

bool TlsClient::said_goodbye() const {
    return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

std::string TlsClient::protocol() const {
    const unsigned char* start = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &start, &size);
    return {reinterpret_cast<const char*>(start), size};
}

std::string TlsClient::name() const {
    auto* certificate = SSL_get0_peer_certificate(ssl_.get());
    char text[256] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, text,
                              sizeof(text));
    return text;
}

}  // namespace support
