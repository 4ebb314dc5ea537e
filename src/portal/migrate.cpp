// portal migrate: who answers which route, told to the server that owns the data folder.
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "operations/jobs.hpp"
#include "operations/terminal.hpp"

namespace portal {

namespace {

using nlohmann::json;
using operations::with_commas;

/// A mode holds for requests, so it is the server's to change.
base::Result<json> ask_server(const Settings& settings, const std::string& job,
                              const json& arguments) {
    auto folder = operations::DataFolder::lock(settings.data.folder);
    if (folder) {
        return base::Error{base::Reason::unavailable, "no_server",
                           "no server works on " + settings.data.folder +
                               ", and only a running one says who answers what. Start it first: "
                               "portal --config FILE."};
    }
    if (folder.error().code != "folder_in_use") return folder.error();
    auto socket =
        operations::DataFolder::control_socket(std::filesystem::absolute(settings.data.folder));
    return operations::run_on_server("unix:" + socket.string(), job, arguments,
                                     [](const operations::Progress::State&) {});
}

std::int64_t number(const json& object, const char* member) {
    return object.at(member).get<std::int64_t>();
}

std::string text(const json& object, const char* member) {
    return object.at(member).get<std::string>();
}

std::string state_text(const json& route) {
    auto mode = text(route, "mode");
    if (mode == "canary") mode += " " + std::to_string(number(route, "percent")) + " %";
    return mode;
}

std::string percent_text(double share) {
    char written[32];
    std::snprintf(written, sizeof written, "%.3g %%", share * 100);
    return written;
}

/// `0.8 / 12.5`: half of the answers and 99 of 100 were as fast.
std::string speed_text(const json& side) {
    if (side.at("p50_ms").is_null()) return "-";
    char written[64];
    std::snprintf(written, sizeof written, "%.3g / %.3g", side.at("p50_ms").get<double>(),
                  side.at("p99_ms").get<double>());
    return written;
}

using Row = std::vector<std::string>;

Row row_of(const json& report) {
    const auto& comparison = report.at("comparison");
    auto compared = number(comparison, "compared");
    return {text(report.at("route"), "name"),
            state_text(report.at("route")),
            with_commas(number(report.at("legacy"), "hour")),
            with_commas(number(report.at("native"), "hour")),
            speed_text(report.at("legacy")),
            speed_text(report.at("native")),
            with_commas(compared),
            compared == 0 ? "-" : percent_text(comparison.at("differs_bound").get<double>()),
            report.at("verdict").at("ready").get<bool>() ? "yes" : "no"};
}

void print_table(const std::vector<Row>& rows) {
    std::vector<std::size_t> widths(rows.front().size(), 0);
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 < row.size()) line.append(widths[i] + 2 - row[i].size(), ' ');
        }
        std::printf("%s\n", line.c_str());
    }
}

void print_missing(const json& verdict, const char* indent) {
    for (const auto& sentence : verdict.at("missing")) {
        std::printf("%s%s\n", indent, sentence.get<std::string>().c_str());
    }
}

void print_last(const json& report) {
    if (!report.contains("last_legacy")) {
        std::printf("The monolith was not asked since the start.\n");
        return;
    }
    const auto& hit = report.at("last_legacy");
    std::printf("The monolith was last asked at %s: %s %s\n", text(hit, "at").c_str(),
                text(hit, "method").c_str(), text(hit, "path").c_str());
}

const Row headings = {"ROUTE",     "MODE",     "LEGACY/H",       "NATIVE/H", "LEGACY MS",
                      "NATIVE MS", "COMPARED", "DIFFER AT MOST", "READY"};

void print_kind(const json& kind) {
    std::printf("  %10s  %s: %s\n", with_commas(number(kind, "count")).c_str(),
                text(kind, "pointer").c_str(), text(kind, "what").c_str());
    const auto& samples = kind.at("samples");
    if (samples.empty()) return;
    const auto& sample = samples.front();
    std::printf("              as %s\n                legacy  %s\n                native  %s\n",
                text(sample, "target").c_str(), text(sample, "legacy").c_str(),
                text(sample, "native").c_str());
}

