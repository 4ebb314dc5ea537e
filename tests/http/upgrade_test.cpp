// A connection that goes over to another protocol.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <mutex>
#include <thread>

#include "asking.hpp"
#include "base/watermark.hpp"
#include "raw_client.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "test_server.hpp"
#include "tls_site.hpp"

using namespace std::chrono_literals;
using tests::body_of;
using tests::field_of;
using tests::RawClient;
using tests::status_of;
using tests::TestServer;

namespace {

using Outcome = base::Task<void>;

/// How the last tunnel ended, and how much it wrote. Thread-safe.
class Ending {
public:
    void note(const base::Result<void>& result) {
        std::lock_guard lock(mutex_);
        code_ = result ? "none" : result.error().code;
    }
    std::string code() {
        std::lock_guard lock(mutex_);
        return code_;
    }
    bool comes(const std::string& code) {
        return support::eventually([this, &code] { return this->code() == code; });
    }
    std::atomic<std::size_t> written{0};

private:
    std::mutex mutex_;
    std::string code_;
};

/// What comes, back; and `bye` when the client has finished.
Outcome echo(http::Tunnel& tunnel) {
    for (;;) {
        auto piece = co_await tunnel.read_some();
        if (!piece) co_return piece.error();
        if (piece->empty()) break;
        auto bytes = std::move(*piece);
        auto written = co_await tunnel.write(std::move(bytes));
        if (!written) co_return written.error();
    }
    std::string bye = "bye";
    co_return co_await tunnel.write(std::move(bye));
}

Outcome noted(Ending& ending, http::Tunnel& tunnel, Outcome (*task)(Ending&, http::Tunnel&)) {
    auto result = co_await task(ending, tunnel);
    ending.note(result);
    co_return result;
}

Outcome noted_echo(Ending&, http::Tunnel& tunnel) {
    co_return co_await echo(tunnel);
}

/// Writes for ever and reads nothing.
Outcome pour(Ending& ending, http::Tunnel& tunnel) {
    for (;;) {
        std::string piece(64 * 1024, 'p');
        auto written = co_await tunnel.write(std::move(piece));
        if (!written) co_return written.error();
        ending.written += 64 * 1024;
    }
}

/// Finishes first, and then counts what still comes.
Outcome listen_only(Ending& ending, http::Tunnel& tunnel) {
    std::string last = "that is all";
    auto said = co_await tunnel.write(std::move(last));
    if (!said) co_return said.error();
    tunnel.finish_writing();
    for (;;) {
        auto piece = co_await tunnel.read_some();
        if (!piece) co_return piece.error();
        if (piece->empty()) co_return base::Result<void>();
        ending.written += piece->size();
    }
}

constexpr std::size_t many_bytes = 4 << 20;

Outcome count_all(Ending& ending, http::Tunnel& tunnel) {
    for (;;) {
        auto piece = co_await tunnel.read_some();
        if (!piece) co_return piece.error();
        if (piece->empty()) co_return base::Result<void>();
        ending.written += piece->size();
    }
}

/// Reads with one task and writes with another, at the same time.
Outcome both_ways(Ending& ending, http::Tunnel& tunnel) {
    auto executor = co_await boost::asio::this_coro::executor;
    auto has_read = std::make_shared<base::Watermark>();
    auto finished = [has_read](std::exception_ptr, base::Result<void>) { has_read->advance(1); };
    boost::asio::co_spawn(executor, count_all(ending, tunnel), finished);
    base::Result<void> result;
    for (std::size_t sent = 0; sent < many_bytes && result; sent += 64 * 1024) {
        std::string piece(64 * 1024, 'w');
        auto written = co_await tunnel.write(std::move(piece));
        result = written;
    }
    tunnel.finish_writing();
    auto long_enough = std::chrono::milliseconds(10000);
    co_await has_read->reached(1, long_enough);
    co_return result;
}

Outcome refuse_to_go_on(Ending&, http::Tunnel&) {
    co_return base::Error{base::Reason::unavailable, "upstream_cut", "The other side is gone."};
}

/// Reads with one task, and ends both directions by another.
Outcome end_both(Ending& ending, http::Tunnel& tunnel) {
    auto executor = co_await boost::asio::this_coro::executor;
    auto has_read = std::make_shared<base::Watermark>();
    auto finished = [has_read](std::exception_ptr, base::Result<void>) { has_read->advance(1); };
    boost::asio::co_spawn(executor, count_all(ending, tunnel), finished);
    tunnel.abort();
    auto long_enough = std::chrono::milliseconds(10000);
    auto ended = co_await has_read->reached(1, long_enough);
    if (!*ended) co_return base::Error{base::Reason::deadline, "still_reading", "It reads on."};
    std::string more = "more";
    co_return co_await tunnel.write(std::move(more));
}

Outcome throw_something(Ending&, http::Tunnel&) {
    throw std::runtime_error("broken");
    co_return base::Result<void>();
}

base::Task<http::Response> answer(http::Response response) {
    co_return response;
}

/// A route /tunnel that offers `echo`, and one that offers what nobody asked for.
TestServer::More offering(Ending& ending, Outcome (*task)(Ending&, http::Tunnel&) = noted_echo) {
    TestServer::More more;
    more.routes = [&ending, task](http::Router& router) {
        auto upgrade = [&ending, task] {
            http::Response response{101};
            response.body = http::Upgrade{"echo", [&ending, task](http::Tunnel& tunnel) {
                                              return noted(ending, tunnel, task);
                                          }};
            response.fields.emplace_back("X-Chosen", "yes");
            return response;
        };
        auto offered = [upgrade](const http::Request& request) {
            http::Response plain;
            plain.body = std::string("plain");
            return answer(request.asks_for("echo") ? upgrade() : std::move(plain));
        };
        router.add({http::Method::get, "/tunnel", http::Access::anyone, offered});
        router.add({http::Method::post, "/tunnel", http::Access::anyone, offered});
        router.add({http::Method::get, "/pushy", http::Access::anyone,
                    [upgrade](const http::Request&) { return answer(upgrade()); }});
    };
    return more;
}

std::string asking(const std::string& path, const std::string& fields) {
    return "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

const std::string upgrade_fields = "Connection: keep-alive, Upgrade\r\nUpgrade: other, Echo\r\n";
const std::string ask_tunnel = asking("/tunnel", upgrade_fields);

bool has_metric(TestServer& server, const std::string& line) {
    return support::eventually(
        [&] { return server.metrics().text().find(line + "\n") != std::string::npos; });
}

}  // namespace

TEST_CASE("a connection goes over to another protocol, and bytes go both ways", "[http]") {
    Ending ending;
    TestServer server(TestServer::quick(), true, offering(ending));
    RawClient client(server.address());
    // Given a client that does not wait for the answer.
    client.send(ask_tunnel + "right behind ");
    auto answer = client.answer();
    CHECK(status_of(answer) == 101);
    CHECK(field_of(answer, "Upgrade") == "echo");
    CHECK(field_of(answer, "Connection") == "Upgrade");
    CHECK(field_of(answer, "X-Chosen") == "yes");
    CHECK(field_of(answer, "Content-Length").empty());
    CHECK(field_of(answer, "Transfer-Encoding").empty());
    CHECK(has_metric(server, "portal_http_tunnels 1"));
    CHECK(has_metric(server, "portal_http_connections{listener=\"http\"} 1"));
    // When it says more, which looks like a request, and finishes.
    auto more = asking("/hello", "");
    client.send(more);
    client.finish_sending();
    // Then all of it comes back, in its order, and what is said after it has finished.
    CHECK(client.rest() == "right behind " + more + "bye");
    CHECK(ending.comes("none"));
    server.wait_for_connections(0);
    CHECK(has_metric(server, "portal_http_tunnels 0"));
    CHECK(has_metric(server,
                     "portal_http_responses_total{listener=\"http\",route=\"/tunnel\","
                     "status=\"1xx\"} 1"));
}

TEST_CASE("who cannot have another protocol is answered as if nobody had asked", "[http]") {
    Ending ending;
    TestServer server(TestServer::quick(), true, offering(ending));
    const std::vector<std::string> requests = {
        asking("/tunnel", ""),
        asking("/tunnel", "Upgrade: echo\r\n"),
        asking("/tunnel", "Connection: upgrade\r\n"),
        asking("/tunnel", "Connection: upgrade\r\nUpgrade: websocket, echoes\r\n"),
        asking("/tunnel", "Connection: upgrade\r\nUpgrade: echo\r\nContent-Length: 1\r\n") + "x",
        "POST /tunnel HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n"
        "Content-Length: 0\r\n\r\n",
        "GET /tunnel HTTP/1.0\r\nConnection: keep-alive, upgrade\r\nUpgrade: echo\r\n\r\n",
    };
    for (const auto& request : requests) {
        INFO(request);
        RawClient client(server.address());
        client.send(request + asking("/slow", ""));
        auto answer = client.answer();
        CHECK(status_of(answer) == 200);
        CHECK(body_of(answer) == "plain");
        CHECK(field_of(answer, "Upgrade").empty());
        CHECK(body_of(client.answer()) == "hello");
    }
    // A route that offers nothing does not look.
    RawClient client(server.address());
    client.send(asking("/hello", upgrade_fields) + asking("/slow", upgrade_fields));
    CHECK(body_of(client.answer()) == "hello");
    CHECK(body_of(client.answer()) == "hello");
    // And to change without having been asked is nobody's right.
    client.send(asking("/pushy", ""));
    CHECK(status_of(client.answer()) == 500);
    client.send(asking("/slow", ""));
    CHECK(status_of(client.answer()) == 200);
}

TEST_CASE("the head guard's rules hold for a request that asks for another protocol", "[http]") {
    Ending ending;
    TestServer server(TestServer::quick(), true, offering(ending));
    for (const char* bad : {"Connection: upgrade\r\nUpgrade: echo\r\nContent-Length: x\r\n",
                            "Connection: upgrade\r\nUpgrade : echo\r\n"}) {
        RawClient client(server.address());
        client.send(asking("/tunnel", bad));
        CHECK(status_of(client.answer()) == 400);
    }
    // Pipelined before it: answered first.
    RawClient client(server.address());
    client.send(asking("/slow", "") + ask_tunnel + "x");
    CHECK(body_of(client.answer()) == "hello");
    CHECK(status_of(client.answer()) == 101);
    client.finish_sending();
    CHECK(client.rest() == "xbye");
}

TEST_CASE("each side of a tunnel may finish first", "[http]") {
    Ending ending;
    TestServer server(TestServer::quick(), true, offering(ending, listen_only));
    RawClient client(server.address());
    client.send(ask_tunnel);
    CHECK(status_of(client.answer()) == 101);
    CHECK(client.rest() == "that is all");
    CHECK(client.send(std::string(100000, 'x')));
    client.finish_sending();
    CHECK(ending.comes("none"));
    CHECK(ending.written == 100000);
}

TEST_CASE("a tunnel is read and written at the same time", "[http]") {
    Ending ending;
    TestServer server(TestServer::quick(), true, offering(ending, both_ways));
    RawClient client(server.address());
    client.send(ask_tunnel);
    CHECK(status_of(client.answer()) == 101);
    std::thread sending([&client] {
        client.send(std::string(many_bytes, 'c'));
        client.finish_sending();
    });
    auto all = client.rest();
    sending.join();
    CHECK(all == std::string(many_bytes, 'w'));
    CHECK(ending.comes("none"));
    CHECK(ending.written == many_bytes);
}

TEST_CASE("a tunnel on which nobody says anything is closed", "[http]") {
    auto config = TestServer::quick();
    config.tunnel_idle_timeout = 300ms;
    Ending ending;
    TestServer server(config, true, offering(ending));
    RawClient client(server.address());
    client.send(ask_tunnel);
    CHECK(status_of(client.answer()) == 101);
    auto begun = std::chrono::steady_clock::now();
    CHECK(client.ended());
    CHECK(std::chrono::steady_clock::now() - begun >= 200ms);
    CHECK(ending.comes("tunnel_idle"));
}

TEST_CASE("a tunnel may be idle for as long as its handler says", "[http]") {
    auto config = TestServer::quick();
    config.tunnel_idle_timeout = 60s;
    Ending ending;
    TestServer::More more;
    more.routes = [&ending](http::Router& router) {
        auto offered = [&ending](const http::Request&) {
            http::Response response{101};
            auto task = [&ending](http::Tunnel& tunnel) {
                return noted(ending, tunnel, noted_echo);
            };
            response.body = http::Upgrade{"echo", task, 300ms};
            return answer(std::move(response));
        };
        router.add({http::Method::get, "/tunnel", http::Access::anyone, offered});
    };
    TestServer server(config, true, more);
    RawClient client(server.address());
    client.send(ask_tunnel);
    CHECK(status_of(client.answer()) == 101);
    CHECK(client.ended());
    CHECK(ending.comes("tunnel_idle"));
}

TEST_CASE("a tunnel can be ended while somebody reads from it", "[http]") {
    Ending ending;
    TestServer server(TestServer::quick(), true, offering(ending, end_both));
    RawClient client(server.address());
    client.send(ask_tunnel);
    CHECK(status_of(client.answer()) == 101);
    CHECK(client.ended());
    CHECK(ending.comes("client_gone"));
}

TEST_CASE("a client that takes nothing of a tunnel costs little, and is reset", "[http]") {
    auto config = TestServer::quick();
    config.write_stall_timeout = 300ms;
    Ending ending;
    TestServer server(config, true, offering(ending, pour));
    RawClient client(server.address());
    client.send(ask_tunnel);
    CHECK(status_of(client.answer()) == 101);
    CHECK(ending.comes("client_gone"));
    CHECK(ending.written > 0);
    CHECK(ending.written < (16u << 20));
    server.wait_for_connections(0);
}

TEST_CASE("a server that stops ends its tunnels soon", "[http]") {
    auto config = TestServer::quick();
    config.drain_idle_timeout = 200ms;
    Ending ending;
    TestServer server(config, true, offering(ending));
    RawClient client(server.address());
    client.send(ask_tunnel);
    CHECK(status_of(client.answer()) == 101);
    auto begun = std::chrono::steady_clock::now();
    server.server().stop();
    CHECK(std::chrono::steady_clock::now() - begun < 10s);
    CHECK(client.ended());
    CHECK(ending.code() == "client_gone");
}

TEST_CASE("there are only so many tunnels", "[http]") {
    auto config = TestServer::quick();
    config.tunnels_max = 1;
    Ending ending;
    TestServer server(config, true, offering(ending));
    {
        RawClient first(server.address());
        first.send(ask_tunnel);
        CHECK(status_of(first.answer()) == 101);
        RawClient second(server.address());
        second.send(ask_tunnel);
        auto answer = second.answer();
        CHECK(status_of(answer) == 503);
        CHECK(body_of(answer).find("tunnels_busy") != std::string::npos);
        second.send(asking("/slow", ""));
        CHECK(status_of(second.answer()) == 200);
    }
    server.wait_for_connections(0);
    RawClient third(server.address());
    third.send(ask_tunnel);
    CHECK(status_of(third.answer()) == 101);
}

TEST_CASE("a tunnel that breaks off ends for its client too", "[http]") {
    Ending ending;
    for (auto task : {refuse_to_go_on, throw_something}) {
        TestServer server(TestServer::quick(), true, offering(ending, task));
        RawClient client(server.address());
        client.send(ask_tunnel);
        CHECK(status_of(client.answer()) == 101);
        CHECK(client.ended());
        server.wait_for_connections(0);
    }
}

TEST_CASE("a tunnel goes through TLS", "[http][tls]") {
    Ending ending;
    tests::TlsSite site(TestServer::quick(), offering(ending));
    support::TlsClient client(site.address());
    REQUIRE(client.begin());
    client.send(ask_tunnel + "behind ");
    CHECK(status_of(client.answer()) == 101);
    std::string much(100000, 't');
    client.send(much);
    client.finish_sending();
    CHECK(client.rest() == "behind " + much + "bye");
    CHECK(ending.comes("none"));
}

namespace {

base::Task<std::string> converse(http::Client& client, http::ClientRequest request) {
    auto deadline = base::Deadline::in(10s);
    auto response = co_await client.send(std::move(request), deadline);
    if (!response) co_return response.error();
    if (!response->tunnel) co_return "status " + std::to_string(response->status);
    std::string question = "question";
    auto written = co_await response->tunnel->write(std::move(question));
    if (!written) co_return written.error();
    response->tunnel->finish_writing();
    std::string heard;
    for (;;) {
        auto more = co_await response->tunnel->read_some();
        if (!more) co_return more.error();
        if (more->empty()) co_return heard;
        heard += *more;
    }
}

}  // namespace

TEST_CASE("our client and our server change to another protocol together", "[http][client]") {
    Ending ending;
    TestServer server(TestServer::quick(), true, offering(ending));
    telemetry::Metrics metrics;
    auto client = http::make_client({}, metrics);
    REQUIRE(client);
    http::ClientRequest request;
    request.upstream = *http::parse_upstream("http://" + server.address());
    request.target = "/tunnel";
    request.upgrade = "echo";
    auto heard = base::run(converse(**client, request));
    REQUIRE(heard);
    CHECK(*heard == "questionbye");
    request.upgrade = "websocket";
    auto other = base::run(converse(**client, request));
    REQUIRE(other);
    CHECK(*other == "status 200");
}
