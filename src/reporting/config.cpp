#include "reporting/module.hpp"

namespace reporting {

namespace {

void describe_traces(config::Section& section, TraceConfig& config) {
    section.text("endpoint", config.endpoint,
                 "Where spans go: http(s)://host:port of a collector that takes OTLP over HTTP as "
                 "JSON; without a path it is /v1/traces. Empty: nothing is traced.");
    section.integer("sample_one_in", config.sample_one_in, {0, 1000000},
                    "Of the requests one in so many is traced, by chance. 0: none by chance.");
    section.boolean(
        "follow_caller", config.follow_caller,
        "Whoever sends a traceparent says whether it is traced. Only where all callers are "
        "your own: anybody could have everything traced.");
    section.integer("spans_max", config.spans_max, {16, 1 << 20},
                    "Spans that wait to be sent; what comes then is dropped and counted.");
    section.integer("spans_per_batch_max", config.spans_per_batch_max, {1, 8192},
                    "Spans in one request to the collector.");
    section.integer("requests_remembered_max", config.requests_remembered_max, {0, 1 << 20},
                    "Of so many traced changes what follows from them in the background is found "
                    "to be a part of their traces.");
}

void describe_errors(config::Section& section, ErrorConfig& config) {
    section.path("sentry_dsn_file", config.sentry_dsn_file,
                 "The file that holds the DSN of a Sentry project, to which breakdowns and crashes "
                 "are told; its owner's alone to read (0600). Empty: nobody is told.");
    section.text("environment", config.environment, "What Sentry calls this installation.");
    section.integer("queued_max", config.queued_max, {1, 100000},
                    "Breakdowns that wait to be sent; what comes then is counted alone.");
    section.integer("per_minute_max", config.per_minute_max, {1, 10000},
                    "Breakdowns that are sent in a minute at most.");
    section.duration("repeat_s", config.repeat, {0, 86400},
                     "So long after one no other of its kind (module, message, route) is sent; the "
                     "next says how many there were.");
}

void describe_send(config::Section& section, SendConfig& config) {
    section.duration("interval_ms", config.interval, {10, 60000},
                     "How often what waits is looked at.");
    section.duration("timeout_ms", config.timeout, {100, 60000},
                     "How long an answer is waited for.");
    section.integer("attempts_max", config.attempts_max, {1, 20},
                    "How often the same is sent where nobody answers, or asks for patience.");
    section.duration("retry_wait_ms", config.retry_wait, {1, 60000},
                     "Wait before the second attempt; it doubles with each, and is longer where "
                     "an answer asks for that.");
    section.path("ca_file", config.ca_file,
                 "Certificates that are trusted instead of the system's, as PEM.");
}

}  // namespace

void describe(config::Section& section, Config& config) {
    section.text("service", config.service, "What collectors call this program.");
    describe_traces(section.section("traces", "Where time goes, request by request."),
                    config.traces);
    describe_errors(section.section("errors", "What broke."), config.errors);
    describe_send(section.section("send", "How either is sent."), config.send);
    section.integer("crashes_kept_max", config.crashes_kept_max, {1, 1000},
                    "Records of crashes that are kept in the data folder, in crashes/.");
    section.integer("crash_shown_h", config.crash_shown_h, {0, 8784},
                    "So long after a crash /readyz warns of it.");
}

}  // namespace reporting
