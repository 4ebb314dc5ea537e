#include "chooser_service.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "bucket.hpp"
#include "http/target.hpp"
#include "telemetry/log.hpp"

namespace gateway {

namespace {

using http::Method;
using http::Request;
using http::Router;

std::uint32_t bit_of(Method method) {
    return std::uint32_t{1} << static_cast<unsigned>(method);
}

std::optional<Method> method_of(std::string_view name) {
    for (const auto& [method, its_name] : http::methods) {
        if (its_name == name) return method;
    }
    return std::nullopt;
}

/// A GET also serves HEAD.
std::uint32_t bits_of(const std::vector<std::string>& names) {
    if (names.empty()) return ~std::uint32_t{0};
    std::uint32_t bits = 0;
    for (const auto& name : names) {
        auto method = method_of(name);
        if (!method) continue;
        bits |= bit_of(*method);
        if (*method == Method::get) bits |= bit_of(Method::head);
    }
    return bits;
}

std::string_view path_of(const Request& request) {
    return request.target.substr(0, request.target.find('?'));
}

bool reads(const Request& request) {
    return request.method == Method::get || request.method == Method::head;
}

bool has_body(const Request& request) {
    return request.header("Content-Length").value_or("0") != "0" ||
           request.header("Transfer-Encoding");
}

/// What makes the monolith's answer a part, or none, of what it is.
bool asks_for_less(const Request& request) {
    return std::any_of(request.fields.begin(), request.fields.end(),
                       [](const auto& field) { return http::asks_for_less(field.name); });
}

/// What a preflight is about counts, not itself.
std::uint32_t asked_method(const Request& request) {
    if (request.method == Method::options) {
        if (auto about = request.header("Access-Control-Request-Method")) {
            if (auto method = method_of(*about)) return bit_of(*method);
        }
    }
    return bit_of(request.method);
}

std::vector<Matcher> matchers_of(const std::vector<RouteConfig>& routes) {
    std::vector<Matcher> matchers;
    for (const auto& route : routes) {
        matchers.push_back({*PathPattern::parse(route.path), bits_of(route.methods)});
    }
    return matchers;
}

base::Task<http::Response> refuse_undecided(Request&, http::BodyReader&) {
    co_return routes_unknown();
}

std::uint32_t ticket_of(std::size_t rule, legacy::Side side) {
    return static_cast<std::uint32_t>((rule + 1) << 1) | static_cast<std::uint32_t>(side);
}

}  // namespace

struct alignas(64) ChooserService::PerThread {
    explicit PerThread(const base::Snapshot<ModeTable>& table, std::uint64_t seed)
        : modes(table), random(seed) {
        path.reserve(8192);
    }

    /// From 0 to 99 (xorshift64, Marsaglia, 2003): good enough to take samples.
    std::int64_t percentile() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        return static_cast<std::int64_t>(random % 100);
    }

    base::Snapshot<ModeTable>::Reader modes;
    std::string path;
    http::SplitPath split;
    std::array<std::string_view, http::SplitPath::segments_max> segments{};
    std::uint64_t random;
};

