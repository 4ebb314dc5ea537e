#include "portal/program.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <new>
#include <system_error>

#include "archive.hpp"
#include "backup.hpp"
#include "commands.hpp"
#include "folder.hpp"
#include "image/workers.hpp"
#include "parked.hpp"
#include "standard_streams.hpp"
#include "telemetry/log.hpp"

namespace portal {

namespace {

int list(const std::vector<config::Problem>& problems) {
    for (const auto& problem : problems) {
        complain((problem.path.empty() ? "" : problem.path + ": ") + problem.message, wrong_use);
    }
    return wrong_use;
}

/// The exit code of `portal check` that is used wrongly.
constexpr int unknown_state = static_cast<int>(operations::Severity::unknown);

/// A thread that cannot be had is the one thing that the standard library says so tersely.
std::string said_of(const std::system_error& failure) {
    if (failure.code() == std::errc::resource_unavailable_try_again) {
        return "a thread cannot be started: " + failure.code().message() +
               " (a limit on processes or threads, or on memory).";
    }
    return failure.what();
}

int parse_and_run(int argc, char** argv) {
    CLI::App app{
        "A news-site server in one binary: event-sourced news, REST, on nothing but its data "
        "folder.\n"
        "Without a command it serves until SIGTERM.\n\n"
        "  portal --config config/portal.json\n"
        "  portal --config config/portal.json --set http.listen=127.0.0.1:9000\n"
        "  portal import news --config config/portal.json archive.jsonl\n"
        "  portal migrate status --config config/portal.json\n\n"
        "Exit codes: 0 done; 1 it failed; 2 wrong use or configuration; 3 done, but some input "
        "was\n"
        "refused and reported.",
        "portal"};
    std::string config_file;
    std::vector<std::string> overrides;
    bool check_config = false;
    bool print_config = false;
    bool list_routes = false;
    Settings settings;
    app.fallthrough();
    app.add_option("--config", config_file, "The configuration file (JSON, comments allowed)");
    app.add_option(
           "--set", overrides,
           "Overrides one setting: path=value, as http.listen=127.0.0.1:0; again for the next")
        ->take_all()
        ->allow_extra_args(false);
    app.add_flag("--check-config", check_config, "Only says whether the configuration is good");
    app.add_flag(
        "--print-config", print_config,
        "Writes the settings with their meaning: the defaults, or with --config those in force");
    app.add_flag("--print-routes", list_routes,
                 "Writes what the public listener answers: method, path and who may call it");
    app.add_flag(
        "--accept-older-data", settings.data.accept_older,
        "Goes on though some stores are older than others have seen, or missing; views are "
        "made anew");
    app.set_version_flag("--version", "portal " PORTAL_VERSION);

    std::string file;
    std::string type;
    auto* import = app.add_subcommand("import", "Brings content from a file into the server");
    import->fallthrough();
    import->require_subcommand(1);
    auto* import_of_news = import->add_subcommand(
        "news",
        "Reads one JSON object per line: source_id, news_type, title, description, content, "
        "author, tags, status, published_at (null: a draft; absent: now), created_at, updated_at, "
        "slug, owner (a user's id), legacy_id (model:pk), extra, content_format (text, html, "
        "markdown). Can be run again: what is new is added, what has changed is a new version, "
        "unless it was changed here too, the rest is left alone.");
    import_of_news->fallthrough();
    import_of_news->add_option("file", file, "The .jsonl file; - for standard input")->required();
    bool theirs = false;
    import_of_news->add_flag("--theirs", theirs,
                             "Also takes what was changed or removed here since the last import");
    SiteImport site;
    auto* import_of_django = import->add_subcommand(
        "django",
        "Brings in a Django site's articles with their history, people with their passwords, and "
        "old addresses, from its dumpdata (json, jsonl, xml) or its SQLite file, by a mapping "
        "(`portal inspect django` proposes one). Can be run again: what has changed there is a new "
        "version, unless it was changed here too, the rest is left alone. Stopped or killed, the "
        "next run goes on.");
    import_of_django->fallthrough();
    import_of_django
        ->add_option("source", site.source, "The dump or database; - for standard input")
        ->required();
    import_of_django->add_option("--mapping", site.mapping, "What becomes of which rows")
        ->required();
    import_of_django->add_flag("--dry-run", site.dry_run, "Reads and checks all, writes nothing");
    import_of_django->add_option("--staging", site.folder,
                                 "The folder for the rows while they are sorted, as large as the "
                                 "source; if missing, the source's own");
    import_of_django->add_flag("--keep-staging", site.keep_staging,
                               "Keeps that file, so that the next run need not read the source");
    import_of_django->add_flag("--theirs", site.theirs,
                               "Also takes what was changed or removed here since the last import");
    std::string vanished = "report";
    import_of_django
        ->add_option("--vanished", vanished,
                     "What becomes of articles, people and redirects that the source has no more: "
                     "report names them, unpublish also takes articles from readers, disables "
                     "accounts and removes redirects, unless they were changed here")
        ->check(CLI::IsMember({"report", "unpublish"}))
        ->capture_default_str();
    auto* exporting = app.add_subcommand("export", "Writes what another server can load");
    exporting->fallthrough();
    exporting->require_subcommand(1);
    SiteExport back;
    auto* export_of_django = exporting->add_subcommand(
        "django",
        "The way back: writes the dump that was imported again, with the articles and people as "
        "they are here now, for Django's loaddata into an empty database. What the mapping cannot "
        "turn round keeps what the base had, and is told: of pages of Wagtail only removals and "
        "people go back. The file holds password "
        "hashes, as the dump does: nobody but its owner can read it (0600); delete it when it is "
        "loaded.");
    export_of_django->fallthrough();
    export_of_django
        ->add_option("--base", back.base, "The dump that was imported, dumpdata's json or jsonl")
        ->required();
    export_of_django->add_option("--mapping", back.mapping, "The mapping it was imported by")
        ->required();
    export_of_django->add_option(
        "--out", back.out, "The file to write; if missing, the base's name and .portal.jsonl");
    std::string new_pks = "next";
    export_of_django
        ->add_option("--new-pks", new_pks,
                     "The pks of what was made here: next, on from the model's highest; or portal, "
                     "the ids it has here, which need a column of 64 bits")
        ->check(CLI::IsMember({"next", "portal"}))
        ->capture_default_str();
    export_of_django->add_option("--staging", back.folder,
                                 "The folder for the rows while they are sorted, as large as the "
                                 "base; if missing, the base's own");
    export_of_django->add_flag(
        "--keep-staging", back.keep_staging,
        "Keeps that file, so that the next run need not read the base first");
    auto* inspect = app.add_subcommand("inspect", "Looks at what another server has");
    inspect->fallthrough();
    inspect->require_subcommand(1);
    std::string inspected;
    std::string proposed;
    auto* inspect_of_django = inspect->add_subcommand(
        "django", "Every model of a Django site with its fields, and a mapping to begin with");
    inspect_of_django->fallthrough();
    inspect_of_django->add_option("source", inspected, "The dump or database; - for standard input")
        ->required();
    inspect_of_django->add_option("--mapping", proposed, "The file that the mapping is written to");
    auto* verifying = app.add_subcommand("verify",
                                         "Re-reads everything: hash chains, views against logs, "
                                         "the database's own checks. Reads only.");
    verifying->fallthrough();
    BackupCommands backups;
    backups.add_to(app, *verifying);
    ArchiveCommand archive(app);
    auto* rebuilding = app.add_subcommand(
        "rebuild", "Makes the view of one news type anew from its log, also while the server runs");
    rebuilding->fallthrough();
    rebuilding->add_option("--type", type, "The news type")->required();
    auto* user = app.add_subcommand("user", "Manages accounts");
    user->fallthrough();
    user->require_subcommand(1);
    NewPerson person;
    auto* creating = user->add_subcommand(
        "create",
        "Registers somebody, as the first admin. The password is asked for, or read as "
        "one line from standard input");
    creating->fallthrough();
    creating->add_option("--role", person.role, "reader, author, editor or admin")
        ->check(CLI::IsMember({"reader", "author", "editor", "admin"}))
        ->required();
    creating->add_option("--email", person.email, "With what to log in");
    creating->add_option("--login", person.login,
                         "A name to log in with as well, or instead of an address");
    creating->add_option("--name", person.name, "What to be called; if missing, the role");
    auto* migrate = app.add_subcommand(
        "migrate",
        "Who answers each route of gateway.routes, while there is a monolith behind this server.\n"
        "\n"
        "  portal migrate status                        how far each route has come\n"
        "  portal migrate set articles shadow           our answers are compared, nobody gets "
        "them\n"
        "  portal migrate set articles canary 10        one client in ten gets ours\n"
        "  portal migrate set articles native           all do\n"
        "  portal migrate undo articles                 back by one step; again: one more\n"
        "  portal migrate data                          is all here that is there, and everybody\n"
        "  portal migrate finish                        the end: nobody asks the monolith any "
        "more\n"
        "\n"
        "It tells the running server, and holds for the next request; see it with status NAME.");
    migrate->fallthrough();
    migrate->require_subcommand(1);
    std::string route;
    std::string mode;
    std::int64_t percent = 0;
    auto* setting = migrate->add_subcommand(
        "set",
        "proxied: the monolith answers. shadow: as well, and our answer is compared. canary: we "
        "answer PERCENT of the clients, always the same. native: we answer. native_or_legacy: the "
        "monolith answers where we cannot. POST, PUT and DELETE go to the monolith in all but "
        "native.");
    setting->fallthrough();
    setting->add_option("name", route, "The route, as gateway.routes names it")->required();
    setting->add_option("mode", mode, "The mode")
        ->check(CLI::IsMember({"proxied", "shadow", "canary", "native", "native_or_legacy"}))
        ->required();
    auto* share =
        setting->add_option("percent", percent, "Of the clients, for canary; if missing, as it was")
            ->check(CLI::Range(0, 100));
    auto* undoing = migrate->add_subcommand("undo", "Takes the last change of a route back");
    undoing->fallthrough();
    undoing->add_option("name", route, "The route")->required();
    auto* asking = migrate->add_subcommand(
        "status", "How far each route has come; with a name also how its answers differ");
    asking->fallthrough();
    asking->add_option("name", route, "The route");
    auto* counting = migrate->add_subcommand(
        "data",
        "Whether all is here that the Django site has: what the last imports brought and what is "
        "here now, who has not logged in here yet, and who still depends on Django's logins");
    counting->fallthrough();
    auto* restarting = migrate->add_subcommand(
        "restart", "What was compared counts no more: after what made answers differ is mended");
    restarting->fallthrough();
    restarting->add_option("name", route, "The route")->required();
    auto* finishing = migrate->add_subcommand(
        "finish",
        "The end of the road, and no way back: the monolith is asked nothing any more, its "
        "sessions "
        "and tokens do not count, and the hashes they depend on are erased here. Refused unless "
        "every route is native and nobody has asked the monolith for gateway.ready.quiet_h hours.");
    finishing->fallthrough();
    auto* replaying = app.add_subcommand(
        "replay",
        "What the ranking would have done for recorded visits: each is first asked of what was "
        "learned from those before it. One JSON object per line, in the order of their times: "
        "session or user, item, at (RFC 3339, or seconds), and perhaps labels and shown (items). "
        "One line for the ranking, and one each for popularity, the newest and chance; nothing is "
        "stored.");
    replaying->fallthrough();
    replaying->add_option("file", file, "The .jsonl file; - for standard input")->required();
    Checked checked;
    auto* checking = add_check(app, checked);
    ParkedCommand parked(app);
    auto* doctor = app.add_subcommand("doctor", "Looks at what this server depends on");
    doctor->fallthrough();
    doctor->require_subcommand(1);
    std::string host;
    std::string login_path = "/admin/login/";
    auto* upstream_doctor = doctor->add_subcommand(
        "upstream",
        "Asks the monolith as a reader would, and says which lines of its settings.py are missing. "
        "Nobody is logged in: the form is sent without a name.");
    upstream_doctor->fallthrough();
    upstream_doctor->add_option("--host", host,
                                "The name that readers use, as www.example.org; if missing, the "
                                "first of http.hosts");
    upstream_doctor->add_option("--login", login_path, "Where its page for logging in is")
        ->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        bool is_check = argc > 1 && std::string_view(argv[1]) == "check";
        return app.exit(error) == 0 ? int{done} : is_check ? unknown_state : int{wrong_use};
    }
    // To monitoring, 2 would mean that the server is down.
    int misused = *checking ? unknown_state : int{wrong_use};

