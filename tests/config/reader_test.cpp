#include "config/reader.hpp"

#include <fstream>
#include <limits>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace std::chrono_literals;

/// One of each kind of key, as a module would declare them.
struct Sample {
    std::string listen = "127.0.0.1:8080";
    std::int64_t threads = 2;
    std::int64_t bytes = 1024;
    std::chrono::milliseconds idle = 60s;
    bool verbose = false;
    std::string mode = "enforced";
    std::vector<std::string> types = {"sports", "politics"};
    std::map<std::string, std::string> aliases = {{"/news/v1", "/v1/news"}};

    bool operator==(const Sample&) const = default;
};

void describe(config::Section& root, Sample& sample) {
    auto& http = root.section("http", "The public listener.");
    http.text("listen", sample.listen, "Where it listens.");
    http.integer("threads", sample.threads, {1, 64}, "I/O threads.");
    http.integer("bytes_max", sample.bytes, {0, std::numeric_limits<std::int64_t>::max()},
                 "Bytes.");
    auto& timeouts = http.section("timeouts", "How long it waits.");
    timeouts.duration("idle_ms", sample.idle, {1, 600'000}, "Between two requests.");
    auto& news = root.section("news", "The news modules.");
    news.list("types", sample.types, "The types of news.");
    news.table("aliases", sample.aliases, "Older paths.");
    news.boolean("verbose", sample.verbose, "More lines.");
    root.section("security", "").choice("mode", sample.mode, {"enforced", "open"}, "Who may.");
    // A second module may add to a section that stands there already.
    auto& again = root.section("http", "");
    if (sample.listen == "nowhere") again.refuse("listen", "nobody can listen there.");
}

struct Outcome {
    Sample sample{};
    std::vector<std::string> problems{};
};

Outcome read(config::Sources sources) {
    Outcome outcome;
    auto problems =
        config::read(sources, [&](config::Section& root) { describe(root, outcome.sample); });
    for (const auto& problem : problems) outcome.problems.push_back(config::to_text(problem));
    return outcome;
}

Outcome read_file(const std::string& text) {
    support::TemporaryFolder folder;
    auto path = folder / "portal.json";
    std::ofstream(path, std::ios::binary) << text;
    config::Sources sources;
    sources.file = path;
    auto outcome = read(sources);
    for (auto& problem : outcome.problems) {
        auto at = problem.find(path.string());
        if (at != std::string::npos) problem.replace(at, path.string().size(), "FILE");
    }
    return outcome;
}

Outcome read_overrides(std::vector<std::string> overrides) {
    config::Sources sources;
    sources.overrides = std::move(overrides);
    return read(sources);
}

Outcome read_environment(std::vector<std::pair<std::string, std::string>> variables) {
    config::Sources sources;
    sources.environment = std::move(variables);
    return read(sources);
}

}  // namespace

TEST_CASE("without any source, everything keeps its default", "[config]") {
    auto outcome = read({});
    CHECK(outcome.problems.empty());
    CHECK(outcome.sample == Sample{});
}

TEST_CASE("a file sets what it names, comments and all", "[config]") {
    auto outcome = read_file(R"({
        // where
        "http": { "listen": "unix:/tmp/é", "threads": 64, /* and */ "timeouts": { "idle_ms": 5 } },
        "news": { "types": [], "aliases": { "a": "b", "c": "" }, "verbose": true },
        "security": { "mode": "open" }
    })");
    CHECK(outcome.problems.empty());
    Sample expected;
    expected.listen = "unix:/tmp/é";
    expected.threads = 64;
    expected.idle = 5ms;
    expected.types = {};
    expected.aliases = {{"a", "b"}, {"c", ""}};
    expected.verbose = true;
    expected.mode = "open";
    CHECK(outcome.sample == expected);
}

