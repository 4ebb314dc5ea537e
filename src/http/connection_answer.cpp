// How a connection sends answers, refuses, and ends.
#include <sys/socket.h>

#include "characters.hpp"
#include "compression.hpp"
#include "conditional.hpp"
#include "connection.hpp"
#include "telemetry/log.hpp"
#include "worker.hpp"

namespace http {

namespace {

constexpr std::string_view all_methods = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";

/// The value of a field line in the bytes of a head that was not taken. `name` is in lower case.
std::optional<std::string_view> find_line(std::string_view head, std::string_view name) {
    head = head.substr(0, head.find("\r\n\r\n"));
    for (auto at = head.find('\n'); at != head.npos; at = head.find('\n', at + 1)) {
        auto line = head.substr(at + 1);
        line = line.substr(0, line.find_first_of("\r\n"));
        auto colon = line.find(':');
        if (colon == line.npos || !equals_lower(line.substr(0, colon), name)) continue;
        return trim_blanks(line.substr(colon + 1));
    }
    return std::nullopt;
}

}  // namespace

Outgoing::Lines Connection::lines(bool close) const {
    std::string_view connection;
    if (close) {
        connection = "Connection: close\r\n";
    } else if (guard_.http_1_0()) {
        connection = "Connection: keep-alive\r\n";
    }
    std::string_view more = request_.answer_lines;
    if (more.size() > Request::answer_lines_max) {
        telemetry::log(telemetry::Level::error, "http", "field lines were left out",
                       {{"bytes", more.size()}}, request_.context.request_id);
        more = {};
    }
    auto date = tls_ ? worker_.date_line_with_hsts() : worker_.date_line();
    return {date, request_.context.request_id, connection, more};
}

void Connection::add(Outgoing& out, std::shared_ptr<const PreparedResponse> answer, Form form) {
    if (!guard_.keep_alive() || worker_.draining()) ending_ = true;
    acceptor_.count(form == Form::not_modified ? 304 : answer->status);
    if (form == Form::full && request_.method == Method::head) form = Form::head_only;
    // What is encrypted has to be copied anyway.
    out.add(std::move(answer), form, lines(ending_), tls_ ? 0 : worker_.config().sealed_files_max);
}

/// The same in a coding that the client accepts, if there is one and it gains.
std::shared_ptr<const PreparedResponse> Connection::encoded(
    std::shared_ptr<const PreparedResponse> answer) {
    const auto& config = worker_.config();
    if (!guard_.accepts_codings() || !answer->encodings) return answer;
    auto size = static_cast<std::int64_t>(answer->body.size());
    if (size < config.compress_bytes_min || size > config.compress_bytes_max) return answer;
    auto coding = choose_coding(request_);
    if (coding == Coding::identity) return answer;
    auto smaller = answer->encodings->get(coding, *answer);
    return smaller ? smaller : answer;
}

/// With the conditions that only a GET's answer can meet.
void Connection::add_to_get(Outgoing& out, std::shared_ptr<const PreparedResponse> answer) {
    answer = encoded(std::move(answer));
    if (guard_.conditional() && answer->status == 200 && !answer->etag.empty()) {
        auto condition = evaluate(request_, answer->etag);
        if (condition == Condition::not_modified) {
            add(out, std::move(answer), Form::not_modified);
            return;
        }
        if (condition == Condition::failed) {
            answer = render(failure(request_, 412, "precondition_failed",
                                    "The thing has changed: If-Match names another version."));
        }
    }
    add(out, std::move(answer), Form::full);
}

/// A handler's answer, or a refusal.
void Connection::respond(Response response) {
    bool reads = request_.method == Method::get || request_.method == Method::head;
    if (response.status >= 500) {
        telemetry::log(telemetry::Level::error, "http", "answered with a server error",
                       {{"status", response.status}, {"path", request_.path}},
                       request_.context.request_id);
    }
    if (reads && !response.prepared && response.status == 200 && response.etag.empty()) {
        response.etag = make_etag(response.body);
    }
    auto answer = render(std::move(response));
    auto& out = worker_.outgoing();
    if (reads) {
        add_to_get(out, std::move(answer));
    } else {
        add(out, encoded(std::move(answer)), Form::full);
    }
    end_message();
    send(out);
}

/// What the request consisted of is used up; its views end here.
void Connection::end_message() {
    input_.consume(message_size_);
    guard_.reset();
    fresh_ = false;
    resting_ = false;
    state_ = State::idle;
    constexpr std::size_t body_kept = 4096;
    if (request_.body.capacity() > body_kept) request_.body = std::string();
    request_.body.clear();
    if (request_.fields.capacity() > 64) request_.fields = {};
}

/// False if not everything went out: then the rest is in pending_, or the client is gone.
bool Connection::send(Outgoing& out) {
    auto sent = send_some(out);
    if (sent == Outgoing::Sent::all) return true;
    if (sent == Outgoing::Sent::blocked) {
        pending_ = worker_.take_outgoing();
    } else {
        gone_ = true;
    }
    return false;
}

Awaitable<void> Connection::finish_sending() {
    // The worker's time may be older than a short timeout is long.
    auto stalled_from_now = [this] {
        worker_.refresh_now();
        return worker_.now() + worker_.config().write_stall_timeout;
    };
    if (pending_) wait_in(State::writing, stalled_from_now());
    while (pending_ && !gone_) {
        co_await wait_ready();
        if (gone_) break;
        auto before = send_progress();
        auto sent = send_some(*pending_);
        // Whoever goes on sending but takes nothing stalls all the same.
        if (send_progress() > before) deadline_ = stalled_from_now();
        if (sent == Outgoing::Sent::blocked) continue;
        if (sent == Outgoing::Sent::broken) gone_ = true;
        pending_.reset();
    }
}

/// Says no to what the guard or a deadline refused; nothing that follows is read as a request.
Awaitable<void> Connection::refuse() {
    worker_.count_refusal(refusal_, request_.context.request_id);
    tell_interceptors();
    auto response = failure(request_, refusal_.status, refusal_.code, refusal_.message);
    if (refusal_.status == 405) response.fields.emplace_back("Allow", all_methods);
    ending_ = true;
    auto& out = worker_.outgoing();
    add(out, render(std::move(response)), Form::full);
    send(out);
    co_await finish_sending();
}

/// So that a browser may read why. A head is refused at its first bad byte: the line that says
/// where the page is from may stand after it, among what has come by then. What it says is only
/// compared.
void Connection::tell_interceptors() {
    if (std::exchange(intercepted_, true)) return;
    if (!request_.header("Origin")) {
        if (auto origin = find_line(input_.view(), "origin")) {
            request_.fields.push_back({"Origin", *origin});
        }
    }
    for (const auto& interceptor : listener_.listener.interceptors) interceptor->refused(request_);
}

/// Closing while bytes are unread would reset the connection and take the answer from the client:
/// so read on for a while and throw it away.
Awaitable<void> Connection::linger() {
    wait_in(State::lingering, worker_.now() + worker_.config().linger_timeout);
    co_await finish_tls();
    shutdown(socket_.get(), SHUT_WR);
    auto left = static_cast<std::size_t>(worker_.config().linger_bytes_max);
    input_.consume(input_.size());
    input_.make_room(Input::small_bytes);
    boost::asio::mutable_buffer room(input_.free_begin(), input_.free_size());
    while (!gone_) {
        std::size_t count = 0;
        auto received = receive_some(room, count);
        if (received == Received::none) co_await wait_ready();
        if (received == Received::ended || count > left) break;
        left -= count;
    }
}

/// The handler outstayed its deadline by far: the client is told now, and what the handler may
/// still say is dropped when it comes.
void Connection::answer_late() {
    auto response = failure(request_, base::deadline_passed());
    telemetry::log(telemetry::Level::error, "http", "a handler missed its deadline",
                   {{"path", request_.path}}, request_.context.request_id);
    ending_ = true;
    auto& out = worker_.outgoing();
    add(out, render(std::move(response)), Form::full);
    send(out);
    cut();
}

}  // namespace http
