#include "throttle_service.hpp"

#include "http/ip_network.hpp"
#include "telemetry/log.hpp"

namespace gateway {

namespace {

using namespace std::chrono_literals;
using resilience::RateLimiter;
using std::chrono::nanoseconds;

std::unique_ptr<RateLimiter> limiter(std::int64_t per_second, std::int64_t per_minute,
                                     std::int64_t keys_max) {
    RateLimiter::Rates rates{{{per_second, 1s}, {per_minute, 60s}}};
    return std::make_unique<RateLimiter>(rates, static_cast<std::size_t>(keys_max));
}

std::int64_t seconds_up(nanoseconds span) {
    return std::chrono::ceil<std::chrono::seconds>(span).count();
}

void add_lines(std::string& lines, const char* name, const RateLimiter::Verdict& verdict) {
    auto window = std::to_string(verdict.rate.span.count());
    lines.append("RateLimit-Policy: \"").append(name).append("\";q=");
    lines.append(std::to_string(verdict.rate.count)).append(";w=").append(window);
    lines.append("\r\nRateLimit: \"").append(name).append("\";r=");
    lines.append(std::to_string(verdict.remaining)).append(";t=");
    lines.append(std::to_string(seconds_up(verdict.reset))).append("\r\n");
}

}  // namespace

ThrottleService::ThrottleService(const Config& config, telemetry::Metrics& metrics) {
    const auto& throttle = config.throttle;
    const std::array<std::pair<const char*, const Limits*>, 4> all{
        {{"read", &throttle.read},
         {"write", &throttle.write},
         {"registration", &throttle.registration},
         {"login", &throttle.login}}};
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& [name, limits] = all[i];
        classes_[i].name = name;
        classes_[i].all = limiter(limits->per_second, limits->per_minute, throttle.clients_max);
        classes_[i].same =
            limiter(limits->same_per_second, limits->same_per_minute, throttle.clients_max);
        classes_[i].refused = &metrics.counter(
            "portal_gateway_throttled_total",
            "Requests refused because their client asked too often, by class.", {{"class", name}});
    }
}

ThrottleService::Class& ThrottleService::class_of(const http::Request& request) const {
    if (request.rate_class == http::RateClass::registration) return classes_[2];
    if (request.rate_class == http::RateClass::login) return classes_[3];
    bool reads = request.method == http::Method::get || request.method == http::Method::head ||
                 request.method == http::Method::options;
    return classes_[reads ? 0 : 1];
}

std::optional<http::Response> ThrottleService::before(http::Request& request) const {
    auto& of = class_of(request);
    if (!of.all->limits() && !of.same->limits()) return std::nullopt;
    auto address = http::IpAddress::parse(request.peer);
    // A proxy on a unix socket that does not say for whom it asks: all would share one bucket.
    if (!address) return std::nullopt;
    auto client = address->client();
    auto now = std::chrono::steady_clock::now();
    RateLimiter::Verdict verdict;
    if (of.same->limits()) {
        // The hash keeps the key short; the method is told apart by its number.
        auto question =
            std::to_string(static_cast<int>(request.method)) + std::string(request.target);
        verdict = of.same->take(client + ' ' + http::content_hash(question), now);
    }
    if (verdict.allowed && of.all->limits()) {
        auto overall = of.all->take(client, now);
        if (!of.same->limits() || !overall.allowed || overall.remaining < verdict.remaining) {
            verdict = overall;
        }
    }
    add_lines(request.answer_lines, of.name, verdict);
    listen_for_crowd(of, request, client, !verdict.allowed);
    if (verdict.allowed) return std::nullopt;
    of.refused->add();
    log(of, request);
    auto wait = seconds_up(verdict.wait);
    base::Error error{base::Reason::too_many, "too_many_requests",
                      "That was too often. Try again in " + std::to_string(wait) +
                          (wait == 1 ? " second." : " seconds.")};
    error.retry_after = std::chrono::seconds(wait);
    return http::failure(request, error);
}

/// What a program says of itself does not change with what it asks; cookies and tokens do.
void ThrottleService::listen_for_crowd(const Class& of, const http::Request& request,
                                       const std::string& client, bool refused) const {
    std::hash<std::string_view> hash;
    auto voice = hash(request.header("User-Agent").value_or("")) * 31 +
                 hash(request.header("Accept-Language").value_or(""));
    if (!crowds_.hear(client, voice, refused, std::chrono::steady_clock::now())) return;
    telemetry::log(telemetry::Level::warning, "gateway",
                   "many clients seem to share one address, and are refused together: if that is "
                   "a proxy, name it in gateway.trusted_proxies and have it send X-Forwarded-For; "
                   "one that passes TCP on (PROXY, mode tcp) cannot say for whom it asks",
                   {{"client", request.peer}, {"class", of.name}}, request.context.request_id);
}

/// One line a second at most: a flood must not become a flood of lines.
void ThrottleService::log(Class& of, const http::Request& request) {
    auto now = std::chrono::steady_clock::now().time_since_epoch();
    auto second = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    if (of.logged_second.exchange(second, std::memory_order_relaxed) == second) return;
    telemetry::log(telemetry::Level::info, "gateway", "a client asks too often",
                   {{"class", of.name}, {"client", request.peer}}, request.context.request_id);
}

}  // namespace gateway
