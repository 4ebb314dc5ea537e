// Which data folder is meant, whose it is, and what surrounds the process: closed descriptors,
// consoles that nobody reads, log files that others move.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "people.hpp"
#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using nlohmann::json;
using support::Finished;
using support::PortalProcess;

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// A server as somebody installs it: srv/portal.json, and srv/data as its data folder.
class Site {
public:
    explicit Site(const std::string& data = "data") {
        fs::create_directories(folder() / "srv");
        fs::create_directories(folder() / "elsewhere");
        write(json{{"data", {{"folder", data}}}});
    }

    const fs::path& folder() const { return folder_.path(); }
    fs::path config() const { return folder() / "srv" / "portal.json"; }
    fs::path data() const { return folder() / "srv" / "data"; }

    void write(json settings) const {
        settings["http"]["listen"] = "127.0.0.1:0";
        settings["operations"]["listen"] = "127.0.0.1:0";
        std::ofstream(config()) << settings.dump(2);
    }

    support::Process::Options options(std::vector<std::string> arguments, const char* from,
                                      std::string input = "") const {
        arguments.insert(arguments.end(), {"--config", config().string()});
        support::Process::Options options;
        options.arguments = std::move(arguments);
        options.folder = folder() / from;
        options.input = std::move(input);
        return options;
    }

    Finished run(std::vector<std::string> arguments, const char* from,
                 std::string input = "") const {
        return support::run(support::portal_binary(),
                            options(std::move(arguments), from, std::move(input)));
    }

    Finished create_admin(const char* from, const std::string& password, int number = 1) const {
        return run({"user", "create", "--role", "admin", "--email",
                    "admin" + std::to_string(number) + "@example.org"},
                   from, password + "\n");
    }

private:
    support::TemporaryFolder folder_;
};

/// A server that is started from some folder, and where it answers.
class Serving {
public:
    Serving(const Site& site, const char* from, std::vector<std::string> arguments = {})
        : process_(support::portal_binary(), site.options(std::move(arguments), from)) {
        auto file = site.data() / "portal.addresses.json";
        bool up = support::eventually([&] { return fs::exists(file) || !process_.running(); },
                                      support::start_limit);
        INFO(process_.errors());
        REQUIRE((up && fs::exists(file)));
        std::ifstream in(file);
        address_ = json::parse(in).at("http");
    }

    const std::string& address() const { return address_; }
    support::Process& process() { return process_; }
    int stop() {
        process_.signal(SIGTERM);
        return process_.wait(support::stop_limit).value_or(-1);
    }

private:
    support::Process process_;
    std::string address_;
};

int log_in_status(const std::string& address, const std::string& password) {
    support::HttpClient client(address);
    json body = {{"email", "admin1@example.org"}, {"password", password}};
    return client
        .request("POST", "/v1/auth/token", body.dump(), {{"Content-Type", "application/json"}})
        .status;
}

/// Where standard error is something else: a shell opens it so, and becomes portal.
support::Process::Options by_shell(const support::Process::Options& options,
                                   const std::string& redirection) {
    std::string line = "exec " + support::portal_binary().string();
    for (const auto& argument : options.arguments) line += " '" + argument + "'";
    auto changed = options;
    changed.arguments = {"-c", line + ' ' + redirection};
    return changed;
}

}  // namespace

TEST_CASE("a command works on the server's folder, wherever it is given", "[system]") {
    // Given a server that was started in its own folder
    Site site;
    Serving serving(site, "srv");

    // When somebody makes an admin from another folder, while it runs and after,
    auto running = site.create_admin("elsewhere", "correct horse battery");
    INFO(running.output << running.errors);
    CHECK(running.code == 0);
    CHECK(running.output.find(" in " + site.data().string() + ".") != std::string::npos);
    CHECK(log_in_status(serving.address(), "correct horse battery") == 200);
    CHECK(serving.stop() == 0);
    CHECK(site.create_admin("elsewhere", "correct horse battery", 2).code == 0);

    // then that is the server's admin, and no other folder was made.
    CHECK(site.run({"verify"}, "elsewhere").code == 0);
    CHECK(fs::is_empty(site.folder() / "elsewhere"));
}

