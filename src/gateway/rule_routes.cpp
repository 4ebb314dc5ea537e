#include "rule_routes.hpp"

#include <algorithm>
#include <utility>

#include "bucket.hpp"

namespace gateway {

namespace {

/// By what a client is told from another, the first one first; none: by its address.
std::vector<std::string> cookies_of(const RouteConfig& route,
                                    const std::vector<std::string>& session_cookies) {
    using Words = std::vector<std::string>;
    if (route.stick == Words{stick_to_address}) return {};
    auto cookies = session_cookies;
    if (route.stick == Words{stick_to_session}) return cookies;
    cookies.insert(cookies.end(), route.stick.begin(), route.stick.end());
    return cookies;
}

}  // namespace

RuleRoutes::RuleRoutes(const RouteConfig& route, const std::vector<std::string>& session_cookies,
                       const Parts& parts)
    : parts_(parts),
      name_(route.name),
      group_(route.group),
      cookies_(cookies_of(route, session_cookies)),
      passage_{route.upstream, route.buffer, route.upgrade} {
    http::Route to_monolith{http::Method::get, "legacy", http::Access::anyone,
                            [this](http::Request& request, http::BodyReader& body) {
                                return parts_.proxy.forward(request, body, passage_);
                            }};
    to_monolith.credentials = http::Credentials::ignored;
    to_monolith.limits = parts.forwarded;
    to_monolith.elsewhere = true;
    forwarded_ = to_monolith;
    shadowed_ = std::move(to_monolith);
    shadowed_.handler = [this](http::Request& request, http::BodyReader& body) {
        return forward_compared(request, body);
    };
    for (auto side : {Side::legacy, Side::native}) {
        telemetry::Labels labels{{"rule", name_},
                                 {"side", side == Side::legacy ? "legacy" : "native"}};
        auto& measured = sides_[static_cast<std::size_t>(side)];
        measured.requests = &parts.metrics.counter(
            "portal_gateway_requests_total",
            "Requests by the route of the migration and by who answers.", labels);
        measured.seconds = &parts.metrics.histogram(
            "portal_gateway_request_seconds",
            "From a request's head to the end of its answer, by route and by who answers.", labels);
    }
}

void RuleRoutes::set_number(std::size_t number) {
    forwarded_.number = number;
    shadowed_.number = number;
}

std::uint32_t RuleRoutes::bucket(const http::Request& request,
                                 const TrustedProxies& trusted) const {
    for (const auto& name : cookies_) {
        auto cookie = request.cookie(name);
        if (cookie && !cookie->empty()) return bucket_of(group_, *cookie);
    }
    auto address = trusted.client(request);
    if (!address) return bucket_of(group_, "");
    const auto& bytes = address->bytes();
    std::array<char, 16> key{};
    std::copy(bytes.begin(), bytes.end(), key.begin());
    return bucket_of(group_, {key.data(), address->is_v4() ? 16u : 8u});
}

void RuleRoutes::count(Side side, int status, std::chrono::microseconds took) const {
    auto& measured = sides_[static_cast<std::size_t>(side)];
    measured.requests->add();
    // A tunnel lasts as long as it lasts, and what was cut off had no end.
    std::optional<std::chrono::microseconds> counted;
    if (status != 101 && status != 0) counted = took;
    if (counted) measured.seconds->observe(std::chrono::duration<double>(took).count());
    measured.traffic.add(parts_.clock.steady(), counted);
}

void RuleRoutes::note_legacy(const http::Request& request) const {
    auto now = parts_.clock.now();
    auto second = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    if (last_second_.load(std::memory_order_relaxed) == second) return;
    if (last_second_.exchange(second, std::memory_order_relaxed) == second) return;
    constexpr std::size_t bytes_max = 256;
    auto path = request.target.substr(0, std::min(request.target.find('?'), bytes_max));
    LegacyHit hit{now, std::string(http::name_of(request.method)), std::string(path)};
    std::lock_guard lock(mutex_);
    last_hit_ = std::move(hit);
}

base::TrafficCounts RuleRoutes::traffic(Side side) const {
    return sides_[static_cast<std::size_t>(side)].traffic.read(parts_.clock.steady());
}

std::optional<LegacyHit> RuleRoutes::last_legacy() const {
    std::lock_guard lock(mutex_);
    return last_hit_;
}

/// The request may be gone when the whole answer has been heard.
base::Task<http::Response> RuleRoutes::forward_compared(http::Request& request,
                                                        http::BodyReader& body) const {
    auto heard = [this, copy = http::RequestCopy(request)](http::PlainResponse answer,
                                                           std::chrono::microseconds took) {
        parts_.comparer->offer({name_, copy, Side::legacy, std::move(answer), took});
    };
    return parts_.proxy.forward(request, body, passage_, std::move(heard));
}

}  // namespace gateway
