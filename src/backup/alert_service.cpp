#include "alert_service.hpp"

#include "telemetry/log.hpp"

namespace backup {

namespace {

using namespace std::chrono_literals;

constexpr auto answer_timeout = 10s;
constexpr int attempts_max = 3;
constexpr std::chrono::milliseconds first_pause = 1s;
constexpr std::size_t answer_bytes_max = 64 * 1024;

struct Parts {
    std::string server;
    std::string target = "/";
};

Parts parts_of(const std::string& url) {
    auto scheme = url.find("://");
    auto slash = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
    if (slash == std::string::npos) return {url};
    return {url.substr(0, slash), url.substr(slash)};
}

base::Task<int> post(http::Client& client, http::ClientRequest request, base::Deadline deadline) {
    auto answer = co_await client.send(std::move(request), deadline);
    if (!answer) co_return answer.error();
    auto body = answer->body;
    // What it says is of no interest, but a connection that is cut would look like a fault there.
    co_await http::collect(body, answer_bytes_max);
    co_return answer->status;
}

}  // namespace

base::Result<void> check_alert_url(const std::string& url) {
    if (url.empty()) return {};
    auto address = http::parse_upstream(parts_of(url).server);
    if (!address) return address.error();
    return {};
}

AlertService::AlertService(const std::string& url, telemetry::Metrics& metrics) : url_(url) {
    if (url.empty()) return;
    auto parts = parts_of(url);
    auto address = http::parse_upstream(parts.server);
    http::ClientConfig once;
    once.pooled_max = 0;
    auto client = http::make_client(once, metrics);
    if (!address || !client) return;
    address_ = *address;
    target_ = parts.target;
    client_ = std::move(*client);
}

base::Result<void> AlertService::try_once(const std::string& body) {
    http::ClientRequest request;
    request.upstream = address_;
    request.method = http::Method::post;
    request.target = target_;
    request.fields = {{"Content-Type", "application/json"}};
    request.body = body;
    auto status = base::run(post(*client_, std::move(request), base::Deadline::in(answer_timeout)));
    if (!status) return status.error();
    if (*status >= 200 && *status < 300) return {};
    return base::Error{base::Reason::unavailable, "alert_refused",
                       "It answered with the status " + std::to_string(*status) + "."};
}

void AlertService::send(const Alert& alert,
                        const std::function<bool(std::chrono::milliseconds)>& pause) {
    if (!client_) return;
    auto body = to_json(alert);
    auto wait = first_pause;
    for (int attempt = 1;; ++attempt) {
        auto sent = try_once(body);
        if (sent) return;
        if (attempt < attempts_max && pause(wait)) {
            wait *= 4;
            continue;
        }
        telemetry::log(telemetry::Level::error, "backup", "an alert could not be told",
                       {{"url", url_}, {"event", alert.event}, {"error", sent.error().message}});
        return;
    }
}

}  // namespace backup
