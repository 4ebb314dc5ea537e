#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/context.hpp"
#include "base/task.hpp"
#include "listener.hpp"
#include "outgoing.hpp"
#include "tls_connection.hpp"

namespace http {

template <class T>
using Awaitable = boost::asio::awaitable<T, base::Executor>;

/// Where a connection is in its life, and so what its deadline means.
///
/// | state     | waits for                     | when its deadline passes            | then |
/// |-----------|-------------------------------|-------------------------------------|-------------|
/// | fresh     | the first byte                | closed without a word               | head | |
/// idle      | the next request              | closed; reset if bytes are unsent   | head        |
/// | head      | the rest of a head            | 408                                 | active | |
/// active    | nothing, it is at work        | –                                   | any         |
/// | body      | more of a body                | late: the coroutine is woken        | active | |
/// late      | nothing, it is about to refuse| –                                   | sending     |
/// | handler   | the handler, an interceptor   | 504, then closed                    | sending | |
/// sending   | the client to take its answer | reset                               | active      |
/// | streaming | the producer                  | – (it has none)                     | sending |
/// | tunnel    | either side, to send or take  | closed; reset if bytes are unsent   | active | |
/// lingering | the client to finish          | closed                              | gone        |
/// | gone      | nothing                       | –                                   | destroyed |
///
/// Any state may be followed by gone, and nothing follows that. From body on a coroutine is at
/// work, and only that may end the connection then.
enum class Life : std::uint8_t {
    fresh,
    idle,
    head,
    active,
    body,
    late,
    handler,
    sending,
    streaming,
    tunnel,
    lingering,
    gone
};

/// The way to one client: a non-blocking socket, with TLS or without, whether there may be
/// something to read, who waits for it, and until when. Bytes come in through receive() and go out
/// through send() alone. Belongs to its connection.
class Channel {
public:
    using Time = base::Deadline::Clock::time_point;
    enum class Received : std::uint8_t { some, none, ended };

    Channel(Descriptor socket, Time first_head_until)
        : socket_(std::move(socket)), deadline_(first_head_until) {}

    // Life.
    Life life() const { return life_; }
    bool gone() const { return life_ == Life::gone; }
    Time deadline() const { return deadline_; }
    void enter(Life life) {
        if (!gone()) life_ = life;
    }
    void wait_in(Life life, Time until) {
        enter(life);
        deadline_ = until;
    }
    /// Whoever is waited for has that deadline; the connection acts on it a second later.
    void wait_for_handler(Time until) {
        wait_in(Life::handler, until == Time::max() ? until : until + std::chrono::seconds(1));
    }
    void set_deadline(Time until) { deadline_ = until; }
    /// Nothing is read or written any more.
    void give_up() {
        life_ = Life::gone;
        tell_gone();
    }

    // The socket's events.
    void on_ready(bool hangup) {
        ready_ = true;
        hangup_ = hangup_ || hangup;
        if (hangup_) tell_gone();
    }
    /// Called once, when the client has finished sending or nothing is read or written any more; at
    /// once if that is so. An empty one: nobody is told.
    void when_gone(std::function<void()> told) {
        told_gone_ = std::move(told);
        if (hangup_ || gone()) tell_gone();
    }
    /// False: a read would find nothing, there will be an event.
    bool ready() const { return ready_; }
    /// The client has finished sending, or is gone.
    bool hangup() const { return hangup_; }

    // Bytes.
    /// Before the first of them; false if there is no memory for it.
    bool start_tls(TlsThread& thread) {
        tls_ = thread.begin(socket_);
        return tls_ != nullptr;
    }
    /// `ended`: no more will come, or it is broken().
    Received receive(boost::asio::mutable_buffer room, std::size_t& count);
    /// It ended otherwise than by the client's finishing: by a reset, or against a rule of TLS.
    bool broken() const { return broken_; }
    /// As much as the socket takes now.
    Outgoing::Sent send(Outgoing& out);
    /// Grows while the client takes what is sent; finer than whole records.
    std::size_t progress(const Outgoing& out) const;
    /// Bytes that the client has not acknowledged.
    bool has_unsent() const;

    // Waiting, by at most one coroutine; in a tunnel by one that reads and one that writes.
    enum class Waiter : std::uint8_t { reader, writer };
    /// Until the socket has something, or wake(). Look at life() afterwards.
    base::Task<int> wait_ready(Waiter who = Waiter::reader);
    bool somebody_waits() const { return waiters_[0].has_value() || waiters_[1].has_value(); }
    /// All who wait.
    void wake();

    // The end.
    bool is_tls() const { return tls_ != nullptr; }
    /// The last that is sent; afterwards the socket is read as it is, since nothing counts any
    /// more.
    Awaitable<void> finish_sending();
    /// The same for a tunnel, where reading goes on. False: the socket takes nothing now, call
    /// again.
    bool finish_writing();
    void close();
    /// What is unsent is thrown away: a client that takes nothing keeps no memory of the kernel's.
    void reset();

private:
    void tell_gone() {
        if (told_gone_) std::exchange(told_gone_, nullptr)();
    }
    Received receive_tls(boost::asio::mutable_buffer room, std::size_t& count);

    Descriptor socket_;
    std::unique_ptr<TlsConnection> tls_;  ///< null where the listener is a plain one
    std::array<std::optional<base::Completion<int>>, 2> waiters_;
    std::function<void()> told_gone_;
    Time deadline_;
    Life life_ = Life::fresh;
    bool ready_ = false;
    bool hangup_ = false;
    bool broken_ = false;
};

}  // namespace http
