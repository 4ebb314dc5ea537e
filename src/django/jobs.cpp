#include "jobs.hpp"

#include "django/import.hpp"
#include "django/inspect.hpp"
#include "operations/terminal.hpp"

namespace django {

using Json = nlohmann::json;
using operations::Progress;
using operations::with_commas;

namespace {

/// Of a dry run: everything is taken, and goes nowhere.
class Nowhere final : public Receiver {
public:
    base::Result<void> take(const Person&) override { return {}; }
    base::Result<void> take(const Item&) override { return {}; }
    base::Result<void> take(const Redirect&) override { return {}; }
};

Json to_json(const ImportReport& report) {
    Json rules = Json::array();
    for (const auto& one : report.rules) {
        rules.push_back({{"rule", one.rule},
                         {"model", one.model},
                         {"read", one.read},
                         {"taken", one.taken},
                         {"left_out", one.left_out},
                         {"rejected", one.rejected},
                         {"published", one.published},
                         {"scheduled", one.scheduled},
                         {"drafts", one.drafts},
                         {"past", one.past},
                         {"checksum", one.checksum}});
    }
    Json models = Json::object();
    for (const auto& [name, one] : report.models) {
        models[name] = {{"rows", one.rows}, {"repeated", one.repeated}, {"rejected", one.rejected}};
    }
    Json warnings = Json::object();
    for (const auto& [kind, one] : report.warnings) {
        warnings[kind] = {{"count", one.count}, {"example", one.example}};
    }
    return {{"rules", rules},
            {"models", models},
            {"warnings", warnings},
            {"lacks", report.lacks},
            {"cut_off", report.cut_off},
            {"rejected", report.rejected},
            {"reasons", report.reasons},
            {"rejected_file", report.rejected_file.string()}};
}

base::Result<Json> import(const Config& config, const base::Clock& clock, const Json& arguments,
                          Progress& progress) {
    if (!arguments.value("dry_run", false)) {
        return base::Error{base::Reason::invalid, "not_yet",
                           "Writing what was read is the next step of this command, and is not "
                           "there yet: run it with --dry-run, which reads and checks everything."};
    }
    ImportRequest request;
    request.source = arguments.at("source").get<std::string>();
    request.mapping = arguments.at("mapping").get<std::string>();
    request.folder = arguments.value("folder", std::string());
    request.keep_staging = arguments.value("keep_staging", false);
    request.rejected_file = arguments.value("rejected_file", std::string());
    auto tell = [&](const std::string& phase, std::int64_t done, std::int64_t total) {
        progress.tell(done, total, phase + ": " + with_commas(done));
    };
    Nowhere nowhere;
    auto report = import_site(request, config, clock, nowhere, tell, progress.stop);
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

operations::NamedJob import_job(const Config& config, const base::Clock& clock) {
    auto job = [&config, &clock](const Json& arguments, Progress& progress) {
        return import(config, clock, arguments, progress);
    };
    return {"import_django", std::move(job)};
}

}  // namespace django
