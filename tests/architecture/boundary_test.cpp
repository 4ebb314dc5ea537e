#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "boundary_rules.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace {

using architecture::Findings;
using architecture::Source;

/// A graph as small as the samples need.
architecture::Graph sample_graph() {
    return architecture::parse_graph(
        "base platform:  \n"
        "config platform: base \n"
        "database platform: base config\n"
        "bus platform: base config database\n"
        "http platform: base config\n"
        "news: base config database bus\n"
        "orchestrator: base config http bus news\n"
        "portal platform: base config database bus http news orchestrator\n");
}

architecture::Graph declared_graph() {
    std::ifstream file(PORTAL_BINARY_DIR "/modules.txt");
    std::ostringstream text;
    text << file.rdbuf();
    return architecture::parse_graph(text.str());
}

struct Row {
    const char* path;
    const char* text;
    bool good;
};

}  // namespace

TEST_CASE("an include that no DEPENDS covers is found", "[architecture]") {
    const std::vector<Row> rows = {
        {"src/news/article.cpp", "#include \"http/router.hpp\"", false},
        {"src/news/article.cpp", "#include \"orchestrator/module.hpp\"", false},
        {"src/news/article.cpp", "#  include \"../http/router.hpp\"", false},
        {"src/news/article.cpp", "#include \"database/../http/router.hpp\"", false},
        {"src/news/article.cpp", "#include <http/router.hpp>", false},
        {"src/news/article.cpp", "#include \"support/catch.hpp\"", false},
        {"include/news/queries.hpp", "#include \"http/message.hpp\"", false},
        {"include/news/queries.hpp", "#include \"article.hpp\"", false},
        {"include/base/clock.hpp", "#include \"config/section.hpp\"", false},
        {"src/news/article.cpp", "#include \"article.hpp\"", true},
        {"src/news/article.cpp", "#include \"news/queries.hpp\"\n#include \"base/ids.hpp\"", true},
        {"src/news/article.cpp", "#include <vector>\n#include <boost/asio/post.hpp>", true},
        {"src/news/article.cpp", "// #include \"http/router.hpp\"", true},
        {"src/main.cpp", "#include \"portal/program.hpp\"", true},
        {"src/portal/serve.cpp", "#include \"orchestrator/module.hpp\"", true},
        {"src/news/article.cpp", "#include \"portal/program.hpp\"", false},
        {"src/main.cpp", "#include \"orchestrator/module.hpp\"\n#include \"http/server.hpp\"",
         true},
        {"src/main.cpp", "#include \"news/../http/server.hpp\"", false},
    };
    for (const auto& [path, text, good] : rows) {
        CAPTURE(path, text);
        auto findings = architecture::check_boundaries({path, text}, sample_graph());
        CHECK(findings.empty() == good);
    }
}

TEST_CASE("a file that is not as pure as its name says is found", "[architecture]") {
    const std::vector<Row> rows = {
        {"src/news/article.cpp", "#include \"database/database.hpp\"", false},
        {"src/news/article.cpp", "#include \"bus/log.hpp\"", false},
        {"src/news/article.cpp", "#include \"article_store.hpp\"", false},
        {"src/news/article.cpp", "#include <nlohmann/json.hpp>", false},
        {"src/news/article.cpp", "#include <sqlite3.h>", false},
        {"src/news/article.cpp", "#include <boost/asio/post.hpp>", false},
        {"src/news/article_store.cpp", "#include \"http/router.hpp\"", false},
        {"src/news/article_store.cpp", "#include <nlohmann/json.hpp>", false},
        {"src/news/article_json.cpp", "#include \"database/database.hpp\"", false},
        {"src/orchestrator/page.cpp", "#include \"news/module.hpp\"", false},
        {"src/orchestrator/page.cpp", "#include \"http/message.hpp\"", false},
        {"src/orchestrator/config.cpp", "#include \"resilience/gather.hpp\"", false},
        {"include/news/commands.hpp", "#include \"database/database.hpp\"", false},
        {"src/news/article.cpp", "#include <boost/math/special_functions/beta.hpp>", true},
        {"src/news/article.cpp", "#include \"base/text.hpp\"\n#include \"news/events.hpp\"", true},
        {"src/news/article_store.cpp", "#include \"database/database.hpp\"", true},
        {"src/news/article_json.cpp", "#include <nlohmann/json.hpp>", true},
        {"src/news/config.cpp", "#include \"config/section.hpp\"", true},
        {"src/news/list_config.cpp", "#include \"config/section.hpp\"", true},
        {"src/news/command_service.cpp", "#include \"article_store.hpp\"", true},
        {"src/news/projector.cpp", "#include \"bus/subscription.hpp\"", true},
        {"src/orchestrator/page.cpp", "#include \"news/queries.hpp\"", true},
        {"src/orchestrator/response_cache.cpp", "#include \"http/message.hpp\"", true},
        {"src/orchestrator/routes.cpp", "#include \"http/router.hpp\"", true},
        {"src/orchestrator/query_service.cpp", "#include \"news/queries.hpp\"", true},
        {"src/news/module.cpp", "#include \"bus/log.hpp\"\n#include \"database/database.hpp\"",
         true},
        {"src/database/writer.cpp", "#include <sqlite3.h>", true},
    };
    for (const auto& [path, text, good] : rows) {
        CAPTURE(path, text);
        auto findings = architecture::check_purity({path, text}, sample_graph());
        CHECK(findings.empty() == good);
    }
}

