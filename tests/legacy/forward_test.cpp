// Requests that are passed on, and their answers, over real sockets.
#include <future>
#include <string>
#include <vector>

#include "http/raw_client.hpp"
#include "proxy_site.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

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

constexpr std::size_t mebi = 1024 * 1024;
const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// Bytes of which no two parts are alike.
std::string much(std::size_t size) {
    std::string all;
    for (std::size_t i = 0; all.size() < size; ++i) all += std::to_string(i) + "\n";
    all.resize(size);
    return all;
}

std::string with_length(const std::string& content) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(content.size()) + "\r\n\r\n" +
           content;
}

/// The content of an answer in chunks; empty if it has no clean end.
std::string from_chunks(const std::string& answer) {
    auto body = body_of(answer);
    std::string content;
    while (!body.empty()) {
        auto line = body.find("\r\n");
        if (line == body.npos) return {};
        auto size = std::stoul(body.substr(0, line), nullptr, 16);
        if (size == 0) return body.substr(line) == "\r\n\r\n" ? content : std::string();
        if (body.size() < line + size + 4) return {};
        content += body.substr(line + 2, size);
        body.erase(0, line + size + 4);
    }
    return {};
}

std::string code_of(const std::string& answer) {
    auto body = body_of(answer);
    auto at = body.find("\"error\":\"");
    return at == body.npos ? "" : body.substr(at + 9, body.find('"', at + 9) - at - 9);
}

double failures(const ProxySite& site, const std::string& kind) {
    return site.measured("portal_legacy_failures_total{kind=\"" + kind +
                         "\",upstream=\"default\"}");
}

}  // namespace

TEST_CASE("an answer goes to the client as it is, but for what belongs to one hop", "[legacy]") {
    ScriptedUpstream upstream({ScriptedUpstream::answer(
        "HTTP/1.1 302 Found\r\nServer: gunicorn\r\nDate: Thu, 26 Nov 2026 05:00:00 GMT\r\n"
        "Connection: keep-alive, X-Hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\n"
        "Content-Type: text/html; charset=utf-8\r\nLocation: /admin/login/?next=/admin/\r\n"
        "Set-Cookie: csrftoken=a; Path=/; SameSite=Lax\r\nVary: Cookie\r\n"
        "Set-Cookie: sessionid=b; HttpOnly\r\nX-Frame-Options: DENY\r\nETag: W/\"x\"\r\n"
        "Content-Length: 2\r\n\r\nno")});
    ProxySite site(ProxySite::in_front_of(upstream));
    RawClient client(site.address());
    client.send(asking("/login/", "X-Request-Id: one\r\n"));
    CHECK(client.answer() ==
          "HTTP/1.1 302 Found\r\nServer: gunicorn\r\nDate: Thu, 26 Nov 2026 05:00:00 GMT\r\n"
          "Content-Type: text/html; charset=utf-8\r\nLocation: /admin/login/?next=/admin/\r\n"
          "Set-Cookie: csrftoken=a; Path=/; SameSite=Lax\r\nVary: Cookie\r\n"
          "Set-Cookie: sessionid=b; HttpOnly\r\nX-Frame-Options: DENY\r\nETag: W/\"x\"\r\n"
          "Content-Length: 2\r\nX-Request-Id: one\r\n\r\nno");
    // What we have a route for never gets there.
    client.send(asking("/hello"));
    CHECK(body_of(client.answer()) == "hello");
    CHECK(upstream.requests().size() == 1);
}

TEST_CASE("a request reaches the monolith with a head of our own and its target as it was",
          "[legacy]") {
    ScriptedUpstream upstream({ScriptedUpstream::answer(ok)});
    ProxySite site(ProxySite::in_front_of(upstream));
    site.ask(asking("/a%20b/../%7Ec//?q=%2F&x=[1]",
                    "X-Request-Id: one\r\nTE: trailers\r\n"
                    "X-Forwarded-For: 10.0.0.1\r\n"));
    auto seen = upstream.requests().at(0);
    auto via = field_of(seen, "Via");
    CHECK(via.starts_with("1.1 portal-"));
    CHECK(seen == "GET /a%20b/../%7Ec//?q=%2F&x=[1] HTTP/1.1\r\nHost: news.example\r\nVia: " + via +
                      "\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n"
                      "X-Forwarded-Host: news.example\r\nX-Forwarded-Port: 80\r\n"
                      "X-Request-Id: one\r\n\r\n");
}

