#include "sign_service.hpp"

#include <algorithm>

#include "telemetry/log.hpp"

namespace gateway {

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

/// What a program says of itself does not change with what it asks.
std::uint64_t voice_of(const http::Request& request) {
    std::hash<std::string_view> hash;
    return hash(request.header("User-Agent").value_or("")) * 31 +
           hash(request.header("Accept-Language").value_or(""));
}

bool reads(const http::Request& request) {
    return request.method == http::Method::get || request.method == http::Method::head;
}

AskedAddress address_of(const http::Request& request) {
    bool is_item = false;
    bool is_page = false;
    for (const auto& [name, value] : request.parameters) {
        is_item = is_item || name == "id" || name == "slug";
        is_page = is_page || name == "page";
    }
    auto path = std::string_view(request.path);
    if (path.empty()) path = request.target.substr(0, request.target.find('?'));
    return AskedAddress::read(path, request.query, is_item, is_page);
}

std::int64_t seconds_up(nanoseconds span) {
    return std::max<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(span).count(), 1);
}

/// `in 5 seconds`, `in 3 minutes`.
std::string in_words(std::int64_t seconds) {
    auto count = seconds < 120 ? seconds : (seconds + 59) / 60;
    const char* unit = seconds < 120 ? " second" : " minute";
    return "in " + std::to_string(count) + unit + (count == 1 ? "" : "s");
}

/// `items 20, in_order 19, missing 4, lists 0`
std::string in_words(const Finding& finding) {
    std::string text;
    for (const auto& figure : finding.figures) {
        if (!figure.name) break;
        if (!text.empty()) text += ", ";
        text.append(figure.name).append(" ").append(std::to_string(figure.value));
    }
    return text;
}

http::Response refusal(const http::Request& request, const char* code, const std::string& why,
                       nanoseconds wait) {
    auto seconds = seconds_up(wait);
    base::Error error{base::Reason::too_many, code,
                      why + " Try again " + in_words(seconds) +
                          "; if you are no program, tell whoever runs this site."};
    error.retry_after = std::chrono::seconds(seconds);
    return http::failure(request, error);
}

}  // namespace

SignService::SignService(const Config& config, const host::Environment& environment)
    : limits_(config.signs),
      clock_(environment.clock),
      proxies_(config.trusted_proxies),
      clients_(static_cast<std::size_t>(config.signs.clients_max)),
      named_(config.signs),
      standings_(environment.io_threads, Standings::Reader(named_.standings())),
      limited_({{{0, 1s}, {config.signs.limited_per_minute, 60s}}},
               static_cast<std::size_t>(config.signs.named_max)),
      limited_count_(environment.metrics.counter(
          "portal_gateway_clients_refused_total",
          "Requests refused because their client looks like an attack, by what is done about it.",
          {{"action", "limit"}})),
      blocked_count_(environment.metrics.counter("portal_gateway_clients_refused_total", "",
                                                 {{"action", "block"}})) {
    for (const auto& text : limits_.exempt) {
        if (auto network = http::IpNetwork::parse(text)) exempt_.push_back(*network);
    }
    for (std::size_t i = 0; i < sign_count; ++i) {
        found_[i] = &environment.metrics.counter(
            "portal_gateway_client_verdicts_total",
            "How often a client looked like an attack, by what it looked like.",
            {{"sign", std::string(name_of(static_cast<Sign>(i)))}});
    }
    gauges_.push_back(environment.metrics.gauge(
        "portal_gateway_clients_named", "Clients that look like an attack now.", {},
        [this] { return static_cast<double>(named_.size()); }));
    gauges_.push_back(environment.metrics.gauge(
        "portal_gateway_clients_watched", "Clients in which attack signs are looked for.", {},
        [this] { return static_cast<double>(clients_.size()); }));
}

/// Nothing on a unix socket whose client does not say who it is, nor for a proxy itself.
std::optional<http::IpAddress> SignService::client_of(const http::Request& request) const {
    auto address = http::IpAddress::parse(request.peer);
    if (!address || proxies_.trusts(*address)) return std::nullopt;
    bool exempt = std::any_of(exempt_.begin(), exempt_.end(),
                              [&](const auto& network) { return network.contains(*address); });
    if (exempt) return std::nullopt;
    return address->client_network();
}

bool SignService::is_looked_at(const http::Request& request) const {
    if (request.method == http::Method::options || request.path.ends_with("/healthcheck")) {
        return false;
    }
    const auto& actor = request.context.actor;
    bool works_here = actor.subject() && actor.role >= base::Role::author;
    return !actor.api_key && !works_here;
}

std::optional<NamedClients::Standing> SignService::standing(const http::Request& request,
                                                            const http::IpAddress& client) const {
    const auto& standings = standings_[request.thread % standings_.size()].get();
    auto found = standings.find(client.bytes());
    if (found == standings.end() || found->second.until <= clock_.steady()) return std::nullopt;
    return found->second;
}

std::optional<http::Response> SignService::before(http::Request& request) const {
    if (named_.nobody_acted_on() || !is_looked_at(request)) return std::nullopt;
    auto client = client_of(request);
    if (!client) return std::nullopt;
    auto stands = standing(request, *client);
    if (!stands) return std::nullopt;
    auto now = clock_.steady();
    if (stands->action == SignAction::limit) {
        auto verdict = limited_.take(client->client(), now);
        if (verdict.allowed) return std::nullopt;
        limited_count_.add();
        return refusal(request, "too_many_requests",
                       "Requests from your address look like those of a program that takes too "
                       "much, so only a few are answered.",
                       verdict.wait);
    }
    blocked_count_.add();
    return refusal(request, "client_blocked",
                   "Requests from your address look like an attack, so none is answered for a "
                   "while.",
                   stands->until - now);
}

void SignService::answered(const http::Request& request, int status,
                           std::chrono::steady_clock::time_point received) const {
    if (!is_looked_at(request)) return;
    auto client = client_of(request);
    if (!client) return;
    // What is refused for a sign is none itself, or it would never end.
    if (status == 429 && !named_.nobody_acted_on() && standing(request, *client)) return;
    Heard heard{address_of(request), voice_of(request), status, reads(request)};
    std::optional<Finding> finding;
    clients_.change(client->bytes(),
                    [&](ClientSigns& signs) { finding = signs.note(heard, received, limits_); });
    if (finding) name(request, *client, *finding);
}

void SignService::name(const http::Request& request, const http::IpAddress& client,
                       const Finding& finding) const {
    found_[static_cast<std::size_t>(finding.sign)]->add();
    auto moment = clock_.steady();
    const auto& id = request.context.request_id;
    auto named = named_.name(client.bytes(), client.client(), finding, id, clock_.now(), moment);
    if (named == NamedClients::Named::again) return;
    if (named == NamedClients::Named::no_room) {
        auto minute = std::chrono::floor<std::chrono::minutes>(moment.time_since_epoch()).count();
        if (full_told_.exchange(minute) == minute) return;
        telemetry::log(telemetry::Level::warning, "gateway",
                       "more clients look like an attack than gateway.signs.named_max: the others "
                       "are not named",
                       {{"named", limits_.named_max}}, id);
        return;
    }
    telemetry::log(telemetry::Level::warning, "gateway", "a client looks like an attack",
                   {{"client", request.peer},
                    {"sign", name_of(finding.sign)},
                    {"figures", in_words(finding)},
                    {"action", name_of(limits_.action(finding.sign))}},
                   id);
}

bool SignService::forget(const http::IpAddress& address) const {
    auto client = address.client_network();
    clients_.erase(client.bytes());
    return named_.forget(client.bytes());
}

}  // namespace gateway
