// A request as a part of a trace: in its span, its line in the log, and beside the measurements.
#include <fstream>
#include <nlohmann/json.hpp>

#include "raw_client.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "telemetry/log.hpp"
#include "telemetry/spans.hpp"
#include "test_server.hpp"

using nlohmann::json;
using tests::RawClient;
using tests::TestServer;

namespace {

const std::string caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// A server in a process that traces a share of the requests; nothing: traces are off.
class Traced {
public:
    explicit Traced(std::optional<double> share) {
        telemetry::LogTarget target;
        target.console = false;
        target.file = folder_ / "portal.log";
        target.blocks = true;
        telemetry::start_log(target);
        telemetry::TraceRules rules;
        rules.share = share.value_or(1);
        if (share) telemetry::start_traces(rules);
        server_ = std::make_unique<TestServer>(TestServer::quick(), false);
    }
    ~Traced() {
        server_.reset();
        telemetry::stop_traces();
        telemetry::stop_log();
    }

    void ask(const std::string& method, const std::string& target, const std::string& fields = "",
             bool operations = false) {
        RawClient client(operations ? server_->operations_address() : server_->address());
        client.send(method + ' ' + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
        client.answer();
    }
    /// Of what has been answered; ends the server.
    std::vector<telemetry::Span> spans() {
        server_->server().stop();
        return telemetry::take_spans(100);
    }
    std::vector<json> lines(const std::string& message) {
        server_->server().stop();
        telemetry::stop_log();
        std::ifstream file(folder_ / "portal.log");
        std::vector<json> found;
        for (std::string line; std::getline(file, line);) {
            auto parsed = json::parse(line);
            if (parsed.at("message") == message) found.push_back(std::move(parsed));
        }
        return found;
    }
    std::string numbers() {
        server_->server().stop();
        return server_->metrics().text(telemetry::MetricsForm::open);
    }

private:
    support::TemporaryFolder folder_;
    std::unique_ptr<TestServer> server_;
};

std::string text_of(const telemetry::Span& span, const std::string& name) {
    for (const auto& [its, value] : span.attributes) {
        if (its != name) continue;
        const auto* text = std::get_if<std::string>(&value);
        return text ? *text : std::to_string(std::get<std::int64_t>(value));
    }
    return "";
}

}  // namespace

TEST_CASE("each sampled request has a span, in the trace of its caller", "[http]") {
    Traced traced(1);
    traced.ask("GET", "/slow?secret=1", "traceparent: " + caller + "\r\nX-Request-Id: r1\r\n");
    traced.ask("GET", "/hello");
    traced.ask("GET", "/throws");
    traced.ask("GET", "/nowhere/ada@example.org");
    traced.ask("GET", "/slow", "", true);

    auto spans = traced.spans();
    REQUIRE(spans.size() == 4);  // none of the listener for operations
    const auto& slow = spans[0];
    CHECK(base::trace_id(slow.trace) == "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK(base::span_id(slow.parent) == "00f067aa0ba902b7");
    CHECK(slow.trace.span != slow.parent);
    CHECK(slow.kind == telemetry::SpanKind::server);
    CHECK(slow.name == "GET /slow");
    CHECK(text_of(slow, "http.request.method") == "GET");
    CHECK(text_of(slow, "http.route") == "/slow");
    CHECK(text_of(slow, "url.path") == "/slow");
    CHECK(text_of(slow, "http.response.status_code") == "200");
    CHECK(text_of(slow, "portal.request_id") == "r1");
    CHECK_FALSE(slow.failed);
    CHECK(slow.took.count() > 0);
    auto age = base::SystemClock().now() - slow.begun;
    CHECK(std::chrono::abs(age) < std::chrono::minutes(1));
    // From the cache, without a handler.
    CHECK(spans[1].name == "GET /hello");
    CHECK(spans[1].parent == 0);
    CHECK_FALSE(spans[1].trace.is_of(slow.trace));
    CHECK(spans[2].failed);
    CHECK(text_of(spans[2], "http.response.status_code") == "500");
    CHECK(text_of(spans[3], "url.path") == "/nowhere/*");
}

TEST_CASE("a traceparent that is none, or one of two, begins a new trace", "[http]") {
    Traced traced(1);
    traced.ask("GET", "/slow", "traceparent: " + caller + "0\r\n");
    traced.ask("GET", "/slow", "traceparent: " + caller + "\r\ntraceparent: " + caller + "\r\n");

    auto spans = traced.spans();
    REQUIRE(spans.size() == 2);
    for (const auto& span : spans) {
        CHECK(base::trace_id(span.trace) != "4bf92f3577b34da6a3ce929d0e0e4736");
        CHECK(span.parent == 0);
    }
}

TEST_CASE("lines about a request name its trace, sampled or not", "[http]") {
    Traced traced(0);
    traced.ask("GET", "/throws", "traceparent: " + caller + "\r\n");

    for (const char* message : {"request", "a handler broke", "answered with a server error"}) {
        INFO(message);
        auto lines = traced.lines(message);
        REQUIRE(lines.size() == 1);
        CHECK(lines.front().at("trace_id") == "4bf92f3577b34da6a3ce929d0e0e4736");
        CHECK(lines.front().at("route") == "/throws");
    }
    CHECK(telemetry::take_spans(10).empty());
}

TEST_CASE("the time of a handler names the trace of a sampled request", "[http]") {
    Traced traced(1);
    traced.ask("GET", "/slow", "traceparent: " + caller + "\r\n");

    CHECK(traced.numbers().find("# {trace_id=\"4bf92f3577b34da6a3ce929d0e0e4736\"} ") !=
          std::string::npos);
}

TEST_CASE("while traces are off a request is in none", "[http]") {
    Traced traced(std::nullopt);
    traced.ask("GET", "/slow", "traceparent: " + caller + "\r\n");

    CHECK(traced.spans().empty());
    CHECK(traced.numbers().find("trace_id") == std::string::npos);
    auto lines = traced.lines("request");
    REQUIRE(lines.size() == 1);
    CHECK_FALSE(lines.front().contains("trace_id"));
}
