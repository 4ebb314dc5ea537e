#include "jobs.hpp"

#include "base/ids.hpp"
#include "news/import.hpp"
#include "news/importer.hpp"
#include "operations/terminal.hpp"

namespace news {

using Json = nlohmann::json;
using operations::Progress;
using operations::with_commas;

namespace {

base::Result<Json> import(const Instances& instances, const Config& config,
                          const std::filesystem::path& folder, const base::Clock& clock,
                          const Json& arguments, Progress& progress) {
    std::map<std::string, Commands*> types;
    for (const auto& [type, instance] : instances) types.emplace(type, &instance->commands());
    auto tell = [&](const ImportReport& report) {
        progress.tell(report.bytes_read, report.bytes_total,
                      with_commas(report.added) + " added, " + with_commas(report.already_there) +
                          " already there, " + with_commas(report.rejected) + " rejected");
    };
    auto request_id = std::string(import_request_prefix) + "-" + base::make_uuid_v7(clock.now());
    auto report =
        import_file(arguments.at("file").get<std::string>(),
                    arguments.value("rejected_file", std::string()), folder, types, config,
                    request_id, clock, tell, progress.stop, arguments.value("theirs", false));
    if (!report) return report.error();
    auto wait = [&](const std::string& type, std::int64_t left) {
        progress.tell(report->bytes_total, report->bytes_total,
                      type + ": " + with_commas(left) + " items to be shown");
    };
    auto shown = wait_for_views(instances, config.view_stall_max_ms, clock, wait, progress.stop);
    if (!shown) return shown.error();
    Json result{{"lines", report->lines},
                {"added", report->added},
                {"updated", report->updated},
                {"unknown_types", report->unknown_types},
                {"already_there", report->already_there},
                {"conflicts", report->conflicts},
                {"conflicting", report->conflicting},
                {"dropped", report->dropped},
                {"rejected", report->rejected},
                {"reasons", report->reasons},
                {"rejected_file", report->rejected_file.string()}};
    return {boost::system::in_place_value, std::move(result)};
}

base::Error unknown_type(const std::string& type) {
    return {base::Reason::not_found, "unknown_news_type",
            "There is no news type " + type + " in news.types of the configuration."};
}

base::Result<Json> rebuild(const Instances& instances, const Json& arguments, Progress& progress) {
    auto type = arguments.at("type").get<std::string>();
    auto found = instances.find(type);
    if (found == instances.end()) return unknown_type(type);
    auto tell = [&](std::int64_t done, std::int64_t total) {
        progress.tell(done, total, with_commas(done) + " of " + with_commas(total) + " events");
    };
    auto count = base::run(found->second->rebuild(tell));
    if (!count) return count.error();
    return {boost::system::in_place_value, Json{{"events", *count}}};
}

base::Result<Json> bring_back(Instance& instance, ArticleId id) {
    base::Context context;
    context.actor.role = base::Role::editor;
    auto there = base::run(instance.queries().version(id, 1, context));
    if (!there) return there.error();
    auto back = base::run(instance.archiver().bring_back(id, context));
    if (!back) return back.error();
    return {boost::system::in_place_value, Json::object()};
}

base::Result<Json> archive(const Instances& instances, const Json& arguments, Progress& progress) {
    auto type = arguments.value("type", std::string());
    if (!type.empty() && !instances.contains(type)) return unknown_type(type);
    if (arguments.contains("bring_back")) {
        return bring_back(*instances.at(type), arguments.at("bring_back").get<ArticleId>());
    }
    auto before = base::parse_rfc3339(arguments.at("before").get<std::string>());
    if (!before) {
        return base::Error{base::Reason::invalid, "invalid_time",
                           "`before` is a time as 2024-01-01T00:00:00Z."};
    }
    ArchiveWish wish{*before, arguments.value("dry_run", false)};
    auto types = Json::object();
    for (const auto& [name, instance] : instances) {
        if (!type.empty() && name != type) continue;
        auto tell = [&, name = name](std::int64_t done, std::int64_t total) {
            progress.tell(done, total,
                          name + ": " + with_commas(done) + " of " + with_commas(total) +
                              " articles looked at");
        };
        auto report = base::run(instance->archiver().archive(wish, tell, progress.stop));
        if (!report) return report.error();
        types[name] = {{"articles", report->articles}, {"events", report->events},
                       {"bytes", report->bytes},       {"moved", report->moved},
                       {"skipped", report->skipped},   {"stopped", report->stopped}};
        if (report->stopped) break;
    }
    return {boost::system::in_place_value, Json{{"types", std::move(types)}}};
}

}  // namespace

operations::NamedJob archive_job(const Instances& instances) {
    auto job = [&instances](const Json& arguments, Progress& progress) {
        return archive(instances, arguments, progress);
    };
    return {"archive", std::move(job)};
}

operations::NamedJob import_job(const Instances& instances, const Config& config,
                                std::filesystem::path folder, const base::Clock& clock) {
    auto job = [&instances, &config, &clock, folder = std::move(folder)](const Json& arguments,
                                                                         Progress& progress) {
        return import(instances, config, folder, clock, arguments, progress);
    };
    return {"import", std::move(job)};
}

operations::NamedJob rebuild_job(const Instances& instances) {
    auto job = [&instances](const Json& arguments, Progress& progress) {
        return rebuild(instances, arguments, progress);
    };
    return {"rebuild", std::move(job)};
}

}  // namespace news
