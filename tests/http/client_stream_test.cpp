// The client's long content both ways, its tunnels, and TLS.
#include <future>

#include "asking.hpp"
#include "client_service.hpp"
#include "scripted_upstream.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace std::chrono_literals;
using tests::ask;
using tests::code_of;
using tests::Pieces;
using tests::ScriptedUpstream;
using Peer = ScriptedUpstream::Peer;

constexpr std::size_t mebi = 1024 * 1024;
const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

std::unique_ptr<http::Client> make(telemetry::Metrics& metrics, http::ClientConfig config = {}) {
    auto made = http::make_client(config, metrics);
    REQUIRE(made);
    return std::move(*made);
}

http::ClientRequest upload_to(const ScriptedUpstream& upstream, std::shared_ptr<Pieces> pieces,
                              std::optional<std::uint64_t> length = {}) {
    http::ClientRequest request;
    request.upstream = upstream.address();
    request.method = http::Method::post;
    request.body = http::ClientUpload{std::move(pieces), length};
    return request;
}

/// Reads one piece, and then no more.
base::Task<std::size_t> read_one(http::Client& client, http::ClientRequest request) {
    auto response = co_await client.send(std::move(request), base::Deadline::in(10s));
    if (!response) co_return response.error();
    auto piece = co_await response->body->read_some();
    if (!piece) co_return piece.error();
    co_return piece->size();
}

base::Task<std::string> talk(http::Client& client, http::ClientRequest request) {
    auto response = co_await client.send(std::move(request), base::Deadline::in(10s));
    if (!response) co_return response.error();
    if (!response->tunnel) co_return "no tunnel";
    std::string heard;
    auto greeting = co_await response->tunnel->read_some();
    if (!greeting) co_return greeting.error();
    heard += *greeting;
    std::string question = "ping";
    auto written = co_await response->tunnel->write(std::move(question));
    if (!written) co_return written.error();
    response->tunnel->finish_writing();
    for (;;) {
        auto more = co_await response->tunnel->read_some();
        if (!more) co_return more.error();
        if (more->empty()) co_return heard;
        heard += *more;
    }
}

/// Stops the exchange when its content is asked for the second time.
class StoppingPieces final : public http::ClientBody {
public:
    explicit StoppingPieces(std::shared_ptr<http::ClientStop> stop) : stop_(std::move(stop)) {}
    base::Task<std::string> read_some() override {
        if (++asked_ == 2) stop_->stop();
        co_return std::string("piece");
    }

private:
    std::shared_ptr<http::ClientStop> stop_;
    int asked_ = 0;
};

/// Stops after the first piece of the answer, and reads on.
base::Task<std::string> read_and_stop(http::Client& client, http::ClientRequest request) {
    auto stop = request.stop;
    auto response = co_await client.send(std::move(request), base::Deadline::in(10s));
    if (!response) co_return response.error();
    auto piece = co_await response->body->read_some();
    if (!piece) co_return piece.error();
    stop->stop();
    co_return co_await response->body->read_some();
}

/// A folder with the certificate of the upstream as the one to trust.
struct Trust {
    explicit Trust(const support::Certificate& certificate) {
        support::write_certificate(folder.path(), certificate);
        config.ca_file = folder / "certificate.pem";
        config.pooled_life = 10s;
    }
    support::TemporaryFolder folder;
    http::ClientConfig config;
};

http::ClientRequest secure_to(const ScriptedUpstream& upstream, const std::string& host) {
    http::ClientRequest request;
    request.upstream = upstream.address(host);
    request.upstream.tls = true;
    return request;
}

}  // namespace

TEST_CASE("content is sent as it is made, with its length or in chunks", "[http][client]") {
    ScriptedUpstream upstream({ScriptedUpstream::answer(ok)});
    telemetry::Metrics metrics;
    auto client = make(metrics);
    std::vector<std::string> words = {"one", "two", "three"};
    REQUIRE(ask(*client, upload_to(upstream, std::make_shared<Pieces>(words), 11)));
    REQUIRE(ask(*client, upload_to(upstream, std::make_shared<Pieces>(words))));
    auto requests = upstream.requests();
    REQUIRE(requests.size() == 2);
    CHECK_THAT(requests[0], Catch::Contains("\r\nContent-Length: 11\r\n"));
    CHECK_THAT(requests[0], Catch::EndsWith("\r\n\r\nonetwothree"));
    CHECK_THAT(requests[1],
               Catch::EndsWith("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n"));
}

TEST_CASE("content that is not as long as was said, or breaks, is never whole for the upstream",
          "[http][client]") {
    ScriptedUpstream upstream({ScriptedUpstream::answer(ok)});
    telemetry::Metrics metrics;
    auto client = make(metrics);
    std::vector<std::string> words = {"one", "two"};
    CHECK(code_of(ask(*client, upload_to(upstream, std::make_shared<Pieces>(words), 7))) ==
          "invalid_request");
    CHECK(code_of(ask(*client, upload_to(upstream, std::make_shared<Pieces>(words), 5))) ==
          "invalid_request");
    auto broken = std::make_shared<Pieces>(words);
    broken->break_with({base::Reason::unavailable, "source_broke", "It broke."});
    CHECK(code_of(ask(*client, upload_to(upstream, broken))) == "source_broke");
    CHECK(upstream.requests().empty());
}

