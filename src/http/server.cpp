#include "http/server.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>

#include "inherited.hpp"
#include "telemetry/log.hpp"
#include "worker.hpp"

namespace http {

using namespace std::chrono_literals;

namespace {

/// Handlers that are still waiting after the drain have had their connection closed; so long they
/// may take to notice.
constexpr auto handlers_end_in = 5s;

/// Says what has been loaded, and what is odd about it.
void log_certificate(const TlsContext& loaded, const char* what) {
    bool odd = !loaded.warning().empty();
    telemetry::log(odd ? telemetry::Level::warning : telemetry::Level::info, "http",
                   odd ? loaded.warning().c_str() : what,
                   {{"not_after_seconds", loaded.not_after()}});
}

/// A unix socket's file, if it is ours.
void remove_socket(const Address& address) {
    if (address.is_unix() && !address.is_inherited()) unlink(address.path.c_str());
}

}  // namespace

std::size_t thread_count(const Config& config) {
    if (config.threads > 0) return static_cast<std::size_t>(config.threads);
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return 1;
    return static_cast<std::size_t>(std::max(1, CPU_COUNT(&allowed)));
}

struct Server::Implementation {
    Implementation(const Config& config, telemetry::Metrics& m) : metrics(m), shared(config) {}

    telemetry::Metrics& metrics;
    std::vector<std::unique_ptr<ListenerState>> listeners;
    std::unique_ptr<base::Snapshot<TlsContext>> tls;  ///< null without a TLS listener
    Shared shared;                                    // after the listeners: its threads use them
    std::vector<telemetry::Metrics::Registration> gauges;
    bool running = false;
    std::mutex stopping;

