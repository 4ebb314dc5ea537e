#include "connection.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "worker.hpp"

namespace http {

namespace {

/// So often one connection is read from before the others get their turn.
constexpr int rounds_max = 16;

/// Deadlines are looked at so often; an idle connection must not be closed early, or a proxy's
/// request may be on its way.
constexpr auto tick_interval = std::chrono::milliseconds(250);

}  // namespace

Connection::Connection(Worker& worker, Acceptor& acceptor, Descriptor socket, std::string peer)
    : worker_(worker),
      listener_(acceptor.state),
      peer_(std::move(peer)),
      channel_(std::move(socket), worker.now() + worker.config().header_timeout + tick_interval),
      reader_(worker, channel_),
      writer_(worker, channel_, reader_.head(), request_),
      exchange_(worker, acceptor, channel_, reader_, writer_, request_, peer_) {}

bool Connection::start_tls() {
    return channel_.start_tls(worker_.tls());
}

void Connection::on_ready(bool hangup) {
    channel_.on_ready(hangup);
    if (channel_.somebody_waits()) {
        channel_.wake();
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
        auto received = channel_.ready() ? reader_.receive() : Channel::Received::none;
        if (received == Channel::Received::ended) return false;
        if (received == Channel::Received::none) {
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
    channel_.enter(Life::active);
    boost::asio::post(worker_.executor(), [this] {
        in_coroutine_ = false;
        go_on();
    });
}

void Connection::end() {
    exchange_.abandon();
    worker_.end(*this);
}

void Connection::spawn(Next next) {
    in_coroutine_ = true;
    worker_.became_busy(*this);
    channel_.wait_for_handler(worker_.now() + worker_.config().request_timeout);
    auto finished = [this](std::exception_ptr thrown) {
        in_coroutine_ = false;
        if (thrown) {
            channel_.give_up();
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
            co_await writer_.finish();
        } else if (next == Next::finish) {
            co_await exchange_.finish();
        } else {
            co_await linger();
            channel_.give_up();
        }
        next = advance();
    }
}

/// Answers what can be answered at once, then says what to wait for.
Connection::Next Connection::advance() {
    if (channel_.gone()) return Next::gone;
    auto& out = worker_.outgoing();
    for (;;) {
        auto next = step(out);
        if (!out.empty() && (next != Next::again || out.full())) {
            if (!writer_.send(out)) return channel_.gone() ? Next::gone : Next::write;
        }
        if (next != Next::again) return next;
    }
}

/// One request.
Connection::Next Connection::step(Outgoing& out) {
    if (exchange_.under_way()) return Next::finish;
    if (writer_.ending()) return Next::linger;
    if (reader_.empty()) return Next::read;
    auto verdict = reader_.read_head();
    if (verdict == HeadGuard::Verdict::more) return Next::read;
    exchange_.begin();
    if (verdict == HeadGuard::Verdict::refused) {
        exchange_.refuse(out, reader_.head().refusal());
        return Next::again;
    }
    return exchange_.at_once(out) ? Next::again : Next::finish;
}

/// A connection without a request is idle, and small.
void Connection::wait_for_request() {
    const auto& config = worker_.config();
    auto life = channel_.life();
    if (reader_.empty()) {
        // Woken for less than a byte of a request: that does not make it wait any longer.
        if (life == Life::idle) return;
        reader_.rest();
        // A fresh one keeps the deadline of its first head.
        if (life != Life::fresh) {
            channel_.wait_in(Life::idle, worker_.now() + config.idle_timeout + tick_interval);
            if (worker_.draining()) drain();
            worker_.became_waiting(*this);
        }
    } else if (life == Life::fresh) {
        channel_.enter(Life::head);
    } else if (life != Life::head) {
        channel_.wait_in(Life::head, worker_.now() + config.header_timeout);
        worker_.became_waiting(*this);
    }
}

bool Connection::tick(Channel::Time now) {
    if (now < channel_.deadline()) return false;
    switch (channel_.life()) {
        case Life::active:
            return false;  // it has more to read, and is about to
        case Life::head:
            refuse_late_head();
            break;
        case Life::body:
            channel_.enter(Life::late);
            if (channel_.somebody_waits()) channel_.wake();
            break;
        case Life::late:
            return false;
        case Life::handler:
            answer_late();
            break;
        case Life::idle:
            // An answer that has not been taken since then will not be.
            if (channel_.has_unsent()) channel_.reset();
            cut();
            break;
        case Life::tunnel:
            if (channel_.has_unsent()) channel_.reset();
            cut();
            break;
        case Life::sending:
            channel_.reset();
            cut();
            break;
        default:
            cut();
    }
    return true;
}

void Connection::refuse_late_head() {
    exchange_.begin();
    auto& out = worker_.outgoing();
    exchange_.refuse(out, {408, "request_timeout", "The request head did not come in time."});
    go_on();
}

void Connection::answer_late() {
    if (writer_.is_producing()) {
        channel_.reset();
        cut();
        return;
    }
    auto& out = worker_.outgoing();
    exchange_.answer_late(out);
    writer_.send(out);
    cut();
}

/// One that is idle may have a request on its way, which a close would lose: so it is given a
/// moment, what comes is answered with `Connection: close`, and the silent ones end after it. So do
/// tunnels, which know no such word.
void Connection::drain() {
    auto until = worker_.now() + worker_.config().drain_idle_timeout;
    if (in_coroutine_) return writer_.drain(until);
    auto life = channel_.life();
    if (life == Life::fresh || life == Life::idle) {
        channel_.set_deadline(std::min(channel_.deadline(), until));
    }
}

void Connection::cut() {
    channel_.give_up();
    channel_.close();
    if (channel_.somebody_waits()) {
        channel_.wake();
    } else if (!in_coroutine_) {
        end();
    }
}

/// Closing while bytes are unread would reset the connection and take the answer from the client:
/// so read on for a while and throw it away.
Awaitable<void> Connection::linger() {
    channel_.wait_in(Life::lingering, worker_.now() + worker_.config().linger_timeout);
    co_await channel_.finish_sending();
    auto left = static_cast<std::size_t>(worker_.config().linger_bytes_max);
    std::string ignored(16 * 1024, '\0');
    boost::asio::mutable_buffer room(ignored.data(), ignored.size());
    while (!channel_.gone()) {
        std::size_t count = 0;
        auto received = channel_.receive(room, count);
        if (received == Channel::Received::none) co_await channel_.wait_ready();
        if (received == Channel::Received::ended || count > left) break;
        left -= count;
    }
}

}  // namespace http
