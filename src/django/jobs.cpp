#include "jobs.hpp"

#include "django/export.hpp"
#include "django/import.hpp"
#include "django/inspect.hpp"
#include "operations/terminal.hpp"
#include "receiver_service.hpp"
#include "transfer_json.hpp"

namespace django {

using Json = nlohmann::json;
using operations::Progress;
using operations::with_commas;

namespace {

/// A dry run writes what must not come into a site that is there.
base::Result<void> require_apart(const Neighbours& neighbours, const Exported& exported) {
    auto redirects = base::run(neighbours.redirects.list("", 1, {}));
    if (!redirects) return redirects.error();
    auto accounts = base::run(exported.accounts.accounts(0, 1, {}));
    if (!accounts) return accounts.error();
    if (redirects->empty() && accounts->empty()) return {};
    return base::Error{base::Reason::conflict, "not_apart",
                       "A dry run needs a site of its own, which is thrown away."};
}

/// What to write into the configuration for the types that it lacks. How many rows they have may
/// not be known yet: 0.
std::string advice_on(const std::map<std::string, std::int64_t>& unknown,
                      const news::Instances& types) {
    if (unknown.empty()) return "";
    std::string named, unfit;
    Json to_write = Json::array();
    for (const auto& [type, instance] : types) to_write.push_back(type);
    for (const auto& [type, rows] : unknown) {
        auto shown = type.empty() ? "others" : type;
        named += (named.empty() ? "" : ", ") + shown;
        if (rows > 0) named += " (" + with_commas(rows) + " rows)";
        if (news::is_news_type(type)) {
            to_write.push_back(type);
        } else if (!type.empty()) {
            unfit += (unfit.empty() ? "" : ", ") + shown;
        }
    }
    std::string text =
        "These news types are not in the configuration, and their rows are not taken: " + named +
        ". ";
    if (to_write.size() > types.size()) {
        text += R"(Write "news": {"types": )" + to_write.dump() + "} there, or map them to others.";
    }
    if (!unfit.empty()) {
        text += (text.ends_with(' ') ? "" : " ") +
                std::string("No news type can be called so, which `map` can mend: ") + unfit + ".";
    }
    return text;
}

Json to_json(const std::map<std::string, WarningReport>& warnings) {
    Json out = Json::object();
    for (const auto& [kind, one] : warnings) {
        out[kind] = {{"count", one.count}, {"example", one.example}};
    }
    return out;
}

Json to_json(const ExportReport& report) {
    Json rules = Json::array();
    for (const auto& one : report.rules) {
        rules.push_back({{"rule", one.rule},
                         {"model", one.model},
                         {"unchanged", one.unchanged},
                         {"changed", one.changed},
                         {"not_here", one.not_here},
                         {"left_out", one.left_out},
                         {"emptied", one.emptied},
                         {"added", one.added},
                         {"not_added", one.not_added}});
    }
    return {{"rules", rules},
            {"models", report.models},
            {"warnings", to_json(report.warnings)},
            {"with_removed", report.with_removed},
            {"unsaid", report.unsaid},
            {"left_out", report.left_out},
            {"kept_file", report.kept_file.string()},
            {"cut_off", report.cut_off}};
}

Json to_json(const Receiver::Vanished& vanished) {
    return {{"count", vanished.count},
            {"unpublished", vanished.unpublished},
            {"kept", vanished.kept},
            {"examples", vanished.examples}};
}

Json to_json(const ImportReport& report) {
    Json rules = Json::array();
    for (const auto& one : report.rules) {
        rules.push_back({{"rule", one.rule},
                         {"model", one.model},
                         {"read", one.read},
                         {"taken", one.taken},
                         {"added", one.added},
                         {"updated", one.updated},
                         {"unchanged", one.unchanged},
                         {"conflicts", one.conflicts},
                         {"left_out", one.left_out},
                         {"rejected", one.rejected},
                         {"published", one.published},
                         {"scheduled", one.scheduled},
                         {"drafts", one.drafts},
                         {"past", one.past},
                         {"later_drafts", one.later_drafts},
                         {"unchanged_states", one.unchanged_states},
                         {"checksum", one.checksum}});
    }
    Json models = Json::object();
    for (const auto& [name, one] : report.models) {
        models[name] = {{"rows", one.rows}, {"repeated", one.repeated}, {"rejected", one.rejected}};
    }
    return {{"rules", rules},
            {"models", models},
            {"warnings", to_json(report.warnings)},
            {"lacks", report.lacks},
            {"cut_off", report.cut_off},
            {"rejected", report.rejected},
            {"reasons", report.reasons},
            {"unknown_types", report.unknown_types},
            {"rejected_file", report.rejected_file.string()},
            {"vanished", to_json(report.vanished)},
            {"vanished_people", to_json(report.vanished_people)},
            {"vanished_redirects", to_json(report.vanished_redirects)}};
}

base::Result<Json> import(const Config& config, const base::Clock& clock,
                          const Neighbours& neighbours, const Exported& exported,
                          ImportStore* store, const Json& arguments, Progress& progress) {
    ImportRequest request;
    request.source = arguments.at("source").get<std::string>();
    request.mapping = arguments.at("mapping").get<std::string>();
    request.folder = arguments.value("folder", std::string());
    request.keep_staging = arguments.value("keep_staging", false);
    request.rejected_file = arguments.value("rejected_file", std::string());
    bool rehearsal = arguments.value("dry_run", false);
    if (rehearsal) {
        auto apart = require_apart(neighbours, exported);
        if (!apart) return apart.error();
    }
    SiteWriter writer(neighbours, config, clock, {arguments.value("theirs", false), rehearsal});
    auto advise = [&](const std::set<std::string>& unknown) {
        std::map<std::string, std::int64_t> uncounted;
        for (const auto& type : unknown) uncounted[type] = 0;
        progress.notice(advice_on(uncounted, neighbours.types));
    };
    WritingReceiver receiver(writer, neighbours.types, arguments.value("unpublish_vanished", false),
                             advise);
    auto tell = [&](const std::string& phase, std::int64_t done, std::int64_t total) {
        progress.tell(done, total, phase + ": " + with_commas(done));
    };
    if (store && !rehearsal) {
        auto begun = base::run(store->begin());
        if (!begun) return begun.error();
    }
    auto report = import_site(request, config, clock, receiver, tell, progress.stop);
    if (!report) return report.error();
    auto advice = advice_on(report->unknown_types, neighbours.types);
    if (!advice.empty()) report->lacks.insert(report->lacks.begin(), std::move(advice));
    if (rehearsal) return {boost::system::in_place_value, to_json(*report)};
    auto wait = [&](const std::string& type, std::int64_t left) {
        progress.tell(0, left, type + ": " + with_commas(left) + " items to be shown");
    };
    auto shown = news::wait_for_views(neighbours.types, config.write_wait_max_ms, clock, wait,
                                      progress.stop);
    if (!shown) return shown.error();
    if (store) {
        auto kept = base::run(store->keep(*report, clock.now()));
        if (!kept) return kept.error();
    }
    return {boost::system::in_place_value, to_json(*report)};
}

base::Result<Json> transfer(TransferService& transfers) {
    auto found = base::run(transfers.transfer({}));
    if (!found) return found.error();
    return {boost::system::in_place_value, Json::parse(to_json(*found))};
}

base::Result<Json> export_all(const Config& config, const base::Clock& clock,
                              const Exported& exported, const Json& arguments, Progress& progress) {
    ExportRequest request;
    request.base = arguments.at("base").get<std::string>();
    request.mapping = arguments.at("mapping").get<std::string>();
    request.out = arguments.at("out").get<std::string>();
    request.folder = arguments.value("folder", std::string());
    request.keep_staging = arguments.value("keep_staging", false);
    request.own_pks = arguments.value("own_pks", false);
    auto tell = [&](const std::string& phase, std::int64_t done, std::int64_t total) {
        progress.tell(done, total, phase + ": " + with_commas(done));
    };
    auto wait = [&](const std::string& type, std::int64_t left) {
        progress.tell(0, left, type + ": " + with_commas(left) + " items to be shown");
    };
    auto shown =
        news::wait_for_views(exported.types, config.write_wait_max_ms, clock, wait, progress.stop);
    if (!shown) return shown.error();
    auto report = export_site(request, config, clock, exported, tell, progress.stop);
    if (!report) return report.error();
    return {boost::system::in_place_value, to_json(*report)};
}

base::Result<Json> inspect(const Config& config, const Json& arguments, Progress& progress) {
    auto tell = [&](std::int64_t done, std::int64_t total, std::int64_t rows) {
        progress.tell(done, total, with_commas(rows) + " rows");
    };
    auto found = inspect_site(arguments.at("source").get<std::string>(), config.row_bytes_max, tell,
                              &progress.stop);
    if (!found) return found.error();
    Json models = Json::array();
    for (const auto& model : found->models) {
        Json fields = Json::array();
        for (const auto& field : model.fields) {
            fields.push_back({{"name", field.name},
                              {"kind", field.kind},
                              {"filled", field.filled},
                              {"sample", field.sample},
                              {"points_to", field.points_to}});
        }
        models.push_back({{"name", model.name},
                          {"meaning", model.meaning},
                          {"rows", model.rows},
                          {"fields", std::move(fields)}});
    }
    Json result{{"models", models}, {"notes", found->notes}, {"mapping", found->mapping}};
    return {boost::system::in_place_value, std::move(result)};
}

}  // namespace

operations::NamedJob inspect_job(const Config& config) {
    auto job = [&config](const Json& arguments, Progress& progress) {
        return inspect(config, arguments, progress);
    };
    return {"inspect_django", std::move(job)};
}

operations::NamedJob import_job(const Config& config, const base::Clock& clock,
                                const Neighbours& neighbours, const Exported& exported,
                                ImportStore* store) {
    auto job = [&config, &clock, neighbours, exported, store](const Json& arguments,
                                                              Progress& progress) {
        return import(config, clock, neighbours, exported, store, arguments, progress);
    };
    return {"import_django", std::move(job)};
}

operations::NamedJob transfer_job(TransferService& transfers) {
    auto job = [&transfers](const Json&, Progress&) { return transfer(transfers); };
    return {"migrate_data", std::move(job)};
}

operations::NamedJob export_job(const Config& config, const base::Clock& clock,
                                const Exported& exported) {
    auto job = [&config, &clock, exported](const Json& arguments, Progress& progress) {
        return export_all(config, clock, exported, arguments, progress);
    };
    return {"export_django", std::move(job)};
}

}  // namespace django
