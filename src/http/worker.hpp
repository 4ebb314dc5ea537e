#pragma once

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "connection.hpp"
#include "http/server.hpp"
#include "listener.hpp"
#include "telemetry/line_buffer.hpp"
#include "tls_connection.hpp"

namespace http {

class Worker;

/// What all threads of a server share.
struct Shared {
    explicit Shared(const Config& c)
        : config(c), budget(c.answer_bytes_max, c.answer_bytes_per_client_max), load(c.load) {}

    const Config config;
    AnswerBudget budget;
    resilience::LoadLimit load;
    std::array<telemetry::Counter*, resilience::LoadLimit::classes> shed{};
    std::atomic<std::int64_t> connections{0};
    std::atomic<std::int64_t> public_connections{0};  ///< those of `is_public` listeners
    std::atomic<std::int64_t> tunnels{0};
    std::atomic<bool> draining{false};
    std::mutex mutex;  ///< only taken while draining
    std::condition_variable changed;
    std::vector<std::unique_ptr<Worker>> workers;

    void connection_ended(bool is_public);
};

/// A listener's numbers and rules; shared by its acceptors.
struct ListenerState {
    Listener listener;
    Address address;
    std::atomic<std::int64_t> connections{0};
};

/// One listener on one thread.
struct Acceptor {
    using Socket =
        boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol, base::Executor>;

    /// What is counted for one route; the metrics are made when they are first needed.
    struct Measured {
        std::array<std::uint64_t, 6> responses{};  ///< by status class, not yet in the counters
        std::array<telemetry::Counter*, 6> counters{};
        telemetry::Histogram* handler_seconds = nullptr;
        resilience::QueueDelay delay{};
    };

    Acceptor(base::Executor executor, ListenerState& e)
        : state(e), socket(executor), routes(e.listener.router->numbers()) {}

    ListenerState& state;
    Socket socket;
    std::vector<Measured> routes;  ///< by the number of the route

    void count(std::size_t route, int status) {
        ++routes[route].responses[static_cast<std::size_t>(status / 100) % 6];
    }
};

/// One I/O thread: its event loop, its acceptors, its connections, and what is cheap because it is
/// made once per thread: the time, the Date line, the request ids. Everything but the functions
/// marked thread-safe runs on that thread.
class Worker {
public:
    using Clock = base::Deadline::Clock;

    Worker(std::size_t index, Shared& shared, telemetry::Metrics& metrics);
    ~Worker();

    /// Before start().
    void add_acceptor(ListenerState& state, Descriptor socket);
    /// Before start(), if there is a TLS acceptor. `contexts` must outlive the worker.
    void use_tls(const base::Snapshot<TlsContext>& contexts);
    /// Throws std::system_error if there is no thread to be had.
    void start();

    // Thread-safe.
    /// Accepts what is queued at the acceptors of that kind, closes them, and ends what is idle
    /// there.
    std::future<void> drain(bool public_acceptors);
    /// Closes every connection.
    void cut();
    /// Lets the loop end once nothing is left in it.
    void release();
    /// True if the loop ended in time; stops it if not.
    bool join(Clock::time_point until);
    void close_longest_idle_later();
    /// True if there was a tick since the last call. By one thread.
    bool has_ticked();

