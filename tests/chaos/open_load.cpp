#include "open_load.hpp"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <stdexcept>

namespace tests {

namespace {
/// More than this at a time are not asked, and count as not answered.
constexpr std::size_t clients_max = 4000;
}  // namespace

struct OpenLoad::Client {
    int socket = -1;
    bool busy = false;
    Clock::time_point due{};
    Clock::time_point sent{};
    std::string received{};

    /// Of a whole answer; 0 until then.
    int status() const {
        auto head = received.find("\r\n\r\n");
        if (head == std::string::npos) return 0;
        constexpr std::string_view name = "Content-Length: ";
        auto length = received.find(name);
        if (length > head) throw std::runtime_error("an answer without a length");
        auto size = std::stoul(received.substr(length + name.size(), 12));
        return received.size() < head + 4 + size ? 0 : std::stoi(received.substr(9, 3));
    }
};

double OpenLoad::Seen::quantile(std::vector<double>& all, double share) {
    if (all.empty()) return 0;
    auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(all.size() - 1));
    std::nth_element(all.begin(), all.begin() + at, all.end());
    return all[static_cast<std::size_t>(at)];
}

OpenLoad::OpenLoad(const std::string& address, std::function<std::string()> target,
                   std::chrono::milliseconds patience, std::uint64_t seed)
    : address_(address),
      target_(std::move(target)),
      patience_(patience),
      seed_(seed),
      poller_(epoll_create1(EPOLL_CLOEXEC)) {}

OpenLoad::~OpenLoad() {
    for (auto& client : clients_) close(client->socket);
    close(poller_);
}

bool OpenLoad::connect(Client& client) {
    auto colon = address_.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address_.substr(colon + 1))));
    inet_pton(AF_INET, address_.substr(0, colon).c_str(), &to.sin_addr);
    client.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client.socket < 0) return false;
    // Loopback: done at once, unless the queue is full, and then this should wait.
    if (::connect(client.socket, reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) {
        close(client.socket);
        client.socket = -1;
        return false;
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &client;
    return epoll_ctl(poller_, EPOLL_CTL_ADD, client.socket, &event) == 0;
}

OpenLoad::Client* OpenLoad::idle_client() {
    if (!idle_.empty()) {
        auto* client = idle_.back();
        idle_.pop_back();
        return client;
    }
    if (clients_.size() == clients_max) return nullptr;
    clients_.push_back(std::make_unique<Client>());
    return clients_.back().get();
}

void OpenLoad::send(Client& client, Clock::time_point due) {
    client.busy = true;
    client.due = due;
    client.sent = Clock::now();
    client.received.clear();
    ++busy_;
    auto text = "GET " + target_() + " HTTP/1.1\r\nHost: load\r\n\r\n";
    if (client.socket < 0 && !connect(client)) return;
    [[maybe_unused]] auto sent = ::send(client.socket, text.data(), text.size(), MSG_NOSIGNAL);
}

void OpenLoad::receive(Client& client, Seen& seen) {
    std::array<char, 65536> bytes;
    auto count = recv(client.socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
    int status = 0;
    if (count > 0) {
        client.received.append(bytes.data(), static_cast<std::size_t>(count));
        status = client.status();
        if (status == 0) return;
    } else {
        close(client.socket);
        client.socket = -1;
    }
    if (!client.busy) return;
    auto now = Clock::now();
    auto since = [now](Clock::time_point then) {
        return std::chrono::duration<double, std::milli>(now - then).count();
    };
    if (status == 200 && now - client.due <= patience_) {
        ++seen.good;
        seen.good_ms.push_back(since(client.due));
    } else if (status == 503) {
        ++seen.shed;
        seen.shed_ms.push_back(since(client.sent));
    } else {
        ++seen.other;
    }
    client.busy = false;
    --busy_;
    idle_.push_back(&client);
}

OpenLoad::Seen OpenLoad::run(double rate, std::chrono::milliseconds span) {
    Seen seen;
    std::mt19937_64 random(seed_++);
    std::exponential_distribution<double> gap(rate);
    auto start = Clock::now();
    auto due = start;
    auto next = [&] {
        due +=
            std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(gap(random)));
    };
    std::array<epoll_event, 256> events;
    next();
    for (;;) {
        auto now = Clock::now();
        for (; due <= now && due < start + span; next()) {
            ++seen.asked;
            if (auto* client = idle_client()) {
                send(*client, due);
            } else {
                ++seen.other;
            }
        }
        bool over = due >= start + span;
        if (over && (busy_ == 0 || now > start + span + patience_)) break;
        auto left = over ? std::chrono::milliseconds(10)
                         : std::chrono::duration_cast<std::chrono::milliseconds>(due - now);
        int count = epoll_wait(poller_, events.data(), static_cast<int>(events.size()),
                               static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 10)));
        for (int i = 0; i < count; ++i) {
            receive(*static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr), seen);
        }
    }
    // What is not there by now is given up, with its connection.
    for (auto& client : clients_) {
        if (!client->busy) continue;
        ++seen.other;
        close(std::exchange(client->socket, -1));
        client->busy = false;
        idle_.push_back(client.get());
    }
    busy_ = 0;
    seen.span = span;
    return seen;
}

}  // namespace tests
