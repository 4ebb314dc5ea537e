#include "raw_client.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <stdexcept>
#include <utility>

#include "http/address.hpp"

namespace tests {

namespace {

boost::asio::generic::stream_protocol::endpoint endpoint_of(const http::Address& address) {
    if (address.is_unix()) return boost::asio::local::stream_protocol::endpoint(address.path);
    return boost::asio::ip::tcp::endpoint(boost::asio::ip::make_address(address.host),
                                          address.port);
}

}  // namespace

RawClient::RawClient(const std::string& address) {
    connect(address);
}

RawClient RawClient::unconnected() {
    RawClient client;
    client.socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return client;
}

void RawClient::connect(const std::string& address) {
    auto parsed = http::parse_address(address);
    if (!parsed) throw std::runtime_error(parsed.error().message);
    auto endpoint = endpoint_of(*parsed);
    if (socket_ < 0) socket_ = socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    timeval limit{patience.count(), 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    int on = 1;  // what is sent by itself comes by itself
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (::connect(socket_, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
        close(std::exchange(socket_, -1));
        throw std::runtime_error("cannot connect to " + address);
    }
}

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}

RawClient::~RawClient() {
    if (socket_ >= 0) close(socket_);
}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void RawClient::finish_sending() {
    shutdown(socket_, SHUT_WR);
}

bool RawClient::receive() {
    char buffer[65536];
    auto got = recv(socket_, buffer, sizeof(buffer), 0);
    if (got < 0 && errno == EAGAIN) throw std::runtime_error("nothing came");
    if (got <= 0) return false;
    received_.append(buffer, static_cast<std::size_t>(got));
    return true;
}

std::string RawClient::answer(bool without_body) {
    std::size_t end;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
        if (!receive()) return {};
    }
    end += 4;
    auto length = field_of(received_.substr(0, end), "Content-Length");
    if (!without_body && !length.empty() && status_of(received_) != 304) end += std::stoul(length);
    while (received_.size() < end) {
        if (!receive()) return {};
    }
    auto answer = received_.substr(0, end);
    received_.erase(0, end);
    return answer;
}

std::string RawClient::rest() {
    while (receive()) {
    }
    return std::exchange(received_, {});
}

bool RawClient::take_some() {
    auto more = receive();
    received_.clear();
    return more;
}

bool RawClient::quiet(std::chrono::milliseconds span) {
    pollfd waiting{socket_, POLLIN, 0};
    return received_.empty() && poll(&waiting, 1, static_cast<int>(span.count())) == 0;
}

int status_of(const std::string& answer) {
    if (answer.rfind("HTTP/1.1 ", 0) != 0 || answer.size() < 12) return 0;
    return std::stoi(answer.substr(9, 3));
}

std::string field_of(const std::string& answer, const std::string& name) {
    auto head = answer.substr(0, answer.find("\r\n\r\n") + 2);
    auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    at += name.size() + 4;
    return head.substr(at, head.find("\r\n", at) - at);
}

std::string body_of(const std::string& answer) {
    auto end = answer.find("\r\n\r\n");
    return end == std::string::npos ? std::string() : answer.substr(end + 4);
}

}  // namespace tests
