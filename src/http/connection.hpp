#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/intrusive/list.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/task.hpp"
#include "head_guard.hpp"
#include "http/router.hpp"
#include "input.hpp"
#include "listener.hpp"
#include "outgoing.hpp"
#include "tls_connection.hpp"

namespace http {

class Worker;
struct Acceptor;
struct ListenerState;

template <class T>
using Awaitable = boost::asio::awaitable<T, base::Executor>;

using ConnectionHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// One connection: reads requests, has them answered in order, keeps the limits of docs/framing.md,
/// S13. Belongs to one thread; the thread's Worker owns it and tells it when its socket has
/// something.
///
/// What the listener's shortcut answers is read and answered in go_on(), which neither waits nor
/// allocates; several requests that came together go out together. Only what has to wait (a
/// handler, a body, a slow client) runs in a coroutine, so that an idle connection has none.
/// Bytes come in through receive_some() and go out through send_some() alone.
class Connection : public ConnectionHook {
public:
    Connection(Worker& worker, Acceptor& acceptor, Descriptor socket, std::string peer);
    ~Connection();

    ListenerState& listener() { return listener_; }
    /// Before the first event; false if there is no memory for it.
    bool start_tls();

    // Each of these may end the connection and with it this object.
    /// The socket has become readable or writable; `hangup`: the client has finished sending.
    void on_ready(bool hangup);
    /// Called about four times a second: acts on a deadline that has passed, and says whether one
    /// had.
    bool tick(base::Deadline::Clock::time_point now);
    /// The server drains: ends at once if nothing is under way.
    void drain();
    /// Ends at once.
    void cut();

private:
    enum class State : std::uint8_t { idle, head, body, handler, writing, lingering };
    enum class Next : std::uint8_t { again, read, write, handle, refuse, linger, gone };
    enum class Received : std::uint8_t { some, none, ended };
    using Time = base::Deadline::Clock::time_point;

    // Reading heads and answering at once: connection.cpp.
    void go_on();
    bool answer_until_waiting();
    void let_others();
    Next advance();
    Next step(Outgoing& out);
    std::shared_ptr<const PreparedResponse> ask_shortcut();
    std::optional<Response> intercept(const Route* route);
    void tell_interceptors();
    void begin_request();
    Received receive();
    Received receive_some(boost::asio::mutable_buffer room, std::size_t& count);
    void wait_for_request();
    void wait_in(State state, Time until);
    void end();

    // With TLS or without: connection_tls.cpp.
    Received receive_tls(boost::asio::mutable_buffer room, std::size_t& count);
    Outgoing::Sent send_some(Outgoing& out);
    std::size_t send_progress() const;
    Awaitable<void> finish_tls();

    // The coroutine: connection.cpp.
    void spawn(Next next);
    Awaitable<void> serve(Next next);
    base::Task<int> wait_ready();
    void wake();

    // Answering: connection_answer.cpp.
    Outgoing::Lines lines(bool close) const;
    void add(Outgoing& out, std::shared_ptr<const PreparedResponse> answer, Form form);
    std::shared_ptr<const PreparedResponse> encoded(std::shared_ptr<const PreparedResponse> answer);
    void add_to_get(Outgoing& out, std::shared_ptr<const PreparedResponse> answer);
    void respond(Response response);
    void end_message();
    bool send(Outgoing& out);
    Awaitable<void> finish_sending();
    Awaitable<void> refuse();
    Awaitable<void> linger();
    void answer_late();

    // One request with a handler: connection_request.cpp.
    Awaitable<void> handle();
    std::optional<Response> choose(const Route*& route);
    bool host_allowed() const;
    Awaitable<Response> call(const Route& route);
    Awaitable<bool> read_body();
    Awaitable<bool> read_sized();
    Awaitable<bool> read_chunked();
    Awaitable<bool> read_some(boost::asio::mutable_buffer room);
    bool skip_body();
    void send_continue();

    Worker& worker_;
    Acceptor& acceptor_;
    ListenerState& listener_;
    Descriptor socket_;
    std::unique_ptr<TlsConnection> tls_;  ///< null where the listener is a plain one
    std::string peer_;                    ///< whom the socket belongs to
    base::Completion<int> waiter_;        ///< of the coroutine, if waits_
    std::size_t count_ = 0;               ///< of the last read_some()
    Input input_;
    HeadGuard guard_;
    Request request_;
    Refusal refusal_{};
    std::unique_ptr<Outgoing> pending_;  ///< what a slow client has not taken yet
    Time deadline_;
    Time request_deadline_{};
    Time body_started_{};
    std::size_t message_size_ = 0;  ///< bytes of the input that belong to the request
    std::size_t body_received_ = 0;
    State state_ = State::idle;
    bool fresh_ = true;          ///< no request yet
    bool resting_ = false;       ///< waits for a request since its last answer
    bool intercepted_ = false;   ///< the request has passed the interceptors
    bool ending_ = false;        ///< the last answer is on its way
    bool late_ = false;          ///< a deadline passed while reading
    bool gone_ = false;          ///< nobody is there any more
    bool ready_ = false;         ///< the socket may have something to read
    bool hangup_ = false;        ///< the client has finished sending
    bool waits_ = false;         ///< the coroutine waits for the socket
    bool in_coroutine_ = false;  ///< or about to go on: only that may end the connection
    bool spawning_ = false;
};

}  // namespace http