    // For connections.
    std::size_t index() const { return index_; }
    const Config& config() const { return shared_.config; }
    const HeadLimits& head_limits() const { return head_limits_; }
    base::Executor executor() { return context_.get_executor(); }
    Outgoing& outgoing() { return *outgoing_; }
    std::unique_ptr<Outgoing> take_outgoing();
    bool draining() const { return draining_; }
    /// Of the moment when the thread last woke for its connections, or of the last tick.
    Clock::time_point now() const { return now_; }
    void refresh_now() { now_ = Clock::now(); }
    /// `Date: …` with its line end.
    std::string_view date_line() const { return date_line_; }
    /// The same, and Strict-Transport-Security if it is on.
    std::string_view date_line_with_hsts() const { return date_line_with_hsts_; }
    TlsThread& tls() { return *tls_; }
    AnswerBudget& budget() { return shared_.budget; }
    resilience::LoadLimit& load() { return shared_.load; }
    /// One of that class is not taken on, as there is too much.
    void count_shed(resilience::LoadLimit::Class of) {
        shared_.shed[static_cast<std::size_t>(of)]->add();
    }
    /// True if there may be one more, which is counted until tunnel_ended().
    bool tunnel_begins();
    void tunnel_ended() { shared_.tunnels.fetch_sub(1, std::memory_order_relaxed); }
    void make_request_id(std::string& id);
    void became_waiting(Connection& connection);
    void became_busy(Connection& connection);
    /// Destroys it.
    void end(Connection& connection);
    static void log_broken(const std::exception_ptr& thrown);
    void count_refusal(const Refusal& refusal, std::string_view request_id);
    /// A line for each answer that says this server has failed; of 503, which says that it will not
    /// try now, one a second.
    void log_failure(int status, std::string_view route, const Request& request);
    telemetry::Histogram& handler_seconds(Acceptor& acceptor, std::size_t route);
    /// Where the access line of an answer goes, if it gets one.
    telemetry::LineBuffer* access_lines(int status);
    /// The wall's time of a moment just now.
    base::Time wall_time(Clock::time_point moment) const {
        return std::chrono::time_point_cast<base::Time::duration>(
            wall_epoch_ +
            std::chrono::duration_cast<base::Time::duration>(moment.time_since_epoch()));
    }

private:
    /// One line in a second, and how many were not written before it.
    struct LineQuota {
        bool may_log(Clock::time_point now);
        Clock::time_point logged{};
        std::uint64_t unlogged = 0;
    };
    using Timer =
        boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, base::Executor>;
    using Connections =
        boost::intrusive::list<Connection, boost::intrusive::constant_time_size<false>>;

    void run();
    void schedule_tick();
    void tick();
    void sweep();
    void take_out(Connection& connection);
    void refresh_date();
    void flush_counts();
    void flush_counts(Acceptor& acceptor);
    void watch_poller();
    void poll_connections();
    template <class Act>
    void for_each_connection(Connections& connections, Act act);

    Awaitable<void> accept_loop(Acceptor& acceptor);
    enum class Accepted { one, none, exhausted, failed };
    Accepted accept_one(Acceptor& acceptor);
    void open_connection(Acceptor& acceptor, int descriptor, const sockaddr_storage& peer);
    void limit_unsent(int descriptor) const;
    bool make_place();
    bool close_longest_idle();
    Accepted accept_exhausted(Acceptor& acceptor);

    std::size_t index_;
    Shared& shared_;
    telemetry::Metrics& metrics_;
    HeadLimits head_limits_;
    std::unique_ptr<TlsThread> tls_;  ///< null if there is no TLS acceptor
    Connections waiting_;             ///< the longest idle first
    Connections busy_;
    Connections* sweeping_ = nullptr;  ///< the list that is swept just now
    Connections::iterator sweep_next_;
    std::unique_ptr<Outgoing> outgoing_ = std::make_unique<Outgoing>();
    Clock::time_point now_ = Clock::now();
    std::string date_line_;
    std::string date_line_with_hsts_;
    std::int64_t date_second_ = 0;
    base::Time wall_epoch_{};  ///< the wall's time when now_ was 0
    telemetry::LineBuffer lines_;
    std::int64_t unlined_ = 0;  ///< requests since the last that got its line
    std::uint64_t request_count_ = 0;
    std::string request_id_prefix_;
    bool draining_ = false;
    bool released_ = false;
    LineQuota refusal_lines_;
    LineQuota unavailable_lines_;
    Clock::time_point exhaustion_logged_{};
    Descriptor reserve_;

    boost::asio::io_context context_{1};
    /// The connections' own epoll set, in which each stands once and edge-triggered, from its
    /// first to its last moment. Asio's reactor would cost each request a second recv that finds
    /// nothing, and a queued operation.
    boost::asio::posix::basic_stream_descriptor<base::Executor> poller_;
    std::vector<std::unique_ptr<Acceptor>> acceptors_;
    Timer tick_timer_{context_.get_executor()};
    std::thread thread_;
    bool loop_ended_ = false;  ///< under shared_.mutex
    std::atomic<std::uint64_t> ticks_{0};
    std::uint64_t ticks_seen_ = 0;  ///< by has_ticked()
};

}  // namespace http
