// Upstreams that lie, cut, drip and reset: what their clients get, how soon, and that nobody else
// hears of it.
#include <future>

#include "http/bad_answers.hpp"
#include "http/raw_client.hpp"
#include "proxy_site.hpp"
#include "support/catch.hpp"

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using tests::asking;
using tests::body_of;
using tests::field_of;
using tests::ProxySite;
using tests::RawClient;
using tests::ScriptedUpstream;
using tests::sending;
using tests::status_of;
using Peer = ScriptedUpstream::Peer;
using Script = ScriptedUpstream::Script;

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const std::string line = "HTTP/1.1 200 OK\r\n";

/// Limits of a few hundred milliseconds, so that whoever drips is found out soon.
legacy::Config impatient() {
    legacy::Config config;
    config.disk_free_bytes_min = 0;
    config.limits.client.first_byte_timeout = 300ms;
    config.limits.client.idle_timeout = 300ms;
    config.limits.breaker.calls_min = 100000;
    config.answer_timeout = 1000ms;
    return config;
}

legacy::Config impatient(const ScriptedUpstream& upstream) {
    auto config = impatient();
    config.upstream = upstream.address().text();
    return config;
}

/// To each request these bytes, and then the connection stays open.
Script say(std::string bytes) {
    return [bytes](Peer& peer) {
        peer.request();
        peer.send(bytes);
        peer.receive();
    };
}

/// The same, and then it ends.
Script say_and_end(std::string bytes) {
    return [bytes](Peer& peer) {
        peer.request();
        peer.send(bytes);
    };
}

Script say_and_reset(std::string bytes) {
    return [bytes](Peer& peer) {
        peer.request();
        peer.send(bytes);
        peer.reset();
    };
}

/// After the first bytes one part after the other, until the client has had enough.
Script drip(std::string bytes, std::string part, std::chrono::milliseconds pause = 20ms) {
    return [bytes, part, pause](Peer& peer) {
        peer.request();
        peer.send(bytes);
        for (int i = 0; i < 2000; ++i) {
            if (peer.stirs(pause) || peer.send(part) == 0) break;
        }
    };
}

enum class Outcome {
    refused,      ///< 502 or 504, and nothing of the upstream's
    cut,          ///< a head, and then no clean end
    first_alone,  ///< the one answer, and nothing of what follows it
};

struct Liar {
    std::string why;
    Script script;
    Outcome outcome;
    int status = 502;
    std::string method = "GET";
};

