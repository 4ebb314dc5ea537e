#pragma once

#include <memory>
#include <string>

#include "asking.hpp"
#include "client_service.hpp"
#include "scripted_upstream.hpp"
#include "support/catch.hpp"

namespace tests {

inline const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
inline const std::string other = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother";

/// A client with limits that a test can wait for.
struct ClientSite {
    explicit ClientSite(http::ClientConfig changes = quick()) : config(std::move(changes)) {
        auto made = http::make_client(config, metrics);
        REQUIRE(made);
        client = std::move(*made);
    }
    static http::ClientConfig quick() {
        http::ClientConfig config;
        config.pooled_life = 10s;
        return config;
    }
    http::UpstreamPool::Sizes sizes(const ScriptedUpstream& upstream) const {
        return dynamic_cast<http::ClientService&>(*client).sizes(upstream.address());
    }

    http::ClientConfig config;
    telemetry::Metrics metrics;
    std::unique_ptr<http::Client> client;
};

inline http::ClientRequest request_to(const ScriptedUpstream& upstream,
                                      http::Method method = http::Method::get,
                                      const std::string& target = "/") {
    http::ClientRequest request;
    request.upstream = upstream.address();
    request.method = method;
    request.target = target;
    return request;
}

}  // namespace tests
