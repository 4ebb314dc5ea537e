// What documents and comments say is there is there.
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "boundary_rules.hpp"
#include "document_rules.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace {

using architecture::Findings;
using architecture::Source;

const std::filesystem::path root = PORTAL_SOURCE_DIR;

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::vector<std::string> modules() {
    std::vector<std::string> names;
    auto graph = architecture::parse_graph(text_of(PORTAL_BINARY_DIR "/modules.txt"));
    for (const auto& [name, depends] : graph.depends) names.push_back(name);
    REQUIRE(names.size() > 10);
    return names;
}

}  // namespace

TEST_CASE("a comment that names a document which is not there is found", "[architecture]") {
    // Given a repository with two documents
    support::TemporaryFolder folder;
    std::filesystem::create_directories(folder / "docs");
    std::filesystem::create_directories(folder / "src" / "news");
    std::ofstream(folder / "docs" / "rules.md") << "x";
    std::ofstream(folder / "src" / "news" / "README.md") << "x";
    struct Row {
        const char* path;
        const char* text;
        std::size_t found;
    };
    const std::vector<Row> rows = {
        {"src/news/a.cpp", "// see docs/rules.md, S1\nint x;", 0},
        {"src/news/a.cpp", "// see README.md\n", 0},
        {"src/news/a.cpp", "int x;  // see rules.md\n", 1},
        {"src/news/a.cpp", "/* docs/other.md\n and secret.md */\n", 2},
        {"src/news/a.cpp", "auto x = \"no.md\";\n", 0},
        {"src/news/a.hpp", "/// (../plan.md: nothing)\n", 1},
        {"cmake/a.cmake", "set(x a.md) # b.md\n", 1},
        {"migrations/1.sql", "select 'a.md'; -- b.md\n", 1},
        {"tests/a.py", "\"\"\"Reads plan.md\"\"\"\n", 1},
        {"docs/rules.md", "[a](../src/news/README.md#top) [b](https://example.org/x.md)", 0},
        {"docs/rules.md", "[a](src/news/README.md) [b](gone.md)", 2},
    };
    for (const auto& [path, text, found] : rows) {
        CAPTURE(path, text);
        CHECK(architecture::check_documents({path, text}, folder.path()).size() == found);
    }
}

TEST_CASE("every document that a comment or another document names is there", "[architecture]") {
    auto check = [](const Source& source) {
        // It has bad samples.
        if (source.path == "tests/architecture/document_test.cpp") return Findings{};
        return architecture::check_documents(source, root);
    };
    CHECK(architecture::check_texts(
              root,
              {"include", "src", "tests", "cmake", "api", "bench", "config", "docs", "migrations"},
              check) == Findings{});
}

TEST_CASE("every module says what it is, in its folder, in the list and in the drawing",
          "[architecture]") {
    auto list = text_of(root / "docs" / "architecture.md");
    auto drawing = text_of(root / "docs" / "architecture.svg");
    for (const auto& module : modules()) {
        CAPTURE(module);
        auto readme = text_of(root / "src" / module / "README.md");
        CHECK(readme.starts_with("# " + module + "\n\n"));
        CHECK(list.find("| `" + module + "` |") != std::string::npos);
        CHECK(drawing.find(">" + module + "</text>") != std::string::npos);
    }
}

TEST_CASE("every decision has a status, and the index has every decision", "[architecture]") {
    auto folder = root / "docs" / "decisions";
    auto index = text_of(folder / "README.md");
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        auto name = entry.path().filename().string();
        if (name == "README.md") continue;
        CAPTURE(name);
        ++count;
        std::smatch status;
        auto text = text_of(entry.path());
        REQUIRE(std::regex_search(text, status, std::regex(R"(\n\*\*Status\.\*\* (\w))")));
        auto row = index.find("](" + name + ") | ");
        REQUIRE(row != std::string::npos);
        auto said = index[row + name.size() + 6];
        CHECK(said == std::tolower(static_cast<unsigned char>(status[1].str().front())));
    }
    CHECK(count >= 11);
}

namespace {

/// The sentences of the tests in one folder of tests/.
std::string sentences_of(const std::string& folder) {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(root / "tests" / folder)) {
        if (entry.path().extension() != ".cpp") continue;
        auto text = text_of(entry.path());
        static const std::regex test(R"(TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+))");
        static const std::regex seam(R"("\s*")");
        for (std::sregex_iterator found(text.begin(), text.end(), test), end; found != end;
             ++found) {
            all += '\n' + std::regex_replace((*found)[1].str(), seam, "");
        }
    }
    return all;
}

/// What docs/field.md names and no test is called.
std::vector<std::string> missing_tests(const std::string& page) {
    static const std::regex named(R"(`([a-z]+)`: \*([^*]+)\*)");
    std::vector<std::string> missing;
    std::map<std::string, std::string> known;
    for (std::sregex_iterator found(page.begin(), page.end(), named), end; found != end; ++found) {
        auto folder = (*found)[1].str();
        if (!known.contains(folder)) known[folder] = sentences_of(folder);
        auto sentence = "\n\"" + (*found)[2].str();
        if (known[folder].find(sentence) == std::string::npos) missing.push_back((*found)[0].str());
    }
    return missing;
}

}  // namespace

TEST_CASE("what use has found is held by tests that are there", "[architecture]") {
    CHECK(missing_tests("`architecture`: *no such sentence*").size() == 1);
    CHECK(missing_tests("`architecture`: *what use has found*").empty());
    auto page = text_of(root / "docs" / "field.md");
    CHECK(page.size() > 1000);
    CHECK(missing_tests(page) == std::vector<std::string>{});
}