TEST_CASE("each thing that is wrong in a file is one sentence that names its path", "[config]") {
    struct Row {
        const char* text;
        const char* problem;
    };
    const std::vector<Row> rows = {
        {R"({"http":{"listen":8080}})", "http.listen: expected text, got 8080."},
        {R"({"http":{"listen":null}})", "http.listen: expected text, got null."},
        {R"({"http":{"threads":"2"}})",
         R"(http.threads: expected a whole number (1 to 64), got "2".)"},
        {R"({"http":{"threads":2.0}})",
         "http.threads: expected a whole number (1 to 64), got 2.0."},
        {R"({"http":{"threads":0}})", "http.threads: expected a whole number (1 to 64), got 0."},
        {R"({"http":{"threads":65}})", "http.threads: expected a whole number (1 to 64), got 65."},
        {R"({"http":{"bytes_max":-1}})",
         "http.bytes_max: expected a whole number (0 or more), got -1."},
        {R"({"http":{"bytes_max":18446744073709551615}})",
         "http.bytes_max: expected a whole number (0 or more), got 18446744073709551615."},
        {R"({"http":{"timeouts":{"idle_ms":0}}})",
         "http.timeouts.idle_ms: expected a whole number (1 to 600000), got 0."},
        {R"({"news":{"verbose":1}})", "news.verbose: expected true or false, got 1."},
        {R"({"news":{"types":"sports"}})",
         R"(news.types: expected a JSON list of texts (as ["a", "b"]), got "sports".)"},
        {R"({"news":{"types":["a",1]}})",
         R"(news.types: expected a JSON list of texts (as ["a", "b"]), got ["a",1].)"},
        {R"({"news":{"aliases":{"a":1}}})",
         R"(news.aliases: expected a JSON object whose members are texts (as {"a": "b"}), got {"a":1}.)"},
        {R"({"security":{"mode":"Open"}})",
         R"(security.mode: expected one of enforced, open, got "Open".)"},
        {R"({"http":[]})", "http: expected a JSON object, got []."},
        {R"({"http":{"timeouts":3}})", "http.timeouts: expected a JSON object, got 3."},
        {R"({"http":{"lisen":"x"}})", "http.lisen: there is no such key. Did you mean listen?"},
        {R"({"htp":{}})", "htp: there is no such key. Did you mean http?"},
        {R"({"colour":1})", "colour: there is no such key."},
        {R"({"http":{"timeouts":{"colour":1}}})", "http.timeouts.colour: there is no such key."},
        {R"({"http":{"threads":3,"threads":3}})", "http.threads: this key stands there twice."},
        {R"({"http":{"listen":"nowhere"}})", "http.listen: nobody can listen there."},
        {"[]", "The file FILE must hold one JSON object."},
        {"{\n  \"http\": {,}\n}",
         "The file FILE is not well-formed JSON: line 2, column 12: unexpected ','; expected "
         "string "
         "literal."},
        {"",
         "The file FILE is not well-formed JSON: line 1, column 1: unexpected end of input; "
         "expected '[', '{', or a literal."},
        {"{\"http\":{\"listen\":\"\\u0000\"}}",
         "The file FILE is not well-formed JSON: at http.listen: text holds a NUL."},
    };
    for (const auto& [text, problem] : rows) {
        CAPTURE(text);
        auto outcome = read_file(text);
        REQUIRE(outcome.problems.size() == 1);
        CHECK(outcome.problems[0] == problem);
    }
}