TEST_CASE("on the command line a data folder is relative to where one stands", "[system]") {
    Site site("nowhere");
    auto there = site.folder() / "elsewhere" / "mine";
    fs::create_directory(there);
    auto made = site.run({"user", "create", "--role", "admin", "--email", "a@example.org", "--set",
                          "data.folder=mine"},
                         "elsewhere", "correct horse battery\n");
    INFO(made.errors);
    CHECK(made.code == 0);
    CHECK(fs::exists(there / "identity.db"));

    auto options = site.options({"verify"}, "elsewhere");
    options.environment = {{"PORTAL__DATA__FOLDER", "mine"}};
    CHECK(support::run(support::portal_binary(), options).code == 0);
    CHECK_FALSE(fs::exists(site.folder() / "srv" / "nowhere"));
}

TEST_CASE("what works on data makes no folder, and the first admin hears which one is new",
          "[system]") {
    Site site;
    std::ofstream(site.folder() / "elsewhere" / "a.jsonl") << "";
    for (const auto& arguments :
         {std::vector<std::string>{"verify"}, std::vector<std::string>{"import", "news", "a.jsonl"},
          std::vector<std::string>{"rebuild", "--type", "sports"}}) {
        auto refused = site.run(arguments, "elsewhere");
        INFO(refused.errors);
        CHECK(refused.code == 2);
        CHECK(refused.errors.find("data.folder: there is no folder " + site.data().string()) !=
              std::string::npos);
        CHECK_FALSE(fs::exists(site.data()));
    }
    auto first = site.create_admin("elsewhere", "correct horse battery", 1);
    CHECK(first.output.find(" in " + site.data().string() + ", which is new") != std::string::npos);
    auto second = site.create_admin("elsewhere", "correct horse battery", 2);
    CHECK(second.output.find("which is new") == std::string::npos);
}

TEST_CASE("a folder that a setting no longer means is not left behind unseen", "[system]") {
    // Given stores where `data` pointed when it was relative to the working folder
    Site site;
    auto former = site.folder() / "elsewhere" / "data";
    auto made = site.run({"user", "create", "--role", "admin", "--email", "a@example.org", "--set",
                          "data.folder=data"},
                         "elsewhere", "correct horse battery\n");
    REQUIRE(made.code == 0);

    // When the server is started from there, it refuses and names both folders;
    auto refused = site.run({}, "elsewhere");
    CHECK(refused.code == 2);
    CHECK(refused.errors.find("data.folder: ") != std::string::npos);
    CHECK(refused.errors.find(former.string()) != std::string::npos);
    CHECK(refused.errors.find(site.data().string()) != std::string::npos);
    CHECK_FALSE(fs::exists(site.data()));
    CHECK(site.run({"--check-config"}, "elsewhere").code == 2);

    // once the folder is where the file says, it starts.
    fs::rename(former, site.data());
    CHECK(site.run({"verify"}, "elsewhere").code == 0);
}

TEST_CASE("a data folder whose path is too long for its socket is refused by its setting",
          "[system]") {
    Site site;
    auto room = 107 - std::string("/portal.sock").size();
    for (bool fits : {true, false}) {
        auto length = fits ? room : room + 1;
        auto folder = site.folder().string() + '/';
        folder += std::string(length - folder.size(), 'd');
        site.write(json{{"data", {{"folder", folder}}}});
        auto checked = site.run({"--check-config"}, "srv");
        INFO(checked.errors);
        CHECK(checked.code == (fits ? 0 : 2));
        CHECK(checked.errors.starts_with("portal: data.folder: ") != fits);
        CHECK(site.run({"user", "create", "--role", "admin", "--email", "a@example.org"}, "srv",
                       "correct horse battery\n")
                  .code == (fits ? 0 : 2));
    }
}

TEST_CASE("line ends and marks of other systems are no part of a password", "[system]") {
    Site site;
    CHECK(site.create_admin("srv",
                            "\xEF\xBB\xBF"
                            "correct horse battery\r")
              .code == 0);
    Serving serving(site, "srv");
    CHECK(log_in_status(serving.address(), "correct horse battery") == 200);
    CHECK(log_in_status(serving.address(), "correct horse battery\r") == 401);
    CHECK(serving.stop() == 0);
}

TEST_CASE("closed descriptors are no files of the server", "[system]") {
    Site site;
    auto options = by_shell(
        site.options({"user", "create", "--role", "admin", "--email", "admin1@example.org"}, "srv",
                     "correct horse battery\n"),
        ">&- 2>&-");
    CHECK(support::run("/bin/sh", options).code == 0);
    CHECK(text_of(site.data() / "portal.lock").empty());

    support::Process process("/bin/sh", by_shell(site.options({}, "srv"), "<&- >&- 2>&-"));
    CHECK(support::eventually([&] { return fs::exists(site.data() / "portal.addresses.json"); },
                              support::start_limit));
    process.signal(SIGTERM);
    CHECK(process.wait(support::stop_limit) == 0);
    CHECK(text_of(site.data() / "portal.lock").empty());
    CHECK(text_of(site.data() / "logs" / "portal.log").find("\"stopped\"") != std::string::npos);
}

