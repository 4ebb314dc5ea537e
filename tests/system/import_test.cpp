// `portal import news`: what goes in, what is refused and reported, and that it can be repeated.
#include <algorithm>
#include <fstream>

#include "shared_portal.hpp"
#include "support/catch.hpp"

using nlohmann::json;
using support::Finished;
using support::PortalProcess;

namespace {

std::string line_of(const std::string& source_id, const std::string& type,
                    const json& changed = {}) {
    auto item =
        support::new_item("Imported " + source_id, {{"source_id", source_id},
                                                    {"news_type", type},
                                                    {"tags", {"imported"}},
                                                    {"published_at", "2021-05-04T10:20:30Z"},
                                                    {"source_url", "ignored"}});
    if (changed.is_object()) item.update(changed);
    return item.dump();
}

std::vector<json> lines_in(const std::filesystem::path& file) {
    std::vector<json> lines;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
    return lines;
}

/// The summary line: `14 lines in 0.1 s: 5 added, 1 already there, 6 rejected`.
void check_counts(const Finished& finished, int lines, int added, int there, int rejected) {
    INFO(finished.output << finished.errors);
    CHECK(finished.output.find(std::to_string(lines) + " lines in ") == 0);
    CHECK(finished.output.find(": " + std::to_string(added) + " added, " + std::to_string(there) +
                               " already there, " + std::to_string(rejected) + " rejected") !=
          std::string::npos);
    CHECK(finished.code == (rejected > 0 ? 3 : 0));
}

struct Rejected {
    int line;
    const char* error;
};

/// Good and bad lines of every sort; the bad ones stand at known numbers.
std::string mixed_file() {
    return line_of("s1", "sports") + "\n" +                                      // 1
           line_of("p1", "politics") + "\r\n" +                                  // 2: CRLF
           "\n" +                                                                // 3: blank
           line_of("s2", "sports", {{"author", std::string(51, 'a')}}) + "\n" +  // 4
           line_of("w1", "weather") + "\n" +                                     // 5
           "{\"source_id\": \"x\", \n" +                                         // 6
           R"({"title":"t","content":"c","author":"a","news_type":"sports"})"
           "\n" +  // 7
           line_of("s1", "sports", {{"title", "a repetition"}}) +
           "\n" +                                                              // 8
           line_of("s3", "sports", {{"title", ""}, {"content", ""}}) + "\n" +  // 9
           " \t \r\n" +                                                        // 10: blank
           R"({"source_id":"d1","source_id":"d2","news_type":"sports"})"
           "\n" +          // 11
           "\xff\xfe\n" +  // 12
           line_of("s4", "sports", {{"published_at", "soon"}}) +
           "\r\n" +                                                      // 13
           line_of("s1", "famous") + "\n" +                              // 14: another type
           line_of("f2", "famous", {{"status", "draft"}}) + "\n" +       // 15
           "[1, 2]\n" +                                                  // 16
           line_of("", "sports") + "\n" +                                // 17
           line_of("s5", "sports", {{"author", std::string(50, 'a')}});  // 18: no newline
}

const Rejected mixed_rejects[] = {
    {4, "invalid_news"},      {5, "unknown_news_type"},   {6, "malformed_json"},
    {7, "missing_source_id"}, {8, "duplicate_source_id"}, {9, "invalid_news"},
    {11, "malformed_json"},   {12, "malformed_json"},     {13, "invalid_news"},
    {16, "malformed_news"},   {17, "invalid_news"}};

}  // namespace

