// Connections that become a websocket's.
#include <future>

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
using tests::status_of;
using Peer = ScriptedUpstream::Peer;

const std::string wish =
    "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: chat\r\n";
const std::string granted =
    "HTTP/1.1 101 Switching Protocols\r\nServer: daphne\r\nUpgrade: WebSocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
const char* const open_tunnels = "portal_legacy_tunnels{upstream=\"default\"}";

/// What comes, back, until it ends.
void echo(Peer& peer) {
    for (auto bytes = peer.receive(); !bytes.empty(); bytes = peer.receive()) peer.send(bytes);
}

legacy::Passage upgrading() {
    legacy::Passage passage;
    passage.upgrades = true;
    return passage;
}

}  // namespace

TEST_CASE("a websocket goes through, both ways", "[legacy]") {
    ScriptedUpstream upstream({[](Peer& peer) {
        peer.request();
        peer.send(granted + "first ");
        echo(peer);
        peer.send(" last");
    }});
    ProxySite site(ProxySite::in_front_of(upstream), upgrading());
    RawClient client(site.address());
    client.send(asking("/ws/", wish) + "early ");
    auto head = client.answer();
    CHECK(status_of(head) == 101);
    CHECK(field_of(head, "Upgrade") == "websocket");
    CHECK(field_of(head, "Connection") == "Upgrade");
    CHECK(field_of(head, "Server") == "daphne");
    CHECK(field_of(head, "Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    auto seen = upstream.requests().at(0);
    CHECK(field_of(seen, "Upgrade") == "websocket");
    CHECK(field_of(seen, "Sec-WebSocket-Key") == "dGhlIHNhbXBsZSBub25jZQ==");
    CHECK(field_of(seen, "Sec-WebSocket-Version") == "13");
    CHECK(field_of(seen, "Sec-WebSocket-Protocol") == "chat");
    CHECK(site.comes_to(open_tunnels, 1));
    // Bytes go both ways at once, more than any buffer holds, and each side ends by itself.
    const std::string much(4 << 20, 'w');
    auto sender = std::async(std::launch::async, [&] {
        client.send(much);
        client.finish_sending();
    });
    auto all = client.rest();
    sender.get();
    CHECK((all == "first early " + much + " last"));
    CHECK(site.comes_to(open_tunnels, 0));
    site.server().wait_for_connections(0);
}

TEST_CASE("a side of a websocket that goes takes the other with it", "[legacy]") {
    for (bool upstream_first : {true, false}) {
        std::promise<void> ended;
        ScriptedUpstream upstream({[&](Peer& peer) {
            peer.request();
            peer.send(granted);
            if (upstream_first) {
                peer.reset();
            } else {
                echo(peer);
            }
            ended.set_value();
        }});
        ProxySite site(ProxySite::in_front_of(upstream), upgrading());
        {
            RawClient client(site.address());
            client.send(asking("/ws/", wish));
            CHECK(status_of(client.answer()) == 101);
            if (upstream_first) CHECK(client.ended());
        }
        CHECK(ended.get_future().wait_for(9s) == std::future_status::ready);
        CHECK(site.comes_to(open_tunnels, 0));
        site.server().wait_for_connections(0);
    }
}

TEST_CASE("a websocket on which nobody says anything ends in time", "[legacy]") {
    ScriptedUpstream upstream({[](Peer& peer) {
        peer.request();
        peer.send(granted);
        echo(peer);
    }});
    auto config = ProxySite::in_front_of(upstream);
    config.limits.client.tunnel_idle_timeout = 300ms;
    ProxySite site(config, upgrading());
    RawClient client(site.address());
    client.send(asking("/ws/", wish));
    CHECK(status_of(client.answer()) == 101);
    CHECK(client.ended());
    CHECK(site.comes_to(open_tunnels, 0));
}

TEST_CASE("a websocket that the monolith refuses is an answer like others", "[legacy]") {
    ScriptedUpstream upstream({ScriptedUpstream::answer(
        "HTTP/1.1 404 Not Found\r\nServer: daphne\r\nContent-Length: 4\r\n\r\nnone")});
    ProxySite site(ProxySite::in_front_of(upstream), upgrading());
    RawClient client(site.address());
    client.send(asking("/ws/", wish));
    auto answer = client.answer();
    CHECK(status_of(answer) == 404);
    CHECK(body_of(answer) == "none");
    client.send(asking("/hello"));
    CHECK(body_of(client.answer()) == "hello");
}

TEST_CASE("only a websocket, and only on routes that say so", "[legacy]") {
    const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    ScriptedUpstream upstream({ScriptedUpstream::answer(ok)});
    struct Case {
        bool upgrades;
        std::string fields;
    };
    const std::vector<Case> cases = {
        {false, wish},
        {true, "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"},
        {true, "Upgrade: websocket\r\n"},
        {true, "Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n"}};
    for (const auto& one : cases) {
        ProxySite site(ProxySite::in_front_of(upstream),
                       one.upgrades ? upgrading() : legacy::Passage());
        CHECK(status_of(site.ask(asking("/x", one.fields))) == 200);
        auto seen = upstream.requests().back();
        CHECK(field_of(seen, "Upgrade").empty());
        CHECK(field_of(seen, "Connection").empty());
        CHECK(field_of(seen, "HTTP2-Settings").empty());
    }
    // One that is changed to though nobody asked is no answer.
    ScriptedUpstream pushy({ScriptedUpstream::answer(granted)});
    ProxySite site(ProxySite::in_front_of(pushy), upgrading());
    CHECK(status_of(site.ask(asking("/x"))) == 502);
}

TEST_CASE("websockets, however many, are no failures of their upstream", "[legacy]") {
    std::vector<ScriptedUpstream::Script> scripts(25, [](Peer& peer) {
        peer.request();
        peer.send(granted);
    });
    scripts.push_back([](Peer& peer) {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
    ScriptedUpstream upstream(std::move(scripts));
    ProxySite site(ProxySite::in_front_of(upstream), upgrading());
    for (int i = 0; i < 25; ++i) {
        RawClient client(site.address());
        client.send(asking("/ws/", wish));
        CHECK(status_of(client.answer()) == 101);
    }
    RawClient client(site.address());
    client.send(asking("/page/"));
    CHECK(body_of(client.answer()) == "ok");
}

TEST_CASE("streams do not take the places of ordinary answers", "[legacy]") {
    auto stream = [](Peer& peer) {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
        peer.receive();
    };
    auto page = [](Peer& peer) {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    };
    ScriptedUpstream upstream({stream, stream, page, stream});
    auto config = ProxySite::in_front_of(upstream);
    config.limits.client.connections_max = 1;
    config.limits.client.long_lived_max = 2;
    ProxySite site(config);
    RawClient first(site.address());
    RawClient second(site.address());
    for (auto* client : {&first, &second}) {
        client->send(asking("/events/"));
        CHECK(status_of(client->answer(true)) == 200);
    }
    RawClient reader(site.address());
    reader.send(asking("/page/"));
    CHECK(body_of(reader.answer()) == "ok");
    // One more than may be is refused, and takes no place either.
    reader.send(asking("/events/"));
    CHECK(status_of(reader.answer()) == 503);
}
