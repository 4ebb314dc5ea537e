#include "migration_service.hpp"

#include <algorithm>

#include "verdict.hpp"

namespace gateway {

namespace {

bool reads(const std::vector<std::string>& methods) {
    return methods.empty() || std::any_of(methods.begin(), methods.end(), [](const auto& method) {
               return method == "GET" || method == "HEAD";
           });
}

base::Error cannot(const char* code, std::string message) {
    return {base::Reason::invalid, code, message, {{"mode", std::move(message)}}};
}

}  // namespace

MigrationService::MigrationService(const Config& config, ModeStore& store, const base::Clock& clock,
                                   const ChooserService* chooser, legacy::Comparer* comparer)
    : ready_(config.ready), store_(store), clock_(clock), chooser_(chooser), comparer_(comparer) {
    for (const auto& route : config.routes) {
        numbers_.emplace(route.name, routes_.size());
        routes_.push_back({route.name, route.path, route.methods, reads(route.methods)});
    }
}

base::Result<std::size_t> MigrationService::number_of(const std::string& name) const {
    auto found = numbers_.find(name);
    if (found != numbers_.end()) return found->second;
    return base::Error{base::Reason::not_found, "route_not_found",
                       "There is no route of that name in gateway.routes."};
}

MigrationRoute MigrationService::route_of(std::size_t route, const StoredMode& mode) const {
    const auto& configured = routes_[route];
    return {configured.name, configured.path, configured.methods, mode.state,
            mode.version,    mode.changed_at, mode.changed_by,    mode.can_undo};
}

std::vector<MigrationRoute> MigrationService::routes() const {
    std::vector<MigrationRoute> all;
    auto table = store_.table().get();
    for (std::size_t i = 0; i < routes_.size(); ++i) all.push_back(route_of(i, table->modes[i]));
    return all;
}

base::Result<MigrationRoute> MigrationService::route(const std::string& name) const {
    auto number = number_of(name);
    if (!number) return number.error();
    return route_of(*number, store_.table().get()->modes[*number]);
}

base::Result<void> MigrationService::check_mode(std::size_t route, Mode mode) const {
    const auto& configured = routes_[route];
    if (mode == Mode::proxied) return {};
    if (mode != Mode::native && !configured.reads) {
        return cannot("invalid_mode",
                      std::string(name_of(mode)) +
                          " holds for GET and HEAD alone, and this route has neither: a write "
                          "goes to one side.");
    }
    if (!chooser_ || chooser_->is_answerable(route)) return {};
    return cannot("no_native_route",
                  "Nothing here answers " + configured.path + " yet, so it can only be proxied.");
}

base::Task<MigrationRoute> MigrationService::set(std::string name, ModeChange wanted,
                                                 base::Command command) {
    auto number = number_of(name);
    if (!number) co_return number.error();
    auto possible = check_mode(*number, wanted.mode);
    if (!possible) co_return possible.error();
    auto stored = co_await store_.set(*number, wanted, std::move(command));
    if (!stored) co_return stored.error();
    co_return route_of(*number, *stored);
}

base::Task<MigrationRoute> MigrationService::undo(std::string name, base::Command command) {
    auto number = number_of(name);
    if (!number) co_return number.error();
    auto stored = co_await store_.undo(*number, std::move(command));
    if (!stored) co_return stored.error();
    co_return route_of(*number, *stored);
}

RouteReport MigrationService::report_of(std::size_t route, const StoredMode& mode) const {
    RouteReport report;
    report.route = route_of(route, mode);
    if (chooser_) {
        const auto& rule = chooser_->rule(route);
        report.legacy = rule.traffic(legacy::Side::legacy);
        report.native = rule.traffic(legacy::Side::native);
        report.last_legacy = rule.last_legacy();
    }
    if (comparer_) report.compared = comparer_->report(routes_[route].name);
    report.verdict = verdict(report.compared, ready_, clock_.now());
    return report;
}

base::Result<RouteReport> MigrationService::report(const std::string& name) const {
    auto number = number_of(name);
    if (!number) return number.error();
    return report_of(*number, store_.table().get()->modes[*number]);
}

MigrationReport MigrationService::report() const {
    MigrationReport report;
    auto table = store_.table().get();
    if (chooser_) {
        report.unmatched = chooser_->unmatched().traffic(legacy::Side::legacy);
        report.last_legacy = chooser_->unmatched().last_legacy();
    }
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        auto one = report_of(i, table->modes[i]);
        auto& last = report.last_legacy;
        if (one.last_legacy && (!last || last->at < one.last_legacy->at)) last = one.last_legacy;
        report.routes.push_back(std::move(one));
    }
    report.verdict = verdict(report.routes);
    return report;
}

base::Task<void> MigrationService::restart(std::string name, base::Context) {
    auto number = number_of(name);
    if (!number) co_return number.error();
    if (!comparer_) {
        co_return base::Error{base::Reason::conflict, "no_upstream",
                              "There is no monolith to compare with (legacy.upstream)."};
    }
    co_return co_await comparer_->restart(std::move(name));
}

}  // namespace gateway