TEST_CASE("an import takes the good lines and reports each bad one by its number", "[system]") {
    PortalProcess portal;
    portal.make_data_folder();
    bool serving = GENERATE(false, true);
    if (serving) portal.start();
    auto file = portal.folder() / "archive.jsonl";
    std::ofstream(file, std::ios::binary) << mixed_file();

    // A relative path is relative to where the command is given, also when the server reads it.
    auto first = portal.command({"import", "news", "archive.jsonl"});

    check_counts(first, 16, 5, 0, 11);
    auto rejected_file = portal.folder() / "archive.rejected.jsonl";
    CHECK(first.output.find(rejected_file.string()) != std::string::npos);
    CHECK(first.output.find("unknown_news_type") != std::string::npos);
    CHECK(first.output.find("Not among news.types in the configuration: weather (1)") !=
          std::string::npos);
    auto rejected = lines_in(rejected_file);
    REQUIRE(rejected.size() == std::size(mixed_rejects));
    for (std::size_t i = 0; i < rejected.size(); ++i) {
        INFO(rejected[i].dump());
        CHECK(rejected[i].at("line") == mixed_rejects[i].line);
        CHECK(rejected[i].at("error") == mixed_rejects[i].error);
        CHECK_FALSE(rejected[i].at("message").get<std::string>().empty());
    }
    CHECK(rejected[0].at("item").at("source_id") == "s2");
    CHECK(rejected[0].at("details").at(0).at("field") == "author");
    CHECK(rejected[5].at("details").size() == 2);
    CHECK(rejected[2].at("text") == "{\"source_id\": \"x\", ");

    auto again = portal.command({"import", "news", file.string()});
    check_counts(again, 16, 0, 5, 11);
    CHECK(lines_in(rejected_file) == rejected);

    if (!serving) portal.start();
    auto sports = portal.get("/v1/news/sports/1/100").news();
    CHECK(sports.size() == 2);
    CHECK(portal.get("/v1/news/politics/1/100").news().size() == 1);
    CHECK(portal.get("/v1/news/famous/1/100").news().size() == 1);
    CHECK(portal.get("/v1/news/tags/imported").news().size() == 4);
    for (const auto& item : sports) {
        CHECK(support::item_faults(item) == "");
        CHECK(item.at("published_at") == "2021-05-04T10:20:30.000Z");
        CHECK(item.at("title") != "a repetition");
    }
    CHECK(portal.stop() == 0);
    CHECK(portal.command({"verify"}).code == 0);
}

TEST_CASE("an import without a bad line ends with 0 and leaves no report", "[system]") {
    PortalProcess portal;
    portal.make_data_folder();
    auto file = portal.folder() / "good.jsonl";
    auto report = portal.folder() / "good.rejected.jsonl";
    std::ofstream(file) << line_of("a", "sports") << "\nnonsense\n";
    check_counts(portal.command({"import", "news", file.string()}), 2, 1, 0, 1);
    CHECK(std::filesystem::exists(report));

    // The line is mended: what the report said of it is no longer true.
    std::ofstream(file) << line_of("a", "sports") << '\n' << line_of("b", "sports") << '\n';
    check_counts(portal.command({"import", "news", file.string()}), 2, 1, 1, 0);
    CHECK_FALSE(std::filesystem::exists(report));

    std::ofstream(file) << "";
    check_counts(portal.command({"import", "news", file.string()}), 0, 0, 0, 0);
}

TEST_CASE("a running server shows what was imported as soon as the command ends", "[system]") {
    PortalProcess portal;
    portal.start();
    // In the cache before, so that a stale answer would be seen.
    CHECK(portal.get("/v1/news/all/1/10").news().empty());
    auto file = portal.folder() / "many.jsonl";
    {
        std::ofstream out(file);
        for (int i = 0; i < 3000; ++i) {
            const char* types[] = {"sports", "politics", "famous"};
            out << line_of("m" + std::to_string(i), types[i % 3]) << '\n';
        }
    }
    auto imported = portal.command({"import", "news", file.string()});
    INFO(imported.output << imported.errors);
    CHECK(imported.code == 0);
    CHECK(imported.output.find("3,000 added") != std::string::npos);
    CHECK(portal.get("/v1/news/all/1/10").news().size() == 30);
    CHECK(tests::walk(portal, "/v1/news/all", 100).size() == 3000);

    // One that cannot be read is refused by the server too, and another job can follow.
    auto missing = portal.command({"import", "news", "missing.jsonl"});
    CHECK(missing.code == 2);
    CHECK(missing.errors.find("missing.jsonl") != std::string::npos);
    CHECK(portal.command({"rebuild", "--type", "sports"}).code == 0);
    CHECK(portal.stop() == 0);
    CHECK(portal.command({"verify"}).code == 0);
}

