// The client against servers that do exactly what a script says.
#include "http/client.hpp"

#include <future>
#include <thread>

#include "asking.hpp"
#include "client_site.hpp"
#include "resilience/gather.hpp"
#include "scripted_upstream.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace std::chrono_literals;
using tests::ask;
using tests::code_of;
using tests::ok;
using tests::other;
using tests::request_to;
using tests::ScriptedUpstream;
using Peer = ScriptedUpstream::Peer;
using Site = tests::ClientSite;

/// Answers one request, then ends without a word when the next one has come.
void answer_once_then_hang_up(Peer& peer) {
    peer.request();
    peer.send(ok);
    peer.request();
}

base::Task<std::string> first_piece(http::Client& client, http::ClientRequest request) {
    auto response = co_await client.send(std::move(request), base::Deadline::in(10s));
    if (!response) co_return response.error();
    co_return co_await response->body->read_some();
}

}  // namespace

TEST_CASE("requests one after the other share a connection", "[http][client]") {
    ScriptedUpstream upstream({ScriptedUpstream::answer(ok)});
    Site site;
    for (int i = 0; i < 5; ++i) {
        auto answer = ask(*site.client, request_to(upstream));
        REQUIRE(answer);
        CHECK(answer->status == 200);
        CHECK(answer->body == "hello");
    }
    CHECK(upstream.connections() == 1);
    CHECK(site.sizes(upstream).kept == 1);
    CHECK(site.metrics.text().find("portal_upstream_connections_total{event=\"reused\"} 4") !=
          std::string::npos);
}

TEST_CASE("what is sent is what was asked, with a framing of our own", "[http][client]") {
    ScriptedUpstream upstream({ScriptedUpstream::answer(ok)});
    Site site;
    auto get = request_to(upstream, http::Method::get, "/a%20b?c=d");
    get.fields = {{"host", "example.org:8080"}, {"X-Twice", "1"}, {"x-twice", "2"}};
    REQUIRE(ask(*site.client, get));
    auto post = request_to(upstream, http::Method::post);
    post.body = std::string("a=b");
    REQUIRE(ask(*site.client, post));
    auto requests = upstream.requests();
    REQUIRE(requests.size() == 2);
    CHECK(requests[0] ==
          "GET /a%20b?c=d HTTP/1.1\r\nhost: example.org:8080\r\nX-Twice: 1\r\nx-twice: 2\r\n\r\n");
    CHECK(requests[1] == "POST / HTTP/1.1\r\nHost: " + upstream.address().authority() +
                             "\r\nContent-Length: 3\r\n\r\na=b");
}

TEST_CASE("a connection is not used again after any doubt about its answer", "[http][client]") {
    const std::string start = "HTTP/1.1 200 OK\r\n";
    for (const auto& doubtful : std::vector<std::string>{
             start + "Connection: close\r\nContent-Length: 5\r\n\r\nhello",
             "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
             ok + other,
             ok + "x",
             start + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + other,
             "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
             "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello",
         }) {
        CAPTURE(doubtful);
        ScriptedUpstream upstream(
            {ScriptedUpstream::answer(doubtful), ScriptedUpstream::answer(ok)});
        Site site;
        REQUIRE(ask(*site.client, request_to(upstream)));
        auto next = ask(*site.client, request_to(upstream));
        REQUIRE(next);
        CHECK(next->body == "hello");
        CHECK(upstream.connections() == 2);
        CHECK(upstream.requests().size() == 2);
    }
}

TEST_CASE("a second answer that comes later goes to nobody", "[http][client]") {
    std::promise<void> taken;
    std::promise<void> smuggled;
    auto smuggle = [&](Peer& peer) {
        peer.request();
        peer.send(ok);
        taken.get_future().wait_for(10s);
        peer.send(other);
        smuggled.set_value();
        peer.receive();
    };
    ScriptedUpstream upstream({smuggle, ScriptedUpstream::answer(ok)});
    Site site;
    REQUIRE(ask(*site.client, request_to(upstream)));
    taken.set_value();
    smuggled.get_future().wait_for(10s);
    auto next = ask(*site.client, request_to(upstream));
    REQUIRE(next);
    CHECK(next->body == "hello");
    CHECK(upstream.connections() == 2);
}

