#include "connection.hpp"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <cerrno>

#include "characters.hpp"
#include "telemetry/log.hpp"
#include "worker.hpp"

namespace http {

namespace {

bool is_sane_request_id(std::string_view id) {
    if (id.empty() || id.size() > 64) return false;
    for (char c : id) {
        bool good = (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') ||
                    c == '.' || c == '_' || c == '-';
        if (!good) return false;
    }
    return true;
}

/// A handler has its deadline; the connection acts on it this much later.
constexpr auto handler_slack = std::chrono::seconds(1);

/// So often one connection is read from before the others get their turn.
constexpr int rounds_max = 16;

}  // namespace

Connection::Connection(Worker& worker, Acceptor& acceptor, Descriptor socket, std::string peer)
    : worker_(worker),
      acceptor_(acceptor),
      listener_(acceptor.state),
      socket_(std::move(socket)),
      guard_(worker.head_limits()),
      deadline_(worker.now() + worker.config().header_timeout) {
    peer_ = std::move(peer);
    request_.thread = worker.index();
}

Connection::~Connection() = default;

void Connection::on_ready(bool hangup) {
    ready_ = true;
    hangup_ = hangup_ || hangup;
    if (waits_) {
        wake();
    } else if (!in_coroutine_) {
        go_on();
    }
}

/// The last resort: whatever breaks costs this connection and no other.
void Connection::go_on() {
    try {
        if (answer_until_waiting()) return;
    } catch (...) {
        worker_.log_broken(std::current_exception());
        worker_.take_outgoing();  // what was in it was for this connection
    }
    end();
}

/// The hot path: as far as possible without waiting. False: the connection is over.
bool Connection::answer_until_waiting() {
    for (int rounds = 0;; ++rounds) {
        auto next = advance();
        if (next == Next::gone) return false;
        if (next != Next::read) {
            spawn(next);
            if (in_coroutine_) return true;
            continue;
        }
        auto received = ready_ ? receive() : Received::none;
        if (received == Received::ended) return false;
        if (received == Received::none) {
            wait_for_request();
            return true;
        }
        if (rounds == rounds_max) {
            let_others();
            return true;
        }
    }
}

/// A client that sends without end gets its turn again, after the others.
void Connection::let_others() {
    in_coroutine_ = true;  // nobody else may go on with it meanwhile, or end it
    boost::asio::post(worker_.executor(), [this] {
        in_coroutine_ = false;
        go_on();
    });
}

void Connection::end() {
    worker_.end(*this);
}

void Connection::spawn(Next next) {
    in_coroutine_ = true;
    worker_.became_busy(*this);
    wait_in(State::handler, worker_.now() + worker_.config().request_timeout + handler_slack);
    auto finished = [this](std::exception_ptr thrown) {
        in_coroutine_ = false;
        if (thrown) {
            gone_ = true;
            worker_.log_broken(thrown);
        }
        // Done without waiting: the caller of spawn() goes on, or requests that follow each other
        // would pile up calls.
        if (!spawning_) go_on();
    };
    spawning_ = true;
    boost::asio::co_spawn(worker_.executor(), serve(next), finished);
    spawning_ = false;
}

Awaitable<void> Connection::serve(Next next) {
    while (next != Next::read && next != Next::gone) {
        if (next == Next::write) {
            co_await finish_sending();
        } else if (next == Next::handle) {
            co_await handle();
        } else if (next == Next::refuse) {
            co_await refuse();
        } else {
            co_await linger();
            gone_ = true;
        }
        next = advance();
    }
}

/// Until the socket has something, or a deadline passes, or the connection is cut.
base::Task<int> Connection::wait_ready() {
    auto keep = [this](base::Completion<int> completion) {
        waiter_ = std::move(completion);
        waits_ = true;
    };
    return base::suspend<int>(keep);
}

void Connection::wake() {
    waits_ = false;
    auto waiter = std::move(waiter_);
    waiter(0);
}

/// Answers what can be answered at once, then says what to wait for.
Connection::Next Connection::advance() {
    if (gone_) return Next::gone;
    auto& out = worker_.outgoing();
    for (;;) {
        auto next = step(out);
        if (!out.empty() && (next != Next::again || out.full())) {
            if (!send(out)) return gone_ ? Next::gone : Next::write;
        }
        if (next != Next::again) return next;
    }
}

/// One head.
Connection::Next Connection::step(Outgoing& out) {
    if (ending_) return Next::linger;
    if (input_.empty()) return Next::read;
    auto verdict = guard_.advance(input_.view());
    if (verdict == HeadGuard::Verdict::more) return Next::read;
    begin_request();
    if (verdict == HeadGuard::Verdict::refused) {
        refusal_ = guard_.refusal();
        return Next::refuse;
    }
    bool reads = guard_.method() == Method::get || guard_.method() == Method::head;
    if (!listener_.listener.shortcut || !reads || guard_.has_body() || !host_allowed())
        return Next::handle;
    if (auto ended = intercept(nullptr)) {
        message_size_ = guard_.size();
        add(out, render(std::move(*ended)), Form::full);
        end_message();
        return Next::again;
    }
    // Who is reading matters even where anyone may: a known reader's visit is an event.
    auto actor = listener_.listener.authenticator->authenticate(request_);
    if (!actor) return Next::handle;
    request_.context.actor = *actor;
    auto answer = ask_shortcut();
    if (!answer) return Next::handle;
    message_size_ = guard_.size();
    add_to_get(out, std::move(answer));
    end_message();
    return Next::again;
}

/// Once per request, before the shortcut or, where there is none, with the route that is known
/// then.
std::optional<Response> Connection::intercept(const Route* route) {
    if (std::exchange(intercepted_, true)) return std::nullopt;
    if (route) request_.kind = route->kind;
    for (const auto& interceptor : listener_.listener.interceptors) {
        if (auto ended = interceptor->before(request_)) return ended;
    }
    return std::nullopt;
}

/// A shortcut that breaks is logged and passed by: the handler may still answer.
std::shared_ptr<const PreparedResponse> Connection::ask_shortcut() {
    try {
        return listener_.listener.shortcut(request_);
    } catch (const std::exception& thrown) {
        telemetry::log(telemetry::Level::error, "http", "a shortcut broke",
                       {{"error", thrown.what()}}, request_.context.request_id);
    }
    return nullptr;
}

void Connection::begin_request() {
    guard_.fill(input_.begin(), request_);
    auto& context = request_.context;
    auto given = guard_.request_id(input_.begin());
    if (is_sane_request_id(given)) {
        context.request_id.assign(given);
    } else {
        worker_.make_request_id(context.request_id);
    }
    context.actor = {};
    if (request_.peer != peer_) request_.peer = peer_;
    request_.kind = RouteKind::standard;
    request_.answer_lines.clear();
    intercepted_ = false;
    request_deadline_ = worker_.now() + worker_.config().request_timeout;
    context.deadline = base::Deadline(request_deadline_);
}

Connection::Received Connection::receive() {
    input_.make_room(1024);
    std::size_t count = 0;
    auto received = receive_some({input_.free_begin(), input_.free_size()}, count);
    input_.received(count);
    return received;
}

Connection::Received Connection::receive_some(boost::asio::mutable_buffer room,
                                              std::size_t& count) {
    if (tls_) return receive_tls(room, count);
    count = 0;
    for (;;) {
        auto got = recv(socket_.get(), room.data(), room.size(), MSG_DONTWAIT);
        if (got > 0) {
            count = static_cast<std::size_t>(got);
            // Less than there was room for: that was all, and the next bytes are a new event. But
            // for a client that has finished, whose end would be none.
            ready_ = hangup_ || count == room.size();
            return Received::some;
        }
        if (got < 0 && errno == EINTR) continue;
        ready_ = false;
        return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? Received::none
                                                                    : Received::ended;
    }
}

/// A connection without a request is idle, and small.
void Connection::wait_for_request() {
    const auto& config = worker_.config();
    if (input_.empty()) {
        // Woken for less than a byte of a request: that does not make it wait any longer.
        if (std::exchange(resting_, true)) return;
        input_.shrink();
        if (tls_) input_ = Input();  // OpenSSL's own part is large enough
        // A fresh one keeps the deadline of its first head.
        if (!fresh_) wait_in(State::idle, worker_.now() + config.idle_timeout);
        worker_.became_waiting(*this);
    } else if (state_ != State::head) {
        wait_in(State::head, worker_.now() + config.header_timeout);
        worker_.became_waiting(*this);
    }
}

void Connection::wait_in(State state, Time until) {
    state_ = state;
    deadline_ = until;
}

bool Connection::tick(Time now) {
    if (now < deadline_) return false;
    bool reading_head = state_ == State::idle || state_ == State::head;
    if (reading_head && in_coroutine_) return false;  // it has more to read, and is about to
    if (state_ == State::head) {
        begin_request();
        refusal_ = {408, "request_timeout", "The request head did not come in time."};
        spawn(Next::refuse);
        if (!in_coroutine_) go_on();
    } else if (state_ == State::body) {
        late_ = true;
        if (waits_) wake();
    } else if (state_ == State::handler) {
        answer_late();
    } else {
        cut();
    }
    return true;
}

void Connection::drain() {
    if (state_ != State::idle || in_coroutine_) return;
    if (fresh_) {
        // It has just been accepted and has had no time to send its request.
        deadline_ = std::min(deadline_, worker_.now() + std::chrono::seconds(1));
    } else if (receive() == Received::some) {
        go_on();  // a request came at the same moment; it is answered before the end
    } else {
        end();
    }
}

void Connection::cut() {
    gone_ = true;
    tls_.reset();  // while there is a socket to say goodbye on
    socket_.close();
    if (waits_) {
        wake();
    } else if (!in_coroutine_) {
        end();
    }
}

}  // namespace http
