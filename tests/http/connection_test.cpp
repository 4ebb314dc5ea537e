// What a client sees on the wire: the server as a whole, over real sockets.
#include <nlohmann/json.hpp>
#include <thread>

#include "bad_heads.hpp"
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

std::string get(const std::string& target, const std::string& fields = {}) {
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::string post(const std::string& target, const std::string& body,
                 const std::string& fields = {}) {
    return "POST " + target +
           " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           fields + "\r\n" + body;
}

/// Sends one request on a connection of its own.
std::string ask(TestServer& server, const std::string& request) {
    RawClient client(server.address());
    client.send(request);
    return client.answer();
}

}  // namespace

TEST_CASE("each bad head is refused as written, and nothing after it is heard", "[http]") {
    TestServer server;
    for (const auto& bad : tests::bad_heads()) {
        CAPTURE(bad.why);
        RawClient client(server.address());
        client.send(bad.bytes);
        auto answer = client.answer();

        CHECK(status_of(answer) == bad.status);
        CHECK(field_of(answer, "Connection") == "close");
        CHECK_FALSE(field_of(answer, "Date").empty());
        auto body = nlohmann::json::parse(body_of(answer));
        CHECK(body["status"] == "fail");
        CHECK(body["request_id"] == field_of(answer, "X-Request-Id"));
        CHECK((bad.status != 405 || !field_of(answer, "Allow").empty()));
        client.send("\r\n\r\n" + get("/hello"));
        CHECK(client.ended());
    }
    CHECK(server.cache_hits() == 0);
}

TEST_CASE("a refusal can be read though the client goes on sending", "[http]") {
    TestServer server;
    RawClient client(server.address());
    client.send("BREW /pot HTTP/1.1\r\n");
    std::string more(600 * 1024, 'x');
    CHECK(client.send(more));
    auto everything = client.rest();
    CHECK(status_of(everything) == 501);
    CHECK(body_of(everything).find("unknown_method") != std::string::npos);

    // All of a body that is too large is taken before the answer is looked at, as clients do.
    RawClient upload(server.address());
    std::string large(12 << 20, 'x');
    CHECK(upload.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                      std::to_string(large.size()) + "\r\n\r\n"));
    CHECK(upload.send(large));
    CHECK(status_of(upload.answer()) == 413);
    CHECK(upload.ended());
}

TEST_CASE("many requests share a connection", "[http]") {
    TestServer server;
    RawClient client(server.address());
    for (int i = 0; i < 3; ++i) {
        client.send(get("/hello"));
        CHECK(body_of(client.answer()) == "hello");
        client.send(get("/slow"));
        CHECK(body_of(client.answer()) == "hello");
        client.send(post("/echo", "body"));
        CHECK(body_of(client.answer()) == "body");
    }
    CHECK(client.quiet(1ms));
}

TEST_CASE("requests that come together are answered in order", "[http]") {
    TestServer server;
    RawClient client(server.address());
    std::string all;
    for (int i = 0; i < 40; ++i) {
        auto id = "X-Request-Id: n" + std::to_string(i) + "\r\n";
        all += i % 4 == 3   ? post("/echo", "abc", id)
               : i % 4 == 2 ? get("/slow", id)
                            : get("/hello", id);
    }
    all +=
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\n\r\n";
    client.send(all + get("/hello", "Connection: close\r\n") + get("/hello"));
    for (int i = 0; i < 40; ++i) {
        CAPTURE(i);
        auto answer = client.answer();
        CHECK(field_of(answer, "X-Request-Id") == "n" + std::to_string(i));
        CHECK(body_of(answer) == (i % 4 == 3 ? "abc" : "hello"));
    }
    CHECK(body_of(client.answer()) == "xy");
    CHECK(field_of(client.answer(), "Connection") == "close");
    CHECK(client.ended());
}