TEST_CASE("content that nobody reads to its end ends its connection", "[http][client]") {
    ScriptedUpstream upstream(
        {ScriptedUpstream::answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel"),
         ScriptedUpstream::answer(ok)});
    Site site;
    auto piece = base::run(first_piece(*site.client, request_to(upstream)));
    REQUIRE(piece);
    CHECK(*piece == "hel");
    CHECK(site.sizes(upstream).open == 0);
    CHECK(ask(*site.client, request_to(upstream))->body == "hello");
}

TEST_CASE("only what can be repeated is, once, on a fresh connection, and only without an answer",
          "[http][client]") {
    struct Case {
        http::Method method;
        std::string code;
        std::size_t requests;
    };
    for (const auto& [method, code, requests] :
         {Case{http::Method::get, "none", 3}, Case{http::Method::put, "none", 3},
          Case{http::Method::del, "none", 3}, Case{http::Method::post, "upstream_unreachable", 2},
          Case{http::Method::patch, "upstream_unreachable", 2}}) {
        CAPTURE(code, requests);
        ScriptedUpstream upstream({answer_once_then_hang_up, ScriptedUpstream::answer(other)});
        auto config = Site::quick();
        config.pooled_for_unsafe = true;
        Site site(config);
        REQUIRE(ask(*site.client, request_to(upstream)));
        auto again = ask(*site.client, request_to(upstream, method));
        CHECK(code_of(again) == code);
        CHECK(upstream.requests().size() == requests);
        if (again) CHECK(again->body == "other");
    }
}

TEST_CASE("a request is never made three times", "[http][client]") {
    auto hang_up = [](Peer& peer) { peer.request(); };
    ScriptedUpstream upstream({answer_once_then_hang_up, hang_up});
    Site site;
    REQUIRE(ask(*site.client, request_to(upstream)));
    CHECK(code_of(ask(*site.client, request_to(upstream))) == "upstream_unreachable");
    CHECK(upstream.requests().size() == 3);
    // On a fresh connection not even twice.
    CHECK(code_of(ask(*site.client, request_to(upstream))) == "upstream_unreachable");
    CHECK(upstream.requests().size() == 4);
}

TEST_CASE("one byte of an answer, and the request is not repeated", "[http][client]") {
    auto script = [](Peer& peer) {
        peer.request();
        peer.send(ok);
        peer.request();
        peer.send("H");
    };
    ScriptedUpstream upstream({script, ScriptedUpstream::answer(ok)});
    Site site;
    REQUIRE(ask(*site.client, request_to(upstream)));
    CHECK(code_of(ask(*site.client, request_to(upstream))) == "upstream_cut");
    CHECK(upstream.connections() == 1);
}

TEST_CASE("what changes something goes over a connection of its own", "[http][client]") {
    ScriptedUpstream upstream({answer_once_then_hang_up, ScriptedUpstream::answer(other)});
    Site site;
    REQUIRE(ask(*site.client, request_to(upstream)));
    auto posted = ask(*site.client, request_to(upstream, http::Method::post));
    REQUIRE(posted);
    CHECK(posted->body == "other");
    CHECK(upstream.connections() == 2);
}

TEST_CASE("a kept connection that the upstream has closed is noticed before it is used",
          "[http][client]") {
    auto script = [](Peer& peer) {
        peer.request();
        peer.send(ok);
    };
    ScriptedUpstream upstream({script, ScriptedUpstream::answer(ok)});
    Site site;
    REQUIRE(ask(*site.client, request_to(upstream)));
    REQUIRE(ask(*site.client, request_to(upstream)));
    CHECK(upstream.requests().size() == 2);
}