ChooserService::ChooserService(const Config& config, Parts parts)
    : parts_(parts),
      trusted_(config.trusted_proxies),
      table_(matchers_of(config.routes)),
      native_(
          [this](const Request& request) -> const RuleRoutes& {
              auto rule = find_rule(request, *threads_[request.thread]);
              return rule ? *rules_[*rule] : unmatched();
          },
          parts.proxy, parts.comparer, config.native_timeout),
      undecided_{Method::get, "undecided", http::Access::anyone, refuse_undecided},
      answerable_(config.routes.size(), false) {
    RuleRoutes::Parts shared{parts.proxy, parts.comparer, parts.forwarded, parts.clock,
                             parts.metrics};
    auto add = [&](const RouteConfig& route) -> const RuleRoutes& {
        return *rules_.emplace_back(
            std::make_unique<RuleRoutes>(route, config.session_cookies, shared));
    };
    for (const auto& route : config.routes) {
        const auto& rule = add(route);
        if (!parts.comparer) continue;
        auto ask_legacy = [this, &rule](const legacy::Comparison& comparison,
                                        base::Deadline deadline) {
            return parts_.proxy.ask(comparison.request, rule.passage(), deadline);
        };
        auto ask_native = [this](const legacy::Comparison& comparison, base::Deadline deadline) {
            return ChooserService::ask_native(comparison, deadline);
        };
        parts.comparer->add_route(route.name, route.compare, ask_legacy, ask_native);
    }
    undecided_.credentials = http::Credentials::ignored;
    RouteConfig unmatched;
    unmatched.name = unmatched_name;
    add(unmatched);
    for (std::size_t i = 0; i < parts.io_threads; ++i) {
        auto seed = stable_hash("samples", "") + i;
        threads_.push_back(std::make_unique<PerThread>(parts.modes, seed));
    }
}

ChooserService::~ChooserService() = default;

void ChooserService::add_fallback(Router& router) {
    fallback_ = &router.fallback(unmatched().forwarded());
    undecided_.number = fallback_->number;
    for (auto& rule : rules_) rule->set_number(fallback_->number);
}

void ChooserService::begin(const Router& router) {
    router_ = &router;
    in_process_.emplace(router, parts_.authenticator);
    native_.begin(router);
    auto modes = parts_.modes.get();
    for (std::size_t rule = 0; rule < table_.size(); ++rule) {
        answerable_[rule] = find_answerable(table_.rule(rule));
        auto mode = modes->modes[rule].state.mode;
        if (answerable_[rule] || mode == Mode::proxied) continue;
        telemetry::log(telemetry::Level::warning, "gateway",
                       "a route of the migration is not proxied, but nothing here answers it",
                       {{"route", rules_[rule]->name()}, {"mode", name_of(mode)}});
    }
}

/// A rule may be for an alias: its words are then those that the router makes of them.
bool ChooserService::find_answerable(const Matcher& rule) const {
    auto path = rule.path;
    auto start = path.literal_start();
    if (!start.empty()) {
        const std::string end = "/x";
        auto target = start + end;
        Request probe;
        probe.target = target;
        router_->match(probe);
        if (probe.path.ends_with(end)) {
            auto canonical = std::string_view(probe.path).substr(0, probe.path.size() - end.size());
            if (auto parsed = PathPattern::parse(path.with_start(canonical))) path = *parsed;
        }
    }
    const auto& routes = router_->routes();
    return std::any_of(routes.begin(), routes.end(), [&](const auto& route) {
        auto methods = bit_of(route->method);
        if (route->method == Method::get) methods |= bit_of(Method::head);
        if ((methods & rule.methods) == 0 || route->elsewhere) return false;
        auto its_path = PathPattern::parse(route->pattern);
        return its_path && its_path->overlaps(path);
    });
}

std::optional<std::size_t> ChooserService::find_rule(const Request& request,
                                                     PerThread& thread) const {
    auto path = path_of(request);
    if (http::is_ambiguous(path)) return std::nullopt;
    if (!http::split_path(path, thread.path, thread.split)) return std::nullopt;
    for (std::size_t i = 0; i < thread.split.count; ++i) {
        thread.segments[i] = thread.split.segment(thread.path, i);
    }
    return table_.find({thread.segments.data(), thread.split.count}, thread.split.more,
                       asked_method(request));
}

