// Starting: what is wrong is said in one plain sentence each, with exit code 2.
#include <unistd.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/sqlite_file.hpp"

using nlohmann::json;
using support::Finished;
using support::PortalProcess;

namespace {

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// Exit code 2 and one line of complaint for each of `sentences`, which has its words.
void check_refused(const Finished& finished, const std::vector<std::string>& sentences) {
    INFO(finished.output << finished.errors);
    CHECK(finished.code == 2);
    auto lines = std::count(finished.errors.begin(), finished.errors.end(), '\n');
    CHECK(lines == std::ssize(sentences));
    for (const auto& sentence : sentences) {
        CHECK(finished.errors.find(sentence) != std::string::npos);
    }
}

Finished run_portal(const std::vector<std::string>& arguments) {
    support::Process::Options options;
    options.arguments = arguments;
    return support::run(support::portal_binary(), options);
}

}  // namespace

TEST_CASE("a setting that is wrong is named by its path before anything is opened", "[system]") {
    struct Case {
        json settings;
        std::vector<std::string> sentences;
    };
    const Case cases[] = {
        {{{"htttp", json::object()}}, {"htttp: there is no such key. Did you mean http?"}},
        {{{"http", {{"lisen", "127.0.0.1:0"}}}}, {"http.lisen: there is no such key."}},
        {{{"news", {{"database", {{"reader", 2}}}}}}, {"news.database.reader: "}},
        {{{"http", {{"body_bytes_max", 1}}}}, {"http.body_bytes_max: "}},
        {{{"http", {{"threads", -1}}}}, {"http.threads: "}},
        {{{"http", {{"threads", 2.5}}}}, {"http.threads: "}},
        {{{"http", {{"threads", "two"}}}}, {"http.threads: "}},
        {{{"http", {{"listen", "example"}}}}, {"http.listen: "}},
        {{{"http", {{"listen", 8080}}}}, {"http.listen: "}},
        {{{"operations", {{"listen", "127.0.0.1:99999"}}}}, {"operations.listen: "}},
        {{{"log", {{"console", "no"}}}}, {"log.console: "}},
        {{{"log", {{"level", "loud"}}}}, {"log.level: "}},
        {{{"security", {{"mode", "closed"}}}}, {"security.mode: "}},
        {{{"news", {{"types", "sports"}}}}, {"news.types: "}},
        {{{"news", {{"types", json::array()}}}}, {"news.types: "}},
        {{{"news", {{"types", {"all"}}}}}, {"news.types: "}},
        {{{"news", {{"types", {"Sports"}}}}}, {"news.types: "}},
        {{{"news", {{"types", {"a", "a"}}}}}, {"news.types: "}},
        {{{"news", 5}}, {"news: "}},
        {{{"http", {{"threads", "x"}}}, {"nonsense", 1}, {"log", {{"files_max", 0}}}},
         {"http.threads: ", "nonsense: ", "log.files_max: "}},
    };
    for (const auto& one : cases) {
        INFO(one.settings.dump());
        PortalProcess portal(one.settings);
        check_refused(portal.command({}), one.sentences);
        check_refused(portal.command({"--check-config"}), one.sentences);
        CHECK_FALSE(std::filesystem::exists(portal.data()));
    }
}

TEST_CASE("a file that is missing, or no JSON object, is refused by its name", "[system]") {
    PortalProcess portal;
    for (const std::string text : {"", "{", "[]", "{\"http\": }", "{} {}", "http: {}"}) {
        INFO(text);
        std::ofstream(portal.config_file()) << text;
        check_refused(portal.command({}), {portal.config_file().string()});
    }
    std::ofstream(portal.config_file()) << "{\n  \"http\": {\"listen\": \"127.0.0.1:0\"},\n  !\n}";
    check_refused(portal.command({}), {"line 3"});
    std::ofstream(portal.config_file()) << R"({"http": {"threads": 1, "threads": 2}})";
    check_refused(portal.command({}), {"http.threads: "});
    std::filesystem::remove(portal.config_file());
    check_refused(portal.command({}), {portal.config_file().string()});
    check_refused(run_portal({"--config", "/"}), {"folder"});
    CHECK(run_portal({}).code == 2);
}

