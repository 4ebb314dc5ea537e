// The commands that read a Django site.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/catch.hpp"
#include "support/process.hpp"
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
    auto tried = run_portal(folder, {"import", "django", "--mapping", mapping, "--dry-run", dump});
    auto proposed = run_portal(
        folder, {"import", "django", "--mapping", folder / "proposed.json", "--dry-run", dump});
    auto again =
        run_portal(folder, {"inspect", "django", dump, "--mapping", folder / "proposed.json"});
    auto imported = run_portal(folder, {"import", "django", "--mapping", mapping, dump});

    CAPTURE(inspected.errors, tried.errors, proposed.errors, imported.errors);
    CHECK(inspected.code == 0);
    CHECK(has(inspected.output, "newsroom.article, 5 rows"));
    CHECK(has(inspected.output, "-> newsroom.author"));
    CHECK_FALSE(has(inspected.output, "pbkdf2"));
    CHECK(tried.code == 3);
    CHECK(has(tried.output,
              "news from newsroom.article: 5 read = 4 taken + 0 left out + 1 rejected\n"
              "  2 published, 1 scheduled, 1 drafts; 0 older states"));
    CHECK(has(tried.output, "Rejected missing_title, 1 times"));
    CHECK(proposed.code == 3);
    CHECK(again.code == 2);
    CHECK(has(again.errors, "is there already"));
    CHECK(imported.code == 2);
    CHECK(has(imported.errors, "--dry-run"));
    std::size_t files = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
        CAPTURE(file.path());
        ++files;
    }
    // The dump, what was proposed, and the rejected rows.
    CHECK(files == 3);
}
