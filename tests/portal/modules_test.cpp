// The list of modules: what the build, the program, the settings, the policy and the documents say.
#include "site.hpp"

#include <fstream>
#include <set>
#include <sstream>

#include "routes.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace portal {

namespace {

using Names = std::set<std::string>;

std::string content(const std::string& path) {
    std::ifstream file(PORTAL_SOURCE_DIR "/" + path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Those that CMake declared, without the platform and the program.
Names business() {
    std::ifstream file(PORTAL_BINARY_DIR "/modules.txt");
    Names names;
    for (std::string line; std::getline(file, line);) {
        auto declared = line.substr(0, line.find(':'));
        if (!declared.empty() && declared.find(' ') == std::string::npos) names.insert(declared);
    }
    return names;
}

/// All of the program's modules, open on a folder of their own.
struct OpenSite {
    OpenSite() {
        settings.data.folder = folder.path().string();
        auto opened = Site::open(settings, 1, false);
        REQUIRE(opened);
        site = std::move(*opened);
    }
    host::Host& host() { return site->host(); }

    support::TemporaryFolder folder;
    Settings settings;
    std::unique_ptr<Site> site;
};

}  // namespace

TEST_CASE("the program hosts every business module that the build declares", "[portal]") {
    OpenSite site;
    Names hosted;
    for (const auto& module : site.host().modules()) hosted.insert(module->name());
    // What tells others of the program itself knows no business.
    CHECK(hosted.erase("reporting") == 1);
    CHECK(hosted == business());
    CHECK(hosted.contains("news"));
}

TEST_CASE("every module has its section in the settings and its row in the documents", "[portal]") {
    Settings settings;
    auto printed = config::print(describe(settings));
    auto documented = content("docs/architecture.md");
    for (const auto& module : business()) {
        CAPTURE(module);
        CHECK(printed.find("\n  \"" + module + "\": {") != std::string::npos);
        CHECK(documented.find("\n| `" + module + "` |") != std::string::npos);
    }
    CHECK(documented.find("\n| `host` |") != std::string::npos);
}

TEST_CASE("every module that serves has its routes in the policy", "[portal]") {
    OpenSite site;
    auto policy = content("tests/system/policy.json");
    for (const auto& module : site.host().modules()) {
        http::Router router;
        module->add_routes(router);
        for (const auto& route : router.routes()) {
            CAPTURE(module->name(), route->pattern);
            CHECK(policy.find(route->pattern) != std::string::npos);
        }
    }
}

TEST_CASE("every file that a module keeps is declared, and each is a module's", "[portal]") {
    OpenSite site;
    Names declared;
    for (const auto& store : stores_of(*site.settings.modules, site.folder.path())) {
        CAPTURE(store.name);
        CHECK(store.path.filename() == store.name + ".db");
        declared.insert(store.path.filename().string());
    }
    Names kept;
    for (const auto& entry : std::filesystem::directory_iterator(site.folder.path())) {
        if (entry.path().extension() == ".db") kept.insert(entry.path().filename().string());
    }
    CHECK(declared == kept);
}

TEST_CASE("modules are declared in the order in which they are hosted", "[portal]") {
    OpenSite site;
    std::vector<std::string> declared;
    for (const auto& module : declarations(*site.settings.modules)) declared.push_back(module.name);
    std::vector<std::string> hosted;
    for (const auto& module : site.host().modules()) hosted.push_back(module->name());
    CHECK(declared == hosted);
}

TEST_CASE("modules that were opened start and stop", "[portal]") {
    OpenSite site;
    REQUIRE(site.host().start());
    site.host().stop(base::Deadline::in(std::chrono::seconds(20)));
    for (auto& check : site.host().checks()) {
        CAPTURE(check.name);
        CHECK(check.ask().empty());
    }
}

}  // namespace portal