TEST_CASE("an imported item that its source changed is a new version, one that it did not nothing",
          "[system]") {
    PortalProcess portal;
    portal.start();
    auto file = portal.folder() / "again.jsonl";
    auto import = [&](const std::string& lines) {
        std::ofstream(file) << lines;
        auto finished = portal.command({"import", "news", file.string()});
        INFO(finished.output << finished.errors);
        CHECK(finished.code == 0);
        return finished.output;
    };
    import(line_of("a", "sports") + "\n" + line_of("b", "sports") + "\n");
    auto item = portal.get("/v1/news/tags/imported").news().at(0);
    auto b = portal.get("/v1/news/tags/imported").news().at(1);
    if (item.at("title") != "Imported a") std::swap(item, b);
    auto path = tests::path_of(item);

    auto output = import(line_of("a", "sports", {{"title", "Changed"}}) + "\n" +
                         line_of("b", "sports") + "\n");

    CHECK(output.find("0 added, 1 updated, 1 already there, 0 rejected") != std::string::npos);
    auto changed = portal.get(path).news();
    CHECK(changed.at("title") == "Changed");
    CHECK(changed.at("version") == 2);
    CHECK(changed.at("published_at") == item.at("published_at"));
    CHECK(portal.get(tests::path_of(b)).news().at("version") == 1);

    // What was removed here stays removed; what was changed here stays while its source says the
    // same.
    REQUIRE(portal.ask("DELETE", path).status == 200);
    REQUIRE(portal.put("/v1/news/sports", {{"id", b.at("id")}, {"version", 1}, {"title", "Edited"}})
                .status == 201);
    import(line_of("a", "sports", {{"title", "Once more"}}) + "\n" + line_of("b", "sports"));
    CHECK(portal.get(path).status == 404);
    CHECK(portal.get(tests::path_of(b)).news().at("title") == "Edited");
    CHECK(portal.stop() == 0);
    CHECK(portal.command({"verify"}).code == 0);
}

TEST_CASE("what an export of another system says in its own way is understood", "[system]") {
    PortalProcess portal;
    std::filesystem::create_directories(portal.data());
    std::string lines =
        line_of("draft", "sports", {{"published_at", nullptr}}) + "\n" +
        line_of("told", "sports", {{"published_at", nullptr}, {"status", "published"}}) + "\n" +
        line_of("off", "sports", {{"status", "draft"}}) + "\n" +
        line_of("bare", "sports", {{"description", nullptr}}) + "\n" +
        line_of("x", "sports", {{"source_id", 17}}) + "\n" +
        line_of("x", "sports", {{"source_id", "17"}}) + "\n" +
        line_of("x", "sports", {{"source_id", 1.5}}) + "\n" +
        line_of("old", "sports", {{"published_at", "1923-05-04T00:00:00Z"}}) + "\n";

    auto finished = portal.command({"import", "news", "-"}, std::chrono::seconds(120), lines);

    check_counts(finished, 8, 6, 1, 1);
    auto rejected = lines_in(portal.folder() / "stdin.rejected.jsonl");
    REQUIRE(rejected.size() == 1);
    CHECK(rejected[0].at("error") == "missing_source_id");
    portal.start();
    std::vector<std::string> titles;
    for (const auto& item : portal.get("/v1/news/sports/1/100").news()) {
        titles.push_back(item.at("title"));
        if (item.at("title") == "Imported bare") CHECK(item.at("description") == "");
        if (item.at("title") == "Imported old") {
            CHECK(item.at("published_at") == "1923-05-04T00:00:00.000Z");
        }
    }
    std::sort(titles.begin(), titles.end());
    CHECK(titles ==
          std::vector<std::string>{"Imported bare", "Imported old", "Imported told", "Imported x"});
    CHECK(portal.stop() == 0);

    portal.start();
    auto served = portal.command({"import", "news", "-"}, std::chrono::seconds(120), lines);
    check_counts(served, 8, 0, 7, 1);
    CHECK(portal.stop() == 0);
}
