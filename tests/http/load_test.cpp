// More requests than handlers are let work on: what is refused, how soon, and what never is.
#include "raw_client.hpp"
#include "support/catch.hpp"
#include "test_server.hpp"

using namespace std::chrono_literals;
using tests::body_of;
using tests::field_of;
using tests::RawClient;
using tests::status_of;
using tests::TestServer;

namespace {

/// Four requests of readers at a time, two more of people who change something, and two more of
/// authors.
http::Config four_at_a_time() {
    auto config = TestServer::quick();
    config.load.limit_min = config.load.limit_max = 4;
    config.load.reserve_percent = 50;
    return config;
}

/// Credentials are a field `As`.
class ByRole final : public http::Authenticator {
public:
    base::Result<base::Actor> authenticate(const http::Request& request) const override {
        base::Actor actor;
        if (request.header("As") == "author") actor.role = base::Role::author;
        return actor;
    }
};

base::Task<http::Response> is_well(const http::Request&) {
    co_return http::Response();
}

struct LimitedSite {
    LimitedSite() : server(four_at_a_time(), false, more()) {}

    static TestServer::More more() {
        TestServer::More more;
        more.authenticator = std::make_shared<ByRole>();
        more.routes = [](http::Router& router) {
            router.add({http::Method::get, "/v1/parts/healthcheck", http::Access::anyone, is_well});
        };
        return more;
    }
    /// One that waits until release().
    RawClient& late() {
        clients.emplace_back(server.address());
        clients.back().send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
        server.wait_for_waiting(clients.size());
        return clients.back();
    }
    std::string ask(const std::string& lines, const std::string& body = "") {
        RawClient client(server.address());
        client.send(lines + "\r\nHost: x\r\n\r\n" + body);
        return client.answer();
    }
    std::uint64_t shed(const char* of) {
        return server.metrics().counter("portal_http_shed_total", "", {{"class", of}}).value();
    }

    std::vector<RawClient> clients;
    TestServer server;
};

}  // namespace

TEST_CASE("past the limit reads are refused at once, and told when to come again", "[http]") {
    LimitedSite site;
    for (int i = 0; i < 4; ++i) site.late();
    auto began = std::chrono::steady_clock::now();
    auto refused = site.ask("GET /slow HTTP/1.1");
    CHECK(std::chrono::steady_clock::now() - began < 1s);
    CHECK(status_of(refused) == 503);
    CHECK(body_of(refused).find(R"("error":"overloaded")") != std::string::npos);
    CHECK(field_of(refused, "Retry-After") == "1");
    CHECK(site.shed("read") == 1);
    auto text = site.server.metrics().text();
    CHECK(text.find("portal_http_limit 4\n") != std::string::npos);
    CHECK(text.find("portal_http_in_flight 4\n") != std::string::npos);

    // What costs nothing is answered all the same, and so is whoever looks after the server.
    CHECK(status_of(site.ask("GET /hello HTTP/1.1")) == 200);
    CHECK(status_of(site.ask("GET /nowhere HTTP/1.1")) == 404);
    CHECK(status_of(site.ask("GET /v1/parts/healthcheck HTTP/1.1")) == 200);
    RawClient operations(site.server.operations_address());
    operations.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(status_of(operations.answer()) == 200);

    site.server.release();
    for (auto& client : site.clients) CHECK(status_of(client.answer()) == 200);
    CHECK(status_of(site.ask("GET /slow HTTP/1.1")) == 200);
    CHECK(site.shed("read") == 1);
}

TEST_CASE("past the limit there is room for changes, and more for authors", "[http]") {
    LimitedSite site;
    for (int i = 0; i < 4; ++i) site.late();
    const std::string post = "POST /echo HTTP/1.1\r\nContent-Length: 2";
    CHECK(status_of(site.ask(post, "hi")) == 201);
    for (int i = 0; i < 2; ++i) {
        RawClient author(site.server.address());
        author.send("GET /late HTTP/1.1\r\nHost: x\r\nAs: author\r\n\r\n");
        site.server.wait_for_waiting(5 + static_cast<std::size_t>(i));
        site.clients.push_back(std::move(author));
    }
    // Refused before its body is there.
    RawClient client(site.server.address());
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\nbegins");
    CHECK(status_of(client.answer()) == 503);
    CHECK(site.shed("change") == 1);
    CHECK(status_of(site.ask(post + "\r\nAs: author", "hi")) == 201);
    CHECK(site.shed("author") == 0);
}
