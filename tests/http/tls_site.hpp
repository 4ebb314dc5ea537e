#pragma once

#include <memory>
#include <string>

#include "support/temporary_folder.hpp"
#include "support/tls.hpp"
#include "test_server.hpp"

namespace tests {

/// A folder with a certificate, and a server that uses it.
struct TlsSite {
    explicit TlsSite(http::Config changes = TestServer::quick(), TestServer::More more = {}) {
        support::write_certificate(folder.path(), support::make_certificate("first"));
        config = std::move(changes);
        config.listen = "tls:127.0.0.1:0";
        config.tls.certificate = folder / "certificate.pem";
        config.tls.key = folder / "key.pem";
        server = std::make_unique<TestServer>(config, true, std::move(more));
    }
    const std::string& address() const { return server->address(); }
    /// Of portal_tls_handshakes_total.
    std::string handshakes(const std::string& result) const {
        auto text = server->metrics().text();
        auto name = "portal_tls_handshakes_total{result=\"" + result + "\"} ";
        auto at = text.find(name);
        if (at == std::string::npos) return {};
        at += name.size();
        return text.substr(at, text.find('\n', at) - at);
    }
    /// Waits until all connections have ended, so that they are counted.
    void settle() { server->wait_for_connections(0); }

    support::TemporaryFolder folder;
    http::Config config;
    std::unique_ptr<TestServer> server;
};

}  // namespace tests
