// The commands that read a Django site.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/portal_process.hpp"
#include "support/temporary_folder.hpp"

namespace {

support::Finished run_portal(const support::TemporaryFolder& folder,
                             std::vector<std::string> arguments) {
    auto root = std::filesystem::path(PORTAL_SOURCE_DIR);
    arguments.insert(arguments.end(), {"--config", root / "config/portal.json", "--set",
                                       "data.folder=" + (folder / "data").string()});
    support::Process::Options options;
    options.arguments = std::move(arguments);
    return support::run(support::portal_binary(), options);
}

bool has(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a Django site is looked at and its import tried, and nothing is touched", "[system]") {
    support::TemporaryFolder folder;
    auto root = std::filesystem::path(PORTAL_SOURCE_DIR);
    auto dump = (folder / "dump.json").string();
    auto mapping = (root / "integrations/django/mappings/newsroom.json").string();
    std::filesystem::copy_file(root / "tests/django/fixtures/newsroom.json", dump);

    auto inspected =
        run_portal(folder, {"inspect", "django", dump, "--mapping", folder / "proposed.json"});
    const std::string types = R"(news.types=["news", "sports"])";
    auto tried = run_portal(
        folder, {"import", "django", "--mapping", mapping, "--dry-run", "--set", types, dump});
    auto proposed = run_portal(
        folder, {"import", "django", "--mapping", folder / "proposed.json", "--dry-run", dump});
    auto lacking =
        run_portal(folder, {"import", "django", "--mapping", mapping, "--dry-run", dump});
    auto again =
        run_portal(folder, {"inspect", "django", dump, "--mapping", folder / "proposed.json"});

    CAPTURE(inspected.errors, tried.errors, proposed.errors);
    CHECK(inspected.code == 0);
    CHECK(has(inspected.output, "newsroom.article, 5 rows"));
    CHECK(has(inspected.output, "-> newsroom.author"));
    CHECK_FALSE(has(inspected.output, "pbkdf2"));
    CHECK(tried.code == 3);
    CHECK(has(tried.output,
              "news from newsroom.article: 5 read = 4 taken + 0 left out + 1 rejected\n"
              "  2 published, 1 scheduled, 1 drafts; 0 older states"));
    CHECK(has(tried.output, "Rejected missing_title, 1 times"));
    CHECK_FALSE(has(tried.output, "news.types"));
    CHECK(lacking.code == 3);
    CHECK(has(lacking.output,
              "Note: These news types are not in the configuration, and their rows "
              "are not taken: news ("));
    CHECK(has(lacking.output, R"(Write "news": {"types": ["famous","politics","sports","news"]})"));
    CHECK(has(lacking.output, "Rejected unknown_news_type"));
    CHECK(proposed.code == 3);
    CHECK(again.code == 2);
    CHECK(has(again.errors, "is there already"));
    std::size_t files = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
        CAPTURE(file.path());
        ++files;
    }
    // The dump, what was proposed, and the rejected rows.
    CHECK(files == 3);
}

