// Bodies that are read in pieces, and answers that are files or made while they are sent.
#include <fstream>
#include <thread>

#include "raw_client.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/temporary_folder.hpp"
#include "test_server.hpp"
#include "tls_site.hpp"

using namespace std::chrono_literals;
using tests::body_of;
using tests::field_of;
using tests::RawClient;
using tests::status_of;
using tests::TestServer;

namespace {

constexpr std::size_t upload_bytes_max = 8 << 20;

std::string get(const std::string& target, const std::string& fields = {}) {
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

http::Response text(std::string body) {
    http::Response response;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(body);
    return response;
}

/// How many bytes came, in how many pieces at least, and their sum.
base::Task<http::Response> measure(http::Request& request, http::BodyReader& body) {
    std::size_t bytes = 0;
    std::size_t largest = 0;
    unsigned sum = 0;
    auto host = request.header("Host");
    for (;;) {
        auto piece = co_await body.next();
        if (!piece) co_return piece.error();
        if (piece->empty()) break;
        bytes += piece->size();
        largest = std::max(largest, piece->size());
        for (char c : *piece) sum += static_cast<unsigned char>(c);
    }
    // What the request points into has not moved meanwhile.
    co_return text(std::string(host.value_or("")) + " " + std::to_string(bytes) + " " +
                   std::to_string(sum) + (largest <= 32 * 1024 ? " small" : " large"));
}

base::Task<http::Response> read_nothing(http::Request&, http::BodyReader&) {
    co_return text("not read");
}

base::Task<http::Response> wait_and_answer(base::Task<int> happened) {
    auto value = co_await std::move(happened);
    if (!value) co_return value.error();
    co_return text("gone");
}

base::Task<http::Response> read_first(http::Request&, http::BodyReader& body) {
    auto piece = co_await body.next();
    if (!piece) co_return piece.error();
    co_return text("read some");
}

base::Task<void> count_up(int lines, bool fails, http::BodyWriter& to) {
    for (int i = 0; i < lines; ++i) {
        auto line = std::to_string(i) + "\n";
        auto written = co_await to.write(line);
        if (!written) co_return written.error();
    }
    if (fails) co_return base::Error{base::Reason::unavailable, "broken", "It broke."};
    co_return base::Result<void>();
}

http::Response counting(int lines, bool fails, std::optional<std::uint64_t> length = {}) {
    auto response = text("");
    response.body = http::Stream{
        [lines, fails](http::BodyWriter& to) { return count_up(lines, fails, to); }, length};
    return response;
}

std::string counted(int lines) {
    std::string all;
    for (int i = 0; i < lines; ++i) all += std::to_string(i) + "\n";
    return all;
}

/// Sends back what it reads, while it reads it.
base::Task<void> copy(http::BodyReader& from, http::BodyWriter& to) {
    for (;;) {
        auto piece = co_await from.next();
        if (!piece) co_return piece.error();
        if (piece->empty()) co_return base::Result<void>();
        auto written = co_await to.write(*piece);
        if (!written) co_return written.error();
    }
}

base::Task<http::Response> echo(http::Request&, http::BodyReader& body) {
    auto response = text("");
    auto* from = &body;
    response.body = http::Stream{[from](http::BodyWriter& to) { return copy(*from, to); }};
    co_return response;
}

/// Writes until nobody wants it.
base::Task<void> pour(std::atomic<std::size_t>& poured, http::BodyWriter& to) {
    const std::string piece(64 * 1024, 'p');
    while (to.wanted()) {
        auto written = co_await to.write(piece);
        if (!written) co_return written.error();
        poured += piece.size();
    }
    co_return base::Result<void>();
}

http::Response foreign() {
    http::Response response;
    response.origin = http::Origin::elsewhere;
    response.status = 203;
    response.body = std::string("from elsewhere");
    response.fields = {{"Content-Type", "text/html"},
                       {"Date", "Wed, 21 Oct 2015 07:28:00 GMT"},
                       {"Connection", "close, X-Hop"},
                       {"X-Hop", "1"},
                       {"Transfer-Encoding", "chunked"},
                       {"Content-Length", "1"},
                       {"Keep-Alive", "timeout=5"},
                       {"Set-Cookie", "a=1"},
                       {"Set-Cookie", "b=2"},
                       {"Bad Name", "x"},
                       {"X-Text", "a\r\nb"}};
    return response;
}

/// The content of a chunked body; what is left over after it, too.
std::string unchunked(std::string body) {
    std::string content;
    for (;;) {
        auto line = body.find("\r\n");
        if (line == body.npos) return content + " cut";
        auto size = std::stoul(body.substr(0, line), nullptr, 16);
        body.erase(0, line + 2);
        if (size == 0) return content + body.substr(2);
        content += body.substr(0, size);
        if (body.size() < size + 2) return content + " cut";
        body.erase(0, size + 2);
    }
}

struct Bodies {
    explicit Bodies(http::Config config = TestServer::quick()) {
        std::ofstream(folder / "file.txt") << "0123456789";
        std::ofstream(folder / "large.bin") << std::string(3 << 20, 'l');
        server.emplace(std::move(config), true, TestServer::More{routes()});
    }
    Bodies(const Bodies&) = delete;
    Bodies& operator=(const Bodies&) = delete;

    std::function<void(http::Router&)> routes() {
        return [this](http::Router& router) { add_to(router); };
    }

    void add_to(http::Router& router) {
        using http::Access;
        using http::Method;
        http::Route upload{Method::post, "/upload", Access::anyone, measure};
        upload.limits.body_bytes = upload_bytes_max;
        router.add(std::move(upload));
        router.add({Method::post, "/unread", Access::anyone, read_nothing});
        router.add({Method::post, "/first", Access::anyone, read_first});
        router.add({Method::post, "/copy", Access::anyone, echo});
        http::Route short_one{
            Method::post, "/short", Access::anyone,
            [](const http::Request& request) { return give(text(request.body)); }};
        short_one.limits.body_bytes = 4;
        router.add(std::move(short_one));
        auto stream = [&router](const char* path, int lines, bool fails,
                                std::optional<std::uint64_t> length = {}) {
            router.add(
                {Method::get, path, Access::anyone, [lines, fails, length](const http::Request&) {
                     return give(counting(lines, fails, length));
                 }});
        };
        stream("/count", 2000, false);
        stream("/count/known", 10, false, 20);
        stream("/count/short", 5, false, 20);
        stream("/count/long", 50, false, 20);
        stream("/count/broken", 100, true);
        router.add({Method::get, "/pour", Access::anyone, [this](const http::Request&) {
                        auto response = text("");
                        response.body =
                            http::Stream{[this](http::BodyWriter& to) { return pour(poured, to); }};
                        return give(std::move(response));
                    }});
        for (const char* name : {"file.txt", "large.bin"}) {
            router.add({Method::get, std::string("/") + name, Access::anyone,
                        [path = folder / name](const http::Request&) { return file(path); }});
        }
        router.add({Method::get, "/missing", Access::anyone,
                    [path = folder / "missing"](const http::Request&) { return file(path); }});
        router.add({Method::get, "/elsewhere", Access::anyone,
                    [](const http::Request&) { return give(foreign()); }});
    }

    static base::Task<http::Response> give(http::Response response) {
        co_return std::move(response);
    }
    static base::Task<http::Response> file(std::filesystem::path path) {
        auto opened = http::FileBody::open(path);
        if (!opened) co_return opened.error();
        auto response = text("");
        response.body = *opened;
        co_return response;
    }

    support::TemporaryFolder folder;
    std::atomic<std::size_t> poured{0};
    std::optional<TestServer> server;
};

}  // namespace

TEST_CASE("a body is read in pieces, sized or in chunks, and the next request follows", "[http]") {
    Bodies bodies;
    RawClient client(bodies.server->address());
    std::string large(5 << 20, 'a');
    auto expected = "a " + std::to_string(large.size()) + " " +
                    std::to_string(static_cast<unsigned>(large.size()) * 97u) + " small";
    client.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                std::to_string(large.size()) + "\r\n\r\n" + large + get("/slow"));
    CHECK(body_of(client.answer()) == expected);
    CHECK(body_of(client.answer()) == "hello");
    client.send("POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 5; ++i) client.send("100000\r\n" + std::string(1 << 20, 'a') + "\r\n");
    client.send("0\r\n\r\n" + get("/slow"));
    CHECK(body_of(client.answer()) == expected);
    CHECK(body_of(client.answer()) == "hello");
    client.send("POST /upload HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(body_of(client.answer()) == "a 0 0 small");
    client.send(
        "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
        "Expect: 100-continue\r\n\r\n");
    CHECK(client.answer(true) == "HTTP/1.1 100 Continue\r\n\r\n");
    for (char c : std::string("aaa")) client.send(std::string_view(&c, 1));
    CHECK(body_of(client.answer()) == "a 3 291 small");
}

TEST_CASE("the limit of a body is its route's", "[http]") {
    Bodies bodies;
    auto status = [&bodies](const std::string& path, const std::string& rest) {
        RawClient client(bodies.server->address());
        client.send("POST " + path + " HTTP/1.1\r\nHost: a\r\n" + rest);
        auto answer = client.answer();
        CHECK((status_of(answer) < 400 || field_of(answer, "Connection") == "close"));
        return status_of(answer);
    };
    CHECK(status("/short", "Content-Length: 4\r\n\r\nabcd") == 200);
    CHECK(status("/short", "Content-Length: 5\r\n\r\nab") == 413);
    CHECK(status("/short", "Transfer-Encoding: chunked\r\n\r\n5\r\n") == 413);
    CHECK(status("/upload", "Content-Length: 8388609\r\n\r\n") == 413);
    CHECK(status("/upload", "Transfer-Encoding: chunked\r\n\r\n800001\r\n") == 413);
    CHECK(status("/upload", "Transfer-Encoding: chunked\r\n\r\n1\r\nab") == 400);
}

TEST_CASE("a body that nobody reads is skipped if it is here, and else ends the connection",
          "[http]") {
    Bodies bodies;
    RawClient client(bodies.server->address());
    for (const char* path : {"/unread", "/first"}) {
        client.send("POST " + std::string(path) +
                    " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde" + get("/slow"));
        CHECK(status_of(client.answer()) == 200);
        CHECK(body_of(client.answer()) == "hello");
    }
    client.send(
        "POST /unread HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "2\r\nab\r\n0\r\n\r\n" +
        get("/slow"));
    CHECK(status_of(client.answer()) == 200);
    CHECK(body_of(client.answer()) == "hello");
    client.send("POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\nabc");
    auto answer = client.answer();
    CHECK(body_of(answer) == "read some");
    CHECK(field_of(answer, "Connection") == "close");
    client.send(get("/slow"));
    CHECK(client.ended());
}

TEST_CASE("a body that comes too slowly for a reader of pieces gets 408", "[http]") {
    auto config = TestServer::quick();
    config.body_grace = 100ms;
    Bodies bodies(config);
    RawClient client(bodies.server->address());
    client.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
    CHECK(status_of(client.answer()) == 408);
    CHECK(client.ended());
}

TEST_CASE("what is made while it is sent goes in chunks, and the next answer follows", "[http]") {
    Bodies bodies;
    RawClient client(bodies.server->address());
    client.send(get("/count") + get("/slow", "Connection: close\r\n"));
    auto all = client.rest();
    CHECK(field_of(all, "Transfer-Encoding") == "chunked");
    CHECK(field_of(all, "Content-Length").empty());
    auto content = unchunked(body_of(all));
    CHECK(content.substr(0, counted(2000).size()) == counted(2000));
    CHECK(content.ends_with("hello"));
}

TEST_CASE("a stream of known length says so, and one for HTTP/1.0 ends with the connection",
          "[http]") {
    Bodies bodies;
    RawClient client(bodies.server->address());
    client.send(get("/count/known"));
    auto known = client.answer();
    CHECK(field_of(known, "Content-Length") == "20");
    CHECK(body_of(known) == counted(10));
    client.send("HEAD" + get("/count").substr(3));
    CHECK(status_of(client.answer(true)) == 200);
    client.send("GET /count HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    auto old = client.rest();
    CHECK(field_of(old, "Transfer-Encoding").empty());
    CHECK(field_of(old, "Connection") == "close");
    CHECK(body_of(old) == counted(2000));
}

TEST_CASE("a stream that breaks off is no complete answer", "[http]") {
    Bodies bodies;
    for (const char* path : {"/count/broken", "/count/short", "/count/long"}) {
        CAPTURE(path);
        RawClient client(bodies.server->address());
        client.send(get(path));
        auto all = client.rest();
        CHECK(all.find("\r\n0\r\n\r\n") == std::string::npos);
        CHECK(body_of(all).size() < counted(100).size() + 1000);
    }
    RawClient next(bodies.server->address());
    next.send(get("/slow"));
    CHECK(status_of(next.answer()) == 200);
}

TEST_CASE("a producer waits for its client, and ends with it", "[http]") {
    Bodies bodies;
    {
        RawClient client(bodies.server->address());
        client.send(get("/pour"));
        auto until = std::chrono::steady_clock::now() + 10s;
        while (bodies.poured == 0 && std::chrono::steady_clock::now() < until) {
            std::this_thread::yield();
        }
        CHECK(client.quiet(1ms) == false);
        // Others are served meanwhile, and what is poured stays bounded by the sockets' buffers.
        RawClient other(bodies.server->address());
        other.send(get("/slow"));
        CHECK(status_of(other.answer()) == 200);
        CHECK(bodies.poured < (16u << 20));
    }
    bodies.server->wait_for_connections(0);
}

TEST_CASE("a handler hears that its client has gone, whatever it waits for", "[http]") {
    // Given a handler that waits for something else.
    std::atomic<int> told{0};
    std::atomic<bool> waiting{false};
    auto patient = [&](http::Request&, http::BodyReader& body) {
        auto until_gone = [&](base::Completion<int> completion) {
            auto held = std::make_shared<base::Completion<int>>(std::move(completion));
            body.when_gone([&told, held] {
                ++told;
                (*held)(1);
            });
            waiting = true;
        };
        return wait_and_answer(base::suspend<int>(until_gone));
    };
    TestServer::More more;
    more.routes = [&](http::Router& router) {
        router.add({http::Method::get, "/patient", http::Access::anyone, patient});
    };
    TestServer server(TestServer::quick(), true, more);
    // When its client leaves, it is told.
    {
        RawClient client(server.address());
        client.send(get("/patient"));
        REQUIRE(support::eventually([&] { return waiting.load(); }));
    }
    CHECK(support::eventually([&] { return told == 1; }));
    server.wait_for_connections(0);
    // When its client has finished sending before it was asked, it is told at once.
    waiting = false;
    RawClient finished(server.address());
    finished.send(get("/patient"));
    finished.finish_sending();
    CHECK(body_of(finished.rest()) == "gone");
    CHECK(told == 2);
}

TEST_CASE("the kernel takes little for a client that reads nothing", "[http]") {
    auto config = TestServer::quick();
    config.unsent_bytes_max = 16 * 1024;
    Bodies bodies(config);
    RawClient client(bodies.server->address());
    client.send(get("/pour"));
    RawClient other(bodies.server->address());
    for (int i = 0; i < 200; ++i) {
        other.send(get("/slow"));
        CHECK(status_of(other.answer()) == 200);
    }
    CHECK(bodies.poured < (768u << 10));
}

TEST_CASE("what a client sends can be sent back while it comes", "[http]") {
    Bodies bodies;
    RawClient client(bodies.server->address());
    client.send("POST /copy HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
    client.send("def" + get("/slow", "Connection: close\r\n"));
    auto all = client.rest();
    CHECK(unchunked(body_of(all)).starts_with("abcdef"));
    CHECK(all.ends_with("hello"));
}

TEST_CASE("a file is sent whole or in part, plain and through TLS alike", "[http]") {
    Bodies bodies;
    tests::TlsSite site(TestServer::quick(), {bodies.routes()});
    auto check = [](auto ask) {
        auto whole = ask(get("/file.txt"));
        CHECK(status_of(whole) == 200);
        CHECK(body_of(whole) == "0123456789");
        CHECK(field_of(whole, "Accept-Ranges") == "bytes");
        auto etag = field_of(whole, "ETag");
        CHECK(etag.size() == 18);
        auto part = ask(get("/file.txt", "Range: bytes=2-4\r\nIf-Range: " + etag + "\r\n"));
        CHECK(status_of(part) == 206);
        CHECK(field_of(part, "Content-Range") == "bytes 2-4/10");
        CHECK(field_of(part, "ETag") == etag);
        CHECK(body_of(part) == "234");
        CHECK(body_of(ask(get("/file.txt", "Range: bytes=-2\r\n"))) == "89");
        CHECK(status_of(ask(get("/file.txt", "Range: bytes=0-1,4-5\r\n"))) == 200);
        CHECK(status_of(ask(get("/file.txt", "Range: bytes=2-4\r\nIf-Range: \"x\"\r\n"))) == 200);
        auto beyond = ask(get("/file.txt", "Range: bytes=10-\r\n"));
        CHECK(status_of(beyond) == 416);
        CHECK(field_of(beyond, "Content-Range") == "bytes */10");
        CHECK(status_of(ask(get("/file.txt", "If-None-Match: " + etag + "\r\n"))) == 304);
        CHECK(status_of(ask(get("/file.txt", "If-Match: \"x\"\r\n"))) == 412);
        CHECK(status_of(ask(get("/missing"))) == 404);
        bool large = body_of(ask(get("/large.bin"))) == std::string(3 << 20, 'l');
        CHECK(large);
    };
    RawClient plain(bodies.server->address());
    check([&plain](const std::string& request) {
        plain.send(request);
        return plain.answer();
    });
    plain.send("HEAD" + get("/file.txt").substr(3) + get("/slow"));
    auto head = plain.answer(true);
    CHECK(field_of(head, "Content-Length") == "10");
    CHECK(body_of(plain.answer()) == "hello");
    support::TlsClient secure(site.address());
    REQUIRE(secure.begin());
    check([&secure](const std::string& request) {
        secure.send(request);
        return secure.answer();
    });
}

TEST_CASE("an answer from elsewhere goes out as it came, but for what belongs to one hop",
          "[http]") {
    Bodies bodies;
    RawClient client(bodies.server->address());
    client.send(get("/elsewhere", "X-Request-Id: mine\r\n"));
    CHECK(client.answer() ==
          "HTTP/1.1 203 Non-Authoritative Information\r\nContent-Type: text/html\r\n"
          "Date: Wed, 21 Oct 2015 07:28:00 GMT\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
          "X-Text: a  b\r\nContent-Length: 14\r\nX-Request-Id: mine\r\n\r\nfrom elsewhere");
    client.send(get("/slow"));
    CHECK(status_of(client.answer()) == 200);
}
