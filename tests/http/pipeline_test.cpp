// What each request passes, in its order and once.
#include <mutex>
#include <thread>

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

/// What happened, in its order. Thread-safe.
class Diary {
public:
    void note(const std::string& what) {
        std::lock_guard lock(mutex_);
        if (!text_.empty()) text_ += ' ';
        text_ += what;
    }
    std::string take() {
        std::lock_guard lock(mutex_);
        return std::exchange(text_, {});
    }

private:
    std::mutex mutex_;
    std::string text_;
};

/// Credentials are a field `As`: a role, or `bad`.
class ByField final : public http::Authenticator {
public:
    explicit ByField(Diary& diary) : diary_(diary) {}
    base::Result<base::Actor> authenticate(const http::Request& request) const override {
        diary_.note("who");
        auto as = request.header("As").value_or("");
        base::Actor actor;
        if (as == "admin") actor.role = base::Role::admin;
        if (as == "bad" && request.credentials == http::Credentials::required) {
            return base::Error{base::Reason::unauthenticated, "invalid_token", "No."};
        }
        if (as == "unknown") return base::Error{base::Reason::unavailable, "out", "Not now."};
        return actor;
    }

private:
    Diary& diary_;
};

class Step final : public http::Interceptor {
public:
    Step(Diary& diary, std::string name) : diary_(diary), name_(std::move(name)) {}

    std::optional<http::Response> before(http::Request& request) const override {
        diary_.note(name_);
        request.answer_lines += "X-" + name_ + ": 1\r\n";
        if (request.rate_class == http::RateClass::login) diary_.note("login");
        if (request.header("Stop") != name_) return std::nullopt;
        http::Response response;
        response.status = 299;
        return response;
    }
    bool must_wait(const http::Request& request) const override {
        return request.header("Wait") == name_;
    }
    base::Task<std::optional<http::Response>> before_waiting(
        http::Request& request) const override {
        diary_.note("wait");
        auto turn = co_await base::suspend<int>(later);
        if (!turn) co_return turn.error();
        if (request.header("Break")) throw std::runtime_error("secret reason");
        if (request.header("Refuse")) {
            co_return base::Error{base::Reason::too_many, "not_now", "Not now."};
        }
        co_return before(request);
    }
    void on_refusal(http::Request& request) const override {
        request.answer_lines += "X-" + name_ + ": refused\r\n";
    }

private:
    /// Resumed by a thread of its own, as by somebody else's work.
    static void later(base::Completion<int> completion) {
        std::thread([moved = std::move(completion)]() mutable { moved(1); }).join();
    }

    Diary& diary_;
    std::string name_;
};

/// Notes who was answered what.
class Listening final : public http::RequestObserver {
public:
    explicit Listening(Diary& diary) : diary_(diary) {}
    void answered(const http::Request& request, int status,
                  std::chrono::steady_clock::time_point received) const override {
        bool lately = std::chrono::steady_clock::now() - received < 1min;
        diary_.note(std::to_string(status) + '=' + (lately ? request.path : "long ago"));
    }

private:
    Diary& diary_;
};

struct Site {
    explicit Site(http::Config config = TestServer::quick()) {
        TestServer::More more;
        more.routes = [this](http::Router& router) { add_to(router); };
        more.interceptors = {std::make_shared<Step>(diary, "a"),
                             std::make_shared<Step>(diary, "b")};
        more.authenticator = std::make_shared<ByField>(diary);
        server.emplace(std::move(config), true, std::move(more));
    }
    Site(const Site&) = delete;
    Site& operator=(const Site&) = delete;

    base::Task<http::Response> handle() {
        diary.note("handler");
        http::Response response;
        response.body = std::string("made");
        co_return response;
    }

    void add_to(http::Router& router) {
        using http::Access;
        using http::Method;
        auto handler = [this](const http::Request&) { return handle(); };
        http::Route cached{Method::get, "/cached/{hit}", Access::anyone, handler};
        http::Response ready;
        ready.body = std::string("ready");
        cached.cached = [this, answer = http::prepare(ready)](const http::Request& request) {
            diary.note("cache");
            return request.parameter("hit") == "yes" ? answer : nullptr;
        };
        router.add(std::move(cached));
        http::Route ignoring{Method::post,           "/login",
                             Access::anyone,         handler,
                             http::RateClass::login, http::Credentials::ignored};
        router.add(std::move(ignoring));
        router.add({Method::get, "/login", Access::anyone, handler, http::RateClass::login});
        router.add({Method::post, "/open", Access::anyone, handler});
        router.add({Method::post, "/closed", Access::admin, handler});
        http::Route slow{Method::get, "/patient", Access::anyone, handler};
        slow.limits.deadline = 0ms;
        router.add(std::move(slow));
    }