    base::Result<void> load_certificate();
    void warn_of_unused(const InheritedSockets& inherited) const;
    void measure(ListenerState& state);
    void wait_until_none(std::atomic<std::int64_t>& connections, base::Deadline until);
};

Server::Server(const Config& config, telemetry::Metrics& metrics)
    : implementation_(std::make_unique<Implementation>(config, metrics)) {
    auto& shared = implementation_->shared;
    for (std::size_t i = 0; i < shared.shed.size(); ++i) {
        constexpr const char* names[] = {"read", "change", "author"};
        shared.shed[i] = &metrics.counter("portal_http_shed_total",
                                          "Requests that were refused at once, as there were too "
                                          "many under way.",
                                          {{"class", names[i]}});
    }
    for (std::size_t i = 0; i < thread_count(config); ++i) {
        shared.workers.push_back(std::make_unique<Worker>(i, shared, metrics));
    }
}

Server::~Server() {
    stop();
}

std::size_t Server::threads() const {
    return implementation_->shared.workers.size();
}

void Server::add(Listener listener) {
    assert(!implementation_->running);
    assert(listener.router && listener.authenticator);
    auto state = std::make_unique<ListenerState>();
    state->listener = std::move(listener);
    implementation_->listeners.push_back(std::move(state));
}

void Server::Implementation::measure(ListenerState& state) {
    if (gauges.empty()) {
        gauges.push_back(metrics.gauge(
            "portal_http_answer_bytes_waiting",
            "Of answers in memory, how much waits for clients that are slow to take them.", {},
            [this] { return static_cast<double>(shared.budget.held()); }));
        gauges.push_back(metrics.gauge(
            "portal_http_tunnels", "Connections that have gone over to another protocol.", {},
            [this] {
                return static_cast<double>(shared.tunnels.load(std::memory_order_relaxed));
            }));
        gauges.push_back(metrics.gauge(
            "portal_http_limit", "How many requests may be under way before some are refused.", {},
            [this] { return static_cast<double>(shared.load.limit()); }));
        gauges.push_back(
            metrics.gauge("portal_http_in_flight", "Requests whose handlers are at work.", {},
                          [this] { return static_cast<double>(shared.load.in_flight()); }));
    }
    // So that the family is there before the first answer.
    metrics.counter("portal_http_responses_total",
                    "Answers by listener, route and class of status.",
                    {{"listener", state.listener.name},
                     {"route", std::string(state.listener.router->pattern(0))},
                     {"status", "4xx"}});
    gauges.push_back(metrics.gauge("portal_http_connections", "Open connections by listener.",
                                   {{"listener", state.listener.name}}, [&state] {
                                       return static_cast<double>(
                                           state.connections.load(std::memory_order_relaxed));
                                   }));
}

base::Result<void> Server::Implementation::load_certificate() {
    bool wanted = std::any_of(listeners.begin(), listeners.end(), [](const auto& state) {
        auto address = parse_address(state->listener.listen);
        return address && address->tls;
    });
    if (!wanted) return {};
    auto loaded = TlsContext::load(shared.config.tls);
    if (!loaded) return loaded.error();
    log_certificate(**loaded, "the certificate has been read");
    tls = std::make_unique<base::Snapshot<TlsContext>>(std::move(*loaded));
    gauges.push_back(
        metrics.gauge("portal_tls_certificate_not_after_seconds",
                      "Until when the certificate is good, since the epoch.", {},
                      [this] { return static_cast<double>(tls->get()->not_after()); }));
    for (auto& worker : shared.workers) worker->use_tls(*tls);
    return {};
}

void Server::reload_certificate() {
    if (!implementation_->tls) {
        telemetry::log(telemetry::Level::info, "http",
                       "there is no certificate to read again, since no listener speaks TLS");
        return;
    }
    auto loaded = TlsContext::load(implementation_->shared.config.tls);
    if (!loaded) {
        telemetry::log(telemetry::Level::error, "http",
                       "the certificate is not replaced: the new one cannot be used",
                       {{"error", loaded.error().message}});
        return;
    }
    log_certificate(**loaded, "the certificate has been replaced");
    implementation_->tls->replace(std::move(*loaded));
}

std::size_t Server::listener_threads(const Listener& listener) const {
    return listener.is_public ? threads() : 1;
}

/// Clients of such a socket would wait for an answer that nobody gives.
void Server::Implementation::warn_of_unused(const InheritedSockets& inherited) const {
    for (const auto& [name, sockets] : inherited) {
        bool used = std::any_of(listeners.begin(), listeners.end(), [&](const auto& state) {
            auto address = parse_address(state->listener.listen);
            return address && address->inherited == name;
        });
        if (used) continue;
        telemetry::log(telemetry::Level::warning, "http",
                       "a socket was passed on that no setting names: who connects there is not "
                       "answered",
                       {{"socket", name}});
    }
}

base::Result<void> Server::start() {
    auto& shared = implementation_->shared;
    assert(!implementation_->running);
    auto certificate = implementation_->load_certificate();
    if (!certificate) return certificate;
    auto inherited = inherited_sockets();
    implementation_->warn_of_unused(inherited);
    std::vector<Bound> all;
    base::Error refused{base::Reason::unavailable, "address_unavailable", {}};
    for (auto& state : implementation_->listeners) {
        const auto& listener = state->listener;
        auto bound = bind_listener(listener.listen, listener_threads(listener),
                                   static_cast<int>(shared.config.connections_queued_max),
                                   listener.unix_mode, inherited);
        if (bound) {
            all.push_back(std::move(*bound));
            continue;
        }
        if (!refused.message.empty()) refused.message += "\n";
        refused.message += bound.error().message;
        refused.details.push_back({listener.name, bound.error().message});
    }
    if (!refused.message.empty()) {
        for (auto& bound : all) remove_socket(bound.address);
        return refused;
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto& state = *implementation_->listeners[i];
        state.address = all[i].address;
        implementation_->measure(state);
        auto count = listener_threads(state.listener);
        for (std::size_t k = 0; k < all[i].sockets.size(); ++k) {
            shared.workers[k % count]->add_acceptor(state, std::move(all[i].sockets[k]));
        }
    }
    implementation_->running = true;
    try {
        for (auto& worker : shared.workers) worker->start();
    } catch (const std::system_error& failure) {
        return no_threads(failure);
    }
    return {};
}

/// What runs already is ended; nobody has been served yet.
base::Error Server::no_threads(const std::system_error& failure) {
    auto& workers = implementation_->shared.workers;
    implementation_->running = false;
    for (auto& worker : workers) {
        worker->cut();
        worker->release();
    }
    auto ended_by = Worker::Clock::now() + handlers_end_in;
    for (auto& worker : workers) worker->join(ended_by);
    return {base::Reason::unavailable, "threads_unavailable",
            std::string("The I/O threads cannot be started: ") + failure.code().message() + "."};
}

std::map<std::string, std::string> Server::addresses() const {
    std::map<std::string, std::string> result;
    for (auto& state : implementation_->listeners) {
        result[state->listener.name] = state->address.text();
    }
    return result;
}

bool Server::answers() {
    bool all = true;
    for (auto& worker : implementation_->shared.workers) {
        if (!worker->has_ticked()) all = false;
    }
    return all;
}

bool Server::draining() const {
    return implementation_->shared.draining.load(std::memory_order_relaxed);
}

void Server::Implementation::wait_until_none(std::atomic<std::int64_t>& connections,
                                             base::Deadline until) {
    std::unique_lock lock(shared.mutex);
    shared.changed.wait_until(lock, until.at(), [&connections] { return connections.load() <= 0; });
}

void Server::stop() {
    auto& shared = implementation_->shared;
    shared.draining = true;
    std::lock_guard once(implementation_->stopping);
    if (!implementation_->running) return;
    implementation_->running = false;

    auto until = base::Deadline::in(shared.config.drain_timeout);
    for (bool public_acceptors : {true, false}) {
        // Until a thread has closed its acceptors, connections may still come.
        std::vector<std::future<void>> closed;
        for (auto& worker : shared.workers) closed.push_back(worker->drain(public_acceptors));
        for (auto& one : closed) one.wait_until(until.at());
        implementation_->wait_until_none(
            public_acceptors ? shared.public_connections : shared.connections, until);
    }
    for (auto& worker : shared.workers) worker->cut();
    for (auto& worker : shared.workers) worker->release();
    auto ended_by = Worker::Clock::now() + handlers_end_in;
    bool all_ended = true;
    for (auto& worker : shared.workers) {
        if (!worker->join(ended_by)) all_ended = false;
    }
    if (!all_ended) {
        telemetry::log(telemetry::Level::error, "http", "stopped while handlers were waiting",
                       {{"connections", shared.connections.load()}});
    }
    implementation_->gauges.clear();
    for (auto& state : implementation_->listeners) {
        remove_socket(state->address);
    }
}

}  // namespace http
