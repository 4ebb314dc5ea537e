#include "upstream_tls.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace http {

namespace {

bool set_rules(SSL_CTX* context) {
    static constexpr unsigned char protocols[] = "\x08http/1.1";
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_security_level(context, 2);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
           SSL_CTX_set_alpn_protos(context, protocols, sizeof(protocols) - 1) == 0;
}

bool is_ip(const std::string& host) {
    in6_addr ignored;
    return inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
           inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

}  // namespace

base::Result<std::shared_ptr<const UpstreamTls>> UpstreamTls::load(const std::string& ca_file) {
    ERR_clear_error();
    auto made = std::make_shared<UpstreamTls>();
    made->context_.reset(SSL_CTX_new(TLS_client_method()));
    auto* context = made->context_.get();
    bool usable = context && set_rules(context) &&
                  (ca_file.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                   : SSL_CTX_load_verify_file(context, ca_file.c_str()) == 1);
    if (!usable) {
        const char* reason = ERR_reason_error_string(ERR_peek_error());
        base::Error error{base::Reason::unavailable, "ca_unusable",
                          (ca_file.empty() ? std::string("The system's certificates") : ca_file) +
                              " cannot be used to verify upstreams (" +
                              (reason ? reason : "no reason given") + ")."};
        ERR_clear_error();
        return error;
    }
    return std::shared_ptr<const UpstreamTls>(std::move(made));
}

UpstreamTls::Connection UpstreamTls::begin(const std::string& host) const {
    Connection made(SSL_new(context_.get()));
    if (!made) return nullptr;
    SSL_set_connect_state(made.get());
    auto* rules = SSL_get0_param(made.get());
    if (is_ip(host)) {
        // An address is no name that could be sent (RFC 6066, 3).
        if (X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) != 1) return nullptr;
        return made;
    }
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    auto name = host;
    bool set = X509_VERIFY_PARAM_set1_host(rules, name.c_str(), name.size()) == 1 &&
               SSL_ctrl(made.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                        name.data()) == 1;
    return set ? std::move(made) : nullptr;
}

}  // namespace http