TEST_CASE("a request is whole before the monolith is asked, and says how long it is", "[legacy]") {
    for (std::size_t size : {std::size_t(0), std::size_t(10), 3 * mebi}) {
        ScriptedUpstream upstream({ScriptedUpstream::answer(ok)});
        ProxySite site(ProxySite::in_front_of(upstream));
        auto content = much(size);
        // Given a client that sends in chunks, and has not finished.
        RawClient client(site.address());
        client.send(asking("/upload", "Transfer-Encoding: chunked\r\n", "POST"));
        for (std::size_t at = 0; at < size; at += 50000) {
            auto piece = content.substr(at, 50000);
            char line[20];
            std::snprintf(line, sizeof(line), "%zx\r\n", piece.size());
            client.send(line + piece + "\r\n");
        }
        CHECK(upstream.connections() == 0);
        if (size > mebi) {
            CHECK(support::eventually(
                [&] { return site.measured("portal_legacy_spool_bytes") > 2.9 * mebi; }));
        }
        // When it has.
        client.send("0\r\nX-Trailer: 1\r\n\r\n");
        CHECK(body_of(client.answer()) == "hello");
        // Then the monolith gets all of it at once.
        auto seen = upstream.requests().at(0);
        CHECK(field_of(seen, "Content-Length") == std::to_string(size));
        CHECK(field_of(seen, "Transfer-Encoding").empty());
        CHECK(field_of(seen, "X-Trailer").empty());
        CHECK((body_of(seen) == content));
        CHECK(site.measured("portal_legacy_spool_bytes") == 0);
        // And the next request of the same client is understood.
        client.send(sending("/upload", content));
        CHECK(body_of(client.answer()) == "hello");
        CHECK((body_of(upstream.requests().at(1)) == content));
    }
}

TEST_CASE("a client that waits for leave to send gets it from us", "[legacy]") {
    ScriptedUpstream upstream({ScriptedUpstream::answer(ok)});
    ProxySite site(ProxySite::in_front_of(upstream));
    RawClient client(site.address());
    client.send(asking("/upload", "Expect: 100-continue\r\nContent-Length: 4\r\n", "POST"));
    CHECK(status_of(client.answer(true)) == 100);
    client.send("body");
    CHECK(status_of(client.answer()) == 200);
    CHECK(field_of(upstream.requests().at(0), "Expect").empty());
    CHECK(body_of(upstream.requests().at(0)) == "body");
}

TEST_CASE("a request that is too large never reaches the monolith", "[legacy]") {
    ScriptedUpstream upstream({ScriptedUpstream::answer(ok)});
    auto config = ProxySite::in_front_of(upstream);
    config.body_bytes_max = 1000;
    for (bool buffered : {true, false}) {
        ProxySite site(config, {{}, buffered});
        CHECK(status_of(site.ask(sending("/upload", std::string(1001, 'x')))) == 413);
        CHECK(status_of(site.ask(sending("/upload", std::string(1000, 'x')))) == 200);
        auto chunk = "3e9\r\n" + std::string(1001, 'x') + "\r\n0\r\n\r\n";
        auto answer = site.ask(asking("/upload", "Transfer-Encoding: chunked\r\n", "POST") + chunk);
        CHECK(status_of(answer) == 413);
    }
    for (const auto& request : upstream.requests()) CHECK(body_of(request).size() == 1000);
}

TEST_CASE("a monolith that was retired is asked nothing", "[legacy]") {
    ScriptedUpstream upstream({ScriptedUpstream::answer(ok)});
    ProxySite site(ProxySite::in_front_of(upstream), {});
    CHECK(status_of(site.ask(asking("/page"))) == 200);
    site.module().proxy().retire();
    CHECK(status_of(site.ask(asking("/page"))) == 404);
    CHECK(status_of(site.ask(sending("/upload", "x"))) == 404);
    CHECK(upstream.requests().size() == 1);
}

