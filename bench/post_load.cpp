// The load of P4: clients that each create an article and wait for the 201 before the next.
//
//   post_load PORT PATH BODIES_FILE CONNECTIONS WARM_UP_SECONDS SECONDS
//
// Each line of the file is one request body; they are posted in order, and again from the first
// when the file ends. One thread, keep-alive connections to 127.0.0.1. Answers that arrive during
// the warm-up are not counted. Prints one line of JSON; any answer but 201, or a connection that
// ends, is a failure: the figure is then worth nothing and the exit code is 1.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    std::uint16_t port = 0;
    std::string path;
    std::string bodies_file;
    std::size_t connections = 0;
    std::chrono::duration<double> warm_up{};
    std::chrono::duration<double> measured{};
};

/// One client: a connection with exactly one request under way.
struct Client {
    int descriptor = -1;
    std::string_view unsent;  // the rest of the request, into Load's prepared texts
    std::string answer;       // what has come of the answer
    Clock::time_point started;
};

[[noreturn]] void stop(const std::string& why) {
    throw std::runtime_error(why);
}

/// The answer's size in bytes once its head is complete, else 0.
std::size_t answer_size(std::string_view answer) {
    const auto head_end = answer.find("\r\n\r\n");
    if (head_end == std::string_view::npos) return 0;
    std::string head(answer.substr(0, head_end + 2));
    std::transform(head.begin(), head.end(), head.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    constexpr std::string_view field = "\r\ncontent-length: ";
    const auto at = head.find(field);
    if (at == std::string::npos) stop("an answer without Content-Length: " + head);
    std::size_t length = 0;
    std::from_chars(head.data() + at + field.size(), head.data() + head.size(), length);
    return head_end + 4 + length;
}

class Load {
public:
    explicit Load(const Options& options) : options_(options), clients_(options.connections) {
        std::ifstream file(options.bodies_file);
        for (std::string body; std::getline(file, body);) {
            requests_.push_back("POST " + options.path +
                                " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(options.port) +
                                "\r\nContent-Type: application/json\r\nContent-Length: " +
                                std::to_string(body.size()) + "\r\n\r\n" + body);
        }
        if (requests_.empty()) stop(options.bodies_file + " holds no bodies");
        epoll_ = ::epoll_create1(0);
        if (epoll_ < 0) stop("epoll_create1 failed");
    }

    void run() {
        const auto to_ticks = [](auto seconds) {
            return std::chrono::duration_cast<Clock::duration>(seconds);
        };
        counted_from_ = Clock::now() + to_ticks(options_.warm_up);
        ends_ = counted_from_ + to_ticks(options_.measured);
        for (std::size_t i = 0; i < clients_.size(); ++i) connect(i);
        for (auto& client : clients_) next_request(client);

        std::array<epoll_event, 64> events;
        while (Clock::now() < ends_) {
            const int count = ::epoll_wait(epoll_, events.data(), events.size(), 100);
            for (int i = 0; i < count; ++i) {
                const auto& event = events[static_cast<std::size_t>(i)];
                auto& client = clients_[event.data.u64];
                if ((event.events & EPOLLIN) == 0 && !client.unsent.empty()) {
                    send_rest(client);
                } else {
                    receive(client);
                }
            }
        }
    }

    void print() {
        std::sort(latencies_.begin(), latencies_.end());
        const auto percentile = [this](double share) {
            if (latencies_.empty()) return 0.0;
            const auto last = static_cast<double>(latencies_.size() - 1);
            return latencies_[static_cast<std::size_t>(last * share)];
        };
        std::printf(
            "{\"answered\": %zu, \"failed\": %zu, \"per_second\": %.1f, "
            "\"p50_ms\": %.3f, \"p99_ms\": %.3f}\n",
            answered_, failed_, static_cast<double>(latencies_.size()) / options_.measured.count(),
            percentile(0.5), percentile(0.99));
        if (failed_ > 0) std::fprintf(stderr, "post_load: first failure: %s\n", first_.c_str());
    }

    bool failed() const { return failed_ > 0; }

private:
    void connect(std::size_t index) {
        auto& client = clients_[index];
        client.descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(options_.port);
        if (::connect(client.descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)))
            stop("cannot connect to port " + std::to_string(options_.port));
        const int on = 1;
        ::setsockopt(client.descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        epoll_event event{};
        // Edge-triggered with both directions, so that a request costs no epoll_ctl.
        event.events = EPOLLIN | EPOLLOUT | EPOLLET;
        event.data.u64 = index;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.descriptor, &event);
    }

    void next_request(Client& client) {
        client.unsent = requests_[next_++ % requests_.size()];
        client.answer.clear();
        client.started = Clock::now();
        send_rest(client);
    }

    void send_rest(Client& client) {
        while (!client.unsent.empty()) {
            const ssize_t sent = ::send(client.descriptor, client.unsent.data(),
                                        client.unsent.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent < 0 && errno == EAGAIN) return;
            if (sent < 0) stop("a connection ended while a request was sent");
            client.unsent.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    void receive(Client& client) {
        std::array<char, 16384> buffer;
        while (true) {
            const ssize_t got =
                ::recv(client.descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (got < 0 && errno == EAGAIN) break;
            if (got <= 0) stop("a connection ended before its answer was whole");
            client.answer.append(buffer.data(), static_cast<std::size_t>(got));
        }
        send_rest(client);
        const std::size_t size = answer_size(client.answer);
        if (size == 0 || client.answer.size() < size) return;
        if (client.answer.size() > size) stop("an answer is longer than its Content-Length");
        count(client);
        next_request(client);
    }

    void count(const Client& client) {
        ++answered_;
        if (!client.answer.starts_with("HTTP/1.1 201 ")) {
            if (failed_++ == 0) first_ = client.answer;
            return;
        }
        const auto now = Clock::now();
        if (now < counted_from_ || now >= ends_) return;
        latencies_.push_back(
            std::chrono::duration<double, std::milli>(now - client.started).count());
    }

    Options options_;
    std::vector<std::string> requests_;
    std::vector<Client> clients_;
    std::size_t next_ = 0;
    int epoll_ = -1;
    Clock::time_point counted_from_;
    Clock::time_point ends_;
    std::vector<double> latencies_;  // milliseconds
    std::size_t answered_ = 0;       // with the warm-up
    std::size_t failed_ = 0;
    std::string first_;  // the first answer that was no 201
};

}  // namespace

int main(int count, char** arguments) {
    if (count != 7) {
        std::fprintf(
            stderr, "usage: post_load PORT PATH BODIES_FILE CONNECTIONS WARM_UP_SECONDS SECONDS\n");
        return 2;
    }
    try {
        Options options;
        options.port = static_cast<std::uint16_t>(std::stoul(arguments[1]));
        options.path = arguments[2];
        options.bodies_file = arguments[3];
        options.connections = std::stoul(arguments[4]);
        options.warm_up = std::chrono::duration<double>(std::stod(arguments[5]));
        options.measured = std::chrono::duration<double>(std::stod(arguments[6]));
        Load load(options);
        load.run();
        load.print();
        return load.failed() ? 1 : 0;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "post_load: %s\n", problem.what());
        return 1;
    }
}
