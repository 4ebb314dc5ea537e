#include "archive.hpp"

#include <cstdio>

#include "commands.hpp"
#include "database/compact.hpp"
#include "modules.hpp"
#include "operations/terminal.hpp"
#include "run_job.hpp"
#include "telemetry/log.hpp"

namespace portal {

namespace {

using operations::with_commas;

constexpr std::size_t date_length = 10;

std::vector<database::StoreFile> news_stores(const Settings& settings) {
    for (const auto& module : declarations(*settings.modules)) {
        if (module.name == "news") return module.stores(settings.data.folder);
    }
    return {};
}

double megabytes_of(const std::vector<database::StoreFile>& stores) {
    std::uintmax_t bytes = 0;
    for (const auto& store : stores) {
        std::error_code missing;
        auto size = std::filesystem::file_size(store.path, missing);
        if (!missing) bytes += size;
    }
    return static_cast<double>(bytes) / (1024.0 * 1024.0);
}

/// What was freed is given to the disk, where nobody uses the stores.
int compact(const Settings& settings) {
    auto folder = operations::DataFolder::lock(settings.data.folder);
    if (!folder) {
        std::puts(
            "The server runs, so the files keep their size: what is free in them is used by what "
            "comes next.\nOnce more with the server stopped, and the disk has it.");
        return done;
    }
    start_log(settings, folder->path(), false);
    auto stores = news_stores(settings);
    auto before = megabytes_of(stores);
    try {
        for (const auto& store : stores) {
            if (std::filesystem::exists(store.path)) database::compact(store);
        }
    } catch (const database::Failure& failure) {
        telemetry::stop_log();
        return complain("everything is archived, but the stores keep their size: " +
                            std::string(failure.what()) + ".",
                        failed);
    }
    telemetry::stop_log();
    std::printf("The stores of news: %.1f MiB, were %.1f.\n", megabytes_of(stores), before);
    return done;
}

}  // namespace

ArchiveCommand::ArchiveCommand(CLI::App& app)
    : command_(app.add_subcommand(
          "archive",
          "Moves old articles to yearly archive files, so that the stores that are used all day "
          "stay small: published ones to which nothing has happened since a date. They are read by "
          "their addresses as before, with their history, and are in no list any more. Whoever "
          "changes one brings it back by that.\n"
          "\n"
          "  portal archive --before 2024-01-01 --dry-run        what would go\n"
          "  portal archive --before 2024-01-01                  does it, also while the server "
          "runs\n"
          "  portal archive --before 2024-01-01 --type sports    only one news type\n"
          "  portal archive --bring-back 4711 --type sports      one article, lists and all\n"
          "\n"
          "Stopped or killed, the next run goes on. With the server stopped the disk gets the room "
          "back too. A backup has everything; `portal verify` looks at the archives as well.")) {
    command_->fallthrough();
    auto* before = command_->add_option(
        "--before", before_,
        "A date (2024-01-01, as it begins in UTC) or a time (RFC 3339), a day ago at least");
    command_->add_option("--type", type_, "Only this news type");
    command_->add_flag("--dry-run", dry_run_, "Only counts")->needs(before);
    command_->add_option("--bring-back", id_, "The id of an archived article")
        ->excludes(before)
        ->needs("--type");
}

int ArchiveCommand::run(const Settings& settings) const {
    if (id_ != 0) return bring_back(settings);
    if (before_.empty()) {
        return complain("archive: say --before and a date, or --bring-back and an id.", wrong_use);
    }
    auto before = before_.size() == date_length ? before_ + "T00:00:00Z" : before_;
    if (!base::parse_rfc3339(before)) {
        return complain("--before takes a date as 2024-01-01, or a time as 2024-01-01T12:00:00Z.",
                        wrong_use);
    }
    auto result =
        run_job(settings, "archive", {{"before", before}, {"type", type_}, {"dry_run", dry_run_}});
    if (!result) return explain(result.error());
    bool stopped = false;
    for (const auto& [type, report] : result->at("types").items()) {
        auto number = [&report](const char* name) {
            return with_commas(report.at(name).get<std::int64_t>());
        };
        std::printf("%s: %s articles with %s events, %.1f MiB, %s\n", type.c_str(),
                    number("articles").c_str(), number("events").c_str(),
                    report.at("bytes").get<double>() / (1024.0 * 1024.0),
                    dry_run_ ? "would be archived" : "archived");
        if (report.at("moved").get<std::int64_t>() > 0) {
            std::printf("  %s more were archived before, and are in their files again\n",
                        number("moved").c_str());
        }
        if (report.at("skipped").get<std::int64_t>() > 0) {
            std::printf("  %s stay: their history is over 16 MiB, or damaged (the log says)\n",
                        number("skipped").c_str());
        }
        stopped = stopped || report.at("stopped").get<bool>();
    }
    if (dry_run_) return done;
    if (stopped) return complain("it was stopped: the same command goes on.", failed);
    return compact(settings);
}

int ArchiveCommand::bring_back(const Settings& settings) const {
    auto result = run_job(settings, "archive", {{"type", type_}, {"bring_back", id_}});
    if (!result) return explain(result.error());
    std::printf("%s of %s is where it was before it was archived.\n", std::to_string(id_).c_str(),
                type_.c_str());
    return done;
}

}  // namespace portal
