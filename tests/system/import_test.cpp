// `portal import news`: what goes in, what is refused and reported, and that it can be repeated.
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

const Rejected mixed_rejects[] = {{4, "invalid_news"},    {5, "unknown_news_type"},
                                  {6, "malformed_json"},  {7, "missing_source_id"},
                                  {9, "invalid_news"},    {11, "malformed_json"},
                                  {12, "malformed_json"}, {13, "invalid_news"},
                                  {16, "malformed_news"}, {17, "invalid_news"}};

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

    check_counts(first, 16, 5, 1, 10);
    auto rejected_file = portal.folder() / "archive.rejected.jsonl";
    CHECK(first.output.find(rejected_file.string()) != std::string::npos);
    CHECK(first.output.find("unknown_news_type") != std::string::npos);
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
    CHECK(rejected[4].at("details").size() == 2);
    CHECK(rejected[2].at("text") == "{\"source_id\": \"x\", ");

    auto again = portal.command({"import", "news", file.string()});
    check_counts(again, 16, 0, 6, 10);
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
