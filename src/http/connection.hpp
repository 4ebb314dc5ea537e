#pragma once

#include <boost/intrusive/list.hpp>
#include <string>

#include "channel.hpp"
#include "exchange.hpp"
#include "request_reader.hpp"
#include "response_writer.hpp"

namespace http {

class Worker;
struct Acceptor;
struct ListenerState;

using ConnectionHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// One connection: reads requests, has them answered in order, keeps the limits of time (Life, in
/// channel.hpp, is its life). Its parts do the work: RequestReader makes bytes a request, Exchange
/// a request an answer, ResponseWriter an answer bytes. Belongs to one thread; the thread's Worker
/// owns it and tells it when its socket has something.
///
/// What waits for nothing is read and answered in go_on(), which neither waits nor allocates;
/// several requests that came together go out together. Only what has to wait (a handler, a body, a
/// slow client) runs in a coroutine, so that an idle connection has none.
class Connection : public ConnectionHook {
public:
    Connection(Worker& worker, Acceptor& acceptor, Descriptor socket, std::string peer);

    ListenerState& listener() { return listener_; }
    /// Before the first event; false if there is no memory for it.
    bool start_tls();

    // Each of these may end the connection and with it this object.
    /// The socket has become readable or writable; `hangup`: the client has finished sending.
    void on_ready(bool hangup);
    /// Called about four times a second: acts on a deadline that has passed, and says whether one
    /// had.
    bool tick(Channel::Time now);
    /// The server drains: what still comes soon is answered, and then it ends.
    void drain();
    /// Ends at once.
    void cut();

private:
    enum class Next : std::uint8_t { again, read, write, finish, linger, gone };

    void go_on();
    bool answer_until_waiting();
    void let_others();
    Next advance();
    Next step(Outgoing& out);
    void wait_for_request();
    void refuse_late_head();
    void answer_late();
    void end();

    void spawn(Next next);
    Awaitable<void> serve(Next next);
    Awaitable<void> linger();

    Worker& worker_;
    ListenerState& listener_;
    const std::string peer_;  ///< whom the socket belongs to
    Channel channel_;
    Request request_;
    RequestReader reader_;
    ResponseWriter writer_;
    Exchange exchange_;
    bool in_coroutine_ = false;  ///< or about to go on: only that may end the connection
    bool spawning_ = false;
};

}  // namespace http
