// One request that needs a handler: whether it may, its body, the call.
#include "access.hpp"
#include "characters.hpp"
#include "chunk_decoder.hpp"
#include "connection.hpp"
#include "telemetry/log.hpp"
#include "worker.hpp"

namespace http {

using namespace std::chrono_literals;

Awaitable<void> Connection::handle() {
    message_size_ = guard_.size();
    const Route* route = nullptr;
    auto answer = choose(route);
    if (answer) {
        if (!skip_body()) ending_ = true;
    } else {
        auto complete = co_await read_body();
        if (gone_) co_return;
        if (!complete) {
            co_await refuse();
            co_return;
        }
        auto made = co_await call(*route);
        if (gone_) co_return;
        answer = std::move(made);
    }
    respond(std::move(*answer));
    co_await finish_sending();
}

/// The checks before the body is read; an answer if one of them ends the request.
std::optional<Response> Connection::choose(const Route*& route) {
    const auto& listener = listener_.listener;
    if (!host_allowed()) {
        tell_interceptors();
        return failure(request_, 421, "unknown_host", "This server does not answer for that host.");
    }
    if (guard_.asterisk()) {
        Response response{204};
        response.fields.emplace_back("Allow", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
        return response;
    }
    auto match = listener.router->match(request_);
    if (auto ended = intercept(match.route)) return ended;
    if (!match.route && match.allow.empty()) {
        return failure(request_, 404, "not_found", "There is nothing at this path.");
    }
    if (!match.route) {
        bool asks = request_.method == Method::options;
        auto response = asks ? Response{204}
                             : failure(request_, 405, "method_not_allowed",
                                       "This path does not have that method.");
        response.fields.emplace_back("Allow", match.allow);
        return response;
    }
    auto actor = listener.authenticator->authenticate(request_);
    if (!actor) return failure(request_, actor.error());
    request_.context.actor = *actor;
    auto allowed = check_access(match.route->access, *actor);
    if (!allowed) return failure(request_, allowed.error());
    if (guard_.content_length() > static_cast<std::uint64_t>(worker_.config().body_bytes_max)) {
        return failure(request_, 413, "body_too_large", "The request body is too large.");
    }
    route = match.route;
    return std::nullopt;
}

bool Connection::host_allowed() const {
    const auto& hosts = worker_.config().hosts;
    if (hosts.empty() || !listener_.listener.is_public) return true;
    auto host = guard_.host(input_.begin());
    if (host.empty()) return true;  // HTTP/1.0 need not say
    auto end = host.front() == '[' ? host.find(']') + 1 : host.find(':');
    host = host.substr(0, end);
    for (const auto& known : hosts) {
        if (known.size() == host.size() &&
            std::equal(host.begin(), host.end(), known.begin(),
                       [](char a, char b) { return to_lower(a) == to_lower(b); })) {
            return true;
        }
    }
    return false;
}

/// The last resort for everything that a handler throws: the log hears why, the client does not.
Awaitable<Response> Connection::call(const Route& route) {
    wait_in(State::handler, request_deadline_ + 1s);
    auto started = Worker::Clock::now();
    std::string broken;
    try {
        auto task = route.handler(request_);
        auto result = co_await std::move(task);
        auto seconds = std::chrono::duration<double>(Worker::Clock::now() - started).count();
        worker_.handler_seconds().observe(seconds);
        if (result) co_return std::move(*result);
        co_return failure(request_, result.error());
    } catch (const std::exception& thrown) {
        broken = thrown.what();
    } catch (...) {
        broken = "something that is no exception";
    }
    telemetry::log(telemetry::Level::error, "http", "a handler broke",
                   {{"error", broken}, {"path", request_.path}}, request_.context.request_id);
    co_return failure(request_, 500, "internal_error", "Something went wrong here. It is logged.");
}

/// False: refusal_ says why not, or the client is gone.
Awaitable<bool> Connection::read_body() {
    if (!guard_.has_body()) co_return true;
    if (guard_.expects_continue() && input_.size() == guard_.size()) send_continue();
    body_started_ = worker_.now();
    body_received_ = 0;
    if (guard_.chunked()) co_return co_await read_chunked();
    co_return co_await read_sized();
}

Awaitable<bool> Connection::read_sized() {
    auto& body = request_.body;
    auto wanted = static_cast<std::size_t>(guard_.content_length());
    auto here = input_.view().substr(guard_.size(), wanted);
    body.assign(here);
    message_size_ += here.size();
    while (body.size() < wanted) {
        // Memory follows what has really come, not what the client says will come.
        auto filled = body.size();
        body.resize(std::min(wanted, filled + std::max<std::size_t>(filled, 16 * 1024)));
        boost::asio::mutable_buffer room(body.data() + filled, body.size() - filled);
        auto more = co_await read_some(room);
        if (!more) co_return false;
        body.resize(filled + count_);
    }
    co_return true;
}

Awaitable<bool> Connection::read_chunked() {
    ChunkDecoder decoder(static_cast<std::size_t>(worker_.config().body_bytes_max));
    request_.body.clear();
    auto head_size = guard_.size();
    for (;;) {
        auto verdict = decoder.advance(input_.view().substr(head_size), request_.body);
        if (verdict == ChunkDecoder::Verdict::refused) {
            refusal_ = decoder.refusal();
            co_return false;
        }
        if (verdict == ChunkDecoder::Verdict::complete) {
            message_size_ = head_size + decoder.consumed();
            co_return true;
        }
        // All of it was used: the next part may take its place, the head stays where it is.
        input_.truncate(head_size);
        auto* before = input_.begin();
        input_.make_room(2048);
        if (input_.begin() != before) guard_.fill(input_.begin(), request_);
        boost::asio::mutable_buffer room(input_.free_begin(), input_.free_size());
        auto more = co_await read_some(room);
        if (!more) co_return false;
        input_.received(count_);
    }
}

/// Part of a body, into `room`; count_ says how much. False: too slow, or gone.
Awaitable<bool> Connection::read_some(boost::asio::mutable_buffer room) {
    const auto& config = worker_.config();
    auto earned = std::chrono::milliseconds(static_cast<std::int64_t>(body_received_) * 1000 /
                                            config.body_bytes_per_second_min);
    wait_in(State::body, std::min(request_deadline_, body_started_ + config.body_grace + earned));
    late_ = false;
    for (;;) {
        auto received = receive_some(room, count_);
        body_received_ += count_;
        if (received == Received::some) co_return true;
        if (received == Received::ended) gone_ = true;
        if (received == Received::none) co_await wait_ready();
        if (gone_) co_return false;
        if (late_) {
            refusal_ = {408, "request_timeout", "The request body did not come in time."};
            co_return false;
        }
    }
}

/// For an answer that does not need the body: true if all of it is here already and is now
/// skipped, so that the connection can go on.
bool Connection::skip_body() {
    if (!guard_.has_body()) return true;
    auto here = input_.view().substr(guard_.size());
    if (!guard_.chunked()) {
        if (here.size() < guard_.content_length()) return false;
        message_size_ += static_cast<std::size_t>(guard_.content_length());
        return true;
    }
    ChunkDecoder decoder(static_cast<std::size_t>(worker_.config().body_bytes_max));
    std::string ignored;
    if (decoder.advance(here, ignored) != ChunkDecoder::Verdict::complete) return false;
    message_size_ += decoder.consumed();
    return true;
}

void Connection::send_continue() {
    auto& out = worker_.outgoing();
    out.add_text("HTTP/1.1 100 Continue\r\n\r\n");
    // Too small to block on a socket that has nothing else under way; if it does, the client is
    // free not to wait for it (RFC 9110, 10.1.1), but a half-sent line cannot be left behind.
    if (!send(out)) gone_ = true;
}

}  // namespace http