TEST_CASE("requests that come byte by byte are answered all the same", "[http]") {
    TestServer server;
    RawClient client(server.address());
    std::string all = get("/hello") +
                      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "3;x\r\nabc\r\n1\r\nd\r\n0\r\nA: b\r\n\r\n" +
                      post("/echo", "efg");
    for (char c : all) client.send(std::string_view(&c, 1));
    CHECK(body_of(client.answer()) == "hello");
    CHECK(body_of(client.answer()) == "abcd");
    CHECK(body_of(client.answer()) == "efg");
}

TEST_CASE("heads and bodies may be much larger than the first buffer", "[http]") {
    TestServer server;
    RawClient client(server.address());
    std::string large(900 * 1024, 'z');
    client.send(
        get("/about/x?" + std::string(7900, 'q'), "A: " + std::string(15000, 'f') + "\r\n"));
    CHECK(status_of(client.answer()) == 200);
    client.send(post("/echo", large, "A: " + std::string(9000, 'f') + "\r\n"));
    CHECK(body_of(client.answer()) == large);
    client.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX-Request-Id: "
        "mine\r\n\r\n");
    for (int i = 0; i < 9; ++i) client.send("19000\r\n" + std::string(0x19000, 'z') + "\r\n");
    client.send("0\r\n\r\n" + get("/hello"));
    auto answer = client.answer();
    CHECK(body_of(answer) == large);
    CHECK(field_of(answer, "X-Request-Id") == "mine");
    CHECK(body_of(client.answer()) == "hello");
}

TEST_CASE("HTTP/1.0 is answered, and kept only if asked for", "[http]") {
    TestServer server;
    RawClient kept(server.address());
    kept.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    auto answer = kept.answer();
    CHECK(answer.rfind("HTTP/1.1 200", 0) == 0);
    CHECK(field_of(answer, "Connection") == "keep-alive");
    kept.send("GET /slow HTTP/1.0\r\n\r\n");
    CHECK(field_of(kept.answer(), "Connection") == "close");
    CHECK(kept.ended());
}

TEST_CASE("a client that has finished sending still gets its answer", "[http]") {
    TestServer server;
    RawClient client(server.address());
    client.send(get("/slow"));
    client.finish_sending();
    CHECK(body_of(client.rest()) == "hello");
}

TEST_CASE("100 comes when the server wants the body, and not before a refusal", "[http]") {
    TestServer server;
    const std::string expecting =
        "HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    RawClient client(server.address());
    client.send("POST /echo " + expecting);
    CHECK(client.answer(true) == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("abc");
    CHECK(body_of(client.answer()) == "abc");
    client.send("POST /nothing " + expecting);
    auto refused = client.answer();
    CHECK(status_of(refused) == 404);
    CHECK(field_of(refused, "Connection") == "close");
    CHECK(client.ended());

    // Who does not wait is not told to go on.
    RawClient impatient(server.address());
    impatient.send("POST /echo " + expecting + "abc");
    CHECK(status_of(impatient.answer()) == 201);
}

TEST_CASE("a body over the limit is refused as soon as that is known", "[http]") {
    TestServer server;
    RawClient sized(server.address());
    sized.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: "
        "1048577\r\n\r\n");
    CHECK(status_of(sized.answer()) == 413);
    CHECK(sized.ended());

    RawClient chunked(server.address());
    chunked.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100001");
    auto answer = chunked.answer();
    CHECK(status_of(answer) == 413);
    CHECK(field_of(answer, "Connection") == "close");
    CHECK(chunked.ended());
}

TEST_CASE("bad chunks are refused, and what follows is no request", "[http]") {
    TestServer server;
    for (const char* body :
         {"0x1\r\na\r\n0\r\n\r\n", "1\na\r\n0\r\n\r\n", "1\r\nab\r\n0\r\n\r\n", " 1\r\na\r\n"}) {
        CAPTURE(body);
        RawClient client(server.address());
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                    std::string(body) + get("/hello"));
        auto answer = client.answer();
        CHECK(status_of(answer) == 400);
        CHECK(field_of(answer, "Connection") == "close");
        CHECK(client.ended());
    }
    CHECK(server.cache_hits() == 0);
}

