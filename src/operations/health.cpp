#include "operations/health.hpp"

#include <dirent.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "telemetry/log.hpp"

namespace operations {

namespace {

base::Task<http::Response> answer(http::Response response) {
    co_return response;
}

http::Response text(int status, std::string body) {
    http::Response response;
    response.status = status;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(body);
    response.cache_control = "no-store";
    return response;
}

http::Response readiness(const std::vector<Check>& checks) {
    nlohmann::ordered_json body;
    body["status"] = "ready";
    bool ready = true;
    for (const auto& check : checks) {
        auto problem = check.ask();
        body["checks"][check.name] = problem.empty() ? "ok" : problem;
        ready = ready && problem.empty();
        auto warning = check.warn ? check.warn() : std::string();
        if (!warning.empty()) body["warnings"][check.name] = warning;
    }
    if (!ready) body["status"] = "not ready";
    http::Response response;
    response.status = ready ? 200 : 503;
    response.body = body.dump();
    response.cache_control = "no-store";
    if (!ready) response.fields.emplace_back("Retry-After", "1");
    return response;
}

http::Response numbers(const http::Request& request, const telemetry::Metrics& metrics) {
    auto accept = request.header("accept").value_or("");
    bool open = accept.find("application/openmetrics-text") != accept.npos;
    auto response = text(
        200, metrics.text(open ? telemetry::MetricsForm::open : telemetry::MetricsForm::classic));
    response.content_type = open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                 : "text/plain; version=0.0.4; charset=utf-8";
    response.fields.emplace_back("Vary", "Accept");
    return response;
}

/// Bytes of the disk that holds `folder`: those that `count` says; nothing if it cannot be asked.
std::optional<double> disk_bytes(const std::filesystem::path& folder, fsblkcnt_t statvfs::*count) {
    struct statvfs facts {};
    if (statvfs(folder.c_str(), &facts) != 0) return std::nullopt;
    return static_cast<double>(facts.*count) * static_cast<double>(facts.f_frsize);
}

double resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    double total = 0;
    double resident = 0;
    statm >> total >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double count_entries(const char* folder) {
    DIR* opened = opendir(folder);
    if (!opened) return 0;
    double count = -2;  // `.` and `..`
    while (readdir(opened)) ++count;
    closedir(opened);
    return count;
}

}  // namespace

void describe(config::Section& section, Config& config) {
    section.text("listen", config.listen,
                 "Where /livez, /readyz and /metrics answer: address:port, tls:address:port or "
                 "unix:/path. Keep it off the public network.");
    section.integer("disk_free_bytes_min", config.disk_free_bytes_min, {0, std::int64_t{1} << 50},
                    "Room on the data folder's disk below which /readyz says 503.");
    section.duration("stop_timeout_ms", config.stop_timeout_ms, {100, 600000},
                     "How long the modules may take to end their work once the last request is "
                     "answered; then the process ends without them (exit code 1). What was "
                     "acknowledged is safe, the next start goes on with the rest.");
    section.duration("restart_wait_min_ms", config.restart_wait_min_ms, {1, 3600000},
                     "How soon a background task that broke is begun again; twice as long each "
                     "time that it breaks soon after.");
    section.duration("restart_wait_max_ms", config.restart_wait_max_ms, {1, 3600000},
                     "But no longer than this.");
    if (config.restart_wait_max_ms < config.restart_wait_min_ms) {
        section.refuse("restart_wait_max_ms", "must not be less than restart_wait_min_ms.");
    }
}

Check disk_check(const std::filesystem::path& folder, std::int64_t free_bytes_min) {
    return {"disk", [folder, free_bytes_min]() -> std::string {
                auto free_bytes = disk_bytes(folder, &statvfs::f_bavail);
                if (!free_bytes) return "the data folder cannot be asked";
                if (*free_bytes >= static_cast<double>(free_bytes_min)) return "";
                return "only " + std::to_string(static_cast<std::int64_t>(*free_bytes)) +
                       " bytes are free";
            }};
}

http::Response health_of(const std::vector<Check>& checks) {
    auto listed = nlohmann::ordered_json::array();
    bool down = false;
    bool degraded = false;
    for (const auto& check : checks) {
        bool is_down = !check.ask().empty() || (check.is_out && check.is_out());
        bool warns = !is_down && check.warn && !check.warn().empty();
        down = down || is_down;
        degraded = degraded || warns;
        nlohmann::ordered_json one;
        one["name"] = check.name;
        one["status"] = is_down ? "down" : warns ? "degraded" : "ok";
        listed.push_back(std::move(one));
    }
    nlohmann::ordered_json body;
    body["status"] = down ? "down" : degraded ? "degraded" : "ok";
    body["checks"] = std::move(listed);
    http::Response response;
    response.status = down ? 503 : 200;
    response.body = body.dump();
    response.cache_control = "no-store";
    if (down) response.fields.emplace_back("Retry-After", "1");
    return response;
}

http::Route health_route(std::string pattern, std::vector<Check> checks) {
    return {
        http::Method::get, std::move(pattern), http::Access::anyone,
        [checks = std::move(checks)](const http::Request&) { return answer(health_of(checks)); }};
}

void add_routes(http::Router& router, const telemetry::Metrics& metrics,
                std::vector<Check> checks) {
    using http::Access;
    using http::Method;
    router.add({Method::get, "/livez", Access::anyone,
                [](const http::Request&) { return answer(text(200, "OK\n")); }});
    router.add(
        {Method::get, "/readyz", Access::anyone,
         [checks = std::move(checks)](const http::Request&) { return answer(readiness(checks)); }});
    router.add({Method::get, "/metrics", Access::anyone, [&metrics](const http::Request& request) {
                    return answer(numbers(request, metrics));
                }});
}

void add_admin_routes(http::Router& router, std::vector<Check> checks) {
    router.add({http::Method::get, "/v1/operations/health", http::Access::admin,
                [checks = std::move(checks)](const http::Request&) {
                    auto told = readiness(checks);
                    told.status = 200;
                    told.fields.clear();
                    return answer(std::move(told));
                }});
}

Gauges measure_process(telemetry::Metrics& metrics, const std::string& version) {
    Gauges gauges;
    auto add = [&](const char* name, const char* help, std::function<double()> read) {
        gauges.push_back(metrics.gauge(name, help, {}, std::move(read)));
    };
    add("process_resident_memory_bytes", "Resident memory.", resident_bytes);
    add("process_open_fds", "Open descriptors.", [] { return count_entries("/proc/self/fd"); });
    add("process_threads", "Threads.", [] { return count_entries("/proc/self/task"); });
    add("portal_log_console_dropped_lines", "Log lines that standard error did not take.",
        [] { return static_cast<double>(telemetry::console_lines_dropped()); });
    auto start = static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                         std::chrono::system_clock::now().time_since_epoch())
                                         .count()) /
                 1000.0;
    add("process_start_time_seconds", "When the process started, seconds since 1970.",
        [start] { return start; });
    gauges.push_back(metrics.gauge("portal_build_info", "1, for what is running.",
                                   {{"version", version}}, [] { return 1.0; }));
    return gauges;
}

