// portal backup, portal restore, portal verify --backup.
#include "backup.hpp"

#include <cstdio>

#include "backup/restore.hpp"
#include "backup/verify.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "folder.hpp"
#include "modules.hpp"
#include "operations/terminal.hpp"
#include "run_job.hpp"

namespace portal {

namespace {

using nlohmann::json;
using operations::with_commas;

std::int64_t megabytes(std::int64_t bytes) {
    return (bytes + 1024 * 1024 - 1) / (1024 * 1024);
}

/// `news-sports=1204` or `news-sports.command=1204`.
base::Result<void> read_position(const std::string& text, backup::Wanted& wanted) {
    auto equals = text.rfind('=');
    std::optional<std::int64_t> position;
    if (equals != std::string::npos && equals > 0) {
        position = base::parse_number(text.substr(equals + 1), std::int64_t{1} << 53);
    }
    if (!position) {
        return base::Error{base::Reason::invalid, "no_such_moment",
                           "--to-position takes a log and the position of its last event, as "
                           "news-sports=1204."};
    }
    wanted.store = text.substr(0, equals);
    if (!wanted.store.ends_with(".command") && wanted.store.starts_with("news-")) {
        wanted.store += ".command";
    }
    wanted.position = *position;
    return {};
}

}  // namespace

void BackupCommands::add_to(CLI::App& app, CLI::App& verifying) {
    backup_ = app.add_subcommand(
        "backup",
        "Copies everything, also while the server runs: each store as it was at one moment. Only "
        "events that no earlier backup in the folder has are copied; what was written is read and "
        "checked again. On time: backup.folder and backup.every_h in the configuration.\n"
        "\n"
        "  portal backup /mnt/backups --config config/portal.json\n"
        "  portal verify --backup /mnt/backups --config config/portal.json\n"
        "  portal restore /mnt/backups /srv/portal/data.restored --config config/portal.json\n"
        "\n"
        "The folder has all secrets of the data folder: keep it as you keep that.");
    backup_->fallthrough();
    backup_->add_option("folder", to_,
                        "Where backups are, or are to be; if missing, backup.folder");
    restore_ = app.add_subcommand(
        "restore",
        "Makes a data folder from backups: of the newest, of one that you name, or of a moment.\n"
        "\n"
        "  portal restore /mnt/backups data.restored                       the newest\n"
        "  portal restore /mnt/backups data.restored --backup 000042-20260301T120000Z\n"
        "  portal restore /mnt/backups data.restored --to 2026-03-01T12:34:00Z\n"
        "  portal restore /mnt/backups data.restored --to-position news-sports=1204\n"
        "\n"
        "At a moment between two backups news are as they were then, event by event; accounts, "
        "profiles, redirects, lists, interests and the rest are as at the last backup before it. "
        "The command says what is of when. Nothing is changed where the server is: start it with "
        "data.folder set to the new folder, look at it, and then put it in the place of the old "
        "one.");
    restore_->fallthrough();
    restore_->add_option("backups", from_, "The folder of backups")->required();
    restore_->add_option("folder", folder_, "The data folder to make: not there yet, or empty")
        ->required();
    auto* id = restore_->add_option("--backup", id_, "Of this backup, by its id");
    auto* time = restore_->add_option("--to", time_,
                                      "As it was at this time (RFC 3339: 2026-03-01T12:34:00Z)");
    auto* position = restore_->add_option(
        "--to-position", position_,
        "One news type up to this event, as news-sports=1204; all else at the last backup that is "
        "not behind it");
    id->excludes(time)->excludes(position);
    time->excludes(position);
    auto* of_backup = verifying.add_option(
        "--backup", verified_,
        "Not the data folder, but the backups in this one: checksums, chains, the database's own "
        "checks; also where nothing can be written");
    verifying.add_option("--backup-id", verified_id_, "Only this backup")->needs(of_backup);
}

int BackupCommands::make(const Settings& settings) const {
    json arguments = json::object();
    if (!to_.empty()) arguments["folder"] = std::filesystem::weakly_canonical(to_).string();
    std::optional<KeepOwner> keep;
    if (!to_.empty()) keep.emplace(to_);
    auto started = std::chrono::steady_clock::now();
    auto result = run_job(settings, "backup", arguments);
    if (!result) return explain(result.error());
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
    auto number = [&](const char* name) { return result->at(name).get<std::int64_t>(); };
    std::printf(
        "Backup %s in %s, in %.1f s: %s stores, %s events, %s of them new, %s MiB written "
        "and checked.\n",
        result->at("id").get<std::string>().c_str(),
        result->at("folder").get<std::string>().c_str(), seconds.count(),
        with_commas(number("stores")).c_str(), with_commas(number("events")).c_str(),
        with_commas(number("new_events")).c_str(), with_commas(megabytes(number("bytes"))).c_str());
    if (auto removed = number("removed"); removed > 0) {
        std::printf("%s old backups were removed (backup.keep_count, backup.keep_days).\n",
                    with_commas(removed).c_str());
    }
    return done;
}

std::optional<int> BackupCommands::run_apart(const Settings& settings) const {
    if (restore_->parsed()) return restore(settings);
    if (!verified_.empty()) return verify();
    return std::nullopt;
}

int BackupCommands::restore(const Settings& settings) const {
    backup::Wanted wanted;
    wanted.from = from_;
    wanted.to = folder_;
    wanted.backup = id_;
    if (!time_.empty()) {
        wanted.time = base::parse_rfc3339(time_);
        if (!wanted.time) {
            return complain("--to takes a time as 2026-03-01T12:34:00Z or with another offset.",
                            wrong_use);
        }
    }
    if (!position_.empty()) {
        auto read = read_position(position_, wanted);
        if (!read) return explain(read.error());
    }
    KeepOwner keep(folder_);
    auto modules = declarations(*settings.modules);
    auto restored = show_here("restore", [&](operations::Progress& progress) {
        return backup::restore(wanted, modules, progress);
    });
    if (!restored) return explain(restored.error());
    auto folder = std::filesystem::absolute(folder_).lexically_normal();
    std::printf("Restored %s from backup %s of %s: %s stores, %s events.\n", folder.c_str(),
                restored->backup.c_str(), base::to_rfc3339(restored->at).c_str(),
                with_commas(restored->stores).c_str(), with_commas(restored->events).c_str());
    for (const auto& sentence : restored->sentences) std::printf("  %s\n", sentence.c_str());
    return done;
}

int BackupCommands::verify() const {
    operations::ProgressDisplay display("verify");
    auto progress = [&](const std::string& id, std::int64_t read, std::int64_t total) {
        display.show({read, total, id + ": " + with_commas(megabytes(read)) + " MiB"});
    };
    auto findings = backup::verify(verified_, verified_id_, progress);
    display.finish();
    if (!findings) return explain(findings.error());
    bool good = true;
    for (const auto& found : *findings) {
        for (const auto& warning : found.warnings) {
            std::printf("%s: warning: %s\n", found.name.c_str(), warning.c_str());
        }
        std::printf("%s: %s: %s\n", found.name.c_str(), found.what.c_str(),
                    found.problems.empty() ? "good" : "NOT GOOD");
        for (const auto& problem : found.problems) std::printf("  %s\n", problem.c_str());
        good = good && found.problems.empty();
    }
    return good ? done : failed;
}

}  // namespace portal