TEST_CASE("HEAD has the fields of GET and no content", "[http]") {
    TestServer server;
    RawClient client(server.address());
    for (const char* target : {"/hello", "/slow", "/refuses"}) {
        CAPTURE(target);
        client.send(get(target, "X-Request-Id: i\r\n"));
        auto full = client.answer();
        client.send("HEAD" + get(target, "X-Request-Id: i\r\n").substr(3));
        auto head = client.answer(true);
        CHECK(body_of(head).empty());
        CHECK(field_of(head, "Content-Length") == field_of(full, "Content-Length"));
        CHECK(field_of(head, "ETag") == field_of(full, "ETag"));
        CHECK(status_of(head) == status_of(full));
    }
    client.send(get("/hello"));
    CHECK(body_of(client.answer()) == "hello");
}

TEST_CASE("OPTIONS and unfit methods are told what a path has", "[http]") {
    TestServer server;
    RawClient client(server.address());
    client.send("OPTIONS /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    auto options = client.answer();
    CHECK(status_of(options) == 204);
    CHECK(field_of(options, "Allow") == "OPTIONS, POST");
    CHECK(field_of(options, "Content-Length").empty());
    client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(status_of(client.answer()) == 204);
    client.send("OPTIONS /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(status_of(client.answer()) == 404);
    client.send("DELETE /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    auto unfit = client.answer();
    CHECK(status_of(unfit) == 405);
    CHECK(field_of(unfit, "Allow") == "OPTIONS, POST");
    client.send(post("/slow", "unread body"));
    CHECK(status_of(client.answer()) == 405);
    client.send(get("/hello"));
    CHECK(status_of(client.answer()) == 200);
}

TEST_CASE("who may not is refused before the body is read", "[http]") {
    TestServer server(TestServer::quick(), false);
    RawClient client(server.address());
    client.send(post("/admin", "all of it is here"));
    auto answer = client.answer();
    CHECK(status_of(answer) == 401);
    CHECK(field_of(answer, "WWW-Authenticate") == "Bearer");
    CHECK(field_of(answer, "Connection").empty());
    client.send("POST /admin HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nnot all");
    CHECK(field_of(client.answer(), "Connection") == "close");
    CHECK(client.ended());

    TestServer open;
    CHECK(status_of(ask(open, get("/admin"))) == 200);
}

TEST_CASE("a handler sees the request, and its refusals become answers", "[http]") {
    TestServer server;
    CHECK(body_of(ask(server,
                      get("/old/a%20b/?x", "X-Request-Id: A.b_c-9\r\nCookie: user_id=7\r\n"))) ==
          "/about/a b a b 127.0.0.1 A.b_c-9 7 in time");
    auto refused = ask(server, get("/refuses", "Accept: application/problem+json\r\n"));
    CHECK(status_of(refused) == 404);
    CHECK(field_of(refused, "Content-Type") == "application/problem+json");
    CHECK(nlohmann::json::parse(body_of(refused))["error"] == "nothing_here");
}

TEST_CASE("a handler that throws costs one answer, and the client learns nothing", "[http]") {
    TestServer server;
    RawClient client(server.address());
    client.send(get("/throws"));
    auto answer = client.answer();
    CHECK(status_of(answer) == 500);
    CHECK(answer.find("secret") == std::string::npos);
    CHECK(nlohmann::json::parse(body_of(answer))["error"] == "internal_error");
    client.send(get("/hello"));
    CHECK(status_of(client.answer()) == 200);
}

TEST_CASE("a handler that is out of memory is 503, and the next one is called", "[http]") {
    TestServer::More more;
    more.routes = [](http::Router& router) {
        router.add({http::Method::get, "/full", http::Access::anyone,
                    [](const http::Request&) -> base::Task<http::Response> {
                        throw std::bad_alloc();
                        co_return http::Response{};
                    }});
    };
    TestServer server(TestServer::quick(), true, more);
    RawClient client(server.address());
    client.send(get("/full"));
    auto answer = client.answer();
    CHECK(status_of(answer) == 503);
    CHECK(field_of(answer, "Retry-After") == "1");
    CHECK(body_of(answer).find("out_of_memory") != std::string::npos);
    client.send(get("/slow"));
    CHECK(status_of(client.answer()) == 200);
}

TEST_CASE("a look-up in a cache that throws is passed by", "[http]") {
    TestServer server;
    CHECK(status_of(ask(server, get("/about/broken"))) == 200);
}

TEST_CASE("a client that sends without end does not keep others waiting", "[http]") {
    TestServer server;
    RawClient flood(server.address());
    std::string many;
    for (int i = 0; i < 20000; ++i) many += get("/slow");
    std::thread sending([&flood, &many] { flood.send(many); });
    RawClient other(server.address());
    other.send(get("/hello"));
    CHECK(status_of(other.answer()) == 200);
    for (int i = 0; i < 20000; ++i) {
        if (status_of(flood.answer()) != 200) FAIL("answer " << i << " is missing");
    }
    sending.join();
}

TEST_CASE("an answer bears the client's request id if that is sane, else ours", "[http]") {
    TestServer server;
    CHECK(field_of(ask(server, get("/hello", "X-Request-Id: my-1\r\n")), "X-Request-Id") == "my-1");
    auto longest = std::string(64, 'i');
    CHECK(field_of(ask(server, get("/slow", "X-Request-Id: " + longest + "\r\n")),
                   "X-Request-Id") == longest);
    for (const auto& bad : {std::string("a b"), longest + "i", std::string("<x>"), std::string(),
                            std::string("import-1"), std::string("scheduler-")}) {
        CAPTURE(bad);
        auto given =
            field_of(ask(server, get("/hello", "X-Request-Id: " + bad + "\r\n")), "X-Request-Id");
        CHECK(given != bad);
        CHECK(given.size() == 15);
    }
    CHECK(field_of(ask(server, get("/hello")), "X-Request-Id") !=
          field_of(ask(server, get("/hello")), "X-Request-Id"));
}

TEST_CASE("a GET has an entity tag, and conditions on it are honoured", "[http]") {
    TestServer server;
    RawClient client(server.address());
    for (const char* target : {"/hello", "/slow"}) {
        CAPTURE(target);
        client.send(get(target));
        auto etag = field_of(client.answer(), "ETag");
        REQUIRE(etag.size() > 2);
        client.send(get(target, "If-None-Match: \"x\", W/" + etag + "\r\n"));
        auto unchanged = client.answer();
        CHECK(status_of(unchanged) == 304);
        CHECK(field_of(unchanged, "ETag") == etag);
        CHECK_FALSE(field_of(unchanged, "Date").empty());
        CHECK(field_of(unchanged, "Content-Length").empty());
        client.send("HEAD" + get(target, "If-None-Match: *\r\n").substr(3));
        CHECK(status_of(client.answer(true)) == 304);
        client.send(get(target, "If-Match: \"x\"\r\n"));
        CHECK(status_of(client.answer()) == 412);
        client.send(
            get(target, "If-None-Match: \"x\"\r\nIf-Match: " + etag + "\r\nRange: bytes=0-1\r\n"));
        CHECK(body_of(client.answer()) == "hello");
    }
}

TEST_CASE("only hosts that the list names are answered, if there is a list", "[http]") {
    auto config = TestServer::quick();
    config.hosts = {"news.example.org", "[::1]"};
    TestServer server(config);
    auto status = [&server](const std::string& head) {
        return status_of(ask(server, head + "\r\n"));
    };
    CHECK(status("GET /hello HTTP/1.1\r\nHost: News.example.org:8080\r\n") == 200);
    CHECK(status("GET /slow HTTP/1.1\r\nHost: [::1]:80\r\n") == 200);
    CHECK(status("GET /hello HTTP/1.1\r\nHost: other.example.org\r\n") == 421);
    CHECK(status("GET /hello HTTP/1.0\r\nHost: other.example.org\r\n") == 421);
    CHECK(status("GET /hello HTTP/1.0\r\n") == 200);
    CHECK(status("GET http://other.example.org/slow HTTP/1.1\r\nHost: news.example.org\r\n") ==
          421);
    CHECK(status("GET http://news.example.org/slow HTTP/1.1\r\nHost: other.example.org\r\n") ==
          200);
}
