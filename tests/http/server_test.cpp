// Limits, timeouts, listeners and the end of the server.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <future>
#include <thread>

#include "http/blocking_client.hpp"
#include "raw_client.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/temporary_folder.hpp"
#include "telemetry/log.hpp"
#include "test_server.hpp"

using namespace std::chrono_literals;
using tests::body_of;
using tests::field_of;
using tests::RawClient;
using tests::status_of;
using tests::TestServer;

namespace {

const std::string hello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string late = "GET /late HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string big = "GET /big HTTP/1.1\r\nHost: a\r\n\r\n";

/// A listener that only needs to be somewhere.
http::Listener listener_at(const std::string& address) {
    http::Listener listener;
    listener.name = address;
    listener.listen = address;
    listener.router = std::make_shared<http::Router>();
    listener.authenticator = std::make_shared<http::AnonymousAuthenticator>();
    return listener;
}

/// While it is on, no descriptor can be had; those that exist stay, and may be closed and had
/// again.
class DescriptorLimit {
public:
    DescriptorLimit() { getrlimit(RLIMIT_NOFILE, &before_); }
    ~DescriptorLimit() { lift(); }
    void forbid_more() {
        int highest = 0;
        for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
            highest = std::max(highest, std::stoi(entry.path().filename().string()));
        }
        // Without holes below the limit, one that is closed is the only one that can be had.
        while (held_.empty() || held_.back() < highest) held_.push_back(dup(0));
        rlimit now{static_cast<rlim_t>(held_.back() + 1), before_.rlim_max};
        setrlimit(RLIMIT_NOFILE, &now);
    }
    void lift() {
        setrlimit(RLIMIT_NOFILE, &before_);
        for (int descriptor : held_) close(descriptor);
        held_.clear();
    }

private:
    rlimit before_{};
    std::vector<int> held_;
};

base::Task<http::Response> nothing() {
    co_return http::Response();
}

}  // namespace

TEST_CASE("a head that does not come in time gets 408", "[http]") {
    auto config = TestServer::quick();
    config.header_timeout = 100ms;
    TestServer server(config);
    RawClient slow(server.address());
    slow.send("GET / HTTP/1.1\r\nHo");
    RawClient silent(server.address());
    auto answer = slow.answer();
    CHECK(status_of(answer) == 408);
    CHECK(field_of(answer, "Connection") == "close");
    CHECK(slow.ended());
    CHECK(silent.ended());
}

TEST_CASE("a body that comes too slowly gets 408, one that is fast enough does not", "[http]") {
    auto config = TestServer::quick();
    config.body_grace = 100ms;
    config.body_bytes_per_second_min = 100000;
    TestServer server(config);
    const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
    RawClient slow(server.address());
    slow.send(head + "abc");
    RawClient chunked(server.address());
    chunked.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
    RawClient fast(server.address());
    fast.send(head + std::string(99999, 'x'));
    CHECK(status_of(slow.answer()) == 408);
    CHECK(slow.ended());
    CHECK(status_of(chunked.answer()) == 408);
    fast.send("x");
    CHECK(status_of(fast.answer()) == 201);
}

TEST_CASE("an idle connection is closed without a word", "[http]") {
    auto config = TestServer::quick();
    config.idle_timeout = 100ms;
    TestServer server(config);
    RawClient client(server.address());
    client.send(hello);
    CHECK(status_of(client.answer()) == 200);
    CHECK(client.ended());
}

TEST_CASE("an idle connection is never closed before its time, a proxy's is shorter than ours",
          "[http]") {
    CHECK(http::Config().idle_timeout == 75s);
    auto config = TestServer::quick();
    config.idle_timeout = 200ms;
    TestServer server(config);
    for (int i = 0; i < 3; ++i) {
        RawClient client(server.address());
        client.send(hello);
        CHECK(status_of(client.answer()) == 200);
        auto answered = std::chrono::steady_clock::now();
        CHECK(client.ended());
        CHECK(std::chrono::steady_clock::now() - answered >= 200ms);
    }
}

TEST_CASE("a client that takes next to nothing of its answer is reset", "[http]") {
    auto config = TestServer::quick();
    config.write_stall_timeout = 60s;
    config.send_grace = 100ms;
    config.send_bytes_per_second_min = 1000000;
    TestServer server(config);
    RawClient trickling(server.address());
    trickling.send(big);
    RawClient reading(server.address());
    reading.send(big);
    bool whole = body_of(reading.answer()) == std::string(8 << 20, 'b');
    CHECK(whole);
    server.wait_for_connections(1);
    // Not closed, for then the kernel would still keep what is unsent.
    CHECK_FALSE(trickling.send("x"));
}

