#include "scripted_upstream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace tests {

namespace {

/// The one whose script runs on this thread: where requests are written down.
thread_local std::function<void(const std::string&)> note;

std::size_t content_length_of(const std::string& head) {
    constexpr std::string_view name = "\r\nContent-Length: ";
    auto at = head.find(name);
    return at == head.npos ? 0 : std::stoul(head.substr(at + name.size()));
}

SSL_CTX* make_context(const support::Certificate& made) {
    auto* context = SSL_CTX_new(TLS_server_method());
    auto* certificate_pem = BIO_new_mem_buf(made.certificate.data(), -1);
    auto* key_pem = BIO_new_mem_buf(made.key.data(), -1);
    auto* certificate = PEM_read_bio_X509(certificate_pem, nullptr, nullptr, nullptr);
    auto* key = PEM_read_bio_PrivateKey(key_pem, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free(certificate_pem);
    BIO_free(key_pem);
    return context;
}

}  // namespace

ScriptedUpstream::Peer::Peer(int socket, SSL_CTX* tls) : socket_(socket) {
    timeval limit{patience_seconds, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (!tls) return;
    tls_ = SSL_new(tls);
    SSL_set_fd(tls_, socket_);
    secure_ = SSL_accept(tls_) == 1;
}

ScriptedUpstream::Peer::~Peer() {
    if (secure_ && goodbye_) SSL_shutdown(tls_);
    SSL_free(tls_);
}

bool ScriptedUpstream::Peer::fill() {
    char part[65536];
    auto got = tls_ ? (secure_ ? SSL_read(tls_, part, sizeof(part)) : 0)
                    : recv(socket_, part, sizeof(part), 0);
    if (got <= 0) return false;
    received_.append(part, static_cast<std::size_t>(got));
    return true;
}

std::string ScriptedUpstream::Peer::receive() {
    if (received_.empty()) fill();
    return std::exchange(received_, {});
}

std::string ScriptedUpstream::Peer::request() {
    std::size_t end;
    while ((end = received_.find("\r\n\r\n")) == received_.npos) {
        if (!fill()) return {};
    }
    end += 4;
    auto head = received_.substr(0, end);
    if (head.find("\r\nTransfer-Encoding: chunked\r\n") != head.npos) {
        std::size_t last;
        while ((last = received_.find("0\r\n\r\n", end)) == received_.npos) {
            if (!fill()) return {};
        }
        end = last + 5;
    } else {
        end += content_length_of(head);
        while (received_.size() < end) {
            if (!fill()) return {};
        }
    }
    auto whole = received_.substr(0, end);
    received_.erase(0, end);
    note(whole);
    return whole;
}

std::size_t ScriptedUpstream::Peer::send(std::string_view bytes) {
    std::size_t all = 0;
    while (!bytes.empty()) {
        auto sent =
            tls_ ? (secure_ ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())) : 0)
                 : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) break;
        all += static_cast<std::size_t>(sent);
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return all;
}

bool ScriptedUpstream::Peer::stirs(std::chrono::milliseconds span) {
    pollfd waiting{socket_, POLLIN, 0};
    return poll(&waiting, 1, static_cast<int>(span.count())) != 0;
}

void ScriptedUpstream::Peer::reset() {
    linger hard{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

ScriptedUpstream::ScriptedUpstream(std::vector<Script> scripts,
                                   const support::Certificate* certificate)
    : scripts_(std::move(scripts)) {
    if (certificate) tls_.reset(make_context(*certificate));
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(where);
    auto* plain = reinterpret_cast<sockaddr*>(&where);
    if (bind(listener_, plain, size) != 0 || listen(listener_, 128) != 0 ||
        getsockname(listener_, plain, &size) != 0) {
        throw std::runtime_error("no socket for a scripted upstream");
    }
    port_ = ntohs(where.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedUpstream::~ScriptedUpstream() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    close(listener_);
    {
        std::lock_guard lock(mutex_);
        for (int socket : sockets_) shutdown(socket, SHUT_RDWR);
    }
    for (auto& thread : threads_) thread.join();
}

void ScriptedUpstream::accept_all() {
    for (;;) {
        int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) return;
        auto number = connections_++;
        most_ = std::max<std::size_t>(most_, ++open_);
        join_finished();
        std::lock_guard lock(mutex_);
        sockets_.push_back(socket);
        threads_.emplace_back([this, socket, number] {
            note = [this](const std::string& request) {
                std::lock_guard its_lock(mutex_);
                if (remembers_) requests_.push_back(request);
            };
            {
                Peer peer(socket, tls_.get());
                scripts_[std::min<std::size_t>(number, scripts_.size() - 1)](peer);
            }
            --open_;
            std::lock_guard its_lock(mutex_);
            std::erase(sockets_, socket);
            close(socket);
            finished_.push_back(std::this_thread::get_id());
        });
    }
}

/// Or what is left of them would fill the memory of a long test.
void ScriptedUpstream::join_finished() {
    std::vector<std::thread> over;
    {
        std::lock_guard lock(mutex_);
        for (auto id : finished_) {
            auto its = std::find_if(threads_.begin(), threads_.end(),
                                    [id](const auto& thread) { return thread.get_id() == id; });
            over.push_back(std::move(*its));
            threads_.erase(its);
        }
        finished_.clear();
    }
    for (auto& thread : over) thread.join();
}

http::UpstreamAddress ScriptedUpstream::address(const std::string& host) const {
    http::UpstreamAddress address;
    address.host = host;
    address.port = port_;
    address.tls = tls_ != nullptr;
    return address;
}

std::vector<std::string> ScriptedUpstream::requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
}

ScriptedUpstream::Script ScriptedUpstream::answer(std::string bytes) {
    return [bytes = std::move(bytes)](Peer& peer) {
        while (!peer.request().empty()) peer.send(bytes);
    };
}

}  // namespace tests
