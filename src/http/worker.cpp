#include "worker.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>

#include <algorithm>
#include <ctime>

#include "base/http_date.hpp"
#include "base/ids.hpp"
#include "base/memory.hpp"
#include "base/thread.hpp"
#include "telemetry/log.hpp"

namespace http {

using namespace std::chrono_literals;

namespace {
constexpr auto tick_interval = 250ms;
}  // namespace

void Shared::connection_ended(bool is_public) {
    connections.fetch_sub(1, std::memory_order_relaxed);
    if (is_public) public_connections.fetch_sub(1, std::memory_order_relaxed);
    if (!draining.load(std::memory_order_relaxed)) return;
    // With the mutex, or stop() could look at the numbers just before and then sleep.
    std::lock_guard lock(mutex);
    changed.notify_all();
}

Worker::Worker(std::size_t index, Shared& shared, telemetry::Metrics& metrics)
    : index_(index),
      shared_(shared),
      metrics_(metrics),
      reserve_(open("/dev/null", O_RDONLY | O_CLOEXEC)),
      poller_(context_.get_executor(), epoll_create1(EPOLL_CLOEXEC)) {
    head_limits_.target_bytes = static_cast<std::size_t>(shared.config.target_bytes_max);
    head_limits_.field_bytes = static_cast<std::size_t>(shared.config.field_bytes_max);
    head_limits_.field_lines = static_cast<std::size_t>(shared.config.field_lines_max);
    refresh_date();
}

Worker::~Worker() {
    if (thread_.joinable()) thread_.join();
    // Only when a handler never ended are there any left; their coroutines go with the context.
    for (auto* connections : {&waiting_, &busy_}) {
        connections->clear_and_dispose([](Connection* connection) { delete connection; });
    }
}

void Worker::start() {
    thread_ = std::thread([this] { run(); });
}

void Worker::run() {
    base::name_thread("http");
    // sendfile has no MSG_NOSIGNAL.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    now_ = Clock::now();
    schedule_tick();
    watch_poller();
    for (auto& acceptor : acceptors_) {
        auto report = [](std::exception_ptr thrown) {
            if (thrown) telemetry::log(telemetry::Level::critical, "http", "an accept loop broke");
        };
        boost::asio::co_spawn(context_, accept_loop(*acceptor), report);
    }
    for (bool ended = false; !ended;) {
        try {
            context_.run();
            ended = true;
        } catch (const std::exception& thrown) {
            telemetry::log(telemetry::Level::error, "http", "an event broke its thread's loop",
                           {{"error", thrown.what()}});
        }
    }
    flush_counts();
    std::lock_guard lock(shared_.mutex);
    loop_ended_ = true;
    shared_.changed.notify_all();
}

void Worker::schedule_tick() {
    tick_timer_.expires_after(tick_interval);
    tick_timer_.async_wait([this](boost::system::error_code error) {
        if (error || released_) return;
        schedule_tick();  // first: whatever tick() meets, there is a next one
        tick();
    });
}

void Worker::tick() {
    ticks_.fetch_add(1, std::memory_order_relaxed);
    now_ = Clock::now();
    refresh_date();
    flush_counts();
    // What slow clients made the heap grow by goes back to the system.
    if (index_ == 0 && shared_.budget.shrank()) base::give_memory_back();
    if (sweeping_) return;
    sweeping_ = &waiting_;
    sweep_next_ = waiting_.begin();
    sweep();
}

/// Looks at every connection's deadline, some at a time: many may have passed, and whoever is to be
/// served must not wait for all of them.
void Worker::sweep() {
    constexpr int seen_max = 512;
    constexpr int acted_max = 4;
    int seen = 0;
    int acted = 0;
    while (sweeping_) {
        if (sweep_next_ == sweeping_->end()) {
            sweeping_ = sweeping_ == &waiting_ ? &busy_ : nullptr;
            if (sweeping_) sweep_next_ = sweeping_->begin();
        } else if (seen == seen_max || acted == acted_max) {
            boost::asio::post(context_, [this] { sweep(); });
            return;
        } else {
            auto& connection = *sweep_next_++;
            ++seen;
            try {
                if (connection.tick(now_)) ++acted;
            } catch (const std::exception&) {
                log_broken(std::current_exception());
            }
        }
    }
}

/// `act` may end the connection it is given, or move it to the other list.
template <class Act>
void Worker::for_each_connection(Connections& connections, Act act) {
    for (auto next = connections.begin(); next != connections.end();) {
        auto& connection = *next++;
        act(connection);
    }
}

void Worker::watch_poller() {
    poller_.async_wait(decltype(poller_)::wait_read, [this](boost::system::error_code error) {
        if (error) return;
        poll_connections();
        watch_poller();
    });
}

void Worker::poll_connections() {
    // A few rounds before other work of this thread gets its turn.
    constexpr int rounds_max = 4;
    std::array<epoll_event, 128> events;
    refresh_now();
    for (int round = 0; round < rounds_max; ++round) {
        int count =
            epoll_wait(poller_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
        if (count <= 0) return;
        // One event per connection, and a connection only ever ends itself: no dangling pointers.
        for (int i = 0; i < count; ++i) {
            auto& event = events[static_cast<std::size_t>(i)];
            bool hangup = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
            static_cast<Connection*>(event.data.ptr)->on_ready(hangup);
        }
    }
}

void Worker::refresh_date() {
    auto wall =
        std::chrono::time_point_cast<base::Time::duration>(std::chrono::system_clock::now());
    wall_epoch_ = wall - std::chrono::duration_cast<base::Time::duration>(now_.time_since_epoch());
    auto second = std::chrono::system_clock::to_time_t(wall);
    if (second == date_second_) return;
    date_second_ = second;
    date_line_ = "Date: " + base::to_http_date(wall) + "\r\n";
    date_line_with_hsts_ = date_line_;
    if (auto seconds = shared_.config.tls.hsts_seconds; seconds > 0) {
        date_line_with_hsts_ +=
            "Strict-Transport-Security: max-age=" + std::to_string(seconds) + "\r\n";
    }
}

void Worker::flush_counts() {
    for (auto& acceptor : acceptors_) flush_counts(*acceptor);
    lines_.hand_over();
}

void Worker::flush_counts(Acceptor& acceptor) {
    static constexpr const char* classes[] = {"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
    const auto& listener = acceptor.state.listener;
    for (std::size_t route = 0; route < acceptor.routes.size(); ++route) {
        auto& measured = acceptor.routes[route];
        for (std::size_t i = 1; i < measured.responses.size(); ++i) {
            auto count = std::exchange(measured.responses[i], 0);
            if (count == 0) continue;
            auto*& counter = measured.counters[i];
            if (!counter) {
                counter =
                    &metrics_.counter("portal_http_responses_total",
                                      "Answers by listener, route and class of status.",
                                      {{"listener", listener.name},
                                       {"route", std::string(listener.router->pattern(route))},
                                       {"status", classes[i]}});
            }
            counter->add(count);
        }
    }
}

telemetry::Histogram& Worker::handler_seconds(Acceptor& acceptor, std::size_t route) {
    auto*& histogram = acceptor.routes[route].handler_seconds;
    if (!histogram) {
        auto pattern = acceptor.state.listener.router->pattern(route);
        histogram = &metrics_.histogram("portal_http_handler_seconds",
                                        "How long handlers took to answer, by route.",
                                        {{"route", std::string(pattern)}});
    }
    return *histogram;
}

telemetry::LineBuffer* Worker::access_lines(int status) {
    if (!shared_.config.access_lines || !telemetry::log_enabled(telemetry::Level::info)) {
        return nullptr;
    }
    bool refused = status >= 400;
    if (!refused && ++unlined_ < shared_.config.access_lines_every) return nullptr;
    if (!refused) unlined_ = 0;
    return &lines_;
}

/// Fifteen characters, which fit a std::string without allocating: seven that are random per
/// thread and start, eight that count.
void Worker::make_request_id(std::string& id) {
    static constexpr char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    std::array<char, 15> text;
    if (request_id_prefix_.empty()) {
        auto random = base::random_bits();
        for (int i = 0; i < 7; ++i) request_id_prefix_ += digits[(random >> (5 * i)) & 31];
    }
    std::copy(request_id_prefix_.begin(), request_id_prefix_.end(), text.begin());
    auto count = ++request_count_;
    for (std::size_t i = text.size(); i-- > 7; count >>= 5) text[i] = digits[count & 31];
    id.assign(text.data(), text.size());
}

std::unique_ptr<Outgoing> Worker::take_outgoing() {
    return std::exchange(outgoing_, std::make_unique<Outgoing>());
}

void Worker::take_out(Connection& connection) {
    if (sweeping_ && sweep_next_ == Connections::s_iterator_to(connection)) ++sweep_next_;
    connection.unlink();
}

void Worker::became_waiting(Connection& connection) {
    take_out(connection);
    waiting_.push_back(connection);
}

void Worker::became_busy(Connection& connection) {
    take_out(connection);
    busy_.push_back(connection);
}

void Worker::end(Connection& connection) {
    auto& state = connection.listener();
    take_out(connection);
    delete &connection;
    state.connections.fetch_sub(1, std::memory_order_relaxed);
    shared_.connection_ended(state.listener.is_public);
}

bool Worker::tunnel_begins() {
    if (shared_.tunnels.fetch_add(1, std::memory_order_relaxed) < config().tunnels_max) return true;
    tunnel_ended();
    return false;
}

std::future<void> Worker::drain(bool public_acceptors) {
    std::promise<void> closed;
    auto future = closed.get_future();
    boost::asio::post(context_, [this, public_acceptors, promise = std::move(closed)]() mutable {
        draining_ = true;
        now_ = Clock::now();
        for (auto& acceptor : acceptors_) {
            if (acceptor->state.listener.is_public != public_acceptors) continue;
            // The kernel resets connections that are queued when their listener closes. Those of an
            // inherited one stay in its queue, for the server that comes after this one.
            bool reset = !acceptor->state.address.is_inherited();
            while (reset && acceptor->socket.is_open() && accept_one(*acceptor) == Accepted::one) {
            }
            boost::system::error_code ignored;
            acceptor->socket.close(ignored);
        }
        for (auto* connections : {&waiting_, &busy_}) {
            for_each_connection(*connections, [public_acceptors](Connection& connection) {
                bool meant = connection.listener().listener.is_public == public_acceptors;
                if (meant) connection.drain();
            });
        }
        promise.set_value();
    });
    return future;
}

void Worker::cut() {
    boost::asio::post(context_, [this] {
        for (auto* connections : {&waiting_, &busy_}) {
            for_each_connection(*connections, [](Connection& connection) { connection.cut(); });
        }
    });
}

void Worker::release() {
    boost::asio::post(context_, [this] {
        released_ = true;
        tick_timer_.cancel();
        boost::system::error_code ignored;
        poller_.cancel(ignored);
    });
}

bool Worker::has_ticked() {
    auto now = ticks_.load(std::memory_order_relaxed);
    return std::exchange(ticks_seen_, now) != now;
}

bool Worker::join(Clock::time_point until) {
    if (!thread_.joinable()) return true;
    bool ended = false;
    {
        std::unique_lock lock(shared_.mutex);
        ended = shared_.changed.wait_until(lock, until, [this] { return loop_ended_; });
    }
    if (!ended) context_.stop();
    if (thread_.joinable()) thread_.join();
    return ended;
}

}  // namespace http