TEST_CASE("a client that takes nothing of its answer is cut off", "[http]") {
    auto config = TestServer::quick();
    config.write_stall_timeout = 500ms;
    TestServer server(config);
    RawClient stalled(server.address());
    stalled.send(big);
    // While that one stalls, others are served, and one that reads gets everything.
    RawClient reading(server.address());
    reading.send(big);
    // Not compared as texts: what a failure would print takes minutes.
    bool whole = body_of(reading.answer()) == std::string(8 << 20, 'b');
    CHECK(whole);
    server.wait_for_connections(1);
    CHECK(stalled.rest().size() < (8u << 20));
}

TEST_CASE("a handler that outstays its deadline is answered for", "[http]") {
    auto config = TestServer::quick();
    config.request_timeout = 100ms;
    TestServer server(config);
    RawClient client(server.address());
    client.send(late);
    auto answer = client.answer();
    CHECK(status_of(answer) == 504);
    CHECK(client.ended());
    server.release();
    RawClient next(server.address());
    next.send(hello);
    CHECK(status_of(next.answer()) == 200);
}

TEST_CASE("a handler may wait, and others are served meanwhile", "[http]") {
    TestServer server;
    RawClient waiting(server.address());
    waiting.send(late + hello);
    server.wait_for_waiting(1);
    RawClient other(server.address());
    other.send(hello);
    CHECK(status_of(other.answer()) == 200);
    CHECK(waiting.quiet(1ms));
    server.release();
    CHECK(body_of(waiting.answer()) == "released");
    CHECK(body_of(waiting.answer()) == "hello");
}

TEST_CASE("a client that leaves while its handler waits harms nobody", "[http]") {
    TestServer server;
    {
        RawClient leaving(server.address());
        leaving.send(late);
        server.wait_for_waiting(1);
    }
    server.release();
    RawClient other(server.address());
    other.send(hello);
    CHECK(status_of(other.answer()) == 200);
}

TEST_CASE("when connections are at their limit the longest idle one goes", "[http]") {
    auto config = TestServer::quick();
    config.connections_max = 3;
    TestServer server(config);
    std::vector<RawClient> clients;
    for (int i = 0; i < 3; ++i) {
        clients.emplace_back(server.address());
        clients.back().send(hello);
        CHECK(status_of(clients.back().answer()) == 200);
    }
    // The first one is heard of again, so the second is now the longest idle.
    clients[0].send(hello);
    CHECK(status_of(clients[0].answer()) == 200);
    RawClient fourth(server.address());
    fourth.send(hello);
    CHECK(status_of(fourth.answer()) == 200);
    CHECK(clients[1].ended());
    for (int i : {0, 2}) {
        clients[static_cast<std::size_t>(i)].send(hello);
        CHECK(status_of(clients[static_cast<std::size_t>(i)].answer()) == 200);
    }
}

TEST_CASE("a server out of descriptors makes room, or refuses at once, and goes on", "[http]") {
    TestServer server;
    RawClient idle(server.address());
    idle.send(hello);
    CHECK(status_of(idle.answer()) == 200);
    // UBSan opens a pipe when it first meets a class with virtual functions, so go through all of
    // it while it still can: a line of log, the end of a connection, a handler that waits.
    telemetry::log(telemetry::Level::info, "http", "descriptors will run out");
    RawClient(server.address()).send(hello);
    server.wait_for_connections(1);
    idle.send(late);
    server.wait_for_waiting(1);
    server.release();
    CHECK(body_of(idle.answer()) == "released");

    // Their own descriptors exist before the limit does.
    RawClient first = RawClient::unconnected();
    RawClient second = RawClient::unconnected();
    DescriptorLimit limit;
    limit.forbid_more();

    // The idle connection is given up for a new one …
    first.connect(server.address());
    first.send(late);
    bool idle_ended = idle.ended();
    server.wait_for_waiting(1);
    // … but not a busy one.
    second.connect(server.address());
    bool second_ended = second.ended();

    limit.lift();
    CHECK(idle_ended);
    CHECK(second_ended);
    RawClient after(server.address());
    after.send(hello);
    CHECK(status_of(after.answer()) == 200);
    server.release();
    CHECK(body_of(first.answer()) == "released");
}

TEST_CASE("several threads share one address", "[http]") {
    auto config = TestServer::quick();
    config.threads = 3;
    TestServer server(config);
    CHECK(server.server().threads() == 3);
    std::vector<RawClient> clients;
    for (int i = 0; i < 40; ++i) clients.emplace_back(server.address());
    for (auto& client : clients) client.send(hello + "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    for (auto& client : clients) {
        CHECK(body_of(client.answer()) == "hello");
        CHECK(body_of(client.answer()) == "hello");
    }
}

