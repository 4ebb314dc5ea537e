// The readers of P13: how soon everybody who listens hears of an event, and what listening costs.
//
//   live_load PORT PID READERS EVENTS
//
// Opens that many streams of GET /v1/live on 127.0.0.1, then publishes items one by one, each when
// everybody has the one before. Meanwhile another client asks for a list without a pause. Prints
// one line of JSON: milliseconds from the POST to the last reader of each event, to all of them,
// and what the other client waited; bytes that the process PID has more for each reader.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::duration span) {
    return std::chrono::duration<double, std::milli>(span).count();
}

int connected(std::uint16_t port) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
        throw std::runtime_error("no connection: is http.connections_max too small?");
    }
    return descriptor;
}

void send_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        auto sent = send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) throw std::runtime_error("the server takes nothing more");
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
}

/// One answer that has a Content-Length, and its status.
int ask(int descriptor, std::string_view request) {
    send_all(descriptor, request);
    std::string answer;
    std::array<char, 65536> room;
    for (;;) {
        auto got = recv(descriptor, room.data(), room.size(), 0);
        if (got <= 0) throw std::runtime_error("the server has closed");
        answer.append(room.data(), static_cast<std::size_t>(got));
        auto end = answer.find("\r\n\r\n");
        if (end == answer.npos) continue;
        auto length = answer.find("Content-Length: ");
        if (length == answer.npos) throw std::runtime_error("an answer without a length");
        auto size = std::stoul(answer.substr(length + 16));
        if (answer.size() >= end + 4 + size) return std::stoi(answer.substr(9, 3));
    }
}

/// What a process has in memory of its own.
long resident_kib(const std::string& process) {
    std::ifstream file("/proc/" + process + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("RssAnon:")) return std::stol(line.substr(8));
    }
    throw std::runtime_error("no process " + process);
}

/// Streams, and how many have come to the end of an event since they were last asked for.
class Readers {
public:
    Readers(std::uint16_t port, std::size_t count) : poller_(epoll_create1(EPOLL_CLOEXEC)) {
        for (std::size_t i = 0; i < count; ++i) {
            int descriptor = connected(port);
            send_all(descriptor, "GET /v1/live HTTP/1.1\r\nHost: a\r\n\r\n");
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.fd = descriptor;
            epoll_ctl(poller_, EPOLL_CTL_ADD, descriptor, &event);
        }
    }

    /// Until every stream has had a chunk whose text has `word` in it; gives when each had.
    std::vector<Clock::time_point> wait_for(std::string_view word, std::size_t count) {
        std::vector<Clock::time_point> at;
        auto until = Clock::now() + std::chrono::seconds(120);
        std::array<epoll_event, 512> events;
        std::array<char, 65536> room;
        while (at.size() < count) {
            int ready = epoll_wait(poller_, events.data(), events.size(), 1000);
            if (Clock::now() > until) throw std::runtime_error("not everybody has heard");
            for (int i = 0; i < ready; ++i) {
                auto got =
                    recv(events[static_cast<std::size_t>(i)].data.fd, room.data(), room.size(), 0);
                if (got <= 0) throw std::runtime_error("a stream has ended");
                std::string_view text(room.data(), static_cast<std::size_t>(got));
                if (text.find(word) != text.npos) at.push_back(Clock::now());
            }
        }
        return at;
    }

private:
    int poller_;
};

double at_rank(std::vector<double>& values, double rank) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(rank * static_cast<double>(values.size() - 1))];
}

int measure(std::uint16_t port, const std::string& process, std::size_t count, int events) {
    const std::string body =
        R"({"title":"Storm closes the northern ports","description":"Ferries stay in.",)"
        R"("content":"All sailings were cancelled until Thursday.","author":"Ann",)"
        R"("tags":["weather"]})";
    const std::string post =
        "POST /v1/news/sports HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    int writer = connected(port);
    if (ask(writer, post) != 201) throw std::runtime_error("no item is taken");
    auto before = resident_kib(process);
    Readers readers(port, count);
    readers.wait_for("retry: ", count);
    auto after = resident_kib(process);

    std::atomic<bool> done{false};
    std::vector<double> others;
    std::thread other([&] {
        int descriptor = connected(port);
        while (!done) {
            auto begun = Clock::now();
            ask(descriptor, "GET /v1/news/sports/1/1 HTTP/1.1\r\nHost: a\r\n\r\n");
            others.push_back(milliseconds(Clock::now() - begun));
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    });
    std::vector<double> last;
    std::vector<double> all;
    for (int i = 0; i < events; ++i) {
        auto begun = Clock::now();
        send_all(writer, post);
        std::thread answered([&] { ask(writer, ""); });
        auto heard = readers.wait_for("event: published", count);
        answered.join();
        for (auto at : heard) all.push_back(milliseconds(at - begun));
        last.push_back(milliseconds(heard.back() - begun));
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    done = true;
    other.join();
    std::printf(
        "{\"readers\": %zu, \"events\": %d, \"last_ms\": {\"p50\": %.1f, \"longest\": %.1f}, "
        "\"reader_ms\": {\"p50\": %.1f, \"p99\": %.1f}, "
        "\"others_ms\": {\"p50\": %.2f, \"p99\": %.2f, \"longest\": %.2f}, "
        "\"bytes_per_reader\": %ld, \"resident_after_kib\": %ld}\n",
        count, events, at_rank(last, .5), at_rank(last, 1), at_rank(all, .5), at_rank(all, .99),
        at_rank(others, .5), at_rank(others, .99), at_rank(others, 1),
        (after - before) * 1024 / static_cast<long>(count), resident_kib(process));
    return 0;
}

}  // namespace

int main(int count, char** words) {
    if (count != 5) {
        std::fprintf(stderr, "live_load PORT PID READERS EVENTS\n");
        return 2;
    }
    try {
        return measure(static_cast<std::uint16_t>(std::atoi(words[1])), words[2],
                       std::stoul(words[3]), std::atoi(words[4]));
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 1;
    }
}