TEST_CASE("a Django site's data is brought in while the server runs, and again from standard input",
          "[system]") {
    auto root = std::filesystem::path(PORTAL_SOURCE_DIR);
    auto mapping = (root / "integrations/django/mappings/newsroom.json").string();
    support::PortalProcess portal(nlohmann::json{{"news", {{"types", {"news", "sports"}}}},
                                                 {"django", {{"mapping", mapping}}},
                                                 {"security", {{"mode", "enforced"}}}});
    auto dump = portal.folder() / "dump.json";
    std::filesystem::copy_file(root / "tests/django/fixtures/newsroom.json", dump);
    portal.start();

    auto imported = portal.command({"import", "django", "--mapping", mapping, dump.string()});

    CAPTURE(imported.output, imported.errors);
    CHECK(imported.code == 3);
    CHECK(has(imported.output, "users from auth.user: 3 read = 3 added + 0 updated"));
    CHECK(
        has(imported.output,
            "news from newsroom.article: 5 read = 4 added + 0 updated + 0 unchanged + 0 left out + "
            "1 rejected\n"));
    auto story = portal.get("/v1/news/news/1").news();
    CHECK(story.at("title") == "Water comes back");
    CHECK(story.at("content_format") == "html");
    CHECK(story.at("published_at") == "2020-01-01T10:00:00.123Z");
    CHECK(portal.get("/v1/legacy/newsroom.article/1").news() == story);
    CHECK(portal.get("/v1/news/news/2").status == 404);
    CHECK(portal.get("/v1/news/sports/3").status == 404);
    auto resolved = portal.get("/v1/resolve?path=/article/water-comes-back/");
    CHECK(resolved.json().at("to") == "/v1/news/news/1");

    auto moved = portal.command({"migrate", "data"});
    CAPTURE(moved.output, moved.errors);
    CHECK(moved.code == 0);
    CHECK(has(moved.output, "newsroom.article"));
    CHECK(has(moved.output, "People who came: 3\n"));
    CHECK(has(moved.output, "Not ready: The last import rejected 1 row of newsroom.article.\n"));
    CHECK(portal.get("/v1/migration/data").status == 401);

    std::ifstream file(dump, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    auto again = portal.command({"import", "django", "--mapping", mapping, "-"},
                                std::chrono::seconds(120), text);
    CAPTURE(again.output, again.errors);
    CHECK(again.code == 3);
    CHECK(has(again.output,
              "news from newsroom.article: 5 read = 0 added + 0 updated + 4 unchanged"));
    CHECK(std::filesystem::exists(portal.folder() / "stdin.rejected.jsonl"));
    CHECK(portal.stop() == 0);
    CHECK(portal.command({"verify"}).code == 0);
    CHECK(portal.breakdowns().empty());
}

TEST_CASE("a bridge in the Django site pushes its changes with a key, and they are here",
          "[system]") {
    auto root = std::filesystem::path(PORTAL_SOURCE_DIR);
    auto mapping = (root / "integrations/django/mappings/newsroom.json").string();
    support::PortalProcess portal(nlohmann::json{{"news", {{"types", {"news", "sports"}}}},
                                                 {"django", {{"mapping", mapping}}}});
    portal.start();
    nlohmann::json article;
    auto related = nlohmann::json::array();
    std::ifstream file(root / "tests/django/fixtures/newsroom.json");
    for (const auto& row : nlohmann::json::parse(file)) {
        if (row["model"] != "newsroom.article") {
            related.push_back(row);
        } else if (row["pk"] == 1) {
            article = row;
        }
    }
    REQUIRE(article.is_object());
    auto push = [&](std::int64_t sequence, const nlohmann::json& record) {
        nlohmann::json change{
            {"sequence", sequence}, {"operation", "save"}, {"model", "newsroom.article"}, {"pk", 1},
            {"record", record},     {"related", related}};
        return portal.post("/v1/migration/changes",
                           {{"source", "box"}, {"changes", std::vector<nlohmann::json>{change}}});
    };

    auto first = push(17, article);
    CAPTURE(first.body);
    CHECK(first.status == 200);
    CHECK(first.json() == nlohmann::json{{"last_sequence", 17},
                                         {"accepted", 1},
                                         {"refused", nlohmann::json::array()}});
    // What is pushed is in the log when it is answered, and in the view a moment later.
    auto is_shown = [&](const std::string& title) {
        return support::eventually([&] {
            auto shown = portal.get("/v1/legacy/newsroom.article/1");
            return shown.status == 200 && shown.news().at("title") == title;
        });
    };
    CHECK(is_shown("Water comes back"));
    article["fields"]["title"] = "Water is back";
    CHECK(push(17, article).json().at("accepted") == 0);
    CHECK(push(18, article).json().at("accepted") == 1);
    CHECK(is_shown("Water is back"));
    auto wrong = push(0, article);
    CHECK(wrong.status == 422);
    CHECK(wrong.json().at("error") == "invalid_changes");
    CHECK(portal.stop() == 0);
    // A mapping that cannot be read ends the start with a sentence.
    portal.configure({{"django", {{"mapping", "/nowhere/mapping.json"}}}});
    auto refused = portal.command({});
    CHECK(refused.code != 0);
    CHECK(has(refused.errors, "/nowhere/mapping.json"));
}