TEST_CASE("a port that is taken is refused with one sentence, even from ourselves", "[http]") {
    TestServer first;
    telemetry::Metrics metrics;
    auto config = TestServer::quick();
    http::Server second(config, metrics);
    second.add(listener_at("127.0.0.1:0"));
    second.add(listener_at(first.address()));
    second.add(listener_at("192.0.2.1:80"));
    auto started = second.start();
    REQUIRE_FALSE(started);
    CHECK(started.error().message == first.address() + " is already in use.\n" +
                                         "192.0.2.1:80 is no address of this machine.");
    REQUIRE(started.error().details.size() == 2);
    CHECK(started.error().details[0].field == first.address());
}

TEST_CASE("a unix socket is private, replaces a dead one, and is gone after the end", "[http]") {
    support::TemporaryFolder folder;
    auto path = (folder / "portal.sock").string();
    auto config = TestServer::quick();
    config.listen = "unix:" + path;
    {
        // A socket that a killed server left behind.
        int dead = socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        std::strcpy(name.sun_path, path.c_str());
        REQUIRE(bind(dead, reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0);
        close(dead);
    }
    {
        TestServer server(config);
        struct stat found;
        REQUIRE(stat(path.c_str(), &found) == 0);
        CHECK((found.st_mode & 0777) == 0600);
        auto answer = http::request("unix:" + path, "POST", "/echo", "over unix", 5s);
        REQUIRE(answer);
        CHECK(answer->status == 201);
        CHECK(answer->body == "over unix");
        CHECK_THROWS(TestServer(config));
    }
    CHECK_FALSE(std::filesystem::exists(path));
    // Somebody's file is not ours to replace.
    close(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    CHECK_THROWS(TestServer(config));
    CHECK(std::filesystem::exists(path));
}

TEST_CASE("stopping ends idle connections soon and lets the others finish", "[http]") {
    auto config = TestServer::quick();
    config.linger_timeout = 100ms;
    config.drain_idle_timeout = 100ms;
    auto server = std::make_unique<TestServer>(config);
    RawClient idle(server->address());
    idle.send(hello);
    CHECK(status_of(idle.answer()) == 200);
    RawClient busy(server->address());
    busy.send(late);
    server->wait_for_waiting(1);
    CHECK_FALSE(server->server().draining());

    std::thread stopping([&server] { server->server().stop(); });
    CHECK(idle.ended());
    CHECK(server->server().draining());
    CHECK(busy.quiet(1ms));
    CHECK_THROWS(RawClient(server->address()));
    server->release();
    auto answer = busy.answer();
    CHECK(body_of(answer) == "released");
    CHECK(field_of(answer, "Connection") == "close");
    CHECK(busy.ended());
    stopping.join();
    server.reset();
}

TEST_CASE(
    "a request that comes on a kept connection while the server stops is answered as the last",
    "[http]") {
    auto config = TestServer::quick();
    config.linger_timeout = 100ms;
    // Long enough for a busy machine to send six requests in.
    config.drain_idle_timeout = 3s;
    TestServer server(config);
    std::vector<RawClient> kept;
    for (int i = 0; i < 8; ++i) {
        kept.emplace_back(server.address());
        kept.back().send(hello);
        CHECK(status_of(kept.back().answer()) == 200);
    }
    std::thread stopping([&server] { server.server().stop(); });
    while (!server.server().draining()) std::this_thread::yield();
    CHECK_THROWS([&server] {
        for (int i = 0; i < 100000; ++i) RawClient(server.address());
    }());
    // They were on their way when it stopped; the last two have nothing to say.
    for (std::size_t i = 0; i < 6; ++i)
        kept[i].send(i % 2 == 0 ? hello : "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    for (std::size_t i = 0; i < 6; ++i) {
        auto answer = kept[i].answer();
        CHECK(body_of(answer) == "hello");
        CHECK(field_of(answer, "Connection") == "close");
    }
    for (auto& client : kept) CHECK(client.ended());
    stopping.join();
}

TEST_CASE("localhost is both families of addresses, on one port and every thread", "[http]") {
    if (!std::filesystem::exists("/proc/net/if_inet6")) return;
    auto config = TestServer::quick();
    config.listen = "localhost:0";
    config.threads = 2;
    TestServer server(config);
    auto port = server.address().substr(server.address().rfind(':'));
    CHECK(server.address() == "127.0.0.1" + port);
    for (const char* host : {"127.0.0.1", "[::1]"}) {
        CAPTURE(host);
        for (int i = 0; i < 8; ++i) {
            RawClient client(host + port);
            client.send(hello);
            CHECK(status_of(client.answer()) == 200);
        }
    }
    config.listen = "localhost" + port;
    CHECK_THROWS(TestServer(config));
    config.listen = "[::1]" + port;
    CHECK_THROWS(TestServer(config));
}

TEST_CASE("what waits in the queue when the server stops is still answered", "[http]") {
    for (int round = 0; round < 5; ++round) {
        TestServer server;
        std::vector<RawClient> clients;
        for (int i = 0; i < 20; ++i) {
            clients.emplace_back(server.address());
            clients.back().send(hello);
        }
        std::thread stopping([&server] { server.server().stop(); });
        for (auto& client : clients) CHECK(status_of(client.answer()) == 200);
        clients.clear();
        stopping.join();
    }
}

TEST_CASE("a drain that takes too long is cut", "[http]") {
    auto config = TestServer::quick();
    config.drain_timeout = 100ms;
    TestServer server(config);
    RawClient stuck(server.address());
    stuck.send(late);
    server.wait_for_waiting(1);
    std::thread stopping([&server] { server.server().stop(); });
    CHECK(stuck.ended());
    server.release();
    stopping.join();
}

TEST_CASE("operations can be asked until the last public connection is gone", "[http]") {
    auto config = TestServer::quick();
    config.linger_timeout = 100ms;
    TestServer server(config);
    RawClient busy(server.address());
    busy.send(late);
    server.wait_for_waiting(1);
    std::thread stopping([&server] { server.server().stop(); });
    // When the other thread comes to stop it is not for a number of clients to say.
    CHECK_THROWS([&server] {
        auto give_up = std::chrono::steady_clock::now() + 10s;
        while (std::chrono::steady_clock::now() < give_up) RawClient(server.address());
    }());
    RawClient operations(server.operations_address());
    operations.send(hello);
    CHECK(status_of(operations.answer()) == 200);
    server.release();
    CHECK(body_of(busy.answer()) == "released");
    CHECK(operations.ended());
    stopping.join();
    CHECK_THROWS(RawClient(server.operations_address()));
}

TEST_CASE("what was answered and refused is counted", "[http]") {
    TestServer server;
    {
        RawClient client(server.address());
        client.send(hello + "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n" + "BREW ");
        client.rest();
    }
    server.server().stop();
    auto text = server.metrics().text();
    CHECK(
        text.find(
            "portal_http_responses_total{listener=\"http\",route=\"/hello\",status=\"2xx\"} 1\n") !=
        std::string::npos);
    CHECK(text.find("portal_http_responses_total{listener=\"http\",route=\"unmatched\",status="
                    "\"4xx\"} 1\n") != std::string::npos);
    CHECK(text.find("portal_http_responses_total{listener=\"http\",route=\"unmatched\",status="
                    "\"5xx\"} 1\n") != std::string::npos);
    CHECK(text.find("portal_http_refusals_total{reason=\"unknown_method\"} 1\n") !=
          std::string::npos);
}

TEST_CASE("the client says what it got, or why it got nothing", "[http]") {
    std::string address;
    {
        TestServer server;
        address = server.address();
        auto answer = http::request(address, "GET", "/about/x", "", 5s, {{"X-Request-Id", "mine"}});
        REQUIRE(answer);
        CHECK(answer->status == 200);
        CHECK(answer->body == "/about/x x 127.0.0.1 mine  in time");
        CHECK_FALSE(answer->fields.empty());
        auto head = http::request(address, "HEAD", "/hello", "", 5s);
        REQUIRE(head);
        CHECK(head->body.empty());
        auto refused = http::request(address, "POST", "/echo", std::string(2 << 20, 'x'), 5s);
        REQUIRE(refused);
        CHECK(refused->status == 413);
        auto too_late = http::request(address, "GET", "/late", "", 50ms);
        REQUIRE_FALSE(too_late);
        CHECK(too_late.error().reason == base::Reason::deadline);
    }
    auto nobody = http::request(address, "GET", "/", "", 1s);
    REQUIRE_FALSE(nobody);
    CHECK(nobody.error().reason == base::Reason::unavailable);
}

TEST_CASE("a server answers as long as every loop goes round", "[http]") {
    std::promise<void> let_go;
    auto held = let_go.get_future().share();
    TestServer::More more;
    more.routes = [held](http::Router& router) {
        router.add(
            {http::Method::get, "/blocks", http::Access::anyone, [held](const http::Request&) {
                 held.wait();
                 return nothing();
             }});
    };
    auto config = TestServer::quick();
    config.threads = 2;
    TestServer server(config, true, more);
    auto answers = [&] {
        std::this_thread::sleep_for(600ms);
        return server.server().answers();
    };
    CHECK(support::eventually(answers));
    RawClient client(server.address());
    client.send("GET /blocks HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(support::eventually([&] { return !answers(); }));
    CHECK_FALSE(answers());
    let_go.set_value();
    CHECK(status_of(client.answer()) == 200);
    CHECK(support::eventually(answers));
}
