// Many requests at a time, over few connections that break: whose answer is whose.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>

#include "http/raw_client.hpp"
#include "proxy_site.hpp"
#include "support/catch.hpp"

namespace {

using namespace std::chrono_literals;
using tests::asking;
using tests::body_of;
using tests::field_of;
using tests::ProxySite;
using tests::RawClient;
using tests::ScriptedUpstream;
using tests::sending;
using tests::status_of;
using Peer = ScriptedUpstream::Peer;

std::size_t how_many() {
    return std::getenv("PORTAL_TEST_LONG") ? 1000000 : 1000;
}

/// Answers each request with its own tag, in one of several framings, and breaks off now and then:
/// before the answer, within it, after it, or with bytes of another one behind it.
void tagged(Peer& peer, unsigned seed) {
    std::mt19937 random(seed);
    for (;;) {
        auto request = peer.request();
        if (request.empty()) return;
        auto tag = request.substr(request.find(' ') + 1);
        tag.resize(tag.find(' '));
        if (auto content = body_of(request); !content.empty()) tag += "=" + content;
        auto whole = "HTTP/1.1 200 OK\r\nX-Tag: " + tag +
                     "\r\nContent-Length: " + std::to_string(tag.size()) + "\r\n\r\n" + tag;
        char size[20];
        std::snprintf(size, sizeof(size), "%zx", tag.size());
        auto chunked = "HTTP/1.1 200 OK\r\nX-Tag: " + tag +
                       "\r\nTransfer-Encoding: chunked\r\n\r\n" + size + "\r\n" + tag +
                       "\r\n0\r\n\r\n";
        switch (random() % 12) {
            case 0:
                peer.reset();
                return;
            case 1:
                peer.send(whole.substr(0, random() % whole.size()));
                if (random() % 2 == 0) peer.reset();
                return;
            case 2:
                peer.send(whole);
                peer.reset();
                return;
            case 3:
                peer.send(whole + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen");
                return;
            case 4:
            case 5:
                peer.send(chunked);
                break;
            case 6:
                peer.send("HTTP/1.1 103 Early\r\n\r\n" + whole);
                break;
            default:
                peer.send(whole);
        }
    }
}

}  // namespace

TEST_CASE("no request gets the answer of another one, whatever becomes of its connection",
          "[legacy]") {
    auto seed = std::random_device()();
    INFO("seed " << seed);
    std::atomic<unsigned> connections{seed};
    ScriptedUpstream upstream({[&](Peer& peer) { tagged(peer, ++connections); }});
    upstream.remember_nothing();
    auto config = ProxySite::in_front_of(upstream);
    config.limits.client.connections_max = 8;
    config.limits.breaker.calls_min = 100000;
    config.limits.breaker.failed_percent = 100;
    ProxySite site(config);

    constexpr std::size_t clients = 8;
    std::atomic<std::size_t> right{0};
    std::atomic<std::size_t> failed{0};
    std::atomic<std::size_t> wrong{0};
    auto work = [&](std::size_t number) {
        std::mt19937 random(seed + static_cast<unsigned>(number) * 7919);
        auto client = std::make_unique<RawClient>(site.address());
        for (std::size_t i = 0; i < how_many() / clients; ++i) {
            auto target = "/t-" + std::to_string(number) + "-" + std::to_string(i);
            bool posts = random() % 3 == 0;
            auto content = posts ? "c" + std::to_string(random()) : std::string();
            auto tag = posts ? target + "=" + content : target;
            // Some go away before they hear anything.
            client->send(posts ? sending(target, content) : asking(target));
            if (random() % 20 == 0) {
                client = std::make_unique<RawClient>(site.address());
                continue;
            }
            auto answer = client->answer();
            if (answer.empty()) {
                ++failed;
                client = std::make_unique<RawClient>(site.address());
            } else if (status_of(answer) != 200) {
                ++failed;
            } else if (body_of(answer) == tag && field_of(answer, "X-Tag") == tag) {
                ++right;
            } else {
                ++wrong;
            }
        }
    };
    std::vector<std::thread> threads;
    for (std::size_t number = 0; number < clients; ++number) threads.emplace_back(work, number);
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
    CHECK(right > how_many() / 2);
    CHECK(failed > 0);
    CHECK(upstream.most_connections() <= 16);
}
