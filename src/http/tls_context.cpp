#include "tls_context.hpp"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <string_view>

#include "listener.hpp"

namespace http {

namespace {

constexpr std::size_t file_bytes_max = 1024 * 1024;

template <auto function>
struct FreeBy {
    template <class T>
    void operator()(T* object) const {
        function(object);
    }
};
using Certificate = std::unique_ptr<X509, FreeBy<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using Source = std::unique_ptr<BIO, FreeBy<BIO_free>>;

/// `setting` is relative to the section `http`.
base::Error unusable(const char* setting, const std::string& file, const std::string& why) {
    base::Error error{base::Reason::unavailable, "certificate_unusable", file + " " + why};
    error.details.push_back({setting, error.message});
    return error;
}

/// What OpenSSL says was wrong, for a person; forgets it.
std::string openssl_reason() {
    const char* reason = ERR_reason_error_string(ERR_peek_error());
    std::string text = reason ? reason : "no reason given";
    ERR_clear_error();
    return text;
}

/// The bytes of a file that may be a secret: they do not stay in memory.
struct FileBytes {
    FileBytes() = default;
    FileBytes(FileBytes&&) noexcept = default;
    ~FileBytes() { OPENSSL_cleanse(text.data(), text.size()); }

    std::string text;
};

base::Result<FileBytes> read_file(const char* setting, const std::string& file, bool secret) {
    // A pipe without a writer would hold up the start.
    Descriptor opened(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat facts {};
    if (!opened || fstat(opened.get(), &facts) != 0) {
        return unusable(setting, file,
                        "cannot be opened (" + std::string(std::strerror(errno)) + ").");
    }
    if (!S_ISREG(facts.st_mode)) return unusable(setting, file, "is no plain file.");
    // What root owns and lets one group read is meant for that group's processes.
    auto closed_to = facts.st_uid == 0 ? mode_t{0137} : mode_t{0177};
    if (secret && (facts.st_mode & closed_to) != 0) {
        return unusable(setting, file,
                        "may be used by others than its owner; a key is a secret, so its mode has "
                        "to be 0600 or 0400, or 0640 or 0440 if it belongs to root.");
    }
    FileBytes bytes;
    bytes.text.resize(file_bytes_max + 1);
    std::size_t filled = 0;
    while (filled < bytes.text.size()) {
        auto got = read(opened.get(), bytes.text.data() + filled, bytes.text.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            return unusable(setting, file,
                            "cannot be read (" + std::string(std::strerror(errno)) + ").");
        }
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    if (filled > file_bytes_max) return unusable(setting, file, "is too long for a PEM file.");
    bytes.text.resize(filled);
    return bytes;
}

Source source_of(const FileBytes& bytes) {
    return Source(BIO_new_mem_buf(bytes.text.data(), static_cast<int>(bytes.text.size())));
}

/// Instead of asking at a terminal; says that it was asked for.
int no_password(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

base::Result<Key> read_key(const TlsConfig& config) {
    auto bytes = read_file("tls.key", config.key, true);
    if (!bytes) return bytes.error();
    bool encrypted = false;
    Key key(PEM_read_bio_PrivateKey(source_of(*bytes).get(), nullptr, no_password, &encrypted));
    if (key) return key;
    auto why = openssl_reason();
    if (encrypted) {
        return unusable("tls.key", config.key,
                        "is encrypted; the server needs a key without a password.");
    }
    return unusable("tls.key", config.key, "has no private key in PEM form (" + why + ").");
}

/// The certificate, then those that vouch for it, as they stand in the file.
base::Result<Certificate> use_certificates(SSL_CTX* context, const TlsConfig& config) {
    auto bytes = read_file("tls.certificate", config.certificate, false);
    if (!bytes) return bytes.error();
    auto source = source_of(*bytes);
    bool ignored = false;
    Certificate first(PEM_read_bio_X509(source.get(), nullptr, no_password, &ignored));
    if (!first) {
        return unusable("tls.certificate", config.certificate,
                        "has no certificate in PEM form (" + openssl_reason() + ").");
    }
    if (SSL_CTX_use_certificate(context, first.get()) != 1) {
        return unusable("tls.certificate", config.certificate,
                        "cannot be used (" + openssl_reason() + ").");
    }
    while (auto* next = PEM_read_bio_X509(source.get(), nullptr, no_password, &ignored)) {
        if (SSL_CTX_add0_chain_cert(context, next) != 1) {
            X509_free(next);
            return unusable("tls.certificate", config.certificate,
                            "has a chain that cannot be used (" + openssl_reason() + ").");
        }
    }
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    auto why = openssl_reason();
    if (at_end) return first;
    return unusable("tls.certificate", config.certificate,
                    "has a broken certificate after the first (" + why + ").");
}

/// A client that names protocols must name the one that is spoken here (RFC 7301, 3.2).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
    constexpr std::string_view ours = "http/1.1";
    // Each is a byte that says its length, and then the name; OpenSSL has checked that.
    for (unsigned int at = 0; at < offered_size; at += 1U + offered[at]) {
        std::string_view name(reinterpret_cast<const char*>(offered) + at + 1, offered[at]);
        if (name != ours) continue;
        *chosen = offered + at + 1;
        *chosen_size = offered[at];
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// What does not depend on the certificate. The reasons are in docs/decisions/0009.
bool set_rules(SSL_CTX* context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // A record without content comes back to us, or a client that sends nothing else would keep
    // the thread.
    SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_security_level(context, 2);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    return SSL_CTX_set_num_tickets(context, 0) == 1 &&
           SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(context, 0) == 1 &&
           SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
           SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1;
}

std::int64_t seconds_of(const ASN1_TIME* time) {
    std::tm parts{};
    return ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) : 0;
}

}  // namespace

base::Result<std::shared_ptr<const TlsContext>> TlsContext::load(const TlsConfig& config) {
    ERR_clear_error();
    auto made = std::make_shared<TlsContext>();
    made->context_.reset(SSL_CTX_new(TLS_server_method()));
    auto* context = made->context_.get();
    if (!context || !set_rules(context)) {
        return unusable(
            "tls.certificate", config.certificate,
            "cannot be used, since OpenSSL cannot be set up (" + openssl_reason() + ").");
    }
    auto certificate = use_certificates(context, config);
    if (!certificate) return certificate.error();
    auto key = read_key(config);
    if (!key) return key.error();
    if (X509_check_private_key(certificate->get(), key->get()) != 1 ||
        SSL_CTX_use_PrivateKey(context, key->get()) != 1) {
        ERR_clear_error();
        return unusable("tls.key", config.key,
                        "is not the key of the certificate in " + config.certificate + ".");
    }
    made->not_after_ = seconds_of(X509_get0_notAfter(certificate->get()));
    if (X509_cmp_current_time(X509_get0_notAfter(certificate->get())) < 0) {
        made->warning_ = "the certificate has expired";
    } else if (X509_cmp_current_time(X509_get0_notBefore(certificate->get())) > 0) {
        made->warning_ = "the certificate is not yet valid";
    }
    return std::shared_ptr<const TlsContext>(std::move(made));
}

base::Result<void> check_certificate(const Config& config) {
    auto loaded = TlsContext::load(config.tls);
    if (!loaded) return loaded.error();
    return {};
}

}  // namespace http
