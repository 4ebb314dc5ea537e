#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <vector>

#include "base/task.hpp"
#include "http/server.hpp"

namespace tests {

/// What a test adds to the server below.
struct MoreOfServer {
    std::function<void(http::Router&)> routes{};
    http::Interceptors interceptors{};
    std::shared_ptr<const http::Authenticator> authenticator{};
    std::shared_ptr<http::RouteChooser> chooser{};  ///< hears of the router
    std::shared_ptr<const http::RequestObserver> observer{};
};

/// A server with a few routes, on a free port; and the same again as its operations listener.
///   GET /hello    "hello", from a cache          GET /slow    "hello", by a handler
///   POST /echo    its own body                   GET /big     8 MiB
///   GET /throws   an exception                   GET /refuses not_found
///   GET /admin    for admins                     GET /late    waits until release()
///   GET /about    path, parameters, peer, request id, actor
class TestServer {
public:
    using More = MoreOfServer;
    explicit TestServer(http::Config config = quick(), bool open = true, More more = {});
    ~TestServer();

    /// One thread, and defaults otherwise.
    static http::Config quick();

    const std::string& address() const { return address_; }
    const std::string& operations_address() const { return operations_address_; }
    http::Server& server() { return *server_; }
    telemetry::Metrics& metrics() { return metrics_; }
    /// Answers everybody who waits at /late. Thread-safe.
    void release();
    /// Blocks until so many wait at /late.
    void wait_for_waiting(std::size_t count);
    /// Blocks until the server counts so many connections on its public listener.
    void wait_for_connections(int count);
    std::size_t cache_hits() const { return cache_hits_; }

private:
    std::shared_ptr<http::Router> make_router();
    http::Listener make_listener(bool open, const More& more);

    telemetry::Metrics metrics_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<base::Completion<int>> waiting_;
    std::atomic<std::size_t> cache_hits_{0};
    std::unique_ptr<http::Server> server_;
    std::string address_;
    std::string operations_address_;
};

}  // namespace tests
