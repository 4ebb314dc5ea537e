#include "operations/verdict.hpp"

#include "support/catch.hpp"

namespace operations {

namespace {

const Measure& measure_of(std::string_view name) {
    for (const auto& measure : measures()) {
        if (measure.name == name) return measure;
    }
    throw std::runtime_error("there is no such measure");
}

constexpr const char* metrics =
    "# HELP portal_news_view_backlog_events Events.\n"
    "# TYPE portal_news_view_backlog_events gauge\n"
    "portal_news_view_backlog_events{type=\"politics\"} 3\n"
    "portal_news_view_backlog_events{type=\"sports\"} 250\n"
    "portal_news_view_backlog_events_other 9999\n"
    "portal_news_parked_streams{type=\"politics\"} 1\n"
    "portal_news_parked_streams{type=\"sports\"} 2\n"
    "portal_users_queue_parked_rows 0\n"
    "portal_disk_free_bytes 150\n"
    "portal_disk_size_bytes 1000\n"
    "portal_tls_certificate_not_after_seconds 1000000\n";

}  // namespace

TEST_CASE("a number becomes a verdict by its thresholds", "[operations]") {
    struct Row {
        const char* what;
        Thresholds thresholds;
        Severity severity;
        const char* line;
    };
    using enum Severity;
    // Two days before the certificate ends.
    auto now = base::from_micros((1000000 - 2 * 86400) * std::int64_t{1000000});
    for (const auto& row : {
             Row{"backlog",
                 {},
                 warning,
                 "PORTAL WARNING - backlog: 250 events behind | backlog=250;100;1000;0"},
             Row{"backlog",
                 {251, {}},
                 ok,
                 "PORTAL OK - backlog: 250 events behind | backlog=250;251;1000;0"},
             Row{"backlog",
                 {10, 250},
                 critical,
                 "PORTAL CRITICAL - backlog: 250 events behind | backlog=250;10;250;0"},
             Row{"parked", {}, warning, "PORTAL WARNING - parked: 3 parked | parked=3;1;100;0"},
             Row{"disk", {}, warning, "PORTAL WARNING - disk: 15% free | disk=15%;20:;10:;0"},
             Row{"disk",
                 {{}, 15.5},
                 critical,
                 "PORTAL CRITICAL - disk: 15% free | disk=15%;20:;15.5:;0"},
             Row{"certificate",
                 {},
                 critical,
                 "PORTAL CRITICAL - certificate: 2 days left | certificate=2;14:;3:;0"},
             Row{"queue", {}, unknown, "PORTAL UNKNOWN - queue: the server does not tell it"},
         }) {
        CAPTURE(row.what);
        auto verdict = judge(measure_of(row.what), metrics, row.thresholds, now);
        CHECK(verdict.severity == row.severity);
        CHECK(verdict.line == row.line);
    }
}

TEST_CASE("readiness becomes a verdict, with its reasons on one line", "[operations]") {
    auto ready = judge_ready(200, R"({"status":"ready","checks":{"users":"ok"}})");
    CHECK(ready.severity == Severity::ok);
    CHECK(ready.line == "PORTAL OK - ready | ready=1");
    auto warned = judge_ready(
        200, R"({"status":"ready","checks":{"users":"ok"},"warnings":{"users":"a | b\nc"}})");
    CHECK(warned.severity == Severity::warning);
    CHECK(warned.line == "PORTAL WARNING - ready; users: a / b c | ready=1");
    auto down = judge_ready(503, R"({"status":"not ready","checks":{"disk":"full","users":"ok"}})");
    CHECK(down.severity == Severity::critical);
    CHECK(down.line == "PORTAL CRITICAL - not ready; disk: full | ready=0");
    // Whoever answers there is somebody else.
    CHECK(judge_ready(200, "<html>").severity == Severity::critical);
    CHECK(nobody_answers("disk", "no server runs").severity == Severity::unknown);
}

}  // namespace operations
