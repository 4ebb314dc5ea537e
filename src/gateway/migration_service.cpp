#include "migration_service.hpp"

#include <algorithm>

#include "telemetry/log.hpp"
#include "verdict.hpp"

namespace gateway {

namespace {

bool reads(const std::vector<std::string>& methods) {
    return methods.empty() || std::any_of(methods.begin(), methods.end(), [](const auto& method) {
               return method == "GET" || method == "HEAD";
           });
}

base::Error no_upstream() {
    return {base::Reason::conflict, "no_upstream",
            "There is no monolith (legacy.upstream), so there is no migration to finish."};
}

base::Error not_ready(const std::vector<std::string>& missing) {
    base::Error error{base::Reason::conflict, "migration_not_ready",
                      "The migration cannot be finished yet."};
    for (const auto& sentence : missing) {
        error.message += " " + sentence;
        error.details.push_back({"migration", sentence});
    }
    return error;
}

base::Error cannot(const char* code, std::string message) {
    return {base::Reason::invalid, code, message, {{"mode", std::move(message)}}};
}

}  // namespace

MigrationService::MigrationService(const Config& config, ModeStore& store, const base::Clock& clock,
                                   const ChooserService* chooser, const Neighbours& neighbours)
    : ready_(config.ready),
      store_(store),
      clock_(clock),
      chooser_(chooser),
      comparer_(chooser ? neighbours.comparer : nullptr),
      proxy_(neighbours.proxy),
      imports_(neighbours.imports),
      owned_by_monolith_(neighbours.owned_by_monolith),
      since_(clock.now()) {
    for (const auto& route : config.routes) {
        numbers_.emplace(route.name, routes_.size());
        routes_.push_back({route.name, route.path, route.methods, reads(route.methods)});
    }
}

base::Result<void> MigrationService::known() const {
    if (store_.table().get()->is_known) return {};
    return routes_unknown();
}

base::Result<std::size_t> MigrationService::number_of(const std::string& name) const {
    auto all = known();
    if (!all) return all.error();
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
    report.finished_at = table->finished_at;
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

bool MigrationService::is_finished() const {
    return store_.table().get()->finished_at.has_value();
}

base::Task<std::int64_t> MigrationService::forget_logins(base::Context context) {
    constexpr std::int64_t at_a_time = 1000;
    std::int64_t all = 0;
    while (imports_) {
        auto forgotten = co_await imports_->forget_django_passwords(at_a_time, context);
        if (!forgotten) co_return forgotten.error();
        all += *forgotten;
        if (*forgotten < at_a_time) break;
    }
    co_return all;
}

base::Task<MigrationFinish> MigrationService::finish(base::Context context) {
    if (!is_finished()) {
        if (!proxy_ || !proxy_->configured()) co_return no_upstream();
        auto owned = owned_by_monolith_ ? owned_by_monolith_() : std::vector<std::string>();
        auto may = finish_verdict(report(), owned, ready_, since_, clock_.now());
        if (!may.ready) co_return not_ready(may.missing);
    }
    MigrationFinish finish;
    auto at = co_await store_.finish(context);
    if (!at) co_return at.error();
    finish.at = *at;
    if (proxy_) proxy_->retire();
    // It is finished whatever comes now, so the rest takes the time that it takes.
    context.deadline = {};
    auto actor = context.actor.subject();
    auto accounts = co_await forget_logins(std::move(context));
    if (!accounts) co_return accounts.error();
    finish.accounts = *accounts;
    telemetry::log(telemetry::Level::warning, "gateway",
                   "the migration is finished: the monolith is asked nothing any more",
                   {{"finished_at", base::to_rfc3339(finish.at)},
                    {"by", actor ? std::to_string(*actor) : "the command line"},
                    {"accounts", std::to_string(finish.accounts)}});
    co_return finish;
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