TEST_CASE("content that is cut is a refusal, never an end", "[http][client]") {
    const std::string start = "HTTP/1.1 200 OK\r\n";
    const std::string chunked = start + "Transfer-Encoding: chunked\r\n\r\n";
    for (const auto& cut : std::vector<std::string>{
             start + "Content-Length: 6\r\n\r\nhello", start + "Content-Length: 1\r\n\r\n", chunked,
             chunked + "5\r\nhel", chunked + "5\r\nhello", chunked + "5\r\nhello\r\n",
             chunked + "5\r\nhello\r\n0\r\n", chunked + "5\r\nhello\r\n0\r\nX: y\r\n"}) {
        CAPTURE(cut);
        auto script = [&cut](Peer& peer) {
            peer.request();
            peer.send(cut);
        };
        ScriptedUpstream upstream({script});
        Site site;
        CHECK(code_of(ask(*site.client, request_to(upstream))) == "upstream_cut");
    }
    auto resets = [&start](Peer& peer) {
        peer.request();
        peer.send(start + "\r\nhello");
        peer.reset();
    };
    ScriptedUpstream upstream({resets});
    Site site;
    CHECK(code_of(ask(*site.client, request_to(upstream))) == "upstream_cut");
}

TEST_CASE("content without a length ends with its connection", "[http][client]") {
    auto script = [](Peer& peer) {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\n\r\nhello");
    };
    ScriptedUpstream upstream({script});
    Site site;
    CHECK(ask(*site.client, request_to(upstream))->body == "hello");
}