TEST_CASE("an upstream that reads nothing is not sent everything", "[http][client]") {
    auto deaf = [](Peer& peer) {
        // Half of the first piece at most; the rest stays where it is.
        peer.receive();
        peer.send("HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\n\r\nno");
        peer.reset();
    };
    ScriptedUpstream upstream({deaf});
    telemetry::Metrics metrics;
    auto client = make(metrics);
    auto pieces = std::make_shared<Pieces>(std::size_t(2048));
    ask(*client, upload_to(upstream, pieces));
    CHECK(pieces->asked() < 1024);
}

TEST_CASE("an answer before the end of the content is heard, and ends the sending",
          "[http][client]") {
    std::promise<void> heard;
    auto impatient = [&](Peer& peer) {
        peer.receive();
        peer.send("HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\n\r\nno");
        heard.get_future().wait_for(10s);
    };
    ScriptedUpstream upstream({impatient});
    telemetry::Metrics metrics;
    auto client = make(metrics);
    auto pieces = std::make_shared<Pieces>(std::size_t(2048));
    auto answer = ask(*client, upload_to(upstream, pieces));
    heard.set_value();
    REQUIRE(answer);
    CHECK(answer->status == 413);
    CHECK(answer->body == "no");
    CHECK(pieces->asked() < 2048);
}

TEST_CASE("an upstream that takes nothing more is left in time", "[http][client]") {
    std::promise<void> done;
    auto deaf = [&](Peer& peer) {
        peer.receive();
        done.get_future().wait_for(10s);
    };
    ScriptedUpstream upstream({deaf});
    telemetry::Metrics metrics;
    http::ClientConfig config;
    config.idle_timeout = 50ms;
    auto client = make(metrics, config);
    auto pieces = std::make_shared<Pieces>(std::size_t(2048));
    CHECK(code_of(ask(*client, upload_to(upstream, pieces))) == "upstream_timeout");
    done.set_value();
}

TEST_CASE("what nobody reads is not fetched", "[http][client]") {
    std::promise<std::size_t> sent;
    auto big = [&](Peer& peer) {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 134217728\r\n\r\n");
        sent.set_value(peer.send(std::string(128 * mebi, 'x')));
    };
    ScriptedUpstream upstream({big});
    telemetry::Metrics metrics;
    auto client = make(metrics);
    http::ClientRequest request;
    request.upstream = upstream.address();
    auto piece = base::run(read_one(*client, request));
    REQUIRE(piece);
    CHECK(*piece > 0);
    CHECK(*piece <= 16 * 1024);
    // What the kernel holds for both sides, and no more.
    CHECK(sent.get_future().get() < 32 * mebi);
}

TEST_CASE("large content arrives byte for byte, in both framings", "[http][client]") {
    std::string content;
    for (std::size_t i = 0; content.size() < 3 * mebi; ++i) content += std::to_string(i) + " ";
    auto script = [&](Peer& peer) {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(content.size()) +
                  "\r\n\r\n" + content);
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (std::size_t at = 0; at < content.size(); at += 70000) {
            auto piece = content.substr(at, 70000);
            char size[16];
            std::snprintf(size, sizeof(size), "%zx\r\n", piece.size());
            peer.send(size + piece + "\r\n");
        }
        peer.send("0\r\n\r\n");
    };
    ScriptedUpstream upstream({script});
    telemetry::Metrics metrics;
    http::ClientConfig config;
    config.pooled_life = 10s;
    auto client = make(metrics, config);
    http::ClientRequest request;
    request.upstream = upstream.address();
    for (int i = 0; i < 2; ++i) {
        auto answer = ask(*client, request);
        REQUIRE(answer);
        CHECK((answer->body == content));
    }
    CHECK(upstream.connections() == 1);
}

TEST_CASE("another protocol is spoken only if it was asked for", "[http][client]") {
    const std::string change =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n";
    auto script = [&](Peer& peer) {
        peer.request();
        peer.send(change + "hello ");
        auto asked = peer.receive();
        while (!peer.receive().empty()) {
        }
        peer.send("you said " + asked);
    };
    ScriptedUpstream upstream({script});
    telemetry::Metrics metrics;
    auto client = make(metrics);
    http::ClientRequest request;
    request.upstream = upstream.address();
    CHECK(code_of(ask(*client, request)) == "upstream_malformed");
    request.upgrade = "chess";
    CHECK(code_of(ask(*client, request)) == "upstream_malformed");
    request.upgrade = "websocket";
    auto heard = base::run(talk(*client, request));
    REQUIRE(heard);
    CHECK(*heard == "hello you said ping");
    CHECK_THAT(upstream.requests().back(),
               Catch::Contains("\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"));
}