TEST_CASE("what root makes in somebody's folder is theirs", "[system]") {
    if (geteuid() != 0) {
        WARN("not root: nothing to see");
        return;
    }
    constexpr unsigned service = 12345;
    auto strangers = [&](const fs::path& folder) {
        std::string found;
        auto look = [&](const fs::path& path) {
            struct stat facts {};
            REQUIRE(lstat(path.c_str(), &facts) == 0);
            if (facts.st_uid != service || facts.st_gid != service) found += path.string() + '\n';
        };
        look(folder);
        for (const auto& entry : fs::recursive_directory_iterator(folder)) look(entry.path());
        return found;
    };
    Site site;
    bool there = GENERATE(true, false);
    CAPTURE(there);
    // Given a folder of the service's user, or one to be made in theirs
    if (there) fs::create_directory(site.data());
    auto theirs = there ? site.data() : site.data().parent_path();
    REQUIRE(chown(theirs.c_str(), service, service) == 0);

    // When root makes the first admin, and imports,
    CHECK(site.create_admin("srv", "correct horse battery").code == 0);
    CHECK(strangers(site.data()) == "");
    std::ofstream(site.folder() / "srv" / "a.jsonl")
        << R"({"source_id":"1","news_type":"sports","title":"t","content":"c","author":"a"})"
        << '\n';
    CHECK(site.run({"import", "news", "a.jsonl"}, "srv").code == 0);

    // then everything is the service's; but not what a link leads to, or has a second name.
    CHECK(strangers(site.data()) == "");
    auto outside = site.folder() / "elsewhere" / "outside";
    std::ofstream(outside) << "x";
    fs::create_symlink(outside, site.data() / "link");
    fs::create_hard_link(outside, site.data() / "name");
    CHECK(site.run({"verify"}, "srv").code == 0);
    struct stat facts {};
    REQUIRE(stat(outside.c_str(), &facts) == 0);
    CHECK(facts.st_uid == 0);
}

TEST_CASE("a moved log file is begun anew on SIGHUP, and SIGUSR1 and 2 mean nothing", "[system]") {
    Site site;
    Serving serving(site, "srv");
    auto log = site.data() / "logs" / "portal.log";
    auto moved = site.data() / "logs" / "portal.log.1";
    fs::rename(log, moved);
    serving.process().signal(SIGUSR1);
    serving.process().signal(SIGUSR2);
    serving.process().signal(SIGHUP);
    CHECK(support::eventually([&] { return fs::exists(log); }));
    CHECK(serving.stop() == 0);
    CHECK(text_of(log).find("\"stopped\"") != std::string::npos);
    CHECK(text_of(moved).find("\"stopped\"") == std::string::npos);
}

TEST_CASE("a console that nobody reads holds up neither the log nor the end", "[system]") {
    // Given standard error that is a full pipe
    Site site;
    auto console = site.folder() / "console";
    REQUIRE(mkfifo(console.c_str(), 0600) == 0);
    int end = open(console.c_str(), O_RDWR | O_NONBLOCK);
    REQUIRE(end >= 0);
    std::string junk(4096, 'x');
    while (write(end, junk.data(), junk.size()) > 0) continue;

    // When the server starts, answers and is stopped,
    support::Process process("/bin/sh", by_shell(site.options({}, "srv"), "2>" + console.string()));
    auto addresses = site.data() / "portal.addresses.json";
    REQUIRE(support::eventually([&] { return fs::exists(addresses); }, support::start_limit));
    std::ifstream in(addresses);
    auto where = json::parse(in);
    support::HttpClient client(where.at("http").get<std::string>());
    CHECK(client.request("GET", "/v1/news/all", "", {}).status == 200);
    support::HttpClient operations(where.at("operations").get<std::string>());
    auto metrics = operations.request("GET", "/metrics", "", {}).body;
    process.signal(SIGTERM);

    // then it ends as always, with everything in its log, and has counted what nobody read.
    CHECK(process.wait(support::stop_limit) == 0);
    CHECK(text_of(site.data() / "logs" / "portal.log").find("\"stopped\"") != std::string::npos);
    auto dropped = metrics.find("\nportal_log_console_dropped_lines ");
    REQUIRE(dropped != std::string::npos);
    CHECK(metrics.substr(dropped, 50).find(" 0\n") == std::string::npos);
    close(end);
}
