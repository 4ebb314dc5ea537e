// What an I/O thread says in the log, and counts, of what it refuses and of what breaks.
#include <chrono>
#include <utility>

#include "telemetry/log.hpp"
#include "worker.hpp"

namespace http {

namespace {
constexpr std::chrono::seconds line_interval{1};
}  // namespace

void Worker::log_broken(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& failure) {
        telemetry::log(telemetry::Level::error, "http", "a connection broke",
                       {{"error", failure.what()}});
    } catch (...) {
        telemetry::log(telemetry::Level::error, "http", "a connection broke");
    }
}

void Worker::count_refusal(const Refusal& refusal, std::string_view request_id) {
    metrics_
        .counter("portal_http_refusals_total",
                 "Requests that no handler was called for, by reason.",
                 {{"reason", std::string(refusal.code)}})
        .add();
    if (!refusal_lines_.may_log(now_)) return;
    telemetry::log(telemetry::Level::info, "http", "refused what a client sent",
                   {{"status", refusal.status},
                    {"reason", refusal.message},
                    {"others_unlogged", std::exchange(refusal_lines_.unlogged, 0)}},
                   request_id);
}

bool Worker::LineQuota::may_log(Clock::time_point now) {
    bool may = now - logged >= line_interval;
    if (may) logged = now;
    if (!may) ++unlogged;
    return may;
}

void Worker::log_failure(int status, std::string_view route, const Request& request) {
    constexpr const char* what = "answered with a server error";
    if (status != 503) {
        telemetry::log(telemetry::Level::error, "http", what,
                       {{"status", status}, {"path", request.path}, {"route", route}},
                       request.context);
    } else if (unavailable_lines_.may_log(now_)) {
        telemetry::log(telemetry::Level::error, "http", what,
                       {{"status", status},
                        {"path", request.path},
                        {"route", route},
                        {"others_unlogged", std::exchange(unavailable_lines_.unlogged, 0)}},
                       request.context);
    }
}

}  // namespace http