    if (config_file.empty() && !print_config && !list_routes) {
        return complain(
            "name a configuration file: portal --config config/portal.json (or see --help).",
            misused);
    }
    config::Sources sources{config_file, config::environment(), overrides};
    auto problems = config::read(sources, describe(settings));
    if (!problems.empty()) {
        list(problems);
        return misused;
    }
    if (print_config) {
        std::cout << config::print(describe(settings));
        return done;
    }
    if (list_routes) return print_routes(std::move(settings));
    if (*checking) return check(settings, checked);
    if (*inspect_of_django) return inspect_django(std::move(settings), inspected, proposed);
    if (*import_of_django && site.dry_run) return try_import_django(std::move(settings), site);
    if (*replaying) return replay(std::move(settings), file);
    if (*doctor) return doctor_upstream(std::move(settings), host, login_path);
    if (auto code = backups.run_apart(settings)) return *code;
    problems = check_folder(settings);
    if (!problems.empty()) return list(problems);
    bool serves = app.get_subcommands().empty();
    if (serves) problems = check_files(settings);
    if (!problems.empty()) return list(problems);
    if (check_config) {
        std::cout << "The configuration is good." << std::endl;
        return done;
    }
    // These work on what is there; a folder that they made would only hide that it is not.
    if (*import || *exporting || *rebuilding || *verifying || *migrate || backups.makes_backup() ||
        parked.asked_for() || archive.asked_for()) {
        std::error_code unknown;
        if (!std::filesystem::exists(settings.data.folder, unknown)) {
            return complain("data.folder: there is no folder " + settings.data.folder +
                                "; the server's first start or `portal user create` makes it.",
                            wrong_use);
        }
    }
    KeepOwner keep(settings.data.folder);
    if (*import_of_news) return import_news(settings, file, theirs);
    if (*import_of_django) {
        site.unpublish_vanished = vanished == "unpublish";
        return import_django(settings, site);
    }
    if (*export_of_django) {
        back.own_pks = new_pks == "portal";
        return export_django(settings, back);
    }
    if (*rebuilding) return rebuild(settings, type);
    if (*verifying) return verify(settings);
    if (backups.makes_backup()) return backups.make(settings);
    if (parked.asked_for()) return parked.run(settings);
    if (archive.asked_for()) return archive.run(settings);
    if (*user) return create_user(settings, person);
    if (*setting) {
        return migrate_set(settings, route, mode, *share ? std::optional(percent) : std::nullopt);
    }
    if (*undoing) return migrate_undo(settings, route);
    if (*asking) return migrate_status(settings, route);
    if (*counting) return migrate_data(settings);
    if (*restarting) return migrate_restart(settings, route);
    if (*finishing) return migrate_finish(settings);

