#include "answer_json.hpp"

#include <nlohmann/json.hpp>

namespace gateway {

namespace {

using Json = nlohmann::ordered_json;

/// What the monolith said need not be UTF-8.
std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// The epoch: never.
Json json_of(base::Time time) {
    return time == base::Time() ? Json() : Json(base::to_rfc3339(time));
}

template <class T>
Json json_or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json();
}

Json json_of(const MigrationRoute& route) {
    return {{"name", route.name},
            {"path", route.path},
            {"methods", route.methods},
            {"mode", name_of(route.state.mode)},
            {"percent", route.state.percent},
            {"compare_percent", route.state.compare_percent},
            {"version", route.version},
            {"changed_at", json_of(route.changed_at)},
            {"changed_by", json_or_null(route.changed_by)},
            {"can_undo", route.can_undo}};
}

Json json_of(const base::TrafficCounts& counts) {
    auto milliseconds = [](const std::optional<std::chrono::microseconds>& span) {
        return span ? Json(static_cast<double>(span->count()) / 1000) : Json();
    };
    return {{"hour", counts.hour},
            {"day", counts.day},
            {"p50_ms", milliseconds(counts.p50)},
            {"p99_ms", milliseconds(counts.p99)}};
}

/// Without one there is no such member.
void add_last_legacy(Json& report, const std::optional<LegacyHit>& hit) {
    if (!hit) return;
    report["last_legacy"] = {
        {"at", json_of(hit->at)}, {"method", hit->method}, {"path", hit->path}};
}

Json json_of(const legacy::DifferenceKind& kind) {
    auto samples = Json::array();
    for (const auto& sample : kind.samples) {
        samples.push_back({{"target", sample.target},
                           {"legacy", sample.legacy},
                           {"native", sample.native},
                           {"at", json_of(sample.at)}});
    }
    return {{"pointer", kind.pointer},    {"what", kind.what},
            {"count", kind.count},        {"first", json_of(kind.first)},
            {"last", json_of(kind.last)}, {"samples", std::move(samples)}};
}

Json json_of(const legacy::CompareReport& compared) {
    auto kinds = Json::array();
    for (const auto& kind : compared.kinds) kinds.push_back(json_of(kind));
    return {{"compared", compared.compared},    {"equal", compared.equal},
            {"skipped", compared.skipped},      {"failed", compared.failed},
            {"dropped", compared.dropped},      {"differs_bound", compared.differs_bound},
            {"since", json_of(compared.since)}, {"last_new_kind", json_of(compared.last_new_kind)},
            {"kinds", std::move(kinds)},        {"noise", compared.noise}};
}

Json json_of(const Verdict& verdict) {
    return {{"ready", verdict.ready}, {"missing", verdict.missing}};
}

Json json_of(const RouteReport& report) {
    Json json{{"route", json_of(report.route)},
              {"legacy", json_of(report.legacy)},
              {"native", json_of(report.native)},
              {"comparison", json_of(report.compared)},
              {"verdict", json_of(report.verdict)}};
    add_last_legacy(json, report.last_legacy);
    return json;
}

}  // namespace

std::string route_body(const MigrationRoute& route) {
    return text_of(json_of(route));
}

std::string routes_body(const std::vector<MigrationRoute>& routes) {
    auto all = Json::array();
    for (const auto& route : routes) all.push_back(json_of(route));
    return text_of({{"routes", std::move(all)}});
}

std::string finish_body(const MigrationFinish& finish) {
    return text_of({{"finished_at", json_of(finish.at)}, {"accounts", finish.accounts}});
}

std::string report_body(const RouteReport& report) {
    return text_of(json_of(report));
}

std::string report_body(const MigrationReport& report) {
    auto routes = Json::array();
    for (const auto& route : report.routes) routes.push_back(json_of(route));
    Json json{{"routes", std::move(routes)},
              {"unmatched", json_of(report.unmatched)},
              {"finished_at", report.finished_at ? json_of(*report.finished_at) : Json()},
              {"verdict", json_of(report.verdict)}};
    add_last_legacy(json, report.last_legacy);
    return text_of(json);
}

}  // namespace gateway
