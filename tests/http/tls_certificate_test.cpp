// Certificates, and what else is said about listeners: addresses, modes, Strict-Transport-Security.
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "http/address.hpp"
#include "http/blocking_client.hpp"
#include "raw_client.hpp"
#include "support/catch.hpp"
#include "tls_site.hpp"

using namespace std::chrono_literals;
using support::make_certificate;
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

base::Task<http::Response> thread_and_peer(const http::Request& request) {
    http::Response response;
    response.body = "thread " + std::to_string(request.thread) + ", peer: " + request.peer;
    co_return response;
}

}  // namespace

TEST_CASE("Strict-Transport-Security stands on every answer through TLS and on no other",
          "[http][tls]") {
    TlsSite site;
    TlsClient client(site.address());
    REQUIRE(client.begin());
    for (const auto& request : {get("/hello"), get("/slow"), get("/none"), post("/echo", "x"),
                                get("/hello", "If-None-Match: \"h\"\r\n"),
                                get("/hello", "X-Request-Id: " + std::string(64, 'i') + "\r\n"),
                                std::string("BREW / HTTP/1.1\r\n")}) {
        client.send(request);
        auto answer = client.answer();
        CAPTURE(answer);
        CHECK(field_of(answer, "Strict-Transport-Security") == "max-age=31536000");
    }
    RawClient plain(site.server->operations_address());
    plain.send(get("/hello"));
    CHECK(field_of(plain.answer(), "Strict-Transport-Security").empty());

    auto config = TestServer::quick();
    config.tls.hsts_seconds = 0;
    TlsSite without(config);
    TlsClient other(without.address());
    REQUIRE(other.begin());
    other.send(get("/hello"));
    auto answer = other.answer();
    CHECK(status_of(answer) == 200);
    CHECK(field_of(answer, "Strict-Transport-Security").empty());
}

TEST_CASE("a certificate is replaced for new connections only, and by a good one only",
          "[http][tls]") {
    TlsSite site;
    auto& server = site.server->server();
    auto name_now = [&site] {
        TlsClient client(site.address());
        return client.begin() ? client.name() : client.failure();
    };
    TlsClient under_way(site.address());
    REQUIRE(under_way.begin());
    CHECK(under_way.name() == "first");

    support::write_certificate(site.folder.path(), make_certificate("second", {.rsa_bits = 2048}));
    CHECK(name_now() == "first");
    server.reload_certificate();
    CHECK(name_now() == "second");
    under_way.send(get("/hello"));
    CHECK(body_of(under_way.answer()) == "hello");

    // The certificate is new, its key still the old one.
    std::ofstream(site.folder / "certificate.pem") << make_certificate("third").certificate;
    server.reload_certificate();
    CHECK(name_now() == "second");
    std::filesystem::remove(site.folder / "key.pem");
    server.reload_certificate();
    CHECK(name_now() == "second");
    support::write_certificate(site.folder.path(), make_certificate("fourth"));
    server.reload_certificate();
    CHECK(name_now() == "fourth");
}

