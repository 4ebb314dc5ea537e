#include "proxy_service.hpp"

#include <random>
#include <utility>

#include "failure_page.hpp"
#include "http/target.hpp"

namespace legacy {

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* methods_here = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";

/// One that no other process has, so that only what comes back to this one runs in a circle.
std::string make_pseudonym() {
    std::random_device random;
    constexpr char digits[] = "0123456789abcdef";
    std::string name = "portal-";
    for (int i = 0; i < 12; ++i) name += digits[random() % 16];
    return name;
}

int status_of(const base::Error& error) {
    if (error.code == "upstream_busy") return 503;
    if (error.reason == base::Reason::unavailable && error.code.starts_with("upstream_"))
        return 502;
    return http::http_status(error);
}

/// Not the upstream's failure: the client's, or ours.
bool is_of_upstream(const base::Error& error) {
    return error.code.starts_with("upstream_") && error.code != "upstream_busy";
}

bool has_content(const http::Request& request, int status) {
    return request.method != http::Method::head && status != 204 && status != 304;
}

base::Task<void> nothing(http::BodyWriter&) {
    co_return base::Result<void>();
}

/// An answer that breaks off after its head was sent is heard of, too.
base::Task<void> counted(UpstreamService& upstream, base::Task<void> sending) {
    auto sent = co_await std::move(sending);
    if (!sent && is_of_upstream(sent.error())) upstream.failed(sent.error().code);
    co_return sent;
}

std::string accept_of(const http::Request& request) {
    std::string all;
    for (auto line : request.header_lines("Accept")) all.append(line).append(",");
    return all;
}

std::chrono::microseconds since(Clock::time_point began) {
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began);
}

http::Response response_of(http::ClientResponse& head) {
    http::Response response;
    response.status = head.status;
    response.origin = http::Origin::elsewhere;
    response.fields = std::move(head.fields);
    return response;
}

}  // namespace

ProxyService::ProxyService(const Config& config, const host::Environment& environment,
                           std::unique_ptr<http::Client> client)
    : upload_limits_{static_cast<std::uint64_t>(config.body_bytes_max),
                     static_cast<std::size_t>(config.buffer_bytes)},
      memory_max_(static_cast<std::size_t>(config.buffer_bytes)),
      compare_max_(static_cast<std::size_t>(config.compare_bytes_max)),
      answer_timeout_(config.answer_timeout),
      tunnel_idle_timeout_(config.limits.client.tunnel_idle_timeout),
      rules_{make_pseudonym(), config.headers_dropped},
      static_files_(config.static_folders),
      space_(std::make_shared<SpoolSpace>(
          environment.folder,
          SpoolSpace::Limits{static_cast<std::uint64_t>(config.spool_bytes_max),
                             static_cast<std::uint64_t>(config.disk_free_bytes_min)})),
      client_(std::move(client)),
      spooled_(environment.metrics.gauge(
          "portal_legacy_spool_bytes",
          "Requests and answers under way that wait in files without a name.", {},
          [space = space_] { return static_cast<double>(space->bytes()); })) {
    for (const auto& upstream : upstreams_of(config)) {
        places_.push_back({upstream.prefix, upstream.weight});
        several_prefixes_ = several_prefixes_ || upstream.prefix != places_.front().prefix;
        upstreams_.push_back(std::make_unique<UpstreamService>(upstream, config.limits.breaker,
                                                               environment.metrics));
    }
}

UpstreamService* ProxyService::find(const std::string& name) const {
    for (const auto& upstream : upstreams_) {
        if (upstream->name() == name) return upstream.get();
    }
    return nullptr;
}

base::Result<ProxyService::Candidates> ProxyService::candidates(const http::Request& request,
                                                                const Passage& passage) {
    base::Error nothing_there{base::Reason::not_found, "not_found",
                              "There is nothing at this path."};
    if (retired()) return nothing_there;
    Candidates found;
    if (passage.upstream.empty() && upstreams_.size() == 1 && places_.front().prefix == "/" &&
        places_.front().weight > 0) {
        found.push_back(upstreams_.front().get());
    } else if (!passage.upstream.empty()) {
        if (auto* named = find(passage.upstream)) found.push_back(named);
    } else {
        auto path = request.target.substr(0, request.target.find('?'));
        if (several_prefixes_ && http::is_ambiguous(path)) {
            return base::Error{base::Reason::invalid, "malformed_path",
                               "This path could mean two different ones: write it without dot "
                               "segments, empty segments and encoded slashes."};
        }
        auto ticket = tickets_.fetch_add(1, std::memory_order_relaxed);
        for (auto number : choose_upstreams(places_, path, ticket)) {
            found.push_back(upstreams_[number].get());
        }
    }
    if (!found.empty()) return found;
    return nothing_there;
}

