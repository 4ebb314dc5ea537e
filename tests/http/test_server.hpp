#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <vector>

#include "base/task.hpp"
#include "http/server.hpp"

namespace tests {

/// A server with a few routes, on a free port; and the same again as its operations listener.
///   GET /hello    "hello", by the shortcut       GET /slow    "hello", by a handler
///   POST /echo    its own body                   GET /big     8 MiB
///   GET /throws   an exception                   GET /refuses not_found
///   GET /admin    for admins                     GET /late    waits until release()
///   GET /about    path, parameters, peer, request id, actor
class TestServer {
public:
    explicit TestServer(http::Config config = quick(), bool open = true);
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
    std::size_t shortcuts() const { return shortcuts_; }

private:
    std::shared_ptr<http::Router> make_router();
    http::Listener make_listener(bool open);

    telemetry::Metrics metrics_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<base::Completion<int>> waiting_;
    std::atomic<std::size_t> shortcuts_{0};
    std::unique_ptr<http::Server> server_;
    std::string address_;
    std::string operations_address_;
};

}  // namespace tests
