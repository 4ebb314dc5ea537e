#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "exit_code.hpp"
#include "operations/data_folder.hpp"
#include "operations/verdict.hpp"
#include "settings.hpp"

namespace CLI {
class App;
}

namespace portal {

/// Says a sentence on standard error; gives `code` back.
int complain(const std::string& sentence, int code);

/// Says why something was refused; gives the exit code that goes with it.
int explain(const base::Error& error);

/// Starts the log as the settings want it. `console`: standard error may be used.
void start_log(const Settings& settings, const std::filesystem::path& folder, bool console);

/// The server, until SIGTERM or SIGINT.
int serve(const Settings& settings, const operations::DataFolder& folder);

/// Writes every route of the public listener, one a line: method, pattern, and who may call it,
/// with a space between. Touches no data folder.
int print_routes(Settings&& settings);

/// The commands; each says on standard output what it did.
int import_news(const Settings& settings, const std::string& file, bool theirs);
int rebuild(const Settings& settings, const std::string& type);
int verify(const Settings& settings);

/// `portal migrate`: tells the running server who answers a route, or asks how far it is. `route`
/// is empty for all.
int migrate_set(const Settings& settings, const std::string& route, const std::string& mode,
                std::optional<std::int64_t> percent);
int migrate_undo(const Settings& settings, const std::string& route);
int migrate_status(const Settings& settings, const std::string& route);
/// What of the monolith's data, people and logins is here, and what is missing.
int migrate_data(const Settings& settings);
int migrate_restart(const Settings& settings, const std::string& route);
int migrate_finish(const Settings& settings);

/// What `portal check` is told.
struct Checked {
    std::string what = "ready";
    operations::Thresholds thresholds{};
    std::int64_t timeout_ms = 5000;
};
/// The command with its options, which fill `checked`.
CLI::App* add_check(CLI::App& app, Checked& checked);
/// One line on standard output; the exit code is an operations::Severity. Touches no data folder.
int check(const Settings& settings, const Checked& wanted);

/// `portal doctor upstream`: asks the monolith's servers and says what their settings lack;
/// `failed` if something is wrong. Touches no data folder. `host`: the name that readers use;
/// empty: the first of http.hosts.
int doctor_upstream(Settings&& settings, const std::string& host, const std::string& login_path);

/// `portal replay`: what the ranking would have done for the visits in that file, `-` for standard
/// input; one line a ranker. Touches no data folder.
int replay(Settings&& settings, const std::string& file);

/// `portal inspect django`: what the source has; a mapping to begin with goes to the file
/// `mapping`, or to standard output. Touches no data folder.
int inspect_django(Settings&& settings, const std::string& source, const std::string& mapping);

/// What `portal import django` is told.
struct SiteImport {
    std::string source;
    std::string mapping;
    std::string folder;  ///< for its staging file; empty: beside the source
    bool dry_run = false;
    bool keep_staging = false;
    bool theirs = false;              ///< also over what was changed here
    bool unpublish_vanished = false;  ///< what the source has no more
};
/// Brings a Django site's data into the data folder, on the server that owns it if one runs.
int import_django(const Settings& settings, const SiteImport& what);
/// Says what would come of it. Touches no data folder.
int try_import_django(Settings&& settings, const SiteImport& what);

/// What `portal export django` is told.
struct SiteExport {
    std::string base;
    std::string mapping;
    std::string out;     ///< empty: `<base>.portal.jsonl`
    std::string folder;  ///< for its staging file; empty: beside the base
    bool keep_staging = false;
    bool own_pks = false;  ///< what was made here keeps its id as its pk
};
/// Writes what a Django site loads to go on from here, on the server that owns the data folder if
/// one runs.
int export_django(const Settings& settings, const SiteExport& what);

/// Who is to be created by `portal user create`.
struct NewPerson {
    std::string role = "reader";
    std::string name;
    std::string email;  ///< may be empty if there is a login name
    std::string login;
};
/// The password is asked for on a terminal, else it is the first line of standard input.
int create_user(const Settings& settings, const NewPerson& person);

}  // namespace portal
