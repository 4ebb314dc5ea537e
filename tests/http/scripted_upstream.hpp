#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "http/client.hpp"
#include "support/tls.hpp"

namespace tests {

/// A server of blocking sockets that does to each connection what its script says: good or bad, the
/// bytes are the test's own. Every wait ends after `patience`.
class ScriptedUpstream {
public:
    static constexpr int patience_seconds = 10;

    /// One connection, in the hands of its script.
    class Peer {
    public:
        Peer(int socket, SSL_CTX* tls);
        ~Peer();
        Peer(const Peer&) = delete;
        Peer& operator=(const Peer&) = delete;

        /// One whole request, head and content as they came; empty if there is none.
        std::string request();
        /// The next bytes; empty at the end.
        std::string receive();
        /// How many bytes were taken: all, unless the client went away.
        std::size_t send(std::string_view bytes);
        /// Waits for so long; true as soon as the client has gone or said something.
        bool stirs(std::chrono::milliseconds span);
        /// Ends the connection with a reset.
        void reset();
        /// Ends the connection, under TLS without saying goodbye.
        void hang_up() { goodbye_ = false; }

    private:
        bool fill();

        int socket_;
        SSL* tls_ = nullptr;
        bool secure_ = false;
        bool goodbye_ = true;
        std::string received_;
    };
    using Script = std::function<void(Peer&)>;

    /// The n-th connection gets the n-th script, those after the last the last one.
    explicit ScriptedUpstream(std::vector<Script> scripts,
                              const support::Certificate* certificate = nullptr);
    ~ScriptedUpstream();

    http::UpstreamAddress address(const std::string& host = "127.0.0.1") const;
    std::size_t connections() const { return connections_; }
    /// At the same time, at most.
    std::size_t most_connections() const { return most_; }
    /// All that Peer::request() gave, in the order of their ends.
    std::vector<std::string> requests() const;
    /// They are not kept any more, since there are too many.
    void remember_nothing() { remembers_ = false; }

    /// A script: to each request the same answer.
    static Script answer(std::string bytes);

private:
    friend class Peer;
    void accept_all();
    void join_finished();

    const std::vector<Script> scripts_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls_{nullptr, SSL_CTX_free};
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<std::size_t> connections_{0};
    std::atomic<std::size_t> open_{0};
    std::atomic<std::size_t> most_{0};
    mutable std::mutex mutex_;
    std::vector<std::string> requests_;
    std::atomic<bool> remembers_{true};
    std::vector<std::thread> threads_;
    std::vector<std::thread::id> finished_;
    std::vector<int> sockets_;
    std::thread acceptor_;
};

}  // namespace tests
