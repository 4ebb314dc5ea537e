// The built program tells a collector of spans, and Sentry of breakdowns and crashes, and is none
// the slower where nobody takes them.
#include <signal.h>

#include <fstream>
#include <sstream>

#include "http/scripted_upstream.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/json_checks.hpp"
#include "support/portal_process.hpp"

using nlohmann::json;
using support::PortalProcess;
using tests::ScriptedUpstream;

namespace {

const std::string caller_trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string caller_span = "00f067aa0ba902b7";
const std::string caller = "00-" + caller_trace + '-' + caller_span + "-01";
const char* const taken =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
    "2\r\n\r\n{}";

std::string body_of(const std::string& request) {
    return request.substr(request.find("\r\n\r\n") + 4);
}

/// The value of a field of a request as it came; empty if it is not there.
std::string field_of(const std::string& request, const std::string& name) {
    auto at = request.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    at += name.size() + 4;
    return request.substr(at, request.find("\r\n", at) - at);
}

/// Every span that a collector was sent, each held against the form that OTLP has for it.
std::vector<json> spans_of(const ScriptedUpstream& collector) {
    std::vector<json> all;
    for (const auto& request : collector.requests()) {
        CHECK(request.starts_with("POST /v1/traces HTTP/1.1\r\n"));
        CHECK(field_of(request, "Content-Type") == "application/json");
        auto batch = json::parse(body_of(request));
        REQUIRE(batch.at("resourceSpans").size() == 1);
        const auto& scoped = batch["resourceSpans"][0].at("scopeSpans");
        REQUIRE(scoped.size() == 1);
        for (const auto& span : scoped[0].at("spans")) {
            CHECK(span.at("traceId").get<std::string>().size() == 32);
            CHECK(span.at("spanId").get<std::string>().size() == 16);
            CHECK(span.at("kind").is_number_integer());
            CHECK(span.at("startTimeUnixNano").get<std::string>() <=
                  span.at("endTimeUnixNano").get<std::string>());
            all.push_back(span);
        }
    }
    return all;
}

/// The span of that name in a trace; null if there is none.
json find(const std::vector<json>& spans, const std::string& name, const std::string& trace) {
    for (const auto& span : spans) {
        if (span.at("name") == name && span.at("traceId") == trace) return span;
    }
    return nullptr;
}

json traces_to(const std::string& endpoint) {
    return {{"traces", {{"endpoint", endpoint}, {"sample_one_in", 1}}},
            {"send", {{"interval_ms", 50}, {"timeout_ms", 500}, {"attempts_max", 1}}}};
}

/// The third line of an envelope.
json event_of(const std::string& request) {
    std::istringstream lines(body_of(request));
    std::string line;
    for (int i = 0; i < 3; ++i) std::getline(lines, line);
    return json::parse(line);
}

double metric(const PortalProcess& portal, const std::string& line) {
    auto text = support::HttpClient(portal.operations()).request("GET", "/metrics").body;
    auto at = text.find("\n" + line + " ");
    if (at == std::string::npos) return -1;
    return std::stod(text.substr(at + line.size() + 2));
}

std::string write_dsn(const PortalProcess& portal, const ScriptedUpstream& sentry) {
    auto file = portal.folder() / "dsn";
    auto host = sentry.address().text().substr(std::string("http://").size());
    std::ofstream(file) << "http://0a1b2c@" << host << "/42\n";
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    return file.string();
}

}  // namespace