TEST_CASE("control characters are in no setting", "[config]") {
    struct Row {
        const char* text;
        const char* problem;
    };
    const std::vector<Row> rows = {
        {R"({"http":{"listen":"a\r"}})",
         R"(http.listen: expected text without control characters, got "a\r".)"},
        {R"({"http":{"listen":"\u001b[31m"}})",
         R"(http.listen: expected text without control characters, got "\u001b[31m".)"},
        {R"({"news":{"types":["a","b\n"]}})",
         R"(news.types: expected texts without control characters, got ["a","b\n"].)"},
        {R"({"news":{"aliases":{"a\t":"b"}}})",
         R"(news.aliases: expected texts without control characters, got {"a\t":"b"}.)"},
    };
    for (const auto& [text, problem] : rows) {
        CAPTURE(text);
        auto outcome = read_file(text);
        REQUIRE(outcome.problems.size() == 1);
        CHECK(outcome.problems[0] == problem);
        CHECK(outcome.sample == Sample{});
    }
    for (const char* bad : {"a\x7f", "a\xC2\x85", "a\xC2\x9F"}) {
        CAPTURE(bad);
        config::Sources sources;
        sources.overrides = {std::string("http.listen=") + bad};
        CHECK(read(sources).problems.size() == 1);
    }
    config::Sources sources;
    sources.overrides = {"http.listen=\xC2\xA0\xC3\xA4"};
    CHECK(read(sources).problems.empty());
}

TEST_CASE("a byte order mark before a file means nothing", "[config]") {
    auto outcome = read_file("\xEF\xBB\xBF{\"http\":{\"threads\":3}}");
    CHECK(outcome.problems.empty());
    CHECK(outcome.sample.threads == 3);
}

TEST_CASE("a path in a file is relative to the file, elsewhere to where one stands", "[config]") {
    support::TemporaryFolder folder;
    auto file = folder / "config" / "portal.json";
    std::filesystem::create_directory(folder / "config");
    struct Outcome {
        std::string path;
        std::string in_file;
    };
    auto read_path = [&](const std::string& text, config::Sources sources) {
        if (!text.empty()) {
            std::ofstream(file) << text;
            sources.file = file;
        }
        Outcome outcome{"../data", "?"};
        auto problems = config::read(sources, [&](config::Section& root) {
            root.path("folder", outcome.path, "Where.", &outcome.in_file);
        });
        CHECK(problems.empty());
        return outcome;
    };
    auto here = std::filesystem::current_path();
    auto in_folder = [&](const char* name) { return (folder / name).string(); };
    // From a file, and a default beside one,
    auto written = read_path(R"({"folder":"data"})", {});
    CHECK(written.path == in_folder("config/data"));
    CHECK(written.in_file == "data");
    CHECK(read_path(R"({"folder":"../x/./y"})", {}).path == in_folder("x/y"));
    CHECK(read_path(R"({"folder":"/srv/data"})", {}).path == "/srv/data");
    CHECK(read_path(R"({"folder":""})", {}).path == "");
    auto by_default = read_path("{}", {});
    CHECK(by_default.path == in_folder("data"));
    CHECK(by_default.in_file == "../data");
    // from elsewhere,
    config::Sources command_line;
    command_line.overrides = {"folder=data"};
    auto overridden = read_path(R"({"folder":"other"})", command_line);
    CHECK(overridden.path == (here / "data").string());
    CHECK(overridden.in_file == "");
    config::Sources variable;
    variable.environment = {{"PORTAL__FOLDER", "data"}};
    CHECK(read_path(R"({"folder":"other"})", variable).path == (here / "data").string());
    // and without a file the default stays as it is: that is what is printed.
    CHECK(read_path("", {}).path == "../data");
}

TEST_CASE("what is wrong keeps its default, and all problems come at once", "[config]") {
    auto outcome = read_file(R"({
        "http": { "listen": 1, "threads": 100, "nope": 1 },
        "news": { "verbose": true, "verbose": { "x": 1, "x": 2 } },
        "other": {}
    })");
    CHECK(outcome.problems.size() == 6);
    Sample expected;
    expected.verbose = true;
    CHECK(outcome.sample == expected);
}

TEST_CASE("a file that cannot be read is one problem", "[config]") {
    support::TemporaryFolder folder;
    config::Sources sources;
    sources.file = folder / "missing.json";
    auto missing = read(sources);
    REQUIRE(missing.problems.size() == 1);
    CHECK_THAT(missing.problems[0], Catch::EndsWith("cannot be read: No such file or directory."));
    sources.file = folder.path();
    auto a_folder = read(sources);
    REQUIRE(a_folder.problems.size() == 1);
    CHECK_THAT(a_folder.problems[0], Catch::EndsWith("cannot be read: it is a folder."));
    CHECK_THAT(read_file(std::string(2'000'000, ' ')).problems.at(0),
               Catch::Contains("longer than"));
}

TEST_CASE("a long value is shown in part", "[config]") {
    auto outcome = read_file("{\"http\":{\"threads\":\"" + std::string(5000, 'x') + "\"}}");
    REQUIRE(outcome.problems.size() == 1);
    CHECK(outcome.problems[0].size() < 200);
}

TEST_CASE("the option --set reads a value by the type of its key", "[config]") {
    auto outcome = read_overrides({"http.listen=a=b, \"c\"", "http.threads=3", "news.verbose=true",
                                   "security.mode=open", R"(news.types=["a","b"])",
                                   R"(news.aliases={"x":"y"})", "http.timeouts.idle_ms=7"});
    CHECK(outcome.problems.empty());
    Sample expected;
    expected.listen = "a=b, \"c\"";
    expected.threads = 3;
    expected.verbose = true;
    expected.mode = "open";
    expected.types = {"a", "b"};
    expected.aliases = {{"x", "y"}};
    expected.idle = 7ms;
    CHECK(outcome.sample == expected);
}

TEST_CASE("the option --set is refused as strictly as a file", "[config]") {
    struct Row {
        const char* text;
        const char* problem;
    };
    const std::vector<Row> rows = {
        {"http.threads=3x",
         R"(http.threads: expected a whole number (1 to 64), got "3x" (from --set).)"},
        {"http.threads=03",
         R"(http.threads: expected a whole number (1 to 64), got "03" (from --set).)"},
        {"http.threads= 3",
         R"(http.threads: expected a whole number (1 to 64), got " 3" (from --set).)"},
        {"http.threads=+3",
         R"(http.threads: expected a whole number (1 to 64), got "+3" (from --set).)"},
        {"http.threads=",
         R"(http.threads: expected a whole number (1 to 64), got "" (from --set).)"},
        {"http.threads=-3",
         "http.threads: expected a whole number (1 to 64), got -3 (from --set)."},
        {"http.threads=99999999999999999999",
         R"(http.threads: expected a whole number (1 to 64), got "99999999999999999999" (from --set).)"},
        {"news.verbose=yes", R"(news.verbose: expected true or false, got "yes" (from --set).)"},
        {"news.types=a,b",
         R"(news.types: expected a JSON list of texts (as ["a", "b"]), got "a,b" (from --set).)"},
        {"http.listen=\xff",
         "http.listen: expected text in UTF-8, got \"\xEF\xBF\xBD\" (from --set)."},
        {"http.lisen=x",
         "http.lisen: there is no such key (from --set). Did you mean http.listen?"},
        {"news.aliases.x=y",
         "news.aliases.x: there is no such key (from --set). Did you mean news.aliases?"},
        {"http=x", "http: this is a section, set one of its keys (from --set)."},
        {"http.listen", "--set http.listen: expected path=value, as http.listen=127.0.0.1:8080."},
        {"=x", "--set =x: expected path=value, as http.listen=127.0.0.1:8080."},
    };
    for (const auto& [text, problem] : rows) {
        CAPTURE(text);
        auto outcome = read_overrides({text});
        REQUIRE(outcome.problems.size() == 1);
        CHECK(outcome.problems[0] == problem);
    }
}

TEST_CASE("later sources win, and of one --set the last", "[config]") {
    support::TemporaryFolder folder;
    auto path = folder / "portal.json";
    std::ofstream(path) << R"({"http":{"listen":"file","threads":3,"bytes_max":3}})";
    config::Sources sources;
    sources.file = path;
    sources.environment = {{"PORTAL__HTTP__LISTEN", "environment"}, {"PORTAL__HTTP__THREADS", "4"}};
    sources.overrides = {"http.listen=first", "http.listen=last"};
    auto outcome = read(sources);
    CHECK(outcome.problems.empty());
    CHECK(outcome.sample.listen == "last");
    CHECK(outcome.sample.threads == 4);
    CHECK(outcome.sample.bytes == 3);
}

TEST_CASE("the environment is heard where it speaks to us", "[config]") {
    auto outcome = read_environment({{"portal__http__Listen", "x"},
                                     {"PORTAL__HTTP__TIMEOUTS__IDLE_MS", "9"},
                                     {"PORTAL_TEST_LONG", "1"},
                                     {"HTTP__LISTEN", "y"}});
    CHECK(outcome.problems.empty());
    CHECK(outcome.sample.listen == "x");
    CHECK(outcome.sample.idle == 9ms);

    auto wrong =
        read_environment({{"PORTAL__HTTP__THREADS", "many"}, {"PORTAL__HTP__LISTEN", "x"}});
    REQUIRE(wrong.problems.size() == 2);
    CHECK(wrong.problems[0] ==
          "http.threads: expected a whole number (1 to 64), got \"many\" (from "
          "PORTAL__HTTP__THREADS).");
    CHECK(wrong.problems[1] ==
          "htp.listen: there is no such key (from PORTAL__HTP__LISTEN). Did you mean http.listen?");
}

TEST_CASE("this process has an environment", "[config]") {
    bool found = false;
    for (const auto& [name, value] : config::environment())
        found |= name == "PATH" && !value.empty();
    CHECK(found);
}

TEST_CASE("what is printed explains every key", "[config]") {
    Sample sample;
    auto text = config::print([&](config::Section& root) { describe(root, sample); });
    CHECK(text == R"({
  // The public listener.
  "http": {
    // Where it listens.
    "listen": "127.0.0.1:8080",
    // I/O threads. [1 to 64]
    "threads": 2,
    // Bytes. [0 or more]
    "bytes_max": 1024,
    // How long it waits.
    "timeouts": {
      // Between two requests. [1 to 600000]
      "idle_ms": 60000
    }
  },

  // The news modules.
  "news": {
    // The types of news.
    "types": ["sports", "politics"],
    // Older paths.
    "aliases": {"/news/v1": "/v1/news"},
    // More lines. [true | false]
    "verbose": false
  },

  "security": {
    // Who may. [enforced | open]
    "mode": "enforced"
  }
}
)");
}