TEST_CASE("an upstream that is slow is left in time, whatever it is slow with", "[http][client]") {
    auto config = Site::quick();
    config.first_byte_timeout = 60ms;
    config.idle_timeout = 60ms;
    auto drips = [](std::string bytes, std::string drip) {
        return [bytes = std::move(bytes), drip = std::move(drip)](Peer& peer) {
            peer.request();
            if (peer.send(bytes) < bytes.size() || drip.empty()) {
                peer.receive();
                return;
            }
            while (!peer.stirs(5ms)) peer.send(drip);
        };
    };
    const std::string start = "HTTP/1.1 200 OK\r\n";
    struct Case {
        std::string why;
        ScriptedUpstream::Script script;
        std::chrono::milliseconds deadline = 10s;
    };
    for (const auto& slow : {
             Case{"nothing comes", drips("", "")},
             Case{"half a head", drips(start, "")},
             Case{"a head without end", drips(start + "X: ", "y")},
             Case{"half the content", drips(start + "Content-Length: 9\r\n\r\nhalf", "")},
             Case{"content without end", drips(start + "Content-Length: 99999\r\n\r\n", "x"),
                  150ms},
             Case{"chunks without end",
                  drips(start + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"), 150ms},
         }) {
        CAPTURE(slow.why);
        ScriptedUpstream upstream({slow.script});
        Site site(config);
        auto began = std::chrono::steady_clock::now();
        auto answer = ask(*site.client, request_to(upstream), base::Deadline::in(slow.deadline));
        CHECK(code_of(answer) == "upstream_timeout");
        if (!answer) CHECK(answer.error().reason == base::Reason::deadline);
        CHECK(std::chrono::steady_clock::now() - began < 5s);
        CHECK(site.sizes(upstream).open == 0);
    }
}

TEST_CASE("a deadline that has passed asks nobody", "[http][client]") {
    ScriptedUpstream upstream({ScriptedUpstream::answer(ok)});
    Site site;
    auto late = base::Deadline(std::chrono::steady_clock::now());
    CHECK(code_of(ask(*site.client, request_to(upstream), late)) == "upstream_timeout");
    CHECK(upstream.connections() == 0);
}

TEST_CASE("interim answers are skipped, up to a number", "[http][client]") {
    std::string hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    std::string eight;
    for (int i = 0; i < 8; ++i) eight += hints;
    ScriptedUpstream good({ScriptedUpstream::answer(eight + ok)});
    ScriptedUpstream bad({ScriptedUpstream::answer(eight + hints + ok)});
    Site site;
    auto answer = ask(*site.client, request_to(good));
    REQUIRE(answer);
    CHECK(answer->fields.size() == 1);
    CHECK(code_of(ask(*site.client, request_to(bad))) == "upstream_malformed");
}

TEST_CASE("a lying answer is refused with a sentence, and its connection ends", "[http][client]") {
    ScriptedUpstream upstream({ScriptedUpstream::answer(
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello")});
    Site site;
    auto refused = ask(*site.client, request_to(upstream));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "upstream_malformed");
    CHECK_THAT(refused.error().message, Catch::EndsWith("exclude each other."));
    CHECK(site.sizes(upstream).open == 0);
}

TEST_CASE("nobody there, and no way there, are told apart", "[http][client]") {
    Site site;
    http::ClientRequest request;
    {
        ScriptedUpstream gone({ScriptedUpstream::answer(ok)});
        request = request_to(gone);
    }
    CHECK(code_of(ask(*site.client, request)) == "upstream_refused");
    support::TemporaryFolder folder;
    request.upstream = *http::parse_upstream("unix:" + (folder / "none.sock").string());
    CHECK(code_of(ask(*site.client, request)) == "upstream_refused");
    request.upstream = *http::parse_upstream("http://no-such-host.invalid");
    auto unknown = code_of(ask(*site.client, request));
    // Without any name server it may also be too late.
    CHECK((unknown == "upstream_unreachable" || unknown == "upstream_timeout"));
}

TEST_CASE("a request that would break its own framing is not sent", "[http][client]") {
    ScriptedUpstream upstream({ScriptedUpstream::answer(ok)});
    Site site;
    using Fields = std::vector<std::pair<std::string, std::string>>;
    for (const auto& fields : std::vector<Fields>{{{"X", "a\r\nY: b"}},
                                                  {{"X", "a\nb"}},
                                                  {{"X", std::string("a\0b", 3)}},
                                                  {{"X Y", "a"}},
                                                  {{"", "a"}},
                                                  {{"X:", "a"}},
                                                  {{"Content-Length", "1"}},
                                                  {{"transfer-encoding", "chunked"}},
                                                  {{"Connection", "close"}},
                                                  {{"Expect", "100-continue"}},
                                                  {{"Upgrade", "h2c"}},
                                                  {{"Host", "a"}, {"host", "b"}}}) {
        CAPTURE(fields.front().first, fields.front().second);
        auto request = request_to(upstream);
        request.fields = fields;
        CHECK(code_of(ask(*site.client, request)) == "invalid_request");
    }
    for (const char* target : {"", "a", "/a b", "/a\r\n", "http://a/", "/\xc3\xbc", "/#a"}) {
        CAPTURE(target);
        CHECK(code_of(ask(*site.client, request_to(upstream, http::Method::get, target))) ==
              "invalid_request");
    }
    CHECK(upstream.connections() == 0);
}

TEST_CASE("the address of an upstream is read, or refused with a sentence", "[http][client]") {
    for (const char* good : {"http://a.example:8000", "https://a.example", "http://127.0.0.1:8000",
                             "http://[::1]:8000", "unix:/run/gunicorn.sock", "http://a_b"}) {
        CAPTURE(good);
        auto parsed = http::parse_upstream(good);
        REQUIRE(parsed);
        CHECK(parsed->text() == good);
    }
    CHECK(http::parse_upstream("https://a.example")->port == 443);
    CHECK(http::parse_upstream("http://[::1]")->host == "::1");
    CHECK(http::parse_upstream("http://[::1]:8000")->authority() == "[::1]:8000");
    for (const char* bad :
         {"", "a", "a:80", "ftp://a", "http://", "http://a/", "http://a:0", "http://a:65536",
          "http://a:", "http://me@a", "http://[::1", "unix:", "http://a b", "HTTP://a"}) {
        CAPTURE(bad);
        CHECK(code_of(http::parse_upstream(bad)) == "invalid_upstream");
    }
}
