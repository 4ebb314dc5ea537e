// Who answers, where somebody beside the router has a say.
#include <mutex>

#include "http/in_process.hpp"
#include "raw_client.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "test_server.hpp"

using tests::body_of;
using tests::field_of;
using tests::RawClient;
using tests::status_of;
using tests::TestServer;

namespace {

base::Task<http::Response> elsewhere(const http::Request& request) {
    http::Response response;
    response.status = 203;
    response.body = "elsewhere " + std::string(request.target) +
                    (request.elsewhere ? " yes" : " no") + " " +
                    std::string(request.header("Host").value_or("nobody"));
    co_return response;
}

/// Sends every path that begins with /other to a route of its own, and counts those with a ticket.
class ByPrefix final : public http::RouteChooser {
public:
    void begin(const http::Router& router) override { routes_ = router.routes().size(); }

    Choice choose(http::Request& request, http::Router::Match match) const override {
        if (!request.target.starts_with("/other")) return {match, 0};
        return {{&route_, {}}, 7};
    }
    void answered(std::uint32_t ticket, int status, std::chrono::microseconds took) const override {
        std::lock_guard lock(mutex_);
        if (ticket == 7 && took.count() >= 0) heard_.push_back(status);
    }

    std::size_t routes() const { return routes_; }
    std::vector<int> heard() const {
        std::lock_guard lock(mutex_);
        return heard_;
    }

private:
    static http::Route make_route() {
        http::Route route{http::Method::get, "/other", http::Access::anyone, elsewhere};
        route.elsewhere = true;
        return route;
    }

    http::Route route_ = make_route();
    std::size_t routes_ = 0;
    mutable std::mutex mutex_;
    mutable std::vector<int> heard_;
};

std::string ask(const TestServer& server, const std::string& request) {
    RawClient client(server.address());
    client.send(request + " HTTP/1.1\r\nHost: a\r\n\r\n");
    return client.answer(request.starts_with("HEAD"));
}

}  // namespace

TEST_CASE("a chooser may give a request to a route that the router does not have", "[http]") {
    auto chooser = std::make_shared<ByPrefix>();
    TestServer::More more;
    more.chooser = chooser;
    TestServer server(TestServer::quick(), true, std::move(more));
    CHECK(chooser->routes() > 5);

    auto chosen = ask(server, "GET /other//odd?a=1");
    CHECK(status_of(chosen) == 203);
    CHECK(body_of(chosen) == "elsewhere /other//odd?a=1 yes a");
    // Whatever Host says beside an absolute target, its host is what everybody reads.
    auto absolute = ask(server, "GET http://b:80/other");
    CHECK(body_of(absolute) == "elsewhere /other yes b:80");
    CHECK(status_of(ask(server, "POST /other")) == 203);
    // What it leaves alone goes on as without it, and nobody tells it more of that.
    CHECK(body_of(ask(server, "GET /hello")) == "hello");
    CHECK(status_of(ask(server, "GET /nothing")) == 404);
    CHECK(support::eventually([&] { return chooser->heard() == std::vector<int>{203, 203, 203}; }));
}

TEST_CASE("where another server may answer, whoever names no host is none of a list", "[http]") {
    // Given servers that answer for one host, with and without somebody behind them.
    auto config = TestServer::quick();
    config.hosts = {"a"};
    TestServer alone(config);
    TestServer::More more;
    more.chooser = std::make_shared<ByPrefix>();
    TestServer before(config, true, std::move(more));
    auto status = [](const TestServer& server, const std::string& head) {
        RawClient client(server.address());
        client.send(head + "\r\n");
        return status_of(client.answer());
    };
    // Then only the latter want HTTP/1.0 to say which.
    CHECK(status(alone, "GET /hello HTTP/1.0\r\n") == 200);
    CHECK(status(before, "GET /hello HTTP/1.0\r\n") == 421);
    CHECK(status(before, "GET /other HTTP/1.0\r\n") == 421);
    CHECK(status(before, "GET /other HTTP/1.0\r\nHost: a\r\n") == 203);
}

namespace {

base::Task<http::Response> refuses(const http::Request&) {
    co_return base::Error{base::Reason::not_found, "gone_fishing", "Nobody is here."};
}

base::Task<http::Response> breaks(const http::Request&) {
    throw std::runtime_error("a broken handler");
    co_return http::Response{};
}

base::Task<http::Response> says(const http::Request& request) {
    http::Response response;
    response.body = std::string(request.parameter("word")) + " " +
                    request.query_parameter("q").value_or("-") + " " + request.peer +
                    (request.context.shadow ? " shadow" : "");
    response.fields.emplace_back("X-Said", "yes");
    co_return response;
}

http::PlainResponse ask_inside(const std::string& target,
                               std::vector<http::Request::Field> fields = {}) {
    http::Router router(std::map<std::string, std::string>{{"/old", "/say"}});
    using http::Access;
    using http::Method;
    router.add({Method::get, "/say/{word}", Access::anyone, says});
    router.add({Method::get, "/refuses", Access::anyone, refuses});
    router.add({Method::get, "/breaks", Access::anyone, breaks});
    router.add({Method::get, "/closed", Access::admin, says});
    router.add({Method::post, "/posted", Access::anyone, says});
    http::AnonymousAuthenticator nobody;
    http::Request first;
    first.target = target;
    first.fields = std::move(fields);
    first.peer = "192.0.2.7";
    http::RequestCopy copy(first);
    auto again = copy.request(0, base::Deadline::in(std::chrono::seconds(5)));
    again.context.shadow = true;
    auto answer = base::run(http::InProcess(router, nobody).ask(again));
    REQUIRE(answer);
    return *answer;
}

}  // namespace

TEST_CASE("a route asked in process answers as to a client, refusals and breakdowns too",
          "[http]") {
    auto said = ask_inside("/old/hello?q=a%20b");
    CHECK(said.status == 200);
    CHECK(said.complete);
    CHECK(said.body == "hello a b 192.0.2.7 shadow");
    CHECK(said.header("x-said") == "yes");
    CHECK(said.header("content-length") == std::to_string(said.body.size()));
    CHECK(said.header("etag"));

    CHECK(ask_inside("/refuses").status == 404);
    CHECK(ask_inside("/refuses").body.find("gone_fishing") != std::string::npos);
    CHECK(ask_inside("/breaks").status == 500);
    CHECK(ask_inside("/closed").status == 401);
    CHECK(ask_inside("/nothing").status == 404);
    CHECK(ask_inside("/posted").status == 405);
}

TEST_CASE("a copy of a request asks for the whole answer, whatever the client had", "[http]") {
    http::Request request;
    request.target = "/a?b";
    request.fields = {{"Host", "a"},
                      {"If-None-Match", "*"},
                      {"if-match", "\"a\""},
                      {"If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"},
                      {"If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"},
                      {"IF-RANGE", "\"a\""},
                      {"Range", "bytes=0-1"},
                      {"Cookie", "c=d"},
                      {"accept-encoding", "br"}};
    http::RequestCopy copy(request);
    auto again = copy.request(3, base::Deadline());
    REQUIRE(again.fields.size() == 2);
    CHECK(again.header("host") == "a");
    CHECK(again.cookie("c") == "d");
    CHECK(again.query == "b");
    CHECK(again.thread == 3);
    CHECK_FALSE(again.context.shadow);
}