http::RouteChooser::Choice ChooserService::choose(Request& request, Router::Match match) const {
    if (is_always_native(path_of(request))) return {without_fallback(match)};
    assert(request.thread < threads_.size());
    auto& thread = *threads_[request.thread];
    if (parts_.proxy.has_file(request)) return {{&unmatched().forwarded(), {}}};
    const auto& table = thread.modes.get();
    if (table.finished_at || !parts_.proxy.configured()) return {without_fallback(match)};
    auto rule = find_rule(request, thread);
    if (!rule) return legacy_choice(rules_.size() - 1, request);
    // On the wrong side a change is lost to the right one; what is read is only older there.
    if (!table.is_known && !reads(request)) return {{&undecided_, {}}};
    return choose_by(*rule, table.modes[*rule].state, request, match, thread);
}

http::RouteChooser::Choice ChooserService::choose_by(std::size_t rule, const RouteState& state,
                                                     Request& request, const Router::Match& match,
                                                     PerThread& thread) const {
    switch (state.mode) {
        case Mode::proxied:
            break;
        case Mode::shadow: {
            bool compares = is_sampled(state, request, thread) && request.upgrade.empty() &&
                            !asks_for_less(request);
            return legacy_choice(rule, request, compares);
        }
        case Mode::canary:
            if (reads(request) && is_ours(match) &&
                covers(state.percent, rules_[rule]->bucket(request, trusted_))) {
                return native_choice(rule, state, request, match, thread);
            }
            break;
        case Mode::native:
            return native_choice(rule, state, request, match, thread);
        case Mode::native_or_legacy: {
            // One with a body goes whole to who may have to answer it.
            if (!reads(request) || !is_ours(match) || has_body(request)) break;
            if (const auto* route = native_.or_legacy(*match.route)) return {{route, {}}};
            return native_choice(rule, state, request, match, thread);
        }
    }
    return legacy_choice(rule, request);
}

http::RouteChooser::Choice ChooserService::legacy_choice(std::size_t rule, const Request& request,
                                                         bool shadow) const {
    const auto& chosen = *rules_[rule];
    // What could be read in two ways meets no rule, so no rule could keep it from the monolith.
    if (!http::is_ambiguous(path_of(request))) chosen.note_legacy(request);
    return {{shadow ? &chosen.shadowed() : &chosen.forwarded(), {}}, ticket_of(rule, Side::legacy)};
}

http::RouteChooser::Choice ChooserService::native_choice(std::size_t rule, const RouteState& state,
                                                         const Request& request,
                                                         const Router::Match& match,
                                                         PerThread& thread) const {
    Choice choice{without_fallback(match), ticket_of(rule, Side::native)};
    if (!is_ours(match) || !is_sampled(state, request, thread)) return choice;
    if (const auto* route = native_.compared(*match.route)) choice.match.route = route;
    return choice;
}

bool ChooserService::is_ours(const Router::Match& match) const {
    return match.route && match.route != fallback_;
}

/// What we answer ourselves: what no route of ours is for is not there.
Router::Match ChooserService::without_fallback(const Router::Match& match) const {
    return match.route && !is_ours(match) ? Router::Match() : match;
}

bool ChooserService::is_sampled(const RouteState& state, const Request& request,
                                PerThread& thread) const {
    if (state.compare_percent == 0 || request.method != Method::get) return false;
    if (thread.percentile() >= state.compare_percent) return false;
    return parts_.comparer && parts_.comparer->has_room() && !has_body(request);
}

void ChooserService::answered(std::uint32_t ticket, int status,
                              std::chrono::microseconds took) const {
    rules_[(ticket >> 1) - 1]->count((ticket & 1) == 0 ? Side::legacy : Side::native, status, took);
}

base::Task<http::PlainResponse> ChooserService::ask_native(const legacy::Comparison& comparison,
                                                           base::Deadline deadline) const {
    auto thread = parts_.io_threads - 1;
    auto probe = comparison.request.request(thread, deadline);
    if (router_->match(probe).route == fallback_) {
        co_return http::plain(
            probe, http::failure(probe, 404, "not_found", "There is nothing at this path."));
    }
    auto request = comparison.request.request(thread, deadline);
    request.context.shadow = true;
    co_return co_await in_process_->ask(request);
}

}  // namespace gateway