int print_route(const json& report) {
    print_table({headings, row_of(report)});
    const auto& route = report.at("route");
    std::printf("\nPath: %s\n", text(route, "path").c_str());
    print_last(report);
    if (!report.at("comparison").at("kinds").empty()) {
        std::printf("\nHow the answers differ, the most frequent first:\n");
        for (const auto& kind : report.at("comparison").at("kinds")) print_kind(kind);
    }
    std::printf("\n");
    print_missing(report.at("verdict"), "Not ready: ");
    if (report.at("verdict").at("ready").get<bool>()) std::printf("Ready.\n");
    return done;
}

int print_all(const json& report) {
    const auto& routes = report.at("routes");
    if (!routes.empty()) {
        std::vector<Row> rows{headings};
        for (const auto& one : routes) rows.push_back(row_of(one));
        print_table(rows);
        std::printf(
            "\nHow often in the last hour each side answered; in how many milliseconds it "
            "did half / 99 of 100 times;\nhow many answers were compared, and what share "
            "of all may differ, 95 %% sure.\n\n");
    }
    std::printf("Requests of the last hour that no route is for; the monolith answered them: %s\n",
                with_commas(number(report.at("unmatched"), "hour")).c_str());
    print_last(report);
    if (!report.at("finished_at").is_null()) {
        std::printf("The migration was finished at %s.\n", text(report, "finished_at").c_str());
        return done;
    }
    print_missing(report.at("verdict"), "Not ready: ");
    if (report.at("verdict").at("ready").get<bool>()) {
        std::printf("Every route is native or ready.\n");
    }
    return done;
}

int print_change(const base::Result<json>& route) {
    if (!route) return explain(route.error());
    std::printf("%s is %s now (version %lld).\n", text(*route, "name").c_str(),
                state_text(*route).c_str(), static_cast<long long>(number(*route, "version")));
    return done;
}

/// `-` where it is null.
std::string count_text(const json& object, const char* member) {
    return object.at(member).is_null() ? "-" : with_commas(number(object, member));
}

void print_models(const json& models) {
    if (models.empty()) return;
    std::vector<Row> rows{{"MODEL", "OWNER", "LAST IMPORT", "FROM", "READ", "ADDED", "UPDATED",
                           "UNCHANGED", "CONFLICTS", "LEFT OUT", "REJECTED", "VANISHED", "HERE",
                           "CHANGED", "REMOVED"}};
    for (const auto& model : models) {
        Row row{text(model, "model"), text(model, "owner")};
        const auto& last = model.at("last_import");
        if (last.is_null()) {
            row.insert(row.end(), {"never", "-", "-", "-", "-", "-", "-", "-", "-", "-"});
        } else {
            row.push_back(text(last, "finished_at"));
            row.push_back(text(last, "source"));
            for (const char* member : {"read", "added", "updated", "unchanged", "conflicts",
                                       "left_out", "rejected", "vanished"}) {
                row.push_back(count_text(last, member));
            }
        }
        for (const char* member : {"here", "changed_here", "removed_here"}) {
            row.push_back(count_text(model, member));
        }
        rows.push_back(std::move(row));
    }
    print_table(rows);
    std::printf(
        "\nREAD to VANISHED: what the last import that ended has read and made of it; HERE: what "
        "is "
        "here now (of\nredirects all that there are), and how many of these were changed, or are "
        "here no more, since.\n\n");
    for (const auto& model : models) {
        if (model.at("last_import").is_null()) continue;
        for (const auto& checksum : model.at("last_import").at("checksums")) {
            std::printf("Checksum of %s: %s\n", text(model, "model").c_str(),
                        checksum.get<std::string>().c_str());
        }
    }
}

void print_bridge(const json& bridge) {
    std::printf(
        "The bridge %s pushed last at %s: up to %s changes since the last import, %s "
        "of them refused.\n",
        text(bridge, "source").c_str(), text(bridge, "pushed_at").c_str(),
        count_text(bridge, "since_import_max").c_str(), count_text(bridge, "refused").c_str());
}