std::vector<Liar> liars() {
    const std::string large(200000, 'x');
    const auto chunked = line + "Transfer-Encoding: chunked\r\n\r\n";
    std::vector<Liar> all = {
        // Connections.
        {"a reset before a word", [](Peer& peer) { peer.reset(); }, Outcome::refused},
        {"an end before a word", [](Peer& peer) { peer.request(); }, Outcome::refused},
        {"a reset after the request", say_and_reset(""), Outcome::refused},
        {"silence", say(""), Outcome::refused, 504},
        // Heads.
        {"a head that is cut", say_and_end(line + "X: y\r\n"), Outcome::refused},
        {"a reset in the head", say_and_reset(line + "X: y"), Outcome::refused},
        {"a head that stops", say(line + "X: y\r\n"), Outcome::refused, 504},
        {"a head that drips", drip(line, "X"), Outcome::refused, 504},
        {"a head of slow lines", drip(line, "X: y\r\n"), Outcome::refused, 504},
        {"interim answers without end", drip("", "HTTP/1.1 102 Wait\r\n\r\n", 1ms),
         Outcome::refused},
        {"a head of a megabyte", say(line + "X: " + std::string(1 << 20, 'x') + "\r\n\r\n"),
         Outcome::refused},
        {"an old protocol", say("ICY 200 OK\r\n\r\n"), Outcome::refused},
        {"HTTP/0.9", say_and_end("<html>hello</html>"), Outcome::refused},
        {"HTTP/2 in plain text", say("\x00\x00\x12\x04\x00"s), Outcome::refused},
        {"websocket unasked",
         say("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"),
         Outcome::refused},
        // Small content, which nobody has seen when it breaks off.
        {"content that is cut", say_and_end(line + "Content-Length: 10\r\n\r\nhello"),
         Outcome::refused},
        {"a reset in the content", say_and_reset(line + "Content-Length: 10\r\n\r\nhello"),
         Outcome::refused},
        {"content that stops", say(line + "Content-Length: 10\r\n\r\nhello"), Outcome::refused,
         504},
        {"content that drips", drip(line + "Content-Length: 100000\r\n\r\n", "x"), Outcome::refused,
         504},
        {"a chunk that is cut", say_and_end(chunked + "a\r\nhello"), Outcome::refused},
        {"chunks without the last", say_and_end(chunked + "5\r\nhello\r\n"), Outcome::refused},
        {"a reset between chunks", say_and_reset(chunked + "5\r\nhello\r\n"), Outcome::refused},
        {"a chunk's end that is missing", say(chunked + "5\r\nhelloX"), Outcome::refused},
        {"a bad size after a good chunk", say(chunked + "5\r\nhello\r\n-1\r\n"), Outcome::refused},
        {"a reset instead of an end", say_and_reset(line + "\r\nhello"), Outcome::refused},
        // Large content, of which some has gone out.
        {"large content that is cut", say_and_end(line + "Content-Length: 200001\r\n\r\n" + large),
         Outcome::cut},
        {"a reset in large content",
         drip(line + "Content-Length: 1000000000\r\n\r\n" + large, large, 100ms), Outcome::cut},
        {"large content that stops", say(line + "Content-Length: 200001\r\n\r\n" + large),
         Outcome::cut},
        {"large chunks without the last", say_and_end(chunked + "30d40\r\n" + large + "\r\n"),
         Outcome::cut},
        {"a bad size after large chunks", say(chunked + "30d40\r\n" + large + "\r\nzz\r\n"),
         Outcome::cut},
        {"content without end", drip(line + "\r\n" + large, large, 1ms), Outcome::cut},
        {"chunks without end", drip(chunked, "30d40\r\n" + large + "\r\n", 1ms), Outcome::cut},
        {"events that break off",
         say_and_end(line + "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                            "5\r\nhello\r\n"),
         Outcome::cut},
        {"events that stop",
         say(line + "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "5\r\nhello\r\n"),
         Outcome::cut},
        // More than one answer.
        {"a second answer behind the first",
         say(ok + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen"), Outcome::first_alone, 200},
        {"a second answer behind chunks",
         say(chunked + "5\r\nhello\r\n0\r\n\r\n" + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n" +
             "stolen"),
         Outcome::first_alone, 200},
        {"content behind 204", say("HTTP/1.1 204 No\r\nContent-Length: 6\r\n\r\nstolen"),
         Outcome::first_alone, 204},
        {"content behind 304", say("HTTP/1.1 304 Not\r\nContent-Length: 6\r\n\r\nstolen"),
         Outcome::first_alone, 304},
        {"content behind an answer to HEAD", say(line + "Content-Length: 6\r\n\r\nstolen"),
         Outcome::first_alone, 200, "HEAD"},
        {"an answer before the request",
         [](Peer& peer) {
             peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
             peer.request();
             peer.receive();
         },
         Outcome::first_alone, 200},
    };
    for (const auto& bad : tests::bad_answers()) {
        all.push_back({bad.why, say(bad.bytes), Outcome::refused});
    }
    return all;
}

/// Everything that comes until the connection ends, or until the content that the head announces
/// is here.
std::string whole_answer(RawClient& client, bool without_content) {
    auto answer = client.answer(without_content);
    return field_of(answer, "Content-Length").empty() && status_of(answer) == 200
               ? answer + client.rest()
               : answer;
}

}  // namespace

TEST_CASE("an upstream that lies costs its own answer and nothing else", "[legacy]") {
    // Given upstreams that lie once, and then no more, each for its own paths.
    const auto all = liars();
    std::vector<std::unique_ptr<ScriptedUpstream>> upstreams;
    auto config = impatient();
    for (std::size_t i = 0; i < all.size(); ++i) {
        upstreams.push_back(std::make_unique<ScriptedUpstream>(
            std::vector<Script>{all[i].script, ScriptedUpstream::answer(ok)}));
        auto name = "l" + std::to_string(i);
        config.upstreams.push_back({name, "/" + name, upstreams.back()->address().text(), 1});
    }
    ProxySite site(config);
    RawClient native(site.address());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& liar = all[i];
        INFO(liar.why);
        // When one is asked, while others ask for what is native.
        auto target = "/l" + std::to_string(i);
        RawClient client(site.address());
        client.send(asking(target, "", liar.method));
        native.send(asking("/hello"));
        CHECK(body_of(native.answer()) == "hello");
        auto begun = std::chrono::steady_clock::now();
        auto answer = liar.outcome == Outcome::cut ? client.rest()
                                                   : whole_answer(client, liar.method == "HEAD");
        // Then whoever asked knows soon that this is no answer, or has the one that is.
        CHECK(std::chrono::steady_clock::now() - begun < 5s);
        switch (liar.outcome) {
            case Outcome::refused:
                CHECK(status_of(answer) == liar.status);
                CHECK(body_of(answer).find("\"error\":\"upstream_") != answer.npos);
                CHECK(body_of(answer).find("hello") == answer.npos);
                break;
            case Outcome::cut:
                CHECK(status_of(answer) == 200);
                CHECK(!answer.ends_with("\r\n0\r\n\r\n"));
                if (auto length = field_of(answer, "Content-Length"); !length.empty()) {
                    CHECK(body_of(answer).size() < std::stoul(length));
                }
                break;
            case Outcome::first_alone:
                CHECK(status_of(answer) == liar.status);
                CHECK(answer.find("stolen") == answer.npos);
                break;
        }
        // And nobody gets anything of it afterwards: its connection is not used again.
        CHECK(body_of(site.ask(asking(target))) == "hello");
        CHECK(upstreams[i]->connections() == 2);
        native.send(asking("/hello"));
        CHECK(body_of(native.answer()) == "hello");
    }
}

TEST_CASE("an upstream that takes nothing of a request costs that request", "[legacy]") {
    std::promise<void> over;
    auto ended = over.get_future().share();
    ScriptedUpstream upstream({[ended](Peer&) { ended.wait_for(10s); },
                               [](Peer& peer) {
                                   peer.receive();
                                   peer.send(
                                       "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n"
                                       "no");
                                   peer.receive();
                                   peer.reset();
                               },
                               ScriptedUpstream::answer(ok)});
    ProxySite site(impatient(upstream));
    const std::string content(16 << 20, 'x');
    RawClient client(site.address());
    client.send(sending("/x", content));
    CHECK(status_of(client.answer()) == 504);
    over.set_value();
    // One that answers before it has heard all is believed, and its connection not used again.
    client.send(sending("/x", content));
    auto early = client.answer();
    CHECK(status_of(early) == 413);
    CHECK(body_of(early) == "no");
    client.send(asking("/x"));
    CHECK(body_of(client.answer()) == "hello");
    CHECK(upstream.connections() == 3);
}

TEST_CASE("a request that may have been heard is not made twice", "[legacy]") {
    ScriptedUpstream upstream({[](Peer& peer) { peer.request(); }, ScriptedUpstream::answer(ok)});
    ProxySite site(impatient(upstream));
    CHECK(status_of(site.ask(sending("/x", "pay"))) == 502);
    CHECK(upstream.requests().size() == 1);
    CHECK(upstream.connections() == 1);
}