/// What is not passed on: a request that has been here before, or is not to go any further.
std::optional<http::Response> ProxyService::answer_here(const http::Request& request) const {
    if (has_passed(request, rules_)) {
        base::Error circle{base::Reason::unavailable, "upstream_circle",
                           "The server behind this one has sent the request back here."};
        auto response = http::failure(request, 508, circle.code, circle.message);
        return response;
    }
    if (forwards_left(request) != 0) return std::nullopt;
    http::Response response;
    response.status = 204;
    response.fields.emplace_back("Allow", methods_here);
    return response;
}

/// The failure for whoever asked; or passed on, where the server itself has to say it.
base::Result<http::Response> ProxyService::refused(const http::Request& request,
                                                   const base::Error& error) {
    bool clients = error.code == "client_gone" || error.code == "request_stopped" ||
                   error.reason == base::Reason::invalid;
    if (clients) return error;
    auto status = status_of(error);
    auto response = status == http::http_status(error)
                        ? http::failure(request, error)
                        : http::failure(request, status, error.code, error.message);
    if (prefers_html(accept_of(request))) {
        response.content_type = "text/html; charset=utf-8";
        response.fields.emplace_back("Content-Security-Policy", failure_page_policy);
        response.body = failure_page(status, error.message, request.context.request_id);
    }
    return response;
}

http::ClientRequest ProxyService::question(const http::Request& request, Fields fields) {
    http::ClientRequest question;
    question.method = request.method;
    question.target = request.target;
    question.fields = std::move(fields);
    return question;
}

base::Task<http::Response> ProxyService::forward(http::Request& request, http::BodyReader& body,
                                                 const Passage& passage, Heard heard) {
    if (auto here = answer_here(request)) co_return std::move(*here);
    if (auto file = static_files_.find(request)) co_return std::move(*file);
    auto to = candidates(request, passage);
    if (!to) co_return refused(request, to.error());

    Passing passing{
        request,          passage,
        std::move(heard), std::make_shared<http::ClientStop>(),
        Clock::now(),     {request.context.trace, "upstream", telemetry::SpanKind::client}};
    auto asked = question(request, forwarded_fields(request, rules_, passing.span.trace()));
    asked.stop = passing.stop;
    bool upgrades = passage.upgrades && request.asks_for("websocket");
    if (upgrades) asked.upgrade = "websocket";
    if (passage.buffered && body.length() != 0) {
        auto content = co_await take_whole(body, space_, upload_limits_);
        if (!content) co_return refused(request, content.error());
        asked.body = std::move(*content);
    } else {
        asked.body = pass_on(body, upload_limits_);
    }

    body.when_gone([stop = passing.stop] { stop->stop(); });
    auto all = std::move(*to);
    base::Deadline none;
    auto answer = co_await send(std::move(asked), std::move(all), none);
    note(passing, answer);
    if (!answer) co_return refused(request, answer.error());
    if (answer->head.status == 101) {
        body.when_gone({});  // a client that has finished sending may still listen
        answer->permit->succeeded();
        co_return upgrade(*answer);
    }
    if (is_passed_on(passing, *answer)) co_return begin_to_pass_on(passing, *answer);
    // Nearly always all of it has come with its head.
    std::string collected;
    bool whole = answer->head.body->take_now(collected);
    if (whole && collected.size() <= collected_max(passing)) {
        co_return finish(passing, *answer, std::move(collected));
    }
    auto came = std::move(*answer);
    co_return co_await receive_rest(std::move(passing), std::move(came), std::move(collected));
}

void ProxyService::note(Passing& passing, const base::Result<Answer>& answer) {
    auto& span = passing.span;
    if (!span.is_kept()) return;
    span.add("http.request.method", std::string(http::name_of(passing.request.method)));
    if (answer) {
        span.add("http.response.status_code", std::int64_t{answer->head.status});
        span.add("portal.upstream", answer->upstream->name());
    } else {
        span.add("error.type", answer.error().code);
    }
    if (!answer || answer->head.status >= 500) span.failed();
}

/// To the first of them that takes it. Where not even a connection was to be had the next one may
/// be asked, whatever the request is.
base::Task<ProxyService::Answer> ProxyService::send(http::ClientRequest question,
                                                    Candidates candidates,
                                                    base::Deadline deadline) {
    base::Error failure{base::Reason::unavailable, "upstream_refused", ""};
    for (auto* upstream : candidates) {
        auto permit = upstream->breaker().acquire();
        if (!permit) {
            failure = permit.error();
            continue;
        }
        Answer answer{{}, upstream, std::move(*permit)};
        auto its = upstream == candidates.back() ? std::move(question) : question;
        its.upstream = upstream->address();
        auto began = Clock::now();
        auto head = co_await client_->send(std::move(its), deadline);
        if (head) {
            answer.head = std::move(*head);
            upstream->answered(answer.head.status, Clock::now() - began);
            co_return std::move(answer);
        }
        // Whoever compares waits less long than readers do, and must not shut them out.
        if (deadline.passed()) answer.permit->cancelled();
        report(answer, head.error());
        failure = head.error();
        if (failure.code != "upstream_refused") break;
    }
    co_return failure;
}