TEST_CASE("a certificate that is vouched for and for that name is taken", "[http][client][tls]") {
    auto certificate = support::make_certificate("localhost");
    ScriptedUpstream upstream({ScriptedUpstream::answer(ok)}, &certificate);
    Trust trust(certificate);
    telemetry::Metrics metrics;
    auto client = make(metrics, trust.config);
    for (int i = 0; i < 3; ++i) {
        auto answer = ask(*client, secure_to(upstream, "localhost"));
        REQUIRE(answer);
        CHECK(answer->body == "hello");
    }
    CHECK(upstream.connections() == 1);
}

TEST_CASE("a certificate of another name, of nobody, or too old is not", "[http][client][tls]") {
    auto certificate = support::make_certificate("localhost");
    auto wrong_name = support::make_certificate("elsewhere.example");
    auto too_old = support::make_certificate("localhost", {-1h});
    struct Case {
        std::string why;
        const support::Certificate& shown;
        const support::Certificate& trusted;
        std::string host;
    };
    for (const auto& [why, shown, trusted, host] : {
             Case{"another name", wrong_name, wrong_name, "localhost"},
             Case{"nobody vouches", certificate, wrong_name, "localhost"},
             Case{"too old", too_old, too_old, "localhost"},
             Case{"a name for an address", certificate, certificate, "127.0.0.1"},
         }) {
        CAPTURE(why);
        ScriptedUpstream upstream({ScriptedUpstream::answer(ok)}, &shown);
        Trust trust(trusted);
        telemetry::Metrics metrics;
        auto client = make(metrics, trust.config);
        CHECK(code_of(ask(*client, secure_to(upstream, host))) == "upstream_untrusted");
        CHECK(upstream.requests().empty());
    }
}

TEST_CASE("the system's own certificates do not vouch for one made at home",
          "[http][client][tls]") {
    auto certificate = support::make_certificate("localhost");
    ScriptedUpstream upstream({ScriptedUpstream::answer(ok)}, &certificate);
    telemetry::Metrics metrics;
    auto client = make(metrics);
    CHECK(code_of(ask(*client, secure_to(upstream, "localhost"))) == "upstream_untrusted");
}

TEST_CASE("an upstream that speaks no TLS, or says nothing, is left", "[http][client][tls]") {
    auto plain = [](Peer& peer) {
        peer.receive();
        peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    };
    auto silent = [](Peer& peer) {
        peer.receive();
        peer.receive();
    };
    ScriptedUpstream upstream({plain, silent});
    telemetry::Metrics metrics;
    http::ClientConfig config;
    config.connect_timeout = 100ms;
    auto client = make(metrics, config);
    CHECK(code_of(ask(*client, secure_to(upstream, "127.0.0.1"))) == "upstream_unreachable");
    CHECK(code_of(ask(*client, secure_to(upstream, "127.0.0.1"))) == "upstream_timeout");
}

TEST_CASE("under TLS an end without a goodbye is a cut", "[http][client][tls]") {
    auto certificate = support::make_certificate("localhost");
    auto polite = [](Peer& peer) {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\n\r\nhello");
    };
    auto rude = [](Peer& peer) {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\n\r\nhello");
        peer.hang_up();
    };
    ScriptedUpstream upstream({polite, rude}, &certificate);
    Trust trust(certificate);
    telemetry::Metrics metrics;
    auto client = make(metrics, trust.config);
    CHECK(ask(*client, secure_to(upstream, "localhost"))->body == "hello");
    CHECK(code_of(ask(*client, secure_to(upstream, "localhost"))) == "upstream_cut");
}

TEST_CASE("certificates to trust that cannot be read are named at once", "[http][client][tls]") {
    telemetry::Metrics metrics;
    http::ClientConfig config;
    config.ca_file = "/no/such/file.pem";
    auto made = http::make_client(config, metrics);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == "ca_unusable");
    CHECK_THAT(made.error().message, Catch::Contains("/no/such/file.pem"));
}

TEST_CASE("an exchange that is stopped ends at once, wherever it is", "[http][client]") {
    // Given an upstream that ends its part only when the connection ends.
    std::promise<void> left;
    auto endless = [&](Peer& peer) {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\n\r\nhello");
        if (peer.receive().empty()) left.set_value();
    };
    auto deaf = [](Peer& peer) {
        while (!peer.receive().empty()) {
        }
    };
    ScriptedUpstream upstream({endless, deaf});
    telemetry::Metrics metrics;
    auto client = make(metrics);
    http::ClientRequest request;
    request.upstream = upstream.address();
    request.stop = std::make_shared<http::ClientStop>();
    // When it is stopped in the middle of its answer, in the middle of its content, or before.
    auto in_answer = base::run(read_and_stop(*client, request));
    // Then it is refused, though an answer like that could end so, and the connection is closed.
    CHECK(code_of(in_answer) == "request_stopped");
    CHECK(left.get_future().wait_for(10s) == std::future_status::ready);
    auto stop = std::make_shared<http::ClientStop>();
    request.method = http::Method::post;
    request.stop = stop;
    request.body = http::ClientUpload{std::make_shared<StoppingPieces>(stop), {}};
    CHECK(code_of(ask(*client, request)) == "request_stopped");
    CHECK(support::eventually([&] { return upstream.connections() == 2; }));
    CHECK(code_of(ask(*client, request)) == "request_stopped");
}