    auto folder = operations::DataFolder::lock(settings.data.folder);
    if (!folder) return complain("data.folder: " + folder.error().message, wrong_use);
    return serve(settings, *folder);
}

}  // namespace

int complain(const std::string& sentence, int code) {
    telemetry::write_console("portal: " + sentence + "\n");
    return code;
}

int run(int argc, char** argv) {
    if (!open_standard_streams()) return failed;
    ::signal(SIGPIPE, SIG_IGN);
    // Others' tools send them by habit, to have a log reopened; their default ends the process.
    ::signal(SIGUSR1, SIG_IGN);
    ::signal(SIGUSR2, SIG_IGN);
    // As the first process of a container it inherits what others leave: the kernel buries them.
    if (::getpid() == 1) ::signal(SIGCHLD, SIG_IGN);
    // What is made here, the stores and logs above all, is nobody else's to read.
    umask(0077);
    // A command of the server's own, which sees no settings and no folder.
    if (argc == 2 && std::string_view(argv[1]) == "image-worker") return image::run_worker();
    try {
        return parse_and_run(argc, argv);
    } catch (const std::bad_alloc&) {
        telemetry::stop_log();
        return complain("it failed: there is not enough memory.", failed);
    } catch (const std::system_error& failure) {
        telemetry::stop_log();
        return complain("it failed: " + said_of(failure), failed);
    } catch (const std::exception& failure) {
        telemetry::stop_log();
        return complain(std::string("it failed: ") + failure.what(), failed);
    }
}

}  // namespace portal