void print_people(const json& people) {
    std::string unchecked;
    for (const auto& [code, count] : people.at("unchecked").items()) {
        unchecked += ", " + with_commas(count.get<std::int64_t>()) + " " + code;
    }
    std::printf("\nPeople who came: %s\n", count_text(people, "here").c_str());
    std::printf("  have a hash of our own     %s (%s with a new password)\n",
                count_text(people, "own_hash").c_str(), count_text(people, "new_password").c_str());
    std::printf("  have only Django's hash    %s\n", count_text(people, "django_hash").c_str());
    std::printf("  have an unusable password  %s\n", count_text(people, "unusable").c_str());
    std::printf("  have one not checked here  %s\n",
                unchecked.empty() ? "0" : unchecked.substr(2).c_str());
    std::printf("  have no address            %s\n", count_text(people, "without_email").c_str());
    std::printf("  were changed here          %s\n", count_text(people, "changed_here").c_str());
    std::printf("  were erased here           %s\n\n", count_text(people, "erased").c_str());
}

void print_logins(const json& logins) {
    if (logins.at("kinds").empty()) return;
    std::vector<Row> rows{{"LOGIN OF DJANGO", "LAST HOUR", "LAST DAY", "LAST"}};
    for (const auto& one : logins.at("kinds")) {
        rows.push_back({text(one, "kind"), count_text(one, "hour"), count_text(one, "day"),
                        one.at("last_at").is_null() ? "-" : text(one, "last_at")});
    }
    print_table(rows);
    std::printf("Requests that were somebody's by it, since %s at most.\n\n",
                text(logins, "since").c_str());
}

}  // namespace

int migrate_data(const Settings& settings) {
    auto found = ask_server(settings, "migrate_data", json::object());
    if (!found) return explain(found.error());
    print_models(found->at("models"));
    for (const auto& bridge : found->at("bridges")) print_bridge(bridge);
    print_people(found->at("people"));
    print_logins(found->at("logins"));
    for (const auto& note : found->at("notes")) {
        std::printf("Note: %s\n", note.get<std::string>().c_str());
    }
    print_missing(found->at("verdict"), "Not ready: ");
    if (found->at("verdict").at("ready").get<bool>()) {
        std::printf("Ready: all that was there is here.\n");
    }
    return done;
}

int migrate_set(const Settings& settings, const std::string& route, const std::string& mode,
                std::optional<std::int64_t> percent) {
    json arguments{{"route", route}, {"mode", mode}};
    if (percent) arguments["percent"] = *percent;
    return print_change(ask_server(settings, "migrate_set", arguments));
}

int migrate_undo(const Settings& settings, const std::string& route) {
    return print_change(ask_server(settings, "migrate_undo", {{"route", route}}));
}

int migrate_restart(const Settings& settings, const std::string& route) {
    auto restarted = ask_server(settings, "migrate_restart", {{"route", route}});
    if (!restarted) return explain(restarted.error());
    std::printf("What was compared of %s counts anew.\n", route.c_str());
    return done;
}

int migrate_finish(const Settings& settings) {
    auto finished = ask_server(settings, "migrate_finish", json::object());
    if (!finished) return explain(finished.error());
    std::printf(
        "The migration was finished at %s. The monolith is asked nothing any more and can be\n"
        "stopped; what its logins depend on was erased of %s accounts. Take legacy.upstream out "
        "of\n"
        "the configuration.\n",
        text(*finished, "finished_at").c_str(), with_commas(number(*finished, "accounts")).c_str());
    return done;
}

int migrate_status(const Settings& settings, const std::string& route) {
    auto arguments = json::object();
    if (!route.empty()) arguments["route"] = route;
    auto report = ask_server(settings, "migrate_status", arguments);
    if (!report) return explain(report.error());
    return route.empty() ? print_all(*report) : print_route(*report);
}

}  // namespace portal
