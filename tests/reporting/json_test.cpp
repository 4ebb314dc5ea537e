// What collectors are sent, held against what their specifications say.
#include <nlohmann/json.hpp>
#include <sstream>

#include "breakdown_json.hpp"
#include "span_json.hpp"
#include "support/catch.hpp"

using nlohmann::json;

namespace {

struct Envelope {
    explicit Envelope(const std::string& text) {
        std::istringstream lines(text);
        std::string line;
        std::getline(lines, line);
        head = json::parse(line);
        std::getline(lines, line);
        item = json::parse(line);
        std::getline(lines, payload);
        event = json::parse(payload);
        whole = !std::getline(lines, line);
    }
    json head;
    json item;
    std::string payload;
    json event;
    bool whole = false;
};

const reporting::Installation installation{"https://key@sentry.example/42", "portal@1.2.3", "test"};
const std::string event_id(32, 'e');
const base::Time now = *base::parse_rfc3339("2026-05-04T10:20:30Z");

}  // namespace

TEST_CASE("a batch of spans is what OTLP says, to the letter", "[reporting]") {
    telemetry::Span span;
    span.trace = {0x4bf92f3577b34da6, 0xa3ce929d0e0e4736, 0xb7, true};
    span.parent = 0xf0;
    span.name = "GET /v1/news/{type}";
    span.kind = telemetry::SpanKind::server;
    span.begun = now;
    span.took = std::chrono::nanoseconds(1234567);
    span.attributes = {{"http.route", std::string("/v1/news/{type}")},
                       {"http.response.status_code", std::int64_t{200}}};
    auto root = span;
    root.parent = 0;
    root.failed = true;
    root.attributes = {{"url.path", std::string("/\xff")}};

    auto batch = json::parse(reporting::to_json({"portal", "1.2.3", "run-1"}, {span, root}));
    CHECK(batch == json::parse(R"({"resourceSpans":[{
        "resource":{"attributes":[
            {"key":"service.name","value":{"stringValue":"portal"}},
            {"key":"service.version","value":{"stringValue":"1.2.3"}},
            {"key":"service.instance.id","value":{"stringValue":"run-1"}}]},
        "scopeSpans":[{"scope":{"name":"portal","version":"1.2.3"},"spans":[
            {"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00000000000000b7",
             "parentSpanId":"00000000000000f0","name":"GET /v1/news/{type}","kind":2,
             "startTimeUnixNano":"1777890030000000000","endTimeUnixNano":"1777890030001234567",
             "attributes":[{"key":"http.route","value":{"stringValue":"/v1/news/{type}"}},
                           {"key":"http.response.status_code","value":{"intValue":"200"}}]},
            {"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00000000000000b7",
             "name":"GET /v1/news/{type}","kind":2,
             "startTimeUnixNano":"1777890030000000000","endTimeUnixNano":"1777890030001234567",
             "attributes":[{"key":"url.path","value":{"stringValue":"/�"}}],
             "status":{"code":2}}]}]}]})"));
}

TEST_CASE("what a collector says that it did not take is heard", "[reporting]") {
    CHECK(reporting::rejected_spans("{}") == 0);
    CHECK(reporting::rejected_spans("") == 0);
    CHECK(reporting::rejected_spans("<html>") == 0);
    CHECK(reporting::rejected_spans("[1]") == 0);
    CHECK(reporting::rejected_spans(R"({"partialSuccess":{}})") == 0);
    CHECK(reporting::rejected_spans(R"({"partialSuccess":{"rejectedSpans":"5"}})") == 5);
    CHECK(reporting::rejected_spans(R"({"partialSuccess":{"rejectedSpans":6}})") == 6);
    CHECK(reporting::rejected_spans(R"({"partialSuccess":{"rejectedSpans":"-5"}})") == 0);
    CHECK(reporting::rejected_spans(R"({"partialSuccess":{"rejectedSpans":-5}})") == 0);
}

