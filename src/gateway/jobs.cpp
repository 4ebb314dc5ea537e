#include "jobs.hpp"

#include "answer_json.hpp"
#include "base/ids.hpp"
#include "input_json.hpp"

namespace gateway {

namespace {

using Json = nlohmann::json;
using Outcome = base::Result<Json>;

base::Command command_by_line(const base::Clock& clock) {
    base::Command command;
    command.context.actor.role = base::Role::admin;
    command.context.request_id = "migrate-" + base::make_uuid_v7(clock.now());
    return command;
}

Outcome json_of(const base::Result<MigrationRoute>& route) {
    if (!route) return route.error();
    return {boost::system::in_place_value, Json::parse(route_body(*route))};
}

Outcome set(Migration& migration, const base::Clock& clock, const Json& arguments) {
    auto wanted = mode_change_from_json(arguments);
    if (!wanted) return wanted.error();
    auto task = migration.set(arguments.at("route"), *wanted, command_by_line(clock));
    return json_of(base::run(std::move(task)));
}

Outcome undo(Migration& migration, const base::Clock& clock, const Json& arguments) {
    return json_of(base::run(migration.undo(arguments.at("route"), command_by_line(clock))));
}

Outcome restart(Migration& migration, const Json& arguments) {
    auto restarted = base::run(migration.restart(arguments.at("route"), {}));
    if (!restarted) return restarted.error();
    return {boost::system::in_place_value, Json::object()};
}

Outcome finish(Migration& migration, const base::Clock& clock) {
    auto finished = base::run(migration.finish(command_by_line(clock).context));
    if (!finished) return finished.error();
    return {boost::system::in_place_value, Json::parse(finish_body(*finished))};
}

Outcome status(const Migration& migration, const Json& arguments) {
    if (!arguments.contains("route")) {
        return {boost::system::in_place_value, Json::parse(report_body(migration.report()))};
    }
    auto report = migration.report(arguments.at("route").get<std::string>());
    if (!report) return report.error();
    return {boost::system::in_place_value, Json::parse(report_body(*report))};
}

}  // namespace

std::vector<operations::NamedJob> migration_jobs(Migration& migration, const base::Clock& clock) {
    using operations::Progress;
    return {{"migrate_set",
             [&](const Json& arguments, Progress&) { return set(migration, clock, arguments); }},
            {"migrate_undo",
             [&](const Json& arguments, Progress&) { return undo(migration, clock, arguments); }},
            {"migrate_restart",
             [&](const Json& arguments, Progress&) { return restart(migration, arguments); }},
            {"migrate_finish", [&](const Json&, Progress&) { return finish(migration, clock); }},
            {"migrate_status",
             [&](const Json& arguments, Progress&) { return status(migration, arguments); }}};
}

}  // namespace gateway