TEST_CASE("a port that is taken stops the start, for each listener", "[system]") {
    PortalProcess first;
    first.start();
    struct Case {
        const char* section;
        std::string taken;
    };
    for (const auto& one : {Case{"http", first.address()}, Case{"operations", first.operations()},
                            Case{"http", first.operations()}}) {
        INFO(one.section << ' ' << one.taken);
        PortalProcess second(json{{one.section, {{"listen", one.taken}}}});
        auto refused = second.command({});
        check_refused(refused, {one.taken + " is already in use"});
        CHECK(refused.errors.find(std::string(one.section) + ".listen: ") != std::string::npos);
    }
    PortalProcess both(json{{"http", {{"listen", first.address()}}},
                            {"operations", {{"listen", first.operations()}}}});
    check_refused(both.command({}), {"http.listen: ", "operations.listen: "});
    CHECK(first.stop() == 0);

    // And once it is free again, the same address can be had at once.
    PortalProcess next(json{{"http", {{"listen", first.address()}}}});
    next.start();
    CHECK(next.address() == first.address());
    CHECK(next.stop() == 0);
}

TEST_CASE("a data folder belongs to one server", "[system]") {
    PortalProcess first;
    first.start();
    check_refused(first.command({}), {"data.folder: Another portal owns the data folder"});
    CHECK(first.get("/v1/news/all/1/10").status == 200);
    CHECK(first.stop() == 0);
}

TEST_CASE("a data folder that cannot be used is refused by its path", "[system]") {
    PortalProcess portal;
    std::ofstream(portal.folder() / "file") << "x";
    for (const auto& folder : {portal.folder() / "file", portal.folder() / "file" / "data",
                               std::filesystem::path("/proc/portal-data")}) {
        INFO(folder);
        portal.configure({{"data", {{"folder", folder.string()}}}});
        check_refused(portal.command({}), {"data.folder: "});
        CHECK(portal.command({"rebuild", "--type", "sports"}).code == 2);
    }
    // For root every folder is readable.
    if (geteuid() != 0) {
        auto closed = portal.folder() / "closed";
        std::filesystem::create_directory(closed);
        std::filesystem::permissions(closed, std::filesystem::perms::none);
        portal.configure({{"data", {{"folder", closed.string()}}}});
        check_refused(portal.command({}), {"data.folder: "});
        std::filesystem::permissions(closed, std::filesystem::perms::owner_all);
    }
}

TEST_CASE("a data folder that a newer portal has written is left alone", "[system]") {
    PortalProcess portal;
    portal.start();
    tests::create(portal, "sports", support::new_item("old"));
    CHECK(portal.stop() == 0);
    bool view = GENERATE(false, true);
    auto file = view ? portal.query_file("sports") : portal.command_file("sports");
    support::change_database(
        file, std::string("insert into schema_migrations (set_name, name, checksum) values ('") +
                  (view ? "news_query" : "news_command") + "', '9999_do_something_new', 'x')");

    check_refused(portal.command({}), {"data.folder: The data was made by a newer portal"});
    auto rebuild = portal.command({"rebuild", "--type", "sports"});
    CHECK(rebuild.code == 2);
    CHECK(rebuild.errors.find("newer portal") != std::string::npos);

    support::change_database(file, "delete from schema_migrations where name like '9999%'");
    portal.start();
    CHECK(portal.get("/v1/news/sports/1/10").news().size() == 1);
    CHECK(portal.stop() == 0);
}

TEST_CASE("a file in the data folder that is no database is refused", "[system]") {
    PortalProcess portal;
    std::filesystem::create_directories(portal.data());
    std::ofstream(portal.command_file("sports")) << std::string(10000, 'x');
    auto refused = portal.command({});
    INFO(refused.errors);
    CHECK(refused.code == 2);
    CHECK(refused.errors.find("news-sports.command.db") != std::string::npos);
    CHECK(text_of(portal.command_file("sports")) == std::string(10000, 'x'));
}

