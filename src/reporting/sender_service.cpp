#include "sender_service.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace reporting {

namespace {

constexpr std::size_t answer_bytes_max = 64 * 1024;
constexpr std::chrono::seconds patience_max{60};
/// Whoever stops the server does not wait long for somebody else's.
constexpr std::chrono::milliseconds last_words{1500};

resilience::CircuitBreakerConfig breaker_of(const SendConfig& config) {
    resilience::CircuitBreakerConfig breaker;
    breaker.slow_call = config.timeout;
    return breaker;
}

/// In seconds; a date means the longest.
std::chrono::seconds retry_after(const http::ClientResponse& answer) {
    auto said = answer.header("Retry-After");
    if (!said) return std::chrono::seconds(0);
    auto seconds = base::parse_number(*said, patience_max.count());
    return seconds ? std::chrono::seconds(*seconds) : patience_max;
}

}  // namespace

SenderService::SenderService(Subject subject, const SendConfig& config,
                             std::shared_ptr<http::Client> client,
                             const host::Environment& environment)
    : subject_(std::move(subject)),
      config_(config),
      client_(std::move(client)),
      metrics_(environment.metrics),
      sent_(sent_counter(environment.metrics, subject_.name)),
      dependency_("reporting:" + subject_.name, breaker_of(config), environment.metrics,
                  environment.clock),
      timer_(environment.clock, environment.background) {
    make_counters(metrics_, subject_.name);
    dropped_counted_ = subject_.dropped();
}

void SenderService::make_counters(telemetry::Metrics& metrics, const std::string& subject) {
    sent_counter(metrics, subject);
    for (const char* why : {"queue_full", "unreachable", "refused"}) {
        lost_counter(metrics, subject, why);
    }
}

telemetry::Counter& SenderService::sent_counter(telemetry::Metrics& metrics,
                                                const std::string& what) {
    return metrics.counter("portal_reporting_sent_total",
                           "Spans, and breakdowns, that a collector took.", {{"what", what}});
}

telemetry::Counter& SenderService::lost_counter(telemetry::Metrics& metrics,
                                                const std::string& what, const char* why) {
    return metrics.counter("portal_reporting_dropped_total",
                           "Spans, and breakdowns, that no collector was told, by why.",
                           {{"what", what}, {"why", why}});
}

void SenderService::stop() {
    stopping_.store(true);
    timer_.cancel();
}

void SenderService::count_dropped() {
    auto dropped = subject_.dropped();
    if (dropped > dropped_counted_) lost("queue_full", dropped - dropped_counted_);
    dropped_counted_ = dropped;
}

base::Task<void> SenderService::run() {
    while (!stopping_.load()) {
        co_await timer_.pause(config_.interval);
        co_await send_all();
        count_dropped();
    }
    co_return base::Result<void>();
}

base::Task<void> SenderService::send_all() {
    auto last = base::Deadline::in(last_words);
    for (;;) {
        bool at_rest = dependency_.rests() && stopping_.load();
        if (at_rest) break;
        auto message = subject_.next();
        if (!message) break;
        auto told = co_await send(*message);
        if (!told || !*told) lost("unreachable", message->count);
        if (!told || !*told || (stopping_.load() && last.passed())) break;
    }
    co_return base::Result<void>();
}

/// False: nobody has taken it.
base::Task<bool> SenderService::send(const Message& message) {
    auto wait = config_.retry_wait;
    for (std::int64_t attempt = 1;; ++attempt) {
        count_dropped();
        auto timeout = stopping_.load() ? std::min(last_words, config_.timeout) : config_.timeout;
        auto deadline = base::Deadline::in(timeout);
        auto request = request_of(message);
        auto stop = request.stop;
        auto asked = post(client_, std::move(request), deadline);
        auto reply = co_await dependency_.ask<Reply>(deadline, std::move(asked));
        if (!reply) stop->stop();
        if (reply && reply->outcome != Outcome::patience) {
            taken(message, *reply);
            co_return true;
        }
        if (attempt >= config_.attempts_max || stopping_.load()) co_return false;
        std::chrono::milliseconds pause = wait;
        if (reply) pause = std::max<std::chrono::milliseconds>(pause, reply->wait);
        bool at_rest = !reply && reply.error().code == "circuit_open";
        if (at_rest) pause = std::max<std::chrono::milliseconds>(pause, reply.error().retry_after);
        co_await timer_.pause(pause);
        wait = std::min<std::chrono::milliseconds>(2 * wait, patience_max);
        // Rest is no attempt: what waits goes on waiting.
        if (at_rest) --attempt;
    }
}

void SenderService::taken(const Message& message, const Reply& reply) {
    if (message.taken && reply.outcome != Outcome::rejected) message.taken();
    if (reply.outcome != Outcome::taken) {
        lost("refused", message.count);
        return;
    }
    auto rejected = subject_.rejected ? subject_.rejected(reply.body) : 0;
    rejected = std::min(rejected, message.count);
    sent_.add(message.count - rejected);
    if (rejected > 0) lost("refused", rejected);
}

http::ClientRequest SenderService::request_of(const Message& message) const {
    http::ClientRequest request;
    request.upstream = subject_.destination.server;
    request.method = http::Method::post;
    request.target = subject_.destination.target;
    request.fields = subject_.fields;
    request.body = message.body;
    request.stop = std::make_shared<http::ClientStop>();
    return request;
}

base::Task<SenderService::Reply> SenderService::post(std::shared_ptr<http::Client> client,
                                                     http::ClientRequest request,
                                                     base::Deadline deadline) {
    auto answer = co_await client->send(std::move(request), deadline);
    if (!answer) co_return answer.error();
    Reply reply;
    auto status = answer->status;
    bool asks = status == 429 || status == 502 || status == 503 || status == 504;
    bool is_message = status == 400 || status == 413;
    if (status < 200 || status >= 300) {
        reply.outcome = asks         ? Outcome::patience
                        : is_message ? Outcome::refused
                                     : Outcome::rejected;
    }
    reply.wait = retry_after(*answer);
    auto body = answer->body;
    auto said = co_await http::collect(body, answer_bytes_max);
    if (said) reply.body = std::move(*said);
    if (asks && status >= 500) {
        base::Error error{base::Reason::unavailable, "collector_failed",
                          "The collector answered with " + std::to_string(status) + "."};
        error.retry_after = std::max(reply.wait, std::chrono::seconds(1));
        co_return error;
    }
    co_return std::move(reply);
}

}  // namespace reporting