TEST_CASE("a breakdown is an envelope with one event", "[reporting]") {
    telemetry::Breakdown breakdown;
    breakdown.at = now;
    breakdown.module = "http";
    breakdown.message = "a handler broke";
    breakdown.route = "/v1/news/{type}";
    breakdown.request_id = "r1";
    breakdown.trace_id = std::string(32, 'a');
    breakdown.span_id = std::string(16, 'b');
    breakdown.fields = {{"error", "disk\nfull"}};
    breakdown.others = 3;

    Envelope sent(reporting::envelope_of(installation, breakdown, event_id, now));
    CHECK(sent.whole);
    CHECK(sent.head == json{{"event_id", event_id},
                            {"dsn", "https://key@sentry.example/42"},
                            {"sent_at", "2026-05-04T10:20:30.000Z"}});
    CHECK(sent.item == json{{"type", "event"},
                            {"length", sent.payload.size()},
                            {"content_type", "application/json"}});
    const auto& event = sent.event;
    CHECK(event.at("event_id") == event_id);
    CHECK(event.at("timestamp") == "2026-05-04T10:20:30.000Z");
    CHECK(event.at("level") == "error");
    CHECK(event.at("release") == "portal@1.2.3");
    CHECK(event.at("environment") == "test");
    CHECK(event.at("transaction") == "/v1/news/{type}");
    CHECK(event.at("message").at("formatted") == "a handler broke");
    CHECK(event.at("tags") == json{{"module", "http"},
                                   {"route", "/v1/news/{type}"},
                                   {"request_id", "r1"},
                                   {"trace_id", breakdown.trace_id}});
    CHECK(event.at("contexts").at("trace").at("span_id") == breakdown.span_id);
    CHECK(event.at("extra") == json{{"error", "disk\nfull"}, {"others_not_sent", 3}});
}

TEST_CASE("a crash is a fatal event with its calls, the newest last", "[reporting]") {
    auto record = reporting::parse_crash_record(
        "portal crash record 1\nversion 1.0.0\ntime 20260504T102030Z\nprocess 7\n"
        "signal SIGSEGV\ncode 1\naddress 0x8\nthread writer\nlast_request r1\n"
        "frame 0x55d000001010 portal+0x1010 [abcd]\nframe 0x7f0000000020 libc.so.6+0x20 [ef01]\n"
        "frame 0x1\nend\n");
    REQUIRE(record);
    CHECK(record->complete);
    CHECK(record->at == now);

    Envelope sent(reporting::envelope_of(installation, *record, event_id, now));
    const auto& event = sent.event;
    CHECK(sent.item.at("length") == sent.payload.size());
    CHECK(event.at("level") == "fatal");
    CHECK(event.at("release") == "portal@1.0.0");
    CHECK(event.at("tags") == json{{"module", "crash"},
                                   {"signal", "SIGSEGV"},
                                   {"thread", "writer"},
                                   {"request_id", "r1"}});
    const auto& thrown = event.at("exception").at("values").at(0);
    CHECK(thrown.at("type") == "SIGSEGV");
    CHECK(thrown.at("mechanism").at("handled") == false);
    CHECK(thrown.at("stacktrace").at("frames") == json::parse(R"([{"instruction_addr":"0x1"},
                          {"instruction_addr":"0x7f0000000020","package":"libc.so.6"},
                          {"instruction_addr":"0x55d000001010","package":"portal"}])"));
    CHECK(event.at("debug_meta").at("images") ==
          json::parse(R"([{"type":"elf","code_file":"portal","code_id":"abcd",
                           "image_addr":"0x55d000000000"},
                          {"type":"elf","code_file":"libc.so.6","code_id":"ef01",
                           "image_addr":"0x7f0000000000"}])"));
    CHECK(event.at("extra") == json{{"process", "7"}, {"code", "1"}, {"address", "0x8"}});
}

TEST_CASE("a record that is cut says what it can, and what is none is none", "[reporting]") {
    auto cut = reporting::parse_crash_record("portal crash record 1\nversion 1\nsignal SIG");
    REQUIRE(cut);
    CHECK(cut->signal == "SIG");
    CHECK_FALSE(cut->complete);
    CHECK_FALSE(cut->at);
    CHECK_FALSE(reporting::parse_crash_record(""));
    CHECK_FALSE(reporting::parse_crash_record("something else\nsignal SIGSEGV\n"));
    std::string strange = "portal crash record 1\nframe\nframe +\ntime 99999999T999999Z\n\n";
    CHECK(reporting::parse_crash_record(strange)->frames.size() == 2);
}