TEST_CASE("what is printed reads back the same", "[config]") {
    Sample sample;
    sample.listen = "quote \" back\\slash // é";
    sample.types = {};
    sample.aliases = {};
    sample.idle = 1ms;
    sample.verbose = true;
    auto text = config::print([&](config::Section& root) { describe(root, sample); });
    auto outcome = read_file(text);
    CHECK(outcome.problems.empty());
    CHECK(outcome.sample == sample);
}

TEST_CASE("a long or broken meaning stays a comment", "[config]") {
    std::string value;
    auto text = config::print([&](config::Section& root) {
        std::string meaning = "first\nsecond";
        for (int i = 0; i < 60; ++i) meaning += " word";
        root.text("key", value, meaning);
    });
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK(line.size() <= 100);
        CHECK((line == "{" || line == "}" || line.starts_with("  // ") ||
               line.starts_with("  \"key\"")));
    }
}

namespace {

struct Rule {
    std::string name{};
    std::int64_t weight = 1;
    std::vector<std::string> words{};
    bool strict = false;

    bool operator==(const Rule&) const = default;
};

void describe_rules(config::Section& root, std::vector<Rule>& rules) {
    root.objects("rules", rules, "What holds.", [](config::Section& section, Rule& rule) {
        section.text("name", rule.name, "");
        section.integer("weight", rule.weight, {0, 9}, "");
        section.section("more", "").list("words", rule.words, "");
        section.section("more", "").boolean("strict", rule.strict, "");
        if (rule.name == "bad") section.refuse("name", "no rule has that name.");
    });
}

std::vector<std::string> read_rules(const std::string& text, std::vector<Rule>& rules) {
    config::Sources sources;
    sources.overrides = {"rules=" + text};
    std::vector<std::string> problems;
    for (const auto& problem :
         config::read(sources, [&](config::Section& root) { describe_rules(root, rules); })) {
        problems.push_back(config::to_text(problem));
    }
    return problems;
}

}  // namespace

