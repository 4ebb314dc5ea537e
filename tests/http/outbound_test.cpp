#include "http/outbound.hpp"

#include "client_site.hpp"
#include "support/catch.hpp"

namespace tests {

namespace {

http::OutboundGuard guard_of(const std::vector<const char*>& allowed = {}) {
    std::vector<http::IpNetwork> networks;
    for (const char* text : allowed) networks.push_back(*http::IpNetwork::parse(text));
    return http::OutboundGuard(std::move(networks));
}

/// Gives the status alone: the rest must not outlive the loop.
base::Task<int> status_of(http::Client& client, http::UpstreamAddress server) {
    http::ClientRequest request;
    request.upstream = std::move(server);
    auto deadline = base::Deadline::in(10s);
    auto answer = co_await client.send(std::move(request), deadline);
    if (!answer) co_return answer.error();
    co_return answer->status;
}

base::Result<int> ask(const http::UpstreamAddress& server,
                      const std::vector<const char*>& allowed) {
    telemetry::Metrics metrics;
    auto guard = std::make_shared<const http::OutboundGuard>(guard_of(allowed));
    auto client = http::make_client({}, metrics, guard);
    REQUIRE(client);
    return base::run(status_of(**client, server));
}

}  // namespace

TEST_CASE("an address is public if it is a machine's on the internet", "[http]") {
    const std::pair<const char*, bool> cases[] = {
        {"1.1.1.1", true},
        {"8.8.8.8", true},
        {"100.63.255.255", true},
        {"100.128.0.0", true},
        {"172.15.255.255", true},
        {"172.32.0.0", true},
        {"223.255.255.255", true},
        {"0.0.0.0", false},
        {"0.1.2.3", false},
        {"10.0.0.1", false},
        {"100.64.0.1", false},
        {"100.100.100.200", false},
        {"127.0.0.1", false},
        {"127.255.255.254", false},
        {"169.254.169.254", false},
        {"168.63.129.16", false},
        {"172.16.0.1", false},
        {"172.31.255.255", false},
        {"192.0.0.192", false},
        {"192.0.2.1", false},
        {"192.88.99.1", false},
        {"192.168.1.1", false},
        {"198.18.0.1", false},
        {"198.51.100.1", false},
        {"203.0.113.1", false},
        {"224.0.0.1", false},
        {"240.0.0.1", false},
        {"255.255.255.255", false},
        {"2606:4700:4700::1111", true},
        {"2a00:1450::1", true},
        {"::", false},
        {"::1", false},
        {"::ffff:127.0.0.1", false},
        {"::ffff:7f00:1", false},
        {"::ffff:8.8.8.8", true},
        {"::127.0.0.1", false},
        {"::8.8.8.8", false},
        {"64:ff9b::8.8.8.8", true},
        {"64:ff9b::10.0.0.1", false},
        {"64:ff9b::169.254.169.254", false},
        {"64:ff9b:1::8.8.8.8", false},
        {"::ffff:0:8.8.8.8", false},
        {"100::1", false},
        {"2001::1", false},
        {"2001:10::1", false},
        {"2001:db8::1", false},
        {"2002:7f00:1::", false},
        {"2002:0808:0808::1", false},
        {"3fff::1", false},
        {"5f00::1", false},
        {"fc00::1", false},
        {"fd00:ec2::254", false},
        {"fe80::1", false},
        {"fec0::1", false},
        {"ff02::1", false},
    };
    for (const auto& [text, is_public] : cases) {
        CAPTURE(text);
        CHECK(http::is_public(*http::IpAddress::parse(text)) == is_public);
    }
}

TEST_CASE("a URL that may be sent to is read, and others are refused", "[http]") {
    const std::tuple<const char*, const char*, const char*> good[] = {
        {"https://example.org", "https://example.org", "/"},
        {"https://example.org/hooks/1?key=a", "https://example.org", "/hooks/1?key=a"},
        {"https://example.org?key=a", "https://example.org", "/?key=a"},
        {"https://example.org:8443/a", "https://example.org:8443", "/a"},
        {"https://8.8.8.8/", "https://8.8.8.8", "/"},
        {"https://[2606:4700::1]/", "https://[2606:4700::1]", "/"},
    };
    for (const auto& [url, server, target] : good) {
        CAPTURE(url);
        auto read = guard_of().read(url);
        REQUIRE(read);
        CHECK(read->server.text() == server);
        CHECK(read->target == target);
    }
    const std::string bad[] = {
        "",
        "example.org",
        "ftp://example.org/",
        "HTTPS://example.org/",
        "unix:/run/app.sock",
        "https://",
        "https:///path",
        "https://user@example.org/",
        "https://user:secret@example.org/",
        "https://example.org@127.0.0.1/",
        "https://example.org#@127.0.0.1/",
        "https://example.org\\@127.0.0.1/",
        "https://example.org/#top",
        "https://example.org/a b",
        "https://example.org/\r\nHost: other",
        "https://ex\u00e4mple.org/",
        "https://example.org:0/",
        "https://example.org:65536/",
        "https://[fe80::1%25eth0]/",
        "http://example.org/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://8.8.8.8:22/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://a.localhost/",
        "https://example.org/" + std::string(2048, 'a'),
    };
    for (const auto& url : bad) {
        CAPTURE(url);
        auto read = guard_of().read(url);
        REQUIRE_FALSE(read);
        CHECK(read.error().code == "forbidden_url");
    }
    auto open = guard_of({"127.0.0.0/8", "fd00::/8"});
    for (const char* url : {"http://127.0.0.1:80/", "http://127.0.0.1:9000/", "https://127.0.0.1/",
                            "http://[fd00::1]:8080/", "http://localhost:9000/"}) {
        CAPTURE(url);
        CHECK(open.read(url));
    }
    CHECK_FALSE(open.read("http://8.8.8.8/"));
    CHECK_FALSE(open.read("http://[::1]/"));
}

TEST_CASE("a guarded client connects to no address that is not admitted", "[http]") {
    ScriptedUpstream upstream({ScriptedUpstream::answer(ok)});
    // By number, by name, and in the old forms of numbers, which a look-up still takes.
    for (const char* host : {"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001"}) {
        CAPTURE(host);
        auto refused = ask(upstream.address(host), {});
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == "upstream_forbidden");
        auto elsewhere = ask(upstream.address(host), {"10.0.0.0/8"});
        REQUIRE_FALSE(elsewhere);
        CHECK(elsewhere.error().code == "upstream_forbidden");
    }
    CHECK(upstream.connections() == 0);
    auto allowed = ask(upstream.address(), {"127.0.0.1"});
    REQUIRE(allowed);
    CHECK(*allowed == 200);
}

}  // namespace tests