TEST_CASE("SQL outside a store is found", "[architecture]") {
    const std::vector<Row> rows = {
        {"src/news/query_service.cpp", "auto q = \"select id from articles where id = ?\";", false},
        {"src/news/rebuild.cpp", "run(\"delete from articles \");", false},
        {"src/news/import.cpp", "run(R\"sql(\ninsert into x values (1))sql\");", false},
        {"src/news/article_store.cpp", "run(\"select id from articles where id = ?\");", true},
        {"src/news/query_service.cpp", "// select id from articles\nauto q = \"selected\";", true},
        {"src/bus/log.cpp", "run(\"select * from events where position > ?\");", true},
    };
    for (const auto& [path, text, good] : rows) {
        CAPTURE(path, text);
        CHECK(architecture::check_sql({path, text}, sample_graph()).empty() == good);
    }
}

TEST_CASE("what only SQLite understands is found outside of its driver", "[architecture]") {
    const std::vector<Row> rows = {
        {"src/news/verify.cpp", "#include <sqlite3.h>", false},
        {"src/database/writer.cpp", "#include <sqlite3.h>", false},
        {"src/portal/serve.cpp", "log(sqlite3_libversion());", false},
        {"include/database/database.hpp", "struct sqlite3_stmt;", false},
        {"src/news/article_store.cpp", "run(\"pragma user_version\");", false},
        {"src/news/article_store.cpp", "run(\"insert or ignore into x values (1)\");", false},
        {"src/news/article_store.cpp", "run(\"select sql from sqlite_schema\");", false},
        {"src/news/article_store.cpp", "run(\"update x set a = max(a, ?)\");", false},
        {"src/news/article_store.cpp", "run(\"select rowid from x\");", false},
        {"src/news/article_store.cpp", "run(\"select max(position), min(id) from x\");", true},
        {"src/news/article_store.cpp", "auto most = std::max(a, b);", true},
        {"src/news/article_store.cpp", "// as sqlite3_step does\nint pragma = 1;", true},
        {"src/database/sqlite_connection.cpp", "#include <sqlite3.h>\nrun(\"pragma x\");", true},
    };
    for (const auto& [path, text, good] : rows) {
        CAPTURE(path, text);
        CHECK(architecture::check_engine({path, text}).empty() == good);
    }
}

TEST_CASE("a folder that is no declared module is found", "[architecture]") {
    CHECK(architecture::check_declared({"src/helpers/x.cpp", ""}, sample_graph()).size() == 1);
    CHECK(architecture::check_declared({"src/news/x.cpp", ""}, sample_graph()).empty());
    CHECK(architecture::check_declared({"src/main.cpp", ""}, sample_graph()).empty());
}

TEST_CASE("CMake refuses a module that depends on a later one", "[architecture]") {
    support::TemporaryFolder folder;
    std::ofstream(folder / "CMakeLists.txt") << "cmake_minimum_required(VERSION 3.25)\n"
                                                "project(sample LANGUAGES NONE)\n"
                                                "include(" PORTAL_SOURCE_DIR
                                                "/cmake/module.cmake)\n"
                                                "add_module(first DEPENDS second)\n";
    auto command =
        "cmake -S '" + folder.path().string() + "' -B '" + (folder / "build").string() + "' 2>&1";
    auto* output = ::popen(command.c_str(), "r");
    REQUIRE(output != nullptr);
    std::string text;
    std::array<char, 4096> buffer;
    for (std::size_t got; (got = ::fread(buffer.data(), 1, buffer.size(), output)) > 0;) {
        text.append(buffer.data(), got);
    }
    CHECK(::pclose(output) != 0);
    CHECK_THAT(text, Catch::Contains("first depends on second"));
}

TEST_CASE("every include crosses only declared boundaries", "[architecture]") {
    auto graph = declared_graph();
    REQUIRE(graph.contains("news"));
    auto check = [&](const Source& source) {
        return architecture::check_boundaries(source, graph);
    };
    CHECK(architecture::check_all({"include", "src"}, check) == Findings{});
}

TEST_CASE("every file is as pure as its name says", "[architecture]") {
    auto graph = declared_graph();
    auto check = [&](const Source& source) { return architecture::check_purity(source, graph); };
    CHECK(architecture::check_all({"include", "src"}, check) == Findings{});
}

TEST_CASE("business modules have their SQL in stores", "[architecture]") {
    auto graph = declared_graph();
    auto check = [&](const Source& source) { return architecture::check_sql(source, graph); };
    CHECK(architecture::check_all({"include", "src"}, check) == Findings{});
}

TEST_CASE("nothing outside of its driver knows SQLite", "[architecture]") {
    // The other slot's tables are made from the definitions that the file holds.
    const std::string slots = "src/news/article_store.cpp";
    auto check = [&](const Source& source) {
        auto findings = architecture::check_engine(source);
        if (source.path != slots) return findings;
        CHECK(findings.size() == 1);
        return Findings{};
    };
    CHECK(architecture::check_all({"include", "src"}, check) == Findings{});
}

TEST_CASE("every folder is a declared module", "[architecture]") {
    auto graph = declared_graph();
    auto check = [&](const Source& source) { return architecture::check_declared(source, graph); };
    CHECK(architecture::check_all({"include", "src"}, check) == Findings{});
}