TEST_CASE("a certificate or a key that cannot be used is refused by its setting", "[http][tls]") {
    support::TemporaryFolder folder;
    http::Config config;
    config.tls.certificate = folder / "certificate.pem";
    config.tls.key = folder / "key.pem";
    const auto good = make_certificate("a");
    auto check = [&](const support::Certificate& made, const std::string& setting,
                     const std::string& words, unsigned mode = 0600) {
        CAPTURE(words);
        support::write_certificate(folder.path(), made);
        chmod(config.tls.key.c_str(), mode);
        auto checked = http::check_certificate(config);
        if (setting.empty()) {
            CHECK(checked);
            return;
        }
        REQUIRE_FALSE(checked);
        REQUIRE(checked.error().details.size() == 1);
        CHECK(checked.error().details[0].field == setting);
        CHECK(checked.error().details[0].message.find(words) != std::string::npos);
    };
    check(good, "", "");
    check(good, "", "", 0400);
    // One group may read what root owns, nobody may what somebody else lets a group read.
    bool is_root = geteuid() == 0;
    check(good, is_root ? "" : "tls.key", "0600 or 0400", 0640);
    check(good, is_root ? "" : "tls.key", "0600 or 0400", 0440);
    for (unsigned mode : {0604u, 0460u, 0450u, 0444u}) check(good, "tls.key", "0600 or 0400", mode);
    if (is_root) {
        support::write_certificate(folder.path(), good);
        chmod(config.tls.key.c_str(), 0440);
        REQUIRE(chown(config.tls.key.c_str(), 12345, 12345) == 0);
        CHECK_FALSE(http::check_certificate(config));
        REQUIRE(chown(config.tls.key.c_str(), 0, 0) == 0);
    }
    check(make_certificate("a", {.rsa_bits = 2048}), "", "");
    check({good.certificate + make_certificate("b").certificate, good.key}, "", "");
    check({good.certificate, make_certificate("a").key}, "tls.key", "is not the key of");
    check({good.certificate, ""}, "tls.key", "no private key");
    check({good.certificate, good.certificate}, "tls.key", "no private key");
    check(make_certificate("a", {.password = "secret"}), "tls.key", "encrypted");
    check({"", good.key}, "tls.certificate", "no certificate");
    check({good.key, good.key}, "tls.certificate", "no certificate");
    check({good.certificate + "-----BEGIN CERTIFICATE-----\nAAAA\n", good.key}, "tls.certificate",
          "after the first");
    check({std::string(1100000, 'x'), good.key}, "tls.certificate", "too long");
    check(make_certificate("a", {.rsa_bits = 1024}), "tls.certificate", "key too small");
    // It has expired: taken, with a warning.
    check(make_certificate("a", {.life = -1h}), "", "");
    config.tls.key = folder.path();
    check(good, "tls.key", "no plain file", 0700);
    config.tls.certificate = folder / "none.pem";
    check(good, "tls.certificate", "cannot be opened", 0700);

    config.listen = "tls:127.0.0.1:0";
    config.threads = 1;
    CHECK_THROWS(TestServer(config));
}

TEST_CASE("a unix socket has the mode that is asked for, and every thread answers there",
          "[http]") {
    support::TemporaryFolder folder;
    telemetry::Metrics metrics;
    http::Config config;
    config.threads = 2;
    http::Server server(config, metrics);
    auto path = (folder / "public.sock").string();
    auto router = std::make_shared<http::Router>();
    router->add({http::Method::get, "/peer", http::Access::anyone, thread_and_peer});
    http::Listener listener{"http", "unix:" + path, router,
                            std::make_shared<http::AnonymousAuthenticator>()};
    listener.unix_mode = 0660;
    server.add(listener);
    REQUIRE(server.start());

    struct stat found {};
    REQUIRE(stat(path.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0660);
    std::set<std::string> answers;
    for (int i = 0; i < 500 && answers.size() < 2; ++i) {
        auto answer = http::request("unix:" + path, "GET", "/peer", "", 5s);
        REQUIRE(answer);
        answers.insert(answer->body);
    }
    CHECK(answers == std::set<std::string>{"thread 0, peer: ", "thread 1, peer: "});
    server.stop();
    CHECK_FALSE(std::filesystem::exists(path));
    for (const auto* bad : {"", "660", "0060", "06600", "0o60", "1600", "0888", " 600"}) {
        CAPTURE(bad);
        CHECK_FALSE(http::parse_mode(bad));
    }
    CHECK(http::parse_mode("0777") == 0777U);
}

TEST_CASE("a TLS address is read and written with its prefix", "[http][tls]") {
    auto address = http::parse_address("tls:[::1]:8443");
    REQUIRE(address);
    CHECK(address->tls);
    CHECK(address->port == 8443);
    CHECK(address->is_loopback());
    CHECK(address->text() == "tls:[::1]:8443");
    CHECK(http::parse_address("tls:localhost:1")->text() == "tls:127.0.0.1:1");
    CHECK_FALSE(http::parse_address("tls:0.0.0.0:1")->is_loopback());
    CHECK_FALSE(http::parse_address("127.0.0.1:1")->tls);
    for (const auto* bad : {"tls:", "tls:unix:/a", "tls:tls:127.0.0.1:1", "tls:127.0.0.1"}) {
        CAPTURE(bad);
        CHECK_FALSE(http::parse_address(bad));
    }
    CHECK_FALSE(http::request("tls:127.0.0.1:1", "GET", "/", "", 1s));
}
