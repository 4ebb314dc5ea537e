#include "exchange.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "access.hpp"
#include "access_line.hpp"
#include "breakdown.hpp"
#include "characters.hpp"
#include "host_guard.hpp"
#include "raw_head.hpp"
#include "telemetry/crash.hpp"
#include "telemetry/log.hpp"
#include "telemetry/spans.hpp"
#include "worker.hpp"

namespace http {

Exchange::Exchange(Worker& worker, Acceptor& acceptor, Channel& channel, RequestReader& reader,
                   ResponseWriter& writer, Request& request, const std::string& peer)
    : worker_(worker),
      acceptor_(acceptor),
      listener_(acceptor.state),
      channel_(channel),
      reader_(reader),
      writer_(writer),
      request_(request),
      peer_(peer) {
    request_.thread = worker.index();
}

void Exchange::begin() {
    reader_.fill(request_);
    auto& context = request_.context;
    auto given = reader_.head().request_id(reader_.base());
    if (is_sane_request_id(given)) {
        context.request_id.assign(given);
    } else {
        worker_.make_request_id(context.request_id);
    }
    telemetry::note_request(context.request_id);
    context.actor = {};
    if (request_.peer != peer_) request_.peer = peer_;
    request_.answer_lines.clear();
    request_.path.clear();
    request_.parameters.clear();
    request_.secure = channel_.is_tls();
    request_.elsewhere = false;
    route_ = nullptr;
    ticket_ = 0;
    allow_ = {};
    passed_ = 0;
    step_ = Step::intercepting;
    request_.upgrade = offered_upgrade();
    writer_.begin();
    told_ = false;
    if (worker_.config().access_lines || listener_.listener.observer) {
        begun_ = Worker::Clock::now();
    }
    context.trace = {};
    if (telemetry::traces_on()) begin_trace();
    deadline_ = worker_.now() + worker_.config().request_timeout;
    context.deadline = base::Deadline(deadline_);
}

bool Exchange::at_once(Outgoing& out) {
    auto ended = find_route();
    if (!ended && !pass_interceptors(ended)) return false;
    decide(out, std::move(ended));
    return !under_way();
}

/// Everything that comes before somebody may have to wait for the body or the handler.
void Exchange::decide(Outgoing& out, std::optional<Response> ended) {
    step_ = Step::handling;
    if (!ended) ended = admit();
    if (ended) {
        answer(out, std::move(*ended));
        return;
    }
    if (route_->cached && writer_.reads()) {
        if (auto cached = ask_cache()) {
            if (!reader_.skip_rest()) writer_.end_after();
            writer_.add_prepared(out, std::move(cached));
            end();
            return;
        }
    }
    if (auto refused = shed()) answer(out, std::move(*refused));
}

std::optional<Response> Exchange::find_route() {
    request_.rate_class = RateClass::standard;
    if (!host_allowed()) {
        tell_interceptors();
        return refused({421, "unknown_host", "This server does not answer for that host."});
    }
    if (reader_.head().asterisk()) {
        Response response{204};
        response.fields.emplace_back("Allow", all_methods);
        return response;
    }
    // Who asks matters to no answer that there is nothing here.
    request_.credentials = Credentials::ignored;
    match_route();
    if (!route_) return std::nullopt;
    request_.rate_class = route_->rate_class;
    request_.credentials = route_->credentials;
    request_.elsewhere = route_->elsewhere;
    if (auto limit = route_->limits.deadline) {
        deadline_ = limit->count() > 0 ? worker_.now() + *limit : Channel::Time::max();
        request_.context.deadline = base::Deadline(deadline_);
    }
    return std::nullopt;
}

void Exchange::match_route() {
    auto match = listener_.listener.router->match(request_);
    if (const auto* chooser = listener_.listener.chooser.get()) {
        auto choice = chooser->choose(request_, match);
        match = choice.match;
        ticket_ = choice.ticket;
        if (ticket_ != 0 && !worker_.config().access_lines) begun_ = Worker::Clock::now();
    }
    route_ = match.route;
    allow_ = match.allow;
}

/// False: one of them has to wait.
bool Exchange::pass_interceptors(std::optional<Response>& ended) {
    const auto& all = listener_.listener.interceptors;
    while (!ended && passed_ < all.size()) {
        if (all[passed_]->must_wait(request_)) return false;
        ended = all[passed_++]->before(request_);
    }
    return true;
}

Awaitable<std::optional<Response>> Exchange::wait_for_interceptors() {
    std::exception_ptr thrown;
    try {
        std::optional<Response> ended;
        while (!pass_interceptors(ended)) {
            channel_.wait_for_handler(deadline_);
            const auto& one = *listener_.listener.interceptors[passed_++];
            auto task = one.before_waiting(request_);
            auto answered = co_await std::move(task);
            if (channel_.gone()) co_return std::nullopt;
            if (!answered) {
                ended = refused(answered.error());
            } else if (*answered) {
                ended = std::move(**answered);
            }
        }
        co_return ended;
    } catch (...) {
        thrown = std::current_exception();
    }
    co_return after_breakdown(request_, pattern(), "an interceptor broke", thrown);
}

/// Who asks, whether they may, and whether the body can be taken.
std::optional<Response> Exchange::admit() {
    if (!route_) return without_route();
    auto admitted = authorize(*route_, *listener_.listener.authenticator, request_);
    if (!admitted) return refused(admitted.error());
    if (!reader_.head().has_body()) return std::nullopt;
    return check_body();
}

std::optional<Response> Exchange::without_route() {
    if (allow_.empty()) return refused({404, "not_found", "There is nothing at this path."});
    bool asks = request_.method == Method::options;
    auto response =
        asks ? Response{204}
             : refused({405, "method_not_allowed", "This path does not have that method."});
    response.fields.emplace_back("Allow", allow_);
    return response;
}

std::optional<Response> Exchange::check_body() {
    auto most = route_->limits.body_bytes.value_or(worker_.config().body_bytes_max);
    if (reader_.head().content_length() > static_cast<std::uint64_t>(most)) {
        return refused({413, "body_too_large", "The request body is too large."});
    }
    if (!route_->handler.takes_whole_body()) return std::nullopt;
    for (const auto& field : request_.fields) {
        if (!equals_lower(field.name, "content-encoding")) continue;
        bool plain = true;
        for_each_element(field.value, [&plain](std::string_view coding) {
            plain = plain && equals_lower(coding, "identity");
        });
        if (plain) continue;
        auto response = refused({415, "unsupported_content_encoding",
                                 "A body is taken as it is: without Content-Encoding."});
        response.fields.emplace_back("Accept-Encoding", "identity");
        return response;
    }
    return std::nullopt;
}

/// A look-up that breaks is logged and passed by: the handler may still answer.
std::shared_ptr<const PreparedResponse> Exchange::ask_cache() const {
    try {
        return route_->cached(request_);
    } catch (const std::exception& thrown) {
        telemetry::log(telemetry::Level::error, "http", "a look-up in a cache broke",
                       {{"error", thrown.what()}, {"route", route_->pattern}}, request_.context);
    }
    return nullptr;
}

Awaitable<void> Exchange::finish() {
    if (step_ == Step::intercepting) {
        auto ended = co_await wait_for_interceptors();
        if (channel_.gone()) co_return;
        decide(worker_.outgoing(), std::move(ended));
    }
    if (step_ == Step::handling) {
        auto made = co_await handle();
        if (channel_.gone()) co_return;
        if (made) answer(worker_.outgoing(), std::move(*made));
    }
    writer_.send(worker_.outgoing());
    if (!channel_.gone()) co_await writer_.finish();
    if (under_way()) end();
}

bool Exchange::host_allowed() const {
    const auto& hosts = worker_.config().hosts;
    if (hosts.empty() || !listener_.listener.is_public) return true;
    auto host = reader_.head().host(reader_.base());
    if (host.empty()) return !listener_.listener.chooser;  // on HTTP/1.0, if only we may answer
    return is_named(hosts, host);
}

Response Exchange::refused(const Refusal& refusal) {
    worker_.count_refusal(refusal, request_.context.request_id);
    return failure(request_, refusal.status, refusal.code, refusal.message);
}

Response Exchange::refused(const base::Error& error) {
    worker_.count_refusal({http_status(error), error.code, error.message},
                          request_.context.request_id);
    return failure(request_, error);
}

void Exchange::answer(Outgoing& out, Response response) {
    if (response.status >= 500 && !channel_.hangup()) {
        worker_.log_failure(response.status, pattern(), request_);
    }
    if (std::holds_alternative<Upgrade>(response.body)) {
        answer_upgrade(out, std::move(response));
    } else {
        // A body that is sent while the request's is read still reads it.
        bool produced = std::holds_alternative<Stream>(response.body);
        if (!produced && !reader_.skip_rest()) writer_.end_after();
        writer_.add(out, std::move(response));
    }
    if (writer_.is_waiting()) {
        step_ = Step::answered;
    } else {
        end();
    }
}

/// The protocols that the client may have instead of HTTP: only where its request has ended and the
/// connection would go on.
std::string_view Exchange::offered_upgrade() const {
    const auto& head = reader_.head();
    bool may = head.taken() && head.upgrade() && head.keep_alive() && !head.has_body() &&
               request_.method == Method::get && !worker_.draining();
    return may ? request_.header("Upgrade").value_or("") : "";
}

void Exchange::answer_upgrade(Outgoing& out, Response response) {
    const auto& upgrade = std::get<Upgrade>(response.body);
    if (!request_.asks_for(upgrade.protocol)) {
        telemetry::log(telemetry::Level::error, "http", "an upgrade that nobody asked for",
                       {{"protocol", upgrade.protocol}, {"path", request_.path}}, request_.context);
        writer_.add(out, failure(request_, 500, "internal_error",
                                 "Something went wrong here. It is logged."));
    } else if (!worker_.tunnel_begins()) {
        base::Error full{base::Reason::unavailable, "tunnels_busy",
                         "Too many connections are open for this already. Try again."};
        writer_.add(out, refused(full));
    } else {
        writer_.add_upgrade(out, std::move(response), reader_.take_rest());
    }
}

/// What the request consisted of is used up; its views end here.
void Exchange::end() {
    tell(channel_.gone());
    if (!reader_.skip_rest()) writer_.end_after();
    reader_.end_message();
    step_ = Step::none;
    channel_.enter(Life::active);
    constexpr std::size_t body_kept = 4096;
    if (request_.body.capacity() > body_kept) request_.body = std::string();
    request_.body.clear();
    if (request_.fields.capacity() > 64) request_.fields = {};
}

/// So that a browser may read why. A head is refused at its first bad byte: the line that says
/// where the page is from may stand after it, among what has come by then. What it says is only
/// compared.
void Exchange::tell_interceptors() {
    if (!request_.header("Origin")) {
        if (auto origin = find_line(reader_.received(), "origin")) {
            request_.fields.push_back({"Origin", *origin});
        }
    }
    for (const auto& one : listener_.listener.interceptors) one->on_refusal(request_);
}

void Exchange::refuse(Outgoing& out, const Refusal& refusal) {
    if (passed_ == 0) tell_interceptors();
    auto response = refused(refusal);
    if (refusal.status == 405) response.fields.emplace_back("Allow", all_methods);
    writer_.end_after();
    writer_.add(out, std::move(response));
    end();
}

void Exchange::answer_late(Outgoing& out) {
    telemetry::log(telemetry::Level::error, "http", "a handler missed its deadline",
                   {{"path", request_.path}, {"route", pattern()}}, request_.context);
    writer_.end_after();
    writer_.add(out, failure(request_, base::deadline_passed()));
    tell(false);
}

void Exchange::abandon() {
    if (under_way()) tell(true);
}

/// Counts the request, and gives it its line in the log.
void Exchange::tell(bool cut) {
    if (std::exchange(told_, true)) return;
    const auto& said = writer_.said();
    auto route = route_ ? route_->number : 0;
    if (said.status != 0) {
        acceptor_.count(route, said.status);
        if (const auto* observer = listener_.listener.observer.get()) {
            observer->answered(request_, said.status, begun_);
        }
    }
    if (request_.context.trace.sampled) {
        try {
            keep_span(cut);
        } catch (const std::bad_alloc&) {  // without a span, as without a line
        }
    }
    auto* lines = worker_.access_lines(said.status);
    if (!lines && ticket_ == 0) return;
    auto now = Worker::Clock::now();
    auto took = std::chrono::duration_cast<std::chrono::microseconds>(now - begun_);
    if (ticket_ != 0) {
        listener_.listener.chooser->answered(ticket_, cut ? 0 : said.status, took);
        if (!lines) return;
    }
    AccessLine line{worker_.wall_time(now), listener_.listener.name};
    line.route = pattern();
    line.status = said.status;
    line.bytes = said.bytes;
    line.took = took;
    line.cut = cut;
    FirstWords words{name_of(request_.method),
                     request_.target.substr(0, request_.target.find('?'))};
    if (!reader_.head().taken()) words = first_words(reader_.received());
    line.method = words.method;
    line.path = words.path;
    try {
        line.write(*lines, request_);
    } catch (const std::bad_alloc&) {  // without a line, but whoever ends this request goes on
    }
}

}  // namespace http
