// What a client sees on a TLS address: the server as a whole, over real sockets.
#include <map>

#include "raw_client.hpp"
#include "support/catch.hpp"
#include "tls_site.hpp"

using namespace std::chrono_literals;
using support::TlsClient;
using tests::body_of;
using tests::field_of;
using tests::RawClient;
using tests::status_of;
using tests::TestServer;
using tests::TlsSite;

namespace {

std::string get(const std::string& target, const std::string& fields = {}) {
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::string post(const std::string& target, const std::string& body) {
    return "POST " + target +
           " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

}  // namespace

TEST_CASE("requests and answers pass through TLS 1.2 and 1.3", "[http][tls]") {
    TlsSite site;
    for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsClient client(site.address(), {.version = version, .protocols = {"h2", "http/1.1"}});
        REQUIRE(client.begin());
        CHECK(client.version() == (version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"));
        CHECK(client.protocol() == "http/1.1");
        for (int i = 0; i < 3; ++i) {
            client.send(get("/hello"));
            CHECK(body_of(client.answer()) == "hello");
            client.send(get("/slow"));
            CHECK(body_of(client.answer()) == "hello");
            client.send(post("/echo", "body"));
            CHECK(body_of(client.answer()) == "body");
        }
        client.send(get("/about/x"));
        CHECK(body_of(client.answer()).find("127.0.0.1") != std::string::npos);
        CHECK(client.quiet(1ms));
    }
    site.settle();
    CHECK(site.handshakes("done") == "2");
    CHECK(site.handshakes("unfinished") == "0");
}

TEST_CASE("requests that come together through TLS are answered in order", "[http][tls]") {
    TlsSite site;
    // In one record, and each in a record of its own, of which several are read at once.
    for (bool together : {true, false}) {
        TlsClient client(site.address());
        REQUIRE(client.begin());
        std::string all;
        std::string records;
        for (int i = 0; i < 60; ++i) {
            auto id = "X-Request-Id: n" + std::to_string(i) + "\r\n";
            auto one = i % 4 == 3   ? post("/echo", "abc")
                       : i % 4 == 2 ? get("/slow", id)
                                    : get("/hello", id);
            all += one;
            records += client.encrypted(one);
        }
        if (together) {
            TlsClient other(site.address());
            REQUIRE(other.begin());
            other.send(all);
            for (int i = 0; i < 60; ++i) {
                CAPTURE(i);
                CHECK(body_of(other.answer()) == (i % 4 == 3 ? "abc" : "hello"));
            }
        } else {
            client.send_raw(records);
            for (int i = 0; i < 60; ++i) {
                CAPTURE(i);
                auto answer = client.answer();
                CHECK(body_of(answer) == (i % 4 == 3 ? "abc" : "hello"));
                if (i % 4 != 3) {
                    CHECK(field_of(answer, "X-Request-Id") == "n" + std::to_string(i));
                }
            }
        }
    }
}

TEST_CASE("large bodies go both ways through tiny socket buffers", "[http][tls]") {
    TlsSite site;
    std::string large;
    for (int i = 0; large.size() < 900 * 1024; ++i) large += std::to_string(i) + " ";
    for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsClient client(site.address(), {.version = version, .buffer_bytes = 4096});
        REQUIRE(client.begin());
        client.send(post("/echo", large));
        CHECK(body_of(client.answer()) == large);
        client.send(get("/big") + get("/hello"));
        bool whole = body_of(client.answer()) == std::string(8 << 20, 'b');
        CHECK(whole);
        CHECK(body_of(client.answer()) == "hello");
    }
}

TEST_CASE("TLS that comes byte by byte is understood, handshake and all", "[http][tls]") {
    TlsSite site;
    TlsClient client(site.address(), {.piece = 1});
    REQUIRE(client.begin());
    client.send(get("/hello") + post("/echo", "abc"));
    CHECK(body_of(client.answer()) == "hello");
    CHECK(body_of(client.answer()) == "abc");
}

TEST_CASE("a handshake has as long as a request head", "[http][tls]") {
    auto config = TestServer::quick();
    config.header_timeout = 300ms;
    TlsSite site(config);
    RawClient silent(site.address());
    TlsClient slow(site.address());
    auto hello = slow.encrypted("");
    CHECK(slow.send_raw(hello.substr(0, hello.size() / 2)));
    // Somebody else is not held up by them.
    TlsClient honest(site.address());
    REQUIRE(honest.begin());
    honest.send(get("/hello"));
    CHECK(body_of(honest.answer()) == "hello");

    CHECK(silent.rest().empty());
    CHECK(slow.rest().empty());
    site.server->wait_for_connections(1);
    CHECK(site.handshakes("unfinished") == "2");
    CHECK(site.handshakes("done") == "1");
}

TEST_CASE("less than a request does not keep an idle TLS connection open", "[http][tls]") {
    auto config = TestServer::quick();
    config.idle_timeout = 600ms;
    TlsSite site(config);
    TlsClient client(site.address());
    REQUIRE(client.begin());
    client.send(get("/hello"));
    CHECK(body_of(client.answer()) == "hello");
    // A byte of one record every now and then: more of them than the time it has.
    auto record = client.encrypted(get("/hello", "A: " + std::string(200, 'a') + "\r\n"));
    std::size_t sent = 0;
    while (sent + 1 < record.size() && client.quiet(50ms)) {
        client.send_raw(record.substr(sent++, 1));
    }
    CHECK(sent > 2);
    CHECK(sent < 40);
    CHECK(client.rest().empty());
    CHECK(client.said_goodbye());
}

TEST_CASE("plain HTTP on a TLS port is closed and counted", "[http][tls]") {
    TlsSite site;
    for (const auto& request : {get("/hello"), post("/echo", "x")}) {
        RawClient client(site.address());
        client.send(request);
        CHECK(client.rest().find("HTTP/1.1") == std::string::npos);
    }
    RawClient noise(site.address());
    noise.send("\x01\x02\x03 what is this?");
    noise.rest();
    site.settle();
    CHECK(site.handshakes("plain_http") == "2");
    CHECK(site.handshakes("failed") == "1");
    CHECK(site.server->cache_hits() == 0);
}

TEST_CASE("what is too old or speaks something else is refused with the right alert",
          "[http][tls]") {
    TlsSite site;
    struct Case {
        TlsClient::Wishes wishes;
        std::string alert;
        std::string counted;
    };
    const Case cases[] = {
        {{.version = TLS1_VERSION, .ciphers = "ALL"},
         "tlsv1 alert protocol version",
         "old_version"},
        {{.version = TLS1_1_VERSION, .ciphers = "ALL"},
         "tlsv1 alert protocol version",
         "old_version"},
        {{.protocols = {"h2"}}, "tlsv1 alert no application protocol", "no_protocol"},
        {{.version = TLS1_2_VERSION, .protocols = {"h2", "http/1.0", "http/1.1x"}},
         "tlsv1 alert no application protocol",
         "no_protocol"},
        // No forward secrecy; no AEAD; finite-field Diffie-Hellman.
        {{.version = TLS1_2_VERSION, .ciphers = "AES128-GCM-SHA256"},
         "sslv3 alert handshake failure",
         "failed"},
        {{.version = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES128-SHA"},
         "sslv3 alert handshake failure",
         "failed"},
        {{.version = TLS1_2_VERSION, .ciphers = "DHE-RSA-AES128-GCM-SHA256"},
         "sslv3 alert handshake failure",
         "failed"},
    };
    std::map<std::string, int> counts;
    for (const auto& one : cases) {
        CAPTURE(one.wishes.version, one.wishes.ciphers, one.alert);
        TlsClient client(site.address(), one.wishes);
        CHECK_FALSE(client.begin());
        CHECK(client.failure() == one.alert);
        ++counts[one.counted];
    }
    TlsClient silent_on_alpn(site.address());
    CHECK(silent_on_alpn.begin());
    CHECK(silent_on_alpn.protocol().empty());
    site.server->wait_for_connections(1);
    for (const auto& [result, count] : counts) {
        CAPTURE(result);
        CHECK(site.handshakes(result) == std::to_string(count));
    }
}

TEST_CASE("a TLS connection can be given new keys, but no second handshake", "[http][tls]") {
    TlsSite site;
    TlsClient client(site.address(), {.version = TLS1_3_VERSION});
    REQUIRE(client.begin());
    for (int i = 0; i < 5; ++i) {
        client.renew_keys();
        client.send(get("/hello"));
        CHECK(body_of(client.answer()) == "hello");
    }
    client.renew_keys();
    client.send(get("/big"));
    CHECK(body_of(client.answer()).size() == 8 << 20);

    TlsClient older(site.address(), {.version = TLS1_2_VERSION});
    REQUIRE(older.begin());
    CHECK_FALSE(older.renegotiate());
    CHECK(older.failure().find("no renegotiation") != std::string::npos);
}

TEST_CASE("a client that only ever asks for new keys is cut off", "[http][tls]") {
    TlsSite site;
    TlsClient client(site.address(), {.version = TLS1_3_VERSION});
    REQUIRE(client.begin());
    int renewed = 0;
    for (bool open = true; open && renewed < 1000; ++renewed) {
        client.renew_keys(false);
        // The handshake state machine sends it without any content.
        client.begin();
        open = client.quiet(2ms);
    }
    CHECK(renewed > 60);
    CHECK(renewed < 200);
}

TEST_CASE("a client that has said goodbye still gets its answers", "[http][tls]") {
    TlsSite site;
    TlsClient client(site.address());
    REQUIRE(client.begin());
    client.send(get("/slow") + get("/hello") + post("/echo", "abc"));
    client.finish_sending();
    CHECK(body_of(client.answer()) == "hello");
    CHECK(body_of(client.answer()) == "hello");
    CHECK(body_of(client.answer()) == "abc");
    CHECK(client.rest().empty());
    CHECK(client.said_goodbye());
}

TEST_CASE("the server says goodbye before it closes", "[http][tls]") {
    auto config = TestServer::quick();
    config.idle_timeout = 100ms;
    TlsSite site(config);
    // When asked to close, after a refusal, when idle for too long, and when it stops.
    for (const auto& request :
         {get("/hello", "Connection: close\r\n"), get("/slow", "Connection: close\r\n"),
          std::string("BREW / HTTP/1.1\r\n"), get("/hello")}) {
        CAPTURE(request);
        TlsClient client(site.address());
        REQUIRE(client.begin());
        client.send(request);
        CHECK(status_of(client.answer()) != 0);
        CHECK(client.rest().empty());
        CHECK(client.said_goodbye());
    }
    TlsClient client(site.address());
    REQUIRE(client.begin());
    client.send(get("/hello"));
    client.answer();
    site.server->server().stop();
    CHECK(client.rest().empty());
    CHECK(client.said_goodbye());
}

TEST_CASE("a client that goes away in the middle of an answer ends nothing but itself",
          "[http][tls]") {
    TlsSite site;
    for (int i = 0; i < 20; ++i) {
        TlsClient client(site.address());
        REQUIRE(client.begin());
        client.send(get("/big") + get("/big"));
        CHECK_FALSE(client.quiet(5s));
    }
    // Gone before the answers: the second of them finds a socket that takes no more.
    for (int i = 0; i < 20; ++i) {
        TlsClient client(site.address());
        REQUIRE(client.begin());
        std::string all;
        for (int j = 0; j < 40; ++j) all += get("/slow");
        client.send(all);
    }
    site.settle();
    TlsClient client(site.address());
    REQUIRE(client.begin());
    client.send(get("/hello"));
    CHECK(body_of(client.answer()) == "hello");
}