TEST_CASE(
    "a change, what follows from it, and what Django is asked, are in the trace of their "
    "caller",
    "[system]") {
    ScriptedUpstream collector({ScriptedUpstream::answer(taken)});
    ScriptedUpstream django({ScriptedUpstream::answer(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi")});
    PortalProcess portal(json{{"reporting", traces_to(collector.address().text())},
                              {"legacy", {{"upstream", django.address().text()}}}});
    portal.start();
    support::Fields traced = {{"traceparent", caller}, {"tracestate", "rojo=1"}};
    REQUIRE(portal.post("/v1/news/sports", support::new_item("Traced"), traced).status == 201);
    REQUIRE(portal.get("/v1/news/sports/1/10", traced).status == 200);
    REQUIRE(portal.get("/of-django?secret=1", traced).status == 200);

    std::vector<json> spans;
    auto has_all = [&] {
        spans = spans_of(collector);
        return !find(spans, "upstream", caller_trace).is_null() &&
               !find(spans, "apply view", caller_trace).is_null() &&
               !find(spans, "news:sports", caller_trace).is_null();
    };
    bool came = support::eventually(has_all);
    INFO(json(spans).dump(1));
    REQUIRE(came);
    auto change = find(spans, "POST /v1/news/{type}", caller_trace);
    REQUIRE_FALSE(change.is_null());
    CHECK(change.at("parentSpanId") == caller_span);
    CHECK(change.at("kind") == 2);
    auto commit = find(spans, "commit news-sports", caller_trace);
    REQUIRE_FALSE(commit.is_null());
    CHECK(commit.at("parentSpanId") == change.at("spanId"));
    CHECK(find(spans, "apply view", caller_trace).at("parentSpanId") == change.at("spanId"));
    auto upstream = find(spans, "upstream", caller_trace);
    CHECK(upstream.at("kind") == 3);
    // Django is told that the span which asks it is its caller.
    REQUIRE(django.requests().size() == 1);
    auto asked = django.requests().front();
    CHECK(field_of(asked, "traceparent") ==
          "00-" + caller_trace + '-' + upstream.at("spanId").get<std::string>() + "-01");
    CHECK(field_of(asked, "tracestate") == "rojo=1");
    for (const auto& request : collector.requests()) CHECK(request.find("secret") == request.npos);
    CHECK(portal.stop() == 0);
    CHECK(portal.breakdowns().empty());
}

TEST_CASE("a collector that hangs slows nobody down, and one that is not wanted is not asked",
          "[system]") {
    ScriptedUpstream collector({[](ScriptedUpstream::Peer& peer) {
        peer.request();
        peer.stirs(std::chrono::seconds(10));
    }});
    auto settings = traces_to(collector.address().text());
    settings["traces"]["spans_max"] = 16;
    PortalProcess portal(json{{"reporting", settings}});
    portal.start();
    {
        support::HttpClient client(portal.address());
        auto begun = std::chrono::steady_clock::now();
        for (int i = 0; i < 200; ++i)
            REQUIRE(client.request("GET", "/v1/news/sports/1/10").status == 200);
        // A collector's answer is waited for half a second, each time.
        CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(20));
    }
    auto counted = [&](const char* why) {
        return metric(portal, "portal_reporting_dropped_total{what=\"spans\",why=\"" +
                                  std::string(why) + "\"}");
    };
    CHECK(support::eventually(
        [&] { return counted("queue_full") > 0 && counted("unreachable") > 0; }));
    CHECK(metric(portal, "portal_reporting_sent_total{what=\"spans\"}") == 0);
    CHECK(portal.stop() == 0);

    auto before = collector.connections();
    REQUIRE(before > 0);
    portal.configure({{"reporting", {{"traces", {{"endpoint", ""}}}}}});
    portal.start();
    REQUIRE(portal.get("/v1/news/sports/1/10", {{"traceparent", caller}}).status == 200);
    CHECK(portal.stop() == 0);
    CHECK(collector.connections() == before);
}

TEST_CASE("a crash leaves a record, of which the next start tells the log, /readyz and Sentry",
          "[system]") {
    ScriptedUpstream sentry({ScriptedUpstream::answer(taken)});
    PortalProcess portal(json{{"reporting", {{"send", {{"interval_ms", 50}}}}},
                              {"legacy", {{"upstream", "http://127.0.0.1:1"}}}});
    portal.configure(
        {{"reporting", {{"errors", {{"sentry_dsn_file", write_dsn(portal, sentry)}}}}}});
    auto aside = [&] {
        std::error_code none_yet;
        std::filesystem::directory_iterator folder(portal.data() / "crashes", none_yet);
        return none_yet ? 0 : std::distance(folder, {});
    };
    for (int signal : {SIGSEGV, SIGABRT}) {
        portal.start();
        auto ready = support::HttpClient(portal.operations()).request("GET", "/readyz").json();
        CHECK(ready.contains(json::json_pointer("/warnings/crash")) == (signal == SIGABRT));
        // What is told is put aside.
        if (signal == SIGABRT) CHECK(support::eventually([&] { return aside() == 1; }));
        portal.process().signal(signal);
        auto ended = portal.process().wait(std::chrono::seconds(60));
        REQUIRE(ended);
        CHECK(*ended != 0);
    }
    portal.start();
    REQUIRE(support::eventually([&] { return aside() == 2; }));
    auto lines = portal.breakdowns();
    REQUIRE(lines.size() == 2);
    CHECK(json::parse(lines[0]).at("message") == "an earlier run ended by a crash");
    CHECK(json::parse(lines[0]).at("signal") == "SIGSEGV");
    CHECK(json::parse(lines[1]).at("signal") == "SIGABRT");
    // Nobody is where the monolith should be.
    support::Fields named = {{"X-Request-Id", "r-1"}};
    CHECK(portal.get("/of-django/ada@example.org?token=hush", named).status == 502);
    CHECK(support::eventually([&] { return sentry.requests().size() >= 3; }));
    CHECK(portal.stop() == 0);

    auto requests = sentry.requests();
    REQUIRE(requests.size() == 3);
    auto failed = event_of(requests[2]);
    CHECK(failed.at("message").at("formatted") == "answered with a server error");
    CHECK(failed.at("level") == "error");
    CHECK(failed.at("tags").at("request_id") == "r-1");
    CHECK(failed.at("tags").at("module") == "http");
    CHECK_FALSE(failed.at("tags").at("route").get<std::string>().empty());
    CHECK(requests[2].find("hush") == std::string::npos);
    CHECK(requests[2].find("example.org") == std::string::npos);
    CHECK(requests[0].starts_with("POST /api/42/envelope/ HTTP/1.1\r\n"));
    CHECK(field_of(requests[0], "Content-Type") == "application/x-sentry-envelope");
    CHECK(field_of(requests[0], "X-Sentry-Auth").find("sentry_key=0a1b2c") != std::string::npos);
    std::istringstream envelope(body_of(requests[0]));
    std::string line;
    std::getline(envelope, line);
    auto head = json::parse(line);
    CHECK(head.at("dsn").get<std::string>().starts_with("http://0a1b2c@"));
    CHECK(head.contains("sent_at"));
    std::getline(envelope, line);
    auto item = json::parse(line);
    CHECK(item.at("type") == "event");
    std::getline(envelope, line);
    CHECK(item.at("length") == line.size());
    auto event = json::parse(line);
    CHECK(event.at("event_id") == head.at("event_id"));
    CHECK(event.at("level") == "fatal");
    CHECK(event.at("tags").at("signal") == "SIGSEGV");
    CHECK(event.at("exception").at("values").at(0).at("stacktrace").at("frames").size() > 0);
    auto printed = portal.command({"--print-config"});
    CHECK(printed.output.find("0a1b2c") == std::string::npos);
}
