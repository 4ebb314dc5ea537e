#include "head_guard.hpp"

#include "bad_heads.hpp"
#include "support/catch.hpp"

namespace {

using Verdict = http::HeadGuard::Verdict;

struct Reading {
    Verdict verdict = Verdict::more;
    int status = 0;
    std::size_t refused_at = 0;  ///< how many bytes it took
};

/// Feeds `bytes` in steps, each time from a fresh copy, as a buffer that moves would.
Reading read(http::HeadGuard& guard, const std::string& bytes, std::size_t step) {
    Reading reading;
    for (std::size_t size = std::min(step, bytes.size());;
         size = std::min(size + step, bytes.size())) {
        std::string received(bytes.data(), size);
        reading.verdict = guard.advance(received);
        reading.refused_at = size;
        if (reading.verdict != Verdict::more || size == bytes.size()) break;
    }
    if (reading.verdict == Verdict::refused) reading.status = guard.refusal().status;
    return reading;
}

struct Head {
    http::HeadGuard guard;
    std::shared_ptr<const std::string> bytes;  ///< what the request's views point into
    http::Request request{};
};

/// A head that must be taken, read in both ways.
Head accept(const std::string& bytes) {
    static const http::HeadLimits limits;
    Head head{http::HeadGuard(limits), std::make_shared<std::string>(bytes)};
    CAPTURE(bytes);
    REQUIRE(read(head.guard, bytes, 1).verdict == Verdict::complete);
    auto size = head.guard.size();
    head.guard.reset();
    REQUIRE(read(head.guard, bytes, bytes.size()).verdict == Verdict::complete);
    REQUIRE(head.guard.size() == size);
    head.guard.fill(head.bytes->data(), head.request);
    return head;
}

}  // namespace

TEST_CASE("a bad head is refused at its first bad byte, however it arrives", "[http]") {
    http::HeadLimits limits;
    for (const auto& bad : tests::bad_heads()) {
        CAPTURE(bad.why);
        http::HeadGuard at_once(limits);
        auto whole = read(at_once, bad.bytes, bad.bytes.size());
        CHECK(whole.verdict == Verdict::refused);
        CHECK(whole.status == bad.status);

        http::HeadGuard by_byte(limits);
        auto bytewise = read(by_byte, bad.bytes, 1);
        CHECK(bytewise.status == bad.status);
        CHECK(bytewise.refused_at == bad.bytes.size());
        CHECK(by_byte.refusal().message == at_once.refusal().message);

        // What follows changes nothing.
        http::HeadGuard with_more(limits);
        CHECK(read(with_more, bad.bytes + "\r\n\r\nGET / HTTP/1.1\r\n", 7).status == bad.status);
    }
}

TEST_CASE("the parts of a head stand where they were sent", "[http]") {
    std::string bytes =
        "\r\nPUT /a%20b/%C3%BC?x=1&y=%2F HTTP/1.1\r\nHOST: Example.org:8080 \r\nX-Empty:\r\n"
        "X-Text: \t a b\xff \t\r\nContent-Length: 12\r\nX-Request-Id: abc\r\n\r\nbody";
    auto head = accept(bytes);

    CHECK(head.guard.size() == bytes.size() - 4);
    CHECK(head.request.method == http::Method::put);
    CHECK(head.request.target == "/a%20b/%C3%BC?x=1&y=%2F");
    CHECK(head.request.query == "x=1&y=%2F");
    CHECK(head.request.query_parameter("y") == "/");
    REQUIRE(head.request.fields.size() == 5);
    CHECK(head.request.fields[0].name == "HOST");
    CHECK(head.request.header("host") == "Example.org:8080");
    CHECK(head.request.header("x-empty") == "");
    CHECK(head.request.header("X-TEXT") == "a b\xff");
    CHECK(head.guard.content_length() == 12);
    CHECK(head.guard.host(bytes.data()) == "Example.org:8080");
    CHECK(head.guard.request_id(bytes.data()) == "abc");
    CHECK(head.guard.keep_alive());
    CHECK_FALSE(head.guard.conditional());
    CHECK_FALSE(head.guard.expects_continue());
}