TEST_CASE("settings come from file, environment and command line, the last wins", "[system]") {
    PortalProcess portal(json{{"news", {{"types", {"one"}}}}});
    auto types_with = [&](std::vector<std::string> overrides, const std::string& variable) {
        support::Process::Options options;
        options.arguments = std::move(overrides);
        if (!variable.empty()) options.environment = {{"PORTAL__NEWS__TYPES", variable}};
        portal.start(options);
        std::string found;
        for (const char* type : {"one", "two", "three", "four"}) {
            if (portal.get(std::string("/v1/news/") + type).status == 200) found += type;
        }
        CHECK(portal.stop() == 0);
        return found;
    };
    CHECK(types_with({}, "") == "one");
    CHECK(types_with({}, R"(["two"])") == "two");
    CHECK(types_with({"--set", R"(news.types=["three"])"}, R"(["two"])") == "three");
    CHECK(types_with({"--set", R"(news.types=["three"])", "--set", R"(news.types=["four"])"}, "") ==
          "four");

    check_refused(portal.command({"--set", "http.lisen=x"}), {"http.lisen: "});
    check_refused(portal.command({"--set", "nonsense"}), {"--set nonsense"});
    check_refused(portal.command({"--set", "http.threads=many"}), {"http.threads: "});
    check_refused(portal.command({"--set", "http=x"}), {"http: "});
    // Before and after a command.
    for (bool before : {true, false}) {
        std::vector<std::string> arguments = {"verify"};
        arguments.insert(before ? arguments.begin() : arguments.end(),
                         {"--set", R"(news.types=["two"])"});
        auto verified = portal.command(arguments);
        CHECK(verified.code == 0);
        CHECK_THAT(verified.output, Catch::Contains("\ntwo: ") && !Catch::Contains("\none: "));
    }
}

TEST_CASE("wrong use of the command line is refused", "[system]") {
    PortalProcess portal;
    using Arguments = std::vector<std::string>;
    for (const auto& arguments :
         {Arguments{"nonsense"}, Arguments{"--nonsense"}, Arguments{"import"},
          Arguments{"import", "news"}, Arguments{"import", "users", "x"}, Arguments{"rebuild"},
          Arguments{"rebuild", "--type", "weather"},
          Arguments{"import", "news", "no-such-file.jsonl"}}) {
        auto refused = portal.command(arguments);
        INFO(arguments.back() << ": " << refused.errors);
        CHECK(refused.code == 2);
        CHECK_FALSE(refused.errors.empty());
    }
}

TEST_CASE("the option --check-config says that all is well and touches nothing", "[system]") {
    PortalProcess portal;
    auto checked = portal.command({"--check-config"});
    CHECK(checked.code == 0);
    CHECK(checked.errors.empty());
    CHECK_FALSE(std::filesystem::exists(portal.data()));
}

TEST_CASE("the option --print-config gives the shipped configuration, which is good", "[system]") {
    auto shipped = std::filesystem::path(PORTAL_SOURCE_DIR) / "config" / "portal.json";
    auto printed = run_portal({"--print-config"});  // from a folder that has no data
    CHECK(printed.code == 0);
    CHECK(printed.output == text_of(shipped));
    CHECK(run_portal({"--check-config", "--config", shipped.string()}).code == 0);

    PortalProcess portal(json{{"news", {{"types", {"special"}}}}});
    auto in_force = portal.command({"--print-config"});
    CHECK(in_force.output.find("\"special\"") != std::string::npos);
    // What is printed can be used.
    std::ofstream(portal.config_file()) << in_force.output;
    CHECK(portal.command({"--check-config"}).code == 0);
    CHECK(portal.command({"--print-config"}).output == in_force.output);
}

TEST_CASE("the option --version and --help answer without a configuration", "[system]") {
    auto version = run_portal({"--version"});
    CHECK(version.code == 0);
    CHECK(std::regex_match(version.output, std::regex(R"(portal \d+\.\d+\.\d+\n)")));
    auto help = run_portal({"--help"});
    CHECK(help.code == 0);
    for (const char* word : {"--config", "--set", "--check-config", "--print-config", "--version",
                             "import", "verify", "rebuild"}) {
        CHECK(help.output.find(word) != std::string::npos);
    }
}
