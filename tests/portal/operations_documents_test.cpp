// What docs/operations and the page /ops say of metrics, held against what the program measures.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/skip.hpp"

namespace portal {

namespace {

using Words = std::set<std::string>;

const std::filesystem::path root = PORTAL_SOURCE_DIR;

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(root / path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Words found(const std::string& text, const std::regex& form) {
    Words words;
    for (std::sregex_iterator at(text.begin(), text.end(), form), end; at != end; ++at) {
        words.insert((*at)[1]);
    }
    return words;
}

/// Every name that stands in the sources as a literal of its own.
Words measured() {
    static const std::regex literal(R"re("((?:portal|process)_[a-z0-9_]+)")re");
    Words names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "src")) {
        if (entry.path().extension() != ".cpp") continue;
        names.merge(found(text_of(entry.path()), literal));
    }
    return names;
}

/// Every metric that a text names; of a histogram's parts, the histogram.
Words named(const std::string& text) {
    static const std::regex name(R"re(\b((?:portal|process)_[a-z0-9_]*[a-z0-9])\b)re");
    static const std::regex part("(_seconds)_(bucket|sum|count)$");
    Words names;
    for (const auto& one : found(text, name)) {
        names.insert(std::regex_replace(one, part, "$1"));
    }
    return names;
}

/// `promtool`, if there is one.
std::filesystem::path promtool() {
    for (const char* folder : {"/usr/bin", "/usr/local/bin"}) {
        auto program = std::filesystem::path(folder) / "promtool";
        if (std::filesystem::exists(program)) return program;
    }
    return {};
}

}  // namespace

TEST_CASE("every metric that rules, dashboard and page name is measured", "[portal]") {
    auto known = measured();
    REQUIRE(known.contains("portal_http_responses_total"));
    for (const char* path : {"docs/operations/alerts.yml", "docs/operations/alerts_test.yml",
                             "docs/operations/dashboard.json", "docs/operations/runbook.md",
                             "src/operations/page/page.js"}) {
        CAPTURE(path);
        auto names = named(text_of(path));
        CHECK(names.size() > 5);
        for (const auto& name : names) {
            CAPTURE(name);
            CHECK(known.contains(name));
        }
    }
}

TEST_CASE("every alert has its test and its section of the run book", "[portal]") {
    auto alerts = found(text_of("docs/operations/alerts.yml"), std::regex("- alert: (\\w+)"));
    REQUIRE(alerts.size() > 10);
    CHECK(alerts == found(text_of("docs/operations/runbook.md"), std::regex("\n## (\\w+)\n")));
    CHECK(alerts ==
          found(text_of("docs/operations/alerts_test.yml"), std::regex("- name: (\\w+)")));
    auto rules = text_of("docs/operations/alerts.yml");
    for (auto alert : alerts) {
        for (auto& c : alert) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        CAPTURE(alert);
        CHECK(rules.find("runbook.md#" + alert + "\n") != std::string::npos);
    }
}

TEST_CASE("the dashboard is one that Grafana takes", "[portal]") {
    auto dashboard = nlohmann::json::parse(text_of("docs/operations/dashboard.json"));
    CHECK(dashboard.at("title") == "portal");
    std::set<int> ids;
    std::size_t charts = 0;
    for (const auto& panel : dashboard.at("panels")) {
        CAPTURE(panel.at("title"));
        CHECK(ids.insert(panel.at("id").get<int>()).second);
        CHECK(panel.at("gridPos").at("x").get<int>() + panel.at("gridPos").at("w").get<int>() <=
              24);
        if (panel.at("type") == "row") continue;
        ++charts;
        for (const auto& target : panel.at("targets")) {
            CHECK_FALSE(target.at("expr").get<std::string>().empty());
        }
    }
    CHECK(charts > 20);
}

TEST_CASE("promtool takes the rules, and each alert fires on what it is for", "[portal]") {
    auto program = promtool();
    if (program.empty()) {
        support::skip("there is no promtool (Debian: prometheus)");
        return;
    }
    support::Process::Options options;
    options.folder = root / "docs/operations";
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"check", "rules", "alerts.yml"},
          std::vector<std::string>{"test", "rules", "alerts_test.yml"}}) {
        options.arguments = arguments;
        auto done = support::run(program, options);
        CAPTURE(done.output, done.errors);
        CHECK(done.code == 0);
    }
}

}  // namespace portal
