#include "support/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstring>

#include "support/recorder.hpp"

namespace support {

namespace {

bool same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char left, char right) {
        return std::tolower(static_cast<unsigned char>(left)) ==
               std::tolower(static_cast<unsigned char>(right));
    });
}

int connect_unix(const std::string& path) {
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    path.copy(where.sun_path, sizeof(where.sun_path) - 1);
    int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(made, reinterpret_cast<sockaddr*>(&where), sizeof(where)) == 0) return made;
    close(made);
    return -1;
}

int connect_tcp(const std::string& address) {
    auto colon = address.rfind(':');
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &where.sin_addr);
    int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(made, reinterpret_cast<sockaddr*>(&where), sizeof(where)) == 0) return made;
    close(made);
    return -1;
}

Answer parse_head(std::string_view head) {
    Answer answer;
    if (!head.starts_with("HTTP/1.1 ") || head.size() < 12) {
        throw ConnectionLost("that is no answer of HTTP/1.1: " + std::string(head));
    }
    answer.status = std::stoi(std::string(head.substr(9, 3)));
    auto at = head.find("\r\n") + 2;
    while (at < head.size()) {
        auto end = head.find("\r\n", at);
        auto line = head.substr(at, end - at);
        at = end + 2;
        auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        auto value = line.substr(colon + 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        answer.fields.emplace_back(line.substr(0, colon), value);
    }
    return answer;
}

}  // namespace

std::string Answer::field(std::string_view name) const {
    for (const auto& [known, value] : fields) {
        if (same_name(known, name)) return value;
    }
    return {};
}

bool Answer::has_field(std::string_view name) const {
    return std::any_of(fields.begin(), fields.end(),
                       [&](const auto& field) { return same_name(field.first, name); });
}

nlohmann::json Answer::json() const {
    return nlohmann::json::parse(body, nullptr, false);
}

nlohmann::json Answer::news() const {
    auto parsed = json();
    return parsed.is_object() && parsed.contains("news") ? parsed["news"] : nlohmann::json();
}

std::string head_of(const std::string& method, const std::string& target, const Fields& fields) {
    std::string head = method + " " + target + " HTTP/1.1\r\n";
    bool has_host = std::any_of(fields.begin(), fields.end(),
                                [](const auto& field) { return same_name(field.first, "Host"); });
    if (!has_host) head += "Host: localhost\r\n";
    for (const auto& [name, value] : fields) head += name + ": " + value + "\r\n";
    return head + "\r\n";
}

std::string percent_encoded(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) || std::strchr("-._~", c)) {
            out += c;
        } else {
            out += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return out;
}

HttpClient::HttpClient(const std::string& address) : address_(address) {
    bool local = address.starts_with("unix:");
    socket_ = local ? connect_unix(address.substr(5)) : connect_tcp(address);
    if (socket_ < 0) throw ConnectionLost("cannot connect to " + address);
    timeval limit{patience.count(), 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

HttpClient::~HttpClient() {
    close(socket_);
}

Answer HttpClient::request(const std::string& method, const std::string& target,
                           const std::string& body, const Fields& fields) {
    Fields all = fields;
    if (!body.empty() || method == "POST" || method == "PUT") {
        all.emplace_back("Content-Length", std::to_string(body.size()));
    }
    // A server that refuses early need not take the body; its answer is there all the same.
    send(head_of(method, target, all) + body);
    auto answer = receive(method == "HEAD");
    record(address_, {method, target, all, body, answer});
    return answer;
}

bool HttpClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool HttpClient::read_more() {
    char buffer[65536];
    auto got = recv(socket_, buffer, sizeof(buffer), 0);
    if (got <= 0) return false;
    received_.append(buffer, static_cast<std::size_t>(got));
    return true;
}

Answer HttpClient::receive_head() {
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
        if (!read_more()) throw ConnectionLost("the connection ended before an answer came");
    }
    auto answer = parse_head(std::string_view(received_).substr(0, end + 2));
    received_.erase(0, end + 4);
    return answer;
}

std::string HttpClient::receive_some() {
    if (received_.empty()) read_more();
    return std::exchange(received_, {});
}

Answer HttpClient::receive(bool head) {
    auto answer = receive_head();
    bool has_content = !head && answer.status != 204 && answer.status != 304;
    if (has_content && answer.field("Transfer-Encoding") == "chunked") {
        answer.body = receive_chunks();
        return answer;
    }
    auto length = has_content ? answer.field("Content-Length") : "";
    auto size = length.empty() ? 0 : std::stoul(length);
    read_until(size);
    answer.body = received_.substr(0, size);
    received_.erase(0, size);
    return answer;
}

void HttpClient::read_until(std::size_t size) {
    while (received_.size() < size) {
        if (!read_more()) throw ConnectionLost("the connection ended in the middle of an answer");
    }
}

std::string HttpClient::receive_chunks() {
    std::string body;
    for (;;) {
        while (received_.find("\r\n") == std::string::npos) read_until(received_.size() + 1);
        auto line_end = received_.find("\r\n");
        auto size = std::stoul(received_, nullptr, 16);
        read_until(line_end + 2 + size + 2);
        body.append(received_, line_end + 2, size);
        received_.erase(0, line_end + 2 + size + 2);
        if (size == 0) return body;
    }
}

bool HttpClient::ends(std::chrono::milliseconds limit) {
    auto until = std::chrono::steady_clock::now() + limit;
    for (;;) {
        auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        pollfd waiting{socket_, POLLIN, 0};
        if (left.count() < 0 || poll(&waiting, 1, static_cast<int>(left.count())) <= 0)
            return false;
        if (!read_more()) return received_.empty();
    }
}

}  // namespace support