TEST_CASE("a list of objects replaces the default, each object with defaults of its own",
          "[config]") {
    std::vector<Rule> rules = {{"default", 5, {}, false}};
    CHECK(read_rules(R"([{"name":"a"},{"weight":3,"more":{"words":["x"],"strict":true}}])", rules)
              .empty());
    CHECK(rules == std::vector<Rule>{{"a", 1, {}, false}, {"", 3, {"x"}, true}});
    CHECK(read_rules("[]", rules).empty());
    CHECK(rules.empty());
}

TEST_CASE("what is wrong in a list of objects names the object by its number", "[config]") {
    std::vector<Rule> rules = {{"kept", 1, {}, false}};
    using Problems = std::vector<std::string>;
    CHECK(read_rules(R"([{},{"weight":10}])", rules) ==
          Problems{"rules.1.weight: expected a whole number (0 to 9), got 10."});
    CHECK(read_rules(R"([{"wieght":1}])", rules) ==
          Problems{"rules.0.wieght: there is no such key. Did you mean weight?"});
    CHECK(read_rules(R"([{"more":{"word":1}}])", rules) ==
          Problems{"rules.0.more.word: there is no such key. Did you mean words?"});
    CHECK(read_rules(R"([{"name":"bad"}])", rules) ==
          Problems{"rules.0.name: no rule has that name."});
    CHECK(read_rules(R"([1])", rules) ==
          Problems{"rules: expected a JSON list of objects, got [1] (from --set)."});
    CHECK(read_rules("{}", rules) ==
          Problems{"rules: expected a JSON list of objects, got {} (from --set)."});
}

TEST_CASE("a list of objects is printed so that it reads back the same", "[config]") {
    std::vector<Rule> rules = {{"a \"b\"", 2, {"x", "y"}, true}, {}};
    auto printed = config::print([&](config::Section& root) { describe_rules(root, rules); });
    auto start = printed.find('[');
    auto end = printed.rfind(']');
    std::vector<Rule> again;
    CHECK(read_rules(printed.substr(start, end - start + 1), again).empty());
    CHECK(again == rules);
}
