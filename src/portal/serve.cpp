// portal --config FILE: everything wired, until SIGTERM.
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <iostream>

#include "commands.hpp"
#include "database/store_file.hpp"
#include "http/server.hpp"
#include "operations/health.hpp"
#include "operations/jobs.hpp"
#include "operations/page.hpp"
#include "routes.hpp"
#include "site.hpp"
#include "start_watch.hpp"
#include "supervisor.hpp"
#include "telemetry/crash.hpp"
#include "telemetry/log.hpp"

namespace portal {

namespace {

void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/// SIGTERM, SIGINT and SIGHUP are waited for by one thread alone. Before any thread starts.
sigset_t block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

/// Those that stop the server, of which a start must hear.
sigset_t stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

/// What a signal does by default it does not do to the first process of a container.
void end_by_handler(const sigset_t& signals) {
    struct sigaction action {};
    action.sa_handler = [](int number) { _exit(128 + number); };
    for (int number : {SIGTERM, SIGINT}) {
        if (sigismember(&signals, number) == 1) sigaction(number, &action, nullptr);
    }
}

/// Until a signal that stops the server: SIGHUP only has it open its log and read its certificate
/// again.
int wait_for_stop(sigset_t signals, http::Server& server) {
    int signal = 0;
    while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) {
        telemetry::reopen_log();
        server.reload_certificate();
    }
    // A second signal ends the process at once: nothing acknowledged can be lost by that. A late
    // SIGHUP does not, it stays blocked.
    sigdelset(&signals, SIGHUP);
    if (getpid() == 1) end_by_handler(signals);
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    return signal;
}

/// The public API, on each address it has.
void add_public(http::Server& server, const Settings& settings, http::Listener listener) {
    listener.unix_mode = http::parse_mode(settings.http.unix_mode).value_or(listener.unix_mode);
    listener.name = "http";
    listener.listen = settings.http.listen;
    server.add(listener);
    int number = 1;
    for (const auto& further : settings.http.listen_also) {
        listener.name = "http-" + std::to_string(++number);
        listener.listen = further;
        server.add(listener);
    }
}

/// The setting that a problem of starting belongs to: of a listener, by its name, or of TLS.
std::string setting_of(const std::string& field) {
    if (field.starts_with("http-")) return "http.listen_also";
    return field.starts_with("tls.") ? "http." + field : field + ".listen";
}

void say_where(const std::map<std::string, std::string>& addresses, const Settings& settings) {
    auto http = addresses.at("http");
    telemetry::log(telemetry::Level::info, "main", "serving",
                   {{"http", http},
                    {"operations", addresses.at("operations")},
                    {"version", PORTAL_VERSION},
                    {"database", database::driver_version()},
                    {"data", settings.data.folder},
                    {"mode", settings.security.mode}});
    auto shown = http.starts_with("unix:")  ? http
                 : http.starts_with("tls:") ? "https://" + http.substr(4)
                                            : "http://" + http;
    std::cout << "portal serves " << shown << " (health and metrics: " << addresses.at("operations")
              << ")" << std::endl;
    if (settings.security.mode == "open") {
        telemetry::log(
            telemetry::Level::warning, "main",
            "security.mode is open: everybody who reaches this address may do everything");
    }
}

/// How long a stop may take: the two limits, and what is not waited for but done.
std::chrono::milliseconds stop_limit(const Settings& settings) {
    constexpr std::chrono::seconds rest{15};
    return settings.http.drain_timeout + settings.operations.stop_timeout_ms + rest;
}

/// Ends everything in order, also when something throws: what the I/O threads use must not go
/// before them, and the stores go before the server, since one that still has work for a connection
/// that was cut answers it.
struct Stopper {
    http::Server& server;
    operations::Jobs& jobs;
    std::unique_ptr<Site>& site;
    const Settings& settings;
    Supervisor& supervisor;

    ~Stopper() { stop(); }
    void stop() {
        if (!site) return;
        supervisor.stopping(stop_limit(settings));
        server.stop();
        jobs.stop();
        stop_or_exit(site->host(), settings);
        site.reset();
    }
};

}  // namespace

int serve(const Settings& settings, const operations::DataFolder& folder) {
    raise_descriptor_limit();
    auto signals = block_signals();
    bool records = telemetry::record_crashes(folder.path(), PORTAL_VERSION);
    start_log(settings, folder.path(), true);
    if (!records) {
        telemetry::log(telemetry::Level::warning, "main", "a crash would leave no record");
    }
    StartWatch start(stop_signals());
    Supervisor supervisor(Supervisor::from_environment());
    supervisor.starting("opening the stores");
    auto threads = http::thread_count(settings.http) + threads_that_ask(*settings.modules);
    auto opened = Site::open(settings, threads, true);
    if (!opened) {
        // A setting that is wrong is named by its sentence; all else is about a store.
        bool of_folder = opened.error().reason != base::Reason::invalid;
        return complain((of_folder ? "data.folder: " : "") + opened.error().message, wrong_use);
    }
    auto site = std::move(*opened);
    auto& host = site->host();
    const auto& side = site->public_side();
    auto& metrics = host.metrics();
    auto process = operations::measure_process(metrics, PORTAL_VERSION);
    auto disk = operations::measure_disk(metrics, folder.path());

    http::Server server(settings.http, metrics);
    operations::Jobs jobs;
    for (auto& job : host.jobs()) jobs.add(std::move(job));
    auto anonymous = std::make_shared<http::AnonymousAuthenticator>();
    auto control = std::make_shared<http::Router>();
    jobs.add_routes(*control);
    auto health = std::make_shared<http::Router>();
    auto checks = host.checks();
    checks.push_back(
        operations::disk_check(folder.path(), settings.operations.disk_free_bytes_min));
    checks.push_back(
        {"draining", [&server] { return server.draining() ? "the server is stopping" : ""; }});
    operations::add_page_routes(*health);
    side.add_operator_routes(*health);
    auto measured = operations::measure_health(metrics, checks);
    auto api = public_router(settings, host, checks);
    operations::add_routes(*health, metrics, std::move(checks));

    auto socket = operations::DataFolder::control_socket(std::filesystem::absolute(folder.path()));
    if (side.chooser) side.chooser->begin(*api);
    http::Listener listener{"http", {}, api, side.authenticator, true, side.interceptors};
    listener.chooser = side.chooser;
    listener.observer = side.observer;
    add_public(server, settings, std::move(listener));
    server.add({"operations", settings.operations.listen, health, anonymous, false});
    server.add({"control", "unix:" + socket.string(), control, anonymous, false});

    Stopper stopper{server, jobs, site, settings, supervisor};
    supervisor.starting("starting the modules");
    auto running = host.start();
    if (!running) return complain(running.error().message, exit_code_of(running.error()));
    auto started = server.start();
    if (!started) {
        for (const auto& problem : started.error().details) {
            complain(setting_of(problem.field) + ": " + problem.message, wrong_use);
        }
        if (started.error().details.empty()) return complain(started.error().message, failed);
        return wrong_use;
    }
    auto addresses = server.addresses();
    say_where(addresses, settings);
    folder.write_addresses(addresses);

    start.end();
    supervisor.serving(addresses.at("http"), [&server] { return server.answers(); });
    auto signal = wait_for_stop(signals, server);
    telemetry::log(telemetry::Level::info, "main", "stopping", {{"signal", signal}});
    folder.remove_addresses();
    stopper.stop();
    telemetry::log(telemetry::Level::info, "main", "stopped");
    telemetry::stop_log();
    return done;
}

}  // namespace portal
