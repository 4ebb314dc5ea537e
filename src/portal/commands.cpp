// The commands that work on a data folder: here, or on the server that owns it.
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <optional>

#include "commands.hpp"
#include "folder.hpp"
#include "operations/terminal.hpp"
#include "run_job.hpp"
#include "site.hpp"
#include "standard_streams.hpp"
#include "telemetry/log.hpp"

namespace portal {

namespace {

using nlohmann::json;
using operations::with_commas;

/// Runs a job here if nobody owns the data folder, else on the server that does.
base::Result<json> run_job(const Settings& settings, const std::string& name,
                           const json& arguments) {
    auto folder = operations::DataFolder::lock(settings.data.folder);
    if (!folder) {
        if (folder.error().code != "folder_in_use") return folder.error();
        auto socket =
            operations::DataFolder::control_socket(std::filesystem::absolute(settings.data.folder));
        operations::ProgressDisplay display(name);
        auto show = [&](const operations::Progress::State& state) { display.show(state); };
        auto result = operations::run_on_server("unix:" + socket.string(), name, arguments, show);
        display.finish();
        return result;
    }
    start_log(settings, folder->path(), false);
    auto site = Site::open(settings, 1, false);
    if (!site) return site.error();
    auto& host = (*site)->host();
    auto running = host.start();
    if (!running) return running.error();
    std::optional<base::Result<json>> result;
    std::exception_ptr failure;
    try {
        result = run_here(**site, name, arguments);
    } catch (...) {
        failure = std::current_exception();
    }
    stop_or_exit(host, settings);
    telemetry::stop_log();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
}

int explain(const base::Error& error) {
    return complain(error.message, exit_code_of(error));
}

}  // namespace

namespace {

/// Standard input as a file, since the server that owns the data folder may be the one to read it;
/// gone with this object.
class Spool {
public:
    explicit Spool(const std::filesystem::path& data) {
        std::string name = std::filesystem::temp_directory_path() / "portal-import-XXXXXX";
        int file = mkstemp(name.data());
        if (file < 0) return;
        file_ = name;
        // Root may have started this, and the server be another.
        struct stat owner {};
        if (geteuid() == 0 && stat(data.c_str(), &owner) == 0) {
            complete_ = fchown(file, owner.st_uid, owner.st_gid) == 0;
        }
        std::array<char, 64 * 1024> bytes;
        while (complete_) {
            auto count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) {
                complete_ = count == 0;
                break;
            }
            complete_ = write_all(file, bytes.data(), static_cast<std::size_t>(count));
        }
        ::close(file);
    }
    ~Spool() {
        if (!file_.empty()) ::unlink(file_.c_str());
    }
    Spool(const Spool&) = delete;

    /// Empty if standard input could not be kept.
    std::string file() const { return complete_ ? file_ : ""; }

private:
    static bool write_all(int file, const char* bytes, std::size_t count) {
        while (count > 0) {
            auto written = ::write(file, bytes, count);
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) return false;
            bytes += written;
            count -= static_cast<std::size_t>(written);
        }
        return true;
    }

    std::string file_;
    bool complete_ = true;
};

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