Gauges measure_health(telemetry::Metrics& metrics, const std::vector<Check>& checks) {
    Gauges gauges;
    for (const auto& check : checks) {
        telemetry::Labels labels{{"check", check.name}};
        gauges.push_back(metrics.gauge("portal_check_ok", "1 while /readyz finds it well.", labels,
                                       [ask = check.ask] { return ask().empty() ? 1.0 : 0.0; }));
        if (!check.warn) continue;
        gauges.push_back(metrics.gauge("portal_check_warning", "1 while /readyz warns of it.",
                                       labels,
                                       [warn = check.warn] { return warn().empty() ? 0.0 : 1.0; }));
    }
    return gauges;
}

Gauges measure_disk(telemetry::Metrics& metrics, const std::filesystem::path& folder) {
    auto add = [&](const char* name, const char* help, fsblkcnt_t statvfs::*count) {
        return metrics.gauge(name, help, {},
                             [folder, count] { return disk_bytes(folder, count).value_or(0); });
    };
    Gauges gauges;
    gauges.push_back(
        add("portal_disk_free_bytes", "Room on the data folder's disk.", &statvfs::f_bavail));
    gauges.push_back(
        add("portal_disk_size_bytes", "Size of the data folder's disk.", &statvfs::f_blocks));
    return gauges;
}

}  // namespace operations
