#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "http/server.hpp"

namespace http {

/// A certificate with its key, and the rules of each TLS connection that is begun with it: TLS 1.2
/// with ECDHE and AEAD only, or 1.3; ALPN `http/1.1`; no compression, no renegotiation, and no
/// resumption (docs/decisions/0009). Immutable; shared by all threads; a connection keeps the one
/// it began with.
class TlsContext {
public:
    /// Reads both files. Refused with one sentence; its detail names the setting: `tls.key`.
    static base::Result<std::shared_ptr<const TlsContext>> load(const TlsConfig& config);

    SSL_CTX* get() const { return context_.get(); }
    /// Until when the certificate is good, in seconds since the epoch.
    std::int64_t not_after() const { return not_after_; }
    /// What a person should know about a certificate that is taken all the same; or empty.
    const std::string& warning() const { return warning_; }

private:
    struct Free {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    };

    std::unique_ptr<SSL_CTX, Free> context_;
    std::int64_t not_after_ = 0;
    std::string warning_;
};

}  // namespace http