    /// `status: what happened`.
    std::string ask(const std::string& request) {
        RawClient client(server->address());
        client.send(request);
        last = client.answer(request.starts_with("HEAD"));
        return std::to_string(status_of(last)) + ": " + diary.take();
    }

    Diary diary;
    std::string last;
    std::optional<TestServer> server;
};

std::string request(const std::string& start, const std::string& fields = {},
                    const std::string& body = {}) {
    auto length = body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return start + " HTTP/1.1\r\nHost: a\r\n" + fields + length + "\r\n" + body;
}

}  // namespace

TEST_CASE("every request passes each step once and in the same order", "[http]") {
    Site site;
    CHECK(site.ask(request("GET /cached/yes")) == "200: a b who cache");
    CHECK(site.ask(request("GET /cached/no")) == "200: a b who cache handler");
    CHECK(site.ask(request("HEAD /cached/yes")) == "200: a b who cache");
    CHECK(site.ask(request("POST /open", "", "body")) == "200: a b who handler");
    CHECK(site.ask(request("POST /closed", "As: admin\r\n", "body")) == "200: a b who handler");
    CHECK(site.ask(request("POST /closed", "", "body")) == "401: a b who");
    CHECK(site.ask(request("GET /nothing")) == "404: a b");
    CHECK(site.ask(request("DELETE /open")) == "405: a b");
    CHECK(site.ask(request("OPTIONS /open")) == "204: a b");
    CHECK(site.ask(request("GET /cached/yes", "Stop: a\r\n")) == "299: a");
    CHECK(site.ask(request("GET /cached/yes", "Stop: b\r\n")) == "299: a b");
}

TEST_CASE("an observer hears once of each request that was answered, whoever did", "[http]") {
    Diary diary;
    auto config = TestServer::quick();
    config.access_lines = false;
    TestServer::More more;
    more.observer = std::make_shared<Listening>(diary);
    TestServer server(config, true, std::move(more));
    {
        RawClient client(server.address());
        client.send(request("GET /hello") + request("GET /slow") + request("GET /nowhere") +
                    request("GET /refuses") + request("GET /%zz"));
        for (int status : {200, 200, 404, 404, 400}) CHECK(status_of(client.answer()) == status);
    }
    server.server().stop();
    CHECK(diary.take() == "200=/hello 200=/slow 404=/nowhere 404=/refuses 400=");
}

TEST_CASE("a class of rate counts on a GET as on a POST", "[http]") {
    Site site;
    CHECK(site.ask(request("GET /login")) == "200: a login b login who handler");
    CHECK(site.ask(request("POST /login")) == "200: a login b login handler");
}

TEST_CASE("an interceptor may wait, and the others keep their places", "[http]") {
    Site site;
    CHECK(site.ask(request("GET /cached/yes", "Wait: a\r\n")) == "200: wait a b who cache");
    CHECK(site.ask(request("GET /cached/no", "Wait: b\r\n")) == "200: a wait b who cache handler");
    CHECK(site.ask(request("POST /open", "Wait: b\r\n", "body")) == "200: a wait b who handler");
    CHECK(site.ask(request("GET /nothing", "Wait: a\r\n")) == "404: wait a b");
    CHECK(site.ask(request("GET /cached/yes", "Wait: a\r\nStop: a\r\n")) == "299: wait a");
    CHECK(site.ask(request("GET /cached/yes", "Wait: b\r\nRefuse: 1\r\n")) == "429: a wait");
    CHECK(site.ask(request("GET /cached/yes", "Wait: b\r\nBreak: 1\r\n")) == "500: a wait");
    CHECK(field_of(site.last, "X-a") == "1");
    // What comes behind such a request is answered after it.
    RawClient client(site.server->address());
    client.send(request("GET /cached/yes", "Wait: a\r\n") + request("GET /cached/no"));
    CHECK(body_of(client.answer()) == "ready");
    CHECK(body_of(client.answer()) == "made");
}