TEST_CASE("a slow client costs the monolith nothing", "[legacy]") {
    // Given an answer that no socket takes at once.
    auto content = much(16 * mebi);
    std::promise<void> rid_of;
    ScriptedUpstream upstream({[&](Peer& peer) {
        peer.request();
        auto answer = with_length(content);
        if (peer.send(answer) == answer.size()) rid_of.set_value();
    }});
    ProxySite site(ProxySite::in_front_of(upstream));
    RawClient client(site.address());
    client.send(asking("/file", "Connection: close\r\n"));
    // When the client has taken nothing, the monolith has finished; it waits in a file.
    CHECK(rid_of.get_future().wait_for(10s) == std::future_status::ready);
    CHECK(support::eventually([&] { return site.measured("portal_legacy_spool_bytes") > mebi; }));
    for (const auto& file : std::filesystem::directory_iterator(site.folder())) {
        CHECK(file.path().filename().string().find("spool") == std::string::npos);
    }
    // Then the client gets all of it.
    auto answer = client.rest();
    CHECK(field_of(answer, "Content-Length") == std::to_string(content.size()));
    CHECK((body_of(answer) == content));
    CHECK(site.comes_to("portal_legacy_spool_bytes", 0));
}

TEST_CASE("without room an answer comes as fast as its client takes it", "[legacy]") {
    auto content = much(32 * mebi);
    std::atomic<bool> rid_of = false;
    ScriptedUpstream upstream({[&](Peer& peer) {
        peer.request();
        peer.send(with_length(content));
        rid_of = true;
    }});
    auto config = ProxySite::in_front_of(upstream);
    config.spool_bytes_max = 0;
    ProxySite site(config);
    RawClient client(site.address());
    client.send(asking("/file", "Connection: close\r\n"));
    CHECK(!client.quiet(10s));
    CHECK(!rid_of);
    CHECK((body_of(client.rest()) == content));
    // A request that needs room is refused, one that does not is not.
    auto refused = site.ask(sending("/upload", std::string(70000, 'x')));
    CHECK(status_of(refused) == 503);
    CHECK(code_of(refused) == "spool_full");
    CHECK(!field_of(refused, "Retry-After").empty());
    CHECK(upstream.connections() == 1);
}

TEST_CASE("an answer of unknown length gets one if it is small", "[legacy]") {
    auto large = much(300000);
    auto chunk = [](const std::string& bytes) {
        char line[20];
        std::snprintf(line, sizeof(line), "%zx\r\n", bytes.size());
        return line + bytes + "\r\n";
    };
    auto chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n";
    ScriptedUpstream upstream({[&](Peer& peer) {
                                   peer.request();
                                   peer.send(chunks + chunk("hel") + chunk("lo") +
                                             "0\r\nX: y\r\n\r\n");
                                   peer.request();
                                   peer.send("HTTP/1.0 200 OK\r\nX-Old: 1\r\n\r\nhello");
                               },
                               [&](Peer& peer) {
                                   peer.request();
                                   peer.send(chunks + chunk(large) + "0\r\n\r\n");
                               }});
    ProxySite site(ProxySite::in_front_of(upstream));
    for (int i = 0; i < 2; ++i) {
        auto answer = site.ask(asking("/small"));
        CHECK(field_of(answer, "Content-Length") == "5");
        CHECK(field_of(answer, "Trailer").empty());
        CHECK(body_of(answer) == "hello");
    }
    auto answer = site.ask(asking("/large"));
    CHECK(field_of(answer, "Transfer-Encoding") == "chunked");
    CHECK((from_chunks(answer) == large));
}

