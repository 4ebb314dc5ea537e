#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "base/result.hpp"

namespace http {

/// The rules of each TLS connection that we begin: TLS 1.2 with ECDHE and AEAD only, or 1.3; the
/// chain of certificates is verified, and the name in it; ALPN `http/1.1`; no resumption.
/// Immutable; shared by all threads.
class UpstreamTls {
public:
    struct Free {
        void operator()(SSL* connection) const { SSL_free(connection); }
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    };
    using Connection = std::unique_ptr<SSL, Free>;

    /// `ca_file` vouches for upstreams; if empty the system's certificates do. Refused with
    /// `ca_unusable` and a sentence that names the file.
    static base::Result<std::shared_ptr<const UpstreamTls>> load(const std::string& ca_file);

    /// To begin with `host`, a name or an IP address, which the certificate must be for. Null if
    /// there is no memory or the name can be none.
    Connection begin(const std::string& host) const;

private:
    std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace http