/// What the breaker and the metrics hear of an exchange that was not whole.
void ProxyService::report(Answer& answer, const base::Error& error) {
    if (is_of_upstream(error)) {
        answer.permit->failed();
    } else {
        answer.permit->cancelled();
    }
    if (error.code.starts_with("upstream_")) answer.upstream->failed(error.code);
}

bool ProxyService::is_passed_on(const Passing& passing, const Answer& answer) {
    return !passing.passage.buffered || !has_content(passing.request, answer.head.status) ||
           wants_no_buffer(answer.head.fields);
}

/// What has no content, or goes out as it comes.
base::Result<http::Response> ProxyService::begin_to_pass_on(Passing& passing, Answer& answer) {
    answer.permit->succeeded();
    auto response = response_of(answer.head);
    auto length = length_said(response.fields);
    if (!has_content(passing.request, response.status)) {
        if (passing.heard) {
            response.body = std::string();
            passing.heard(http::plain(passing.request, response), since(passing.began));
        }
        if (passing.request.method == http::Method::head) {
            response.body = http::Stream{nothing, length};
        }
        return response;
    }
    if (!answer.head.body->become_long_lived()) {
        return refused(passing.request,
                       {base::Reason::unavailable, "upstream_busy",
                        "Too many stay connected to the server that this comes from. Try again."});
    }
    auto* from = answer.upstream;
    auto relay = std::make_shared<RelayService>(std::move(answer.head), passing.stop, space_,
                                                RelayService::Limits{memory_max_, {}});
    response.body = http::Stream{
        [relay, from](http::BodyWriter& to) { return counted(*from, relay->pass_on(to)); }, length};
    return response;
}

std::size_t ProxyService::collected_max(const Passing& passing) const {
    return passing.heard ? std::max(memory_max_, compare_max_) : memory_max_;
}

/// With all of its content.
http::Response ProxyService::finish(Passing& passing, Answer& answer, std::string collected) const {
    answer.permit->succeeded();
    auto response = response_of(answer.head);
    bool heard = passing.heard && collected.size() <= compare_max_;
    response.body = std::move(collected);
    if (heard) passing.heard(http::plain(passing.request, response), since(passing.began));
    return response;
}

/// An answer that is small is whole before its client sees any of it. A larger one goes out while
/// it comes.
base::Task<http::Response> ProxyService::receive_rest(Passing passing, Answer answer,
                                                      std::string collected) {
    RelayService::Limits limits{memory_max_, base::Deadline::in(answer_timeout_)};
    auto relay = std::make_shared<RelayService>(answer.head, passing.stop, space_, limits);
    relay->begin_with(std::move(collected));
    auto whole = co_await relay->collect(collected_max(passing));
    if (!whole) {
        report(answer, whole.error());
        co_return refused(passing.request, whole.error());
    }
    if (*whole) co_return finish(passing, answer, relay->take_collected());
    answer.permit->succeeded();
    auto response = response_of(answer.head);
    auto* from = answer.upstream;
    auto length = length_said(response.fields);
    response.body = http::Stream{
        [relay, from](http::BodyWriter& to) { return counted(*from, relay->relay(to)); }, length};
    co_return std::move(response);
}

http::Response ProxyService::upgrade(const Answer& answer) const {
    http::Response response;
    response.status = 101;
    response.origin = http::Origin::elsewhere;
    response.fields = answer.head.fields;
    http::Upgrade upgrade;
    upgrade.protocol = "websocket";
    upgrade.idle_timeout = tunnel_idle_timeout_;
    upgrade.task = [tunnel = answer.head.tunnel, counted = answer.upstream->tunnel()](
                       http::Tunnel& client) { return join(tunnel, client); };
    response.body = std::move(upgrade);
    return response;
}

base::Task<http::PlainResponse> ProxyService::ask(const http::RequestCopy& request,
                                                  const Passage& passage, base::Deadline deadline) {
    auto repeated = request.request(0, deadline);
    auto to = candidates(repeated, passage);
    if (!to) co_return to.error();
    auto all = std::move(*to);
    auto asked = question(repeated, repeated_fields(repeated, rules_));
    auto answer = co_await send(std::move(asked), std::move(all), deadline);
    if (!answer) co_return answer.error();
    auto body = co_await http::collect(answer->head.body, compare_max_);
    bool too_large = !body && body.error().code == "upstream_too_large";
    if (!body && !too_large) {
        if (deadline.passed()) answer->permit->cancelled();
        report(*answer, body.error());
        co_return body.error();
    }
    answer->permit->succeeded();
    auto response = response_of(answer->head);
    response.body = too_large ? std::string() : std::move(*body);
    auto plain = http::plain(repeated, std::move(response));
    plain.complete = !too_large;
    co_return std::move(plain);
}

}  // namespace legacy