TEST_CASE("all methods, targets and hosts that may come are taken", "[http]") {
    for (const char* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
        accept(std::string(method) + " / HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    for (const char* target :
         {"/", "/a/b/", "/-._~!$&'()*+,;=:@", "/?", "/?a=/?:@", "/%7E%41", "//", "/%F0%9F%97%9E",
          "/%e2%82%ac?q=%c3%bc", "/..", "/%09", "/a?filter[tag]=x", "/a?utm=a|b", "/a?q={x}",
          "/{}|^`\\[]", "/?a=^`\\"}) {
        auto head = accept(std::string("GET ") + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK(head.request.target.size() == std::string(target).size());
    }
    for (const char* host : {"a", "a.example.org", "a:80", "a:", "127.0.0.1:8080", "[::1]",
                             "[::1]:80", "[::ffff:1.2.3.4]", "a_b", "a:65535"}) {
        accept(std::string("GET / HTTP/1.1\r\nHost: ") + host + "\r\n\r\n");
    }
    accept("GET / HTTP/1.0\r\n\r\n");
}

TEST_CASE("an absolute target is taken apart, and its host is the one that counts", "[http]") {
    std::string bytes = "GET HTTP://example.org:81/a?b HTTP/1.1\r\nHost: other\r\n\r\n";
    auto head = accept(bytes);
    CHECK(head.request.target == "/a?b");
    CHECK(head.request.query == "b");
    CHECK(head.guard.host(bytes.data()) == "example.org:81");
    CHECK(accept("GET https://a HTTP/1.1\r\nHost: a\r\n\r\n").request.target == "/");
    std::string without_path = "GET http://example.org?x=1 HTTP/1.1\r\nHost: a\r\n\r\n";
    auto query_alone = accept(without_path);
    CHECK(query_alone.request.target == "?x=1");
    CHECK(query_alone.request.query == "x=1");
    CHECK(query_alone.guard.host(without_path.data()) == "example.org");
    CHECK(accept("OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n").guard.asterisk());
    CHECK(accept("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").request.target == "*");
}

TEST_CASE("a target of 8192 bytes and 16 KiB of fields fit, one byte more does not", "[http]") {
    auto start = "GET /" + std::string(8191, 'a') + " HTTP/1.1\r\n";
    std::string fields = "Host: a\r\nX: ";
    fields += std::string(16384 - fields.size() - 4, 'b') + "\r\n\r\n";
    REQUIRE(fields.size() == 16384);
    auto head = accept(start + fields);
    CHECK(head.request.header("x")->size() == 16384 - 16);

    http::HeadLimits limits;
    http::HeadGuard guard(limits);
    fields.insert(12, "b");
    CHECK(read(guard, start + fields, 1000).status == 431);
}

TEST_CASE("a hundred field lines fit, one more does not", "[http]") {
    std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 1; i < 100; ++i) bytes += "A: b\r\n";
    CHECK(accept(bytes + "\r\n").request.fields.size() == 100);
    http::HeadLimits limits;
    http::HeadGuard guard(limits);
    auto reading = read(guard, bytes + "A", 1);
    CHECK(reading.status == 431);
}

TEST_CASE("a connection is kept as version and Connection say", "[http]") {
    auto keeps = [](const std::string& version, const std::string& fields) {
        return accept("GET / HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n")
            .guard.keep_alive();
    };
    CHECK(keeps("1.1", ""));
    CHECK_FALSE(keeps("1.1", "Connection: close\r\n"));
    CHECK_FALSE(keeps("1.1", "Connection: x, CLOSE ,y\r\n"));
    CHECK_FALSE(keeps("1.1", "Connection: keep-alive\r\nconnection: close\r\n"));
    CHECK_FALSE(keeps("1.0", ""));
    CHECK(keeps("1.0", "Connection: Keep-Alive\r\n"));
    CHECK_FALSE(keeps("1.0", "Connection: keep-alive, close\r\n"));
}

TEST_CASE("100-continue is waited for only by HTTP/1.1 with a body", "[http]") {
    auto expects = [](const std::string& version, const std::string& fields) {
        return accept("POST / HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n")
            .guard.expects_continue();
    };
    CHECK(expects("1.1", "Expect: 100-Continue\r\nContent-Length: 1\r\n"));
    CHECK(expects("1.1", "Transfer-Encoding: CHUNKED\r\nExpect: 100-continue\r\n"));
    CHECK_FALSE(expects("1.1", "Expect: 100-continue\r\n"));
    CHECK_FALSE(expects("1.0", "Expect: 100-continue\r\nContent-Length: 1\r\n"));
}

TEST_CASE("a guard that is used again remembers nothing", "[http]") {
    http::HeadLimits limits;
    http::HeadGuard guard(limits);
    CHECK(read(guard,
               "POST /?a HTTP/1.0\r\nConnection: close\r\nContent-Length: 7\r\nIf-Match: *\r\n\r\n",
               1)
              .verdict == Verdict::complete);
    guard.reset();
    std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    CHECK(read(guard, bytes, 1).verdict == Verdict::complete);
    http::Request request;
    guard.fill(bytes.data(), request);
    CHECK(request.query.empty());
    CHECK(request.fields.size() == 1);
    CHECK_FALSE(guard.has_body());
    CHECK_FALSE(guard.http_1_0());
    CHECK_FALSE(guard.conditional());
    CHECK(guard.keep_alive());
}
