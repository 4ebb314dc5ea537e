#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// A self-made certificate and its key, as PEM.
struct Certificate {
    std::string certificate;
    std::string key;
};

/// For `name`, good from a day ago until `life` from now. The key is P-256; with `rsa_bits` it is
/// an RSA key of that size, with `password` it is encrypted.
struct CertificateWishes {
    std::chrono::seconds life = std::chrono::hours(24);
    std::size_t rsa_bits = 0;
    std::string password{};
};
Certificate make_certificate(const std::string& name, const CertificateWishes& wishes = {});

/// Puts them into `folder`, as certificate.pem and key.pem, the latter with mode 0600.
void write_certificate(const std::filesystem::path& folder, const Certificate& made);

/// One TLS connection to a server under test, which takes any certificate. The TLS bytes pass
/// through memory, so that a test can hold them back. Every wait ends after `patience`.
class TlsClient {
public:
    static constexpr std::chrono::seconds patience{10};

    struct Wishes {
        int version = 0;                       ///< TLS1_2_VERSION …; 0: any
        std::string ciphers{};                 ///< of TLS 1.2; empty: the usual ones
        std::vector<std::string> protocols{};  ///< for ALPN; empty: says nothing of it
        std::size_t piece = 0;                 ///< sends so many bytes at a time; 0: as it comes
        int buffer_bytes = 0;                  ///< of the socket, each way; 0: the usual size
    };

    /// Connects to `address` (`tls:host:port`), and no more.
    explicit TlsClient(const std::string& address) : TlsClient(address, Wishes()) {}
    TlsClient(const std::string& address, const Wishes& wishes);
    ~TlsClient();
    TlsClient(const TlsClient&) = delete;
    TlsClient& operator=(const TlsClient&) = delete;

    /// The handshake. False: refused, see failure().
    bool begin();
    /// Encrypts and sends. False if the connection is over.
    bool send(std::string_view bytes);
    /// One answer with the content that its Content-Length announces. Empty if it does not come.
    std::string answer();
    /// Everything up to the end of the connection. Throws if it does not end.
    std::string rest();
    /// Says goodbye and sends nothing more.
    void finish_sending();
    /// Nothing came for so long.
    bool quiet(std::chrono::milliseconds span);

    /// What would be sent for `bytes`, or for the beginning of the handshake if there are none.
    std::string encrypted(std::string_view bytes);
    /// Sends as it is. False if the connection is over.
    bool send_raw(std::string_view bytes);
    /// Takes new keys, and with `both` asks the server to; goes out with what is sent next.
    void renew_keys(bool both = true);
    /// TLS 1.2: asks for another handshake. False: the server will not.
    bool renegotiate();

    /// The last alert that the server sent, as OpenSSL calls it; or what else broke.
    const std::string& failure() const { return failure_; }
    /// The server has said goodbye.
    bool said_goodbye() const;
    std::string version() const { return SSL_get_version(ssl_.get()); }
    std::string cipher() const { return SSL_get_cipher_name(ssl_.get()); }
    std::string protocol() const;
    /// The name in the server's certificate.
    std::string name() const;

private:
    template <auto function>
    struct Free {
        template <class T>
        void operator()(T* object) const {
            function(object);
        }
    };
    template <class Step>
    bool run(Step step);
    std::string take_output();
    bool flush();
    bool receive_wire();
    bool receive();

    std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> context_;
    std::unique_ptr<SSL, Free<SSL_free>> ssl_;
    std::size_t piece_;
    int socket_ = -1;
    std::string received_;
    std::string failure_;
};

}  // namespace support