TEST_CASE("a slow client's next request passes each step once too", "[http]") {
    Site site;
    RawClient client(site.server->address());
    // The first answer does not go out at once, so the second request begins while it waits.
    client.send(request("GET /big") + request("GET /cached/no"));
    CHECK(body_of(client.answer()).size() == (8u << 20));
    CHECK(body_of(client.answer()) == "made");
    CHECK(site.diary.take() == "a b who a b who cache handler");
}

TEST_CASE("credentials that do not hold count where the route says so", "[http]") {
    Site site;
    CHECK(site.ask(request("POST /open", "As: bad\r\n")) == "200: a b who handler");
    CHECK(site.ask(request("POST /closed", "As: bad\r\n")) == "401: a b who");
    CHECK(site.last.find("invalid_token") != std::string::npos);
    CHECK(site.ask(request("POST /login", "As: bad\r\n")) == "200: a login b login handler");
}

TEST_CASE("what anyone may read is read also while nobody can say who asks", "[http]") {
    Site site;
    CHECK(site.ask(request("GET /cached/yes", "As: unknown\r\n")) == "200: a b who cache");
    CHECK(site.ask(request("HEAD /cached/no", "As: unknown\r\n")) == "200: a b who cache handler");
    CHECK(site.ask(request("POST /open", "As: unknown\r\n", "body")) == "503: a b who");
    CHECK(site.ask(request("POST /closed", "As: unknown\r\n", "body")) == "503: a b who");
    CHECK(site.ask(request("POST /login", "As: unknown\r\n")) == "200: a login b login handler");
}

TEST_CASE("what is refused before it has a route bears the policies' lines too", "[http]") {
    Site site;
    for (const auto& bad : {request("GET /%zz"), request("BREW /"), request("GET /", "Host: b\r\n"),
                            std::string("GET / HTTP/2.0\r\n")}) {
        CAPTURE(bad);
        site.ask(bad);
        CHECK(field_of(site.last, "X-a") == "refused");
        CHECK(field_of(site.last, "X-b") == "refused");
    }
    auto config = TestServer::quick();
    config.hosts = {"known.example.org"};
    Site strict(config);
    CHECK(strict.ask(request("GET /open")) == "421: ");
    CHECK(field_of(strict.last, "X-a") == "refused");
}

TEST_CASE("a request without a handler is counted by the reason", "[http]") {
    Site site;
    site.ask(request("GET /nothing"));
    site.ask(request("DELETE /open"));
    site.ask(request("POST /closed"));
    site.ask(request("POST /open", "Content-Encoding: gzip\r\n", "x"));
    site.ask(request("GET /%zz"));
    auto text = site.server->metrics().text();
    for (const char* reason : {"not_found", "method_not_allowed", "unauthenticated",
                               "unsupported_content_encoding", "malformed_request"}) {
        CAPTURE(reason);
        auto line = "portal_http_refusals_total{reason=\"" + std::string(reason) + "\"} 1\n";
        CHECK(text.find(line) != std::string::npos);
    }
}

TEST_CASE("a body with a content coding is refused, and told what is taken", "[http]") {
    Site site;
    for (const char* coding : {"br", "gzip", "identity, gzip", "GZIP"}) {
        CAPTURE(coding);
        auto fields = "Content-Encoding: " + std::string(coding) + "\r\n";
        CHECK(site.ask(request("POST /open", fields, "x")) == "415: a b who");
        CHECK(field_of(site.last, "Accept-Encoding") == "identity");
        CHECK(site.ask(request("POST /open", fields)) == "200: a b who handler");
    }
    CHECK(site.ask(request("POST /open", "Content-Encoding: identity\r\n", "x")) ==
          "200: a b who handler");
}

TEST_CASE("an absolute target may have a query and no path", "[http]") {
    TestServer::More more;
    more.routes = [](http::Router& router) {
        router.add({http::Method::get, "/", http::Access::anyone,
                    [](const http::Request& asked) -> base::Task<http::Response> {
                        http::Response response;
                        response.body = std::string(asked.target) + " " +
                                        asked.query_parameter("x").value_or("");
                        co_return response;
                    }});
    };
    TestServer server(TestServer::quick(), true, more);
    RawClient client(server.address());
    client.send("GET http://example.com?x=1 HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(body_of(client.answer()) == "/?x=1 1");
}
