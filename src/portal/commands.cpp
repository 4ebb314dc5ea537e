// The commands that work on a data folder: here, or on the server that owns it.
#include <unistd.h>

#include <cstdio>
#include <optional>

#include "commands.hpp"
#include "folder.hpp"
#include "operations/terminal.hpp"
#include "run_job.hpp"
#include "spool.hpp"
#include "standard_streams.hpp"

namespace portal {

namespace {

using nlohmann::json;
using operations::with_commas;

void name_conflicts(const json& result) {
    auto count = result.at("conflicts").get<std::int64_t>();
    if (count == 0) return;
    std::string names;
    for (const auto& source_id : result.at("conflicting")) {
        names += (names.empty() ? "" : ", ") + source_id.get<std::string>();
    }
    if (count > std::ssize(result.at("conflicting"))) names += " …";
    std::printf(
        "%s changed in the file and here since: left as they are here; --theirs takes the file's: "
        "%s\n",
        with_commas(count).c_str(), names.c_str());
}

void name_counted(const char* what, const json& counts) {
    if (counts.empty()) return;
    std::string names;
    for (const auto& [name, count] : counts.items()) {
        names += (names.empty() ? "" : ", ") + name + " (" +
                 with_commas(count.get<std::int64_t>()) + ")";
    }
    std::printf("%s: %s\n", what, names.c_str());
}

}  // namespace

int explain(const base::Error& error) {
    return complain(error.message, exit_code_of(error));
}

int import_news(const Settings& settings, const std::string& file, bool theirs) {
    auto started = std::chrono::steady_clock::now();
    json arguments;
    std::optional<Spool> spool;
    if (file == "-") {
        spool.emplace(settings.data.folder);
        if (spool->file().empty()) {
            return complain("standard input cannot be kept in the folder for temporary files.",
                            failed);
        }
        arguments["file"] = spool->file();
        arguments["rejected_file"] = std::filesystem::absolute("stdin.rejected.jsonl").string();
    } else {
        arguments["file"] = std::filesystem::weakly_canonical(file).string();
    }
    arguments["theirs"] = theirs;
    auto result = run_job(settings, "import", arguments);
    if (!result) return explain(result.error());
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
    auto number = [&](const char* name) {
        return with_commas(result->at(name).get<std::int64_t>());
    };
    bool any_updated = result->at("updated").get<std::int64_t>() > 0;
    auto updated = any_updated ? number("updated") + " updated, " : std::string();
    std::printf("%s lines in %.1f s: %s added, %s%s already there, %s rejected\n",
                number("lines").c_str(), seconds.count(), number("added").c_str(), updated.c_str(),
                number("already_there").c_str(), number("rejected").c_str());
    for (const auto& [reason, count] : result->at("reasons").items()) {
        std::printf("  %10s  %s\n", with_commas(count.get<std::int64_t>()).c_str(), reason.c_str());
    }
    name_conflicts(*result);
    name_counted("Not among news.types in the configuration", result->at("unknown_types"));
    name_counted("Left out of HTML, by items", result->at("dropped"));
    if (result->at("rejected").get<std::int64_t>() == 0) return done;
    std::printf("The rejected lines and why: %s\n",
                result->at("rejected_file").get<std::string>().c_str());
    return some_refused;
}

int rebuild(const Settings& settings, const std::string& type) {
    auto result = run_job(settings, "rebuild", {{"type", type}});
    if (!result) return explain(result.error());
    std::printf("The view of %s was rebuilt from %s events.\n", type.c_str(),
                with_commas(result->at("events").get<std::int64_t>()).c_str());
    return done;
}

int create_user(const Settings& settings, const NewPerson& person) {
    if (person.email.empty() && person.login.empty()) {
        return complain("--email or --login is needed: with what to log in.", wrong_use);
    }
    auto password = read_secret("Password: ");
    if (!password) return complain("the password is missing on standard input.", wrong_use);
    if (isatty(STDIN_FILENO) == 1 && read_secret("Once more: ") != password) {
        return complain("the two passwords differ. Nothing was done.", wrong_use);
    }
    auto folder = std::filesystem::absolute(settings.data.folder).lexically_normal();
    bool is_new = !has_stores(settings, folder);
    auto result = run_job(settings, "user_create",
                          {{"role", person.role},
                           {"name", person.name.empty() ? person.role : person.name},
                           {"email", person.email},
                           {"login", person.login},
                           {"password", *password}});
    if (!result) return explain(result.error());
    std::printf("Created %s %lld in %s%s.\n", person.role.c_str(),
                result->at("id").get<long long>(), folder.c_str(),
                is_new ? ", which is new: start the server with the same data.folder" : "");
    return done;
}

}  // namespace portal