TEST_CASE("answers without content say no more than the monolith's", "[legacy]") {
    auto answering = [](std::vector<std::string> answers) {
        return [answers = std::move(answers)](Peer& peer) {
            for (const auto& answer : answers) {
                if (peer.request().empty()) return;
                peer.send(answer);
            }
        };
    };
    // What a server says of content may follow all the same, behind the answer to HEAD.
    ScriptedUpstream upstream(
        {answering({"HTTP/1.1 200 OK\r\nContent-Length: 1234567\r\nX-N: 1\r\n\r\nHTTP"}),
         answering({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-N: 2\r\n\r\n"}),
         answering({"HTTP/1.1 204 No Content\r\nX-N: 3\r\n\r\n",
                    "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nX-N: 4\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-N: 5\r\n\r\n"})});
    ProxySite site(ProxySite::in_front_of(upstream));
    RawClient client(site.address());
    auto ask = [&](const char* method) {
        client.send(asking("/x", "", method));
        return client.answer(method == std::string("HEAD"));
    };
    auto head = ask("HEAD");
    CHECK(status_of(head) == 200);
    CHECK(field_of(head, "Content-Length") == "1234567");
    CHECK(field_of(head, "X-N") == "1");
    CHECK(field_of(ask("HEAD"), "X-N") == "2");
    auto none = ask("GET");
    CHECK(status_of(none) == 204);
    CHECK(field_of(none, "Content-Length").empty());
    auto same = ask("GET");
    CHECK(status_of(same) == 304);
    CHECK(field_of(same, "ETag") == "\"a\"");
    auto empty = ask("GET");
    CHECK(field_of(empty, "Content-Length") == "0");
    CHECK(field_of(empty, "X-N") == "5");
    CHECK(upstream.connections() == 3);
}

TEST_CASE("an answer that says so is passed on as it comes", "[legacy]") {
    for (const char* line : {"Content-Type: text/event-stream", "X-Accel-Buffering: no"}) {
        std::promise<void> seen;
        ScriptedUpstream upstream({[&](Peer& peer) {
            peer.request();
            peer.send(std::string("HTTP/1.1 200 OK\r\n") + line + "\r\n\r\ndata: 1\n\n");
            seen.get_future().wait_for(10s);
            peer.send("data: 2\n\n");
        }});
        ProxySite site(ProxySite::in_front_of(upstream));
        RawClient client(site.address());
        client.send(asking("/events", "Connection: close\r\n"));
        auto head = client.answer();
        CHECK(status_of(head) == 200);
        // The first event is here before there is a second one.
        CHECK(!client.quiet(10s));
        seen.set_value();
        CHECK(client.rest() == "9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n");
    }
}

TEST_CASE("unbuffered, a request reaches the monolith while it comes", "[legacy]") {
    for (bool sized : {true, false}) {
        std::promise<std::string> first;
        ScriptedUpstream upstream({[&](Peer& peer) {
            std::string head;
            while (head.find("one") == head.npos) head += peer.receive();
            first.set_value(head);
            std::string rest;
            auto last = sized ? "two" : "0\r\n\r\n";
            while (rest.find(last) == rest.npos) rest += peer.receive();
            peer.send(ok);
        }});
        ProxySite site(ProxySite::in_front_of(upstream), {{}, false});
        RawClient client(site.address());
        client.send(asking("/upload",
                           sized ? "Content-Length: 6\r\n" : "Transfer-Encoding: chunked\r\n",
                           "POST") +
                    (sized ? "one" : "3\r\none\r\n"));
        auto head = first.get_future();
        REQUIRE(head.wait_for(10s) == std::future_status::ready);
        CHECK(field_of(head.get(), sized ? "Content-Length" : "Transfer-Encoding") ==
              (sized ? "6" : "chunked"));
        client.send(sized ? "two" : "3\r\ntwo\r\n0\r\n\r\n");
        CHECK(body_of(client.answer()) == "hello");
    }
}

TEST_CASE("a client that goes away ends what the monolith does for it", "[legacy]") {
    enum class Stage { head, small_content, large_content, stream };
    for (auto stage : {Stage::head, Stage::small_content, Stage::large_content, Stage::stream}) {
        std::promise<void> asked;
        std::promise<bool> left;
        ScriptedUpstream upstream({[&](Peer& peer) {
            peer.request();
            if (stage == Stage::small_content) {
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart");
            } else if (stage == Stage::large_content) {
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + much(200000));
            } else if (stage == Stage::stream) {
                peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata");
            }
            asked.set_value();
            left.set_value(peer.receive().empty());
        }});
        auto config = ProxySite::in_front_of(upstream);
        config.limits.client.first_byte_timeout = 60s;
        config.limits.client.idle_timeout = 60s;
        ProxySite site(config);
        auto ended = left.get_future();
        {
            RawClient client(site.address());
            client.send(asking("/page"));
            REQUIRE(asked.get_future().wait_for(10s) == std::future_status::ready);
            if (stage == Stage::large_content || stage == Stage::stream) {
                CHECK(!client.quiet(10s));
            }
            CHECK(ended.wait_for(0s) == std::future_status::timeout);
        }
        INFO("stage " << static_cast<int>(stage));
        REQUIRE(ended.wait_for(9s) == std::future_status::ready);
        CHECK(ended.get());
        site.server().wait_for_connections(0);
        // That is no failure of the monolith's.
        CHECK(site.measured("portal_legacy_breaker_state{upstream=\"default\"}") == 0);
        CHECK(failures(site, "upstream_cut") == -1);
    }
}

TEST_CASE("only what changes nothing goes over a kept connection", "[legacy]") {
    ScriptedUpstream upstream({ScriptedUpstream::answer(ok)});
    auto config = ProxySite::in_front_of(upstream);
    config.limits.client.pooled_life = 2s;
    ProxySite site(config);
    site.ask(asking("/1"));
    site.ask(asking("/2"));
    CHECK(upstream.connections() == 1);
    site.ask(sending("/3", "x"));
    CHECK(upstream.connections() == 2);
}

TEST_CASE("a monolith that takes no connection is said to be so at once", "[legacy]") {
    legacy::Config config;
    {
        ScriptedUpstream gone({ScriptedUpstream::answer(ok)});
        config.upstream = gone.address().text();
    }
    ProxySite site(config);
    site.ask(asking("/hello"));
    auto begun = std::chrono::steady_clock::now();
    auto answer = site.ask(asking("/x", "X-Request-Id: one\r\n"));
    CHECK(std::chrono::steady_clock::now() - begun < 50ms);
    CHECK(status_of(answer) == 502);
    CHECK(code_of(answer) == "upstream_refused");
    CHECK(body_of(answer).find("\"request_id\":\"one\"") != answer.npos);
    // A person gets a page.
    auto page = site.ask(asking("/x", "X-Request-Id: two\r\nAccept: text/html,*/*;q=0.8\r\n"));
    CHECK(status_of(page) == 502);
    CHECK(field_of(page, "Content-Type") == "text/html; charset=utf-8");
    CHECK(field_of(page, "Vary") == "Accept");
    CHECK(field_of(page, "Content-Security-Policy").starts_with("default-src 'none'"));
    CHECK(body_of(page).find("502 · request two") != page.npos);
    CHECK(failures(site, "upstream_refused") == 2);
}

TEST_CASE("a monolith that does not answer is given rest, and native routes work on", "[legacy]") {
    std::atomic<bool> well = false;
    ScriptedUpstream upstream({[&](Peer& peer) {
        if (peer.request().empty()) return;
        if (well) peer.send("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
    }});
    auto config = ProxySite::in_front_of(upstream);
    config.limits.breaker.calls_min = 3;
    config.limits.breaker.open_min = 200ms;
    config.limits.breaker.half_open_permits = 1;
    ProxySite site(config);
    CHECK(site.warnings() == "");
    for (int i = 0; i < 3; ++i) CHECK(status_of(site.ask(asking("/x"))) == 502);
    auto answer = site.ask(asking("/x"));
    CHECK(status_of(answer) == 503);
    CHECK(code_of(answer) == "circuit_open");
    CHECK(!field_of(answer, "Retry-After").empty());
    CHECK(upstream.connections() == 3);
    CHECK(site.warnings().find("`default` does not answer") != std::string::npos);
    CHECK(site.measured("portal_legacy_breaker_state{upstream=\"default\"}") == 2);
    CHECK(status_of(site.ask(asking("/hello"))) == 200);
    // An answer that says no is an answer.
    well = true;
    CHECK(support::eventually([&] { return status_of(site.ask(asking("/x"))) == 500; }));
    for (int i = 0; i < 5; ++i) CHECK(status_of(site.ask(asking("/x"))) == 500);
    CHECK(site.warnings() == "");
    CHECK(site.measured("portal_legacy_answers_total{status=\"5xx\",upstream=\"default\"}") == 6);
}

TEST_CASE("one of two that takes no connection costs no request", "[legacy]") {
    std::string gone;
    {
        ScriptedUpstream stopped({ScriptedUpstream::answer(ok)});
        gone = stopped.address().text();
    }
    ScriptedUpstream green({ScriptedUpstream::answer(ok)});
    ScriptedUpstream shop({ScriptedUpstream::answer(with_length("shop"))});
    legacy::Config config;
    config.upstreams = {{"blue", "/", gone, 1},
                        {"green", "/", green.address().text(), 1},
                        {"shop", "/shop", shop.address().text(), 1},
                        {"off", "/", gone, 0}};
    ProxySite site(config);
    for (int i = 0; i < 10; ++i) {
        CHECK(body_of(site.ask(sending("/x", "content"))) == "hello");
        CHECK(body_of(site.ask(sending("/x", std::string(100000, 'x')))) == "hello");
    }
    CHECK(body_of(site.ask(asking("/shop/1"))) == "shop");
    // Whose path it is must be beyond doubt.
    CHECK(status_of(site.ask(asking("/shop/%2e%2e/x"))) == 400);
    CHECK(site.module().proxy().has_upstream("off"));
    CHECK(!site.module().proxy().has_upstream("default"));
    // A route can name one.
    ProxySite named(config, {"shop"});
    CHECK(body_of(named.ask(asking("/x"))) == "shop");
    ProxySite off(config, {"off"});
    CHECK(status_of(off.ask(asking("/x"))) == 502);
}

TEST_CASE("a fast upstream and a fast client leave the others of their thread their turn",
          "[legacy]") {
    // Given an upstream that never has anybody wait, and answers that never end.
    const std::string piece(mebi, 'x');
    ScriptedUpstream upstream({[&](Peer& peer) {
        auto request = peer.request();
        peer.send("HTTP/1.1 200 OK\r\n");
        if (request.starts_with("GET /events")) peer.send("X-Accel-Buffering: no\r\n");
        peer.send("\r\n");
        while (peer.send(piece) == piece.size()) {
        }
    }});
    auto config = ProxySite::in_front_of(upstream);
    config.spool_bytes_max = 64 * std::int64_t(mebi);
    ProxySite site(config);
    std::vector<RawClient> greedy;
    std::atomic<bool> enough = false;
    std::vector<std::future<void>> reading;
    for (const char* target : {"/events", "/file"}) {
        auto& client = greedy.emplace_back(site.address());
        client.send(asking(target));
    }
    for (auto& client : greedy) {
        reading.push_back(std::async(std::launch::async, [&client, &enough] {
            client.answer(true);
            while (!enough && client.take_some()) {
            }
        }));
    }
    // When others ask meanwhile, then they are answered.
    RawClient native(site.address());
    for (int i = 0; i < 50; ++i) {
        auto begun = std::chrono::steady_clock::now();
        native.send(asking("/hello"));
        CHECK(body_of(native.answer()) == "hello");
        CHECK(std::chrono::steady_clock::now() - begun < 300ms);
    }
    enough = true;
    for (auto& each : reading) each.get();
}

TEST_CASE("a request that runs in a circle is ended", "[legacy]") {
    // Given an upstream that is portal itself, by another connection.
    std::string itself;
    ScriptedUpstream upstream({[&](Peer& peer) {
        auto request = peer.request();
        RawClient again(itself);
        auto line = request.find("\r\n") + 2;
        again.send(request.substr(0, line) + "Connection: close\r\n" + request.substr(line));
        peer.send(again.rest());
    }});
    ProxySite site(ProxySite::in_front_of(upstream));
    itself = site.address();
    auto answer = site.ask(asking("/x"));
    CHECK(status_of(answer) == 508);
    CHECK(code_of(answer) == "upstream_circle");
    CHECK(upstream.connections() == 1);
}

TEST_CASE("OPTIONS that may go no further is answered here", "[legacy]") {
    ScriptedUpstream upstream({ScriptedUpstream::answer(ok)});
    ProxySite site(ProxySite::in_front_of(upstream));
    auto answer = site.ask(asking("/x", "Max-Forwards: 0\r\n", "OPTIONS"));
    CHECK(status_of(answer) == 204);
    CHECK(field_of(answer, "Allow") == "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
    CHECK(upstream.connections() == 0);
    site.ask(asking("/x", "Max-Forwards: 1\r\n", "OPTIONS"));
    CHECK(field_of(upstream.requests().at(0), "Max-Forwards") == "0");
}

TEST_CASE("whole answers that are not too large are heard", "[legacy]") {
    auto content = much(200000);
    ScriptedUpstream upstream(
        {[&](Peer& peer) {
             peer.request();
             peer.send("HTTP/1.1 201 Made\r\nX-A: b\r\nConnection: x\r\n" +
                       with_length(content).substr(17));
             peer.request();
             peer.send(with_length(std::string(300000, 'x')));
             peer.request();
             peer.send("HTTP/1.1 200 OK\r\nX-Accel-Buffering: no\r\nContent-Length: 1\r\n\r\nx");
         },
         [](Peer& peer) {  // a connection that a stream came over is not used again
             peer.request();
             peer.send("HTTP/1.1 404 None\r\nContent-Length: 7\r\n\r\n");
         }});
    ProxySite site(ProxySite::in_front_of(upstream), {}, true);
    RawClient client(site.address());
    for (const char* method : {"GET", "GET", "GET", "HEAD"}) {
        client.send(asking("/x", "", method));
        CHECK(status_of(client.answer(method == std::string("HEAD"))) != 0);
    }
    auto heard = site.heard();
    REQUIRE(heard.size() == 2);
    CHECK(heard[0].status == 201);
    CHECK(heard[0].complete);
    CHECK((heard[0].body == content));
    CHECK(heard[0].header("x-a") == "b");
    CHECK(!heard[0].header("connection"));
    CHECK(heard[1].status == 404);
    CHECK(heard[1].body.empty());
}

TEST_CASE("a question of our own gets the monolith's answer", "[legacy]") {
    ScriptedUpstream upstream(
        {[](Peer& peer) {
             peer.request();
             peer.send(
                 "HTTP/1.1 404 None\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nnone");
             peer.request();
             peer.send(with_length(std::string(300000, 'x')));
         },
         [](Peer& peer) {
             peer.request();
             peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut");
         }});
    ProxySite site(ProxySite::in_front_of(upstream));
    http::Request request;
    request.target = "/a?b=1";
    request.peer = "203.0.113.7";
    request.secure = true;
    request.context.request_id = "one";
    request.fields = {{"Host", "news.example"}, {"Cookie", "a=b"}, {"If-None-Match", "\"x\""}};
    http::RequestCopy copy(request);
    legacy::Passage passage;
    auto ask = [&] {
        return base::run(site.module().proxy().ask(copy, passage, base::Deadline::in(10s)));
    };
    auto answer = ask();
    REQUIRE(answer);
    CHECK(answer->status == 404);
    CHECK(answer->body == "none");
    CHECK(answer->complete);
    CHECK(answer->header("Content-Type") == "text/plain");
    auto seen = upstream.requests().at(0);
    CHECK(seen.starts_with("GET /a?b=1 HTTP/1.1\r\n"));
    CHECK(field_of(seen, "X-Portal-Shadow") == "1");
    CHECK(field_of(seen, "X-Forwarded-For") == "203.0.113.7");
    CHECK(field_of(seen, "X-Forwarded-Proto") == "https");
    CHECK(field_of(seen, "If-None-Match").empty());
    // One that is too large is not complete, and one that is cut none.
    auto large = ask();
    REQUIRE(large);
    CHECK(!large->complete);
    CHECK(large->body.empty());
    auto cut = ask();
    CHECK((!cut && cut.error().code == "upstream_cut"));
}
