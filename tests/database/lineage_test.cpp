#include "database/lineage.hpp"
#include "database/database.hpp"

#include <filesystem>
#include <fstream>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace database {

namespace {

using Problems = std::vector<std::string>;

/// A data folder with two logs that are always opened together, a third by itself, and its view.
class Folder {
public:
    std::vector<StoreFile> stores() const {
        return {{"one", path("one.db"), StoreKind::log, "pair"},
                {"two", path("two.db"), StoreKind::other, "pair"},
                {"three", path("three.db"), StoreKind::log, "three"},
                {"view", path("view.db"), StoreKind::view, "three"}};
    }
    std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }

    base::Result<void> start(bool accept_older_data = false) {
        auto lineage = Lineage::open(folder_.path(), stores(), accept_older_data);
        if (!lineage) return lineage.error();
        lineage->started();
        lineage->stopping();
        return {};
    }
    Problems problems() const { return Lineage::problems(folder_.path(), stores()); }
    Problems warnings() const { return Lineage::warnings(folder_.path(), stores()); }

    void copy(const std::string& from, const std::string& to) const {
        std::filesystem::copy_file(path(from), path(to),
                                   std::filesystem::copy_options::overwrite_existing);
    }
    /// What was set aside of that file.
    std::vector<std::string> aside(const std::string& name) const {
        std::vector<std::string> all;
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
            auto found = entry.path().filename().string();
            if (found.starts_with(name + ".aside-")) all.push_back(found);
        }
        return all;
    }
    void remove(const std::string& name) const { std::filesystem::remove(path(name)); }

private:
    support::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("a new folder, and one from before there was a lineage, belong together", "[database]") {
    for (bool has_stores : {false, true}) {
        Folder folder;
        if (has_stores) {
            for (const auto& store : folder.stores()) {
                database::Options options;
                options.file = store.path;
                options.name = store.name;
                REQUIRE(database::Database::open(std::move(options)));
            }
        }
        CHECK(folder.problems().empty());
        for (int i = 0; i < 3; ++i) {
            REQUIRE(folder.start());
            CHECK(folder.problems().empty());
            CHECK(folder.warnings().empty());
        }
    }
}

TEST_CASE("a store that is older, missing or empty is refused by name, unless that is accepted",
          "[database]") {
    struct Case {
        const char* what;
        void (*spoil)(const Folder&);
        const char* says;
    };
    const Case cases[] = {
        {"older", [](const Folder& folder) { folder.copy("one.old", "one.db"); },
         "one.db is older"},
        {"older, by itself in its group",
         [](const Folder& folder) { folder.copy("three.old", "three.db"); }, "three.db is older"},
        {"missing", [](const Folder& folder) { folder.remove("two.db"); }, "two.db is missing"},
        {"empty",
         [](const Folder& folder) { std::ofstream(folder.path("two.db"), std::ios::trunc); },
         "two.db is empty"},
        {"older, and the witness is gone",
         [](const Folder& folder) {
             folder.copy("two.oldest", "two.db");
             folder.remove("portal.stores");
         },
         "two.db is older"},
    };
    for (const auto& one : cases) {
        CAPTURE(one.what);
        Folder folder;
        REQUIRE(folder.start());
        folder.copy("two.db", "two.oldest");
        REQUIRE(folder.start());
        for (const char* name : {"one", "three"}) {
            folder.copy(std::string(name) + ".db", std::string(name) + ".old");
        }
        REQUIRE(folder.start());
        one.spoil(folder);

        auto problems = folder.problems();
        REQUIRE(problems.size() == 1);
        CHECK_THAT(problems[0], Catch::Contains(one.says));
        auto refused = folder.start();
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == "older_data");
        CHECK_THAT(refused.error().message, Catch::Contains("older"));
        CHECK_THAT(refused.error().message, Catch::Contains(one.says));
        CHECK_THAT(refused.error().message, Catch::Contains("--accept-older-data"));

        REQUIRE(folder.start(true));
        CHECK(folder.problems().empty());
        CHECK(folder.start());
    }
}

TEST_CASE("a store of another folder is refused, a view of another folder is set aside",
          "[database]") {
    Folder folder;
    Folder other;
    REQUIRE(folder.start());
    for (int i = 0; i < 3; ++i) REQUIRE(other.start());
    std::filesystem::copy_file(other.path("view.db"), folder.path("view.db"),
                               std::filesystem::copy_options::overwrite_existing);
    REQUIRE(folder.start());
    CHECK(folder.aside("view.db").size() == 1);
    CHECK(folder.problems().empty());

    std::filesystem::copy_file(other.path("one.db"), folder.path("one.db"),
                               std::filesystem::copy_options::overwrite_existing);
    auto refused = folder.start();
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().message, Catch::Contains("one.db is of another data folder"));
}

TEST_CASE("a store that cannot be read takes no part in a start, and is not older for that",
          "[database]") {
    for (bool damaged : {true, false}) {
        CAPTURE(damaged);
        Folder folder;
        REQUIRE(folder.start());
        REQUIRE(folder.start());
        std::filesystem::rename(folder.path("one.db"), folder.path("one.whole"));
        if (damaged) {
            std::ofstream(folder.path("one.db")) << std::string(9000, 'x');
        } else {
            std::filesystem::create_directory(folder.path("one.db"));
        }

        auto problems = folder.problems();
        REQUIRE(problems.size() == 1);
        CHECK_THAT(problems[0], Catch::Contains("one.db"));
        REQUIRE(folder.start());
        REQUIRE(folder.start());

        std::filesystem::remove(folder.path("one.db"));
        folder.copy("one.whole", "one.db");
        CHECK(folder.problems().empty());
        REQUIRE(folder.start());
        // What is really older is so still.
        folder.copy("one.whole", "one.db");
        CHECK(folder.problems().size() == 1);
        CHECK_FALSE(folder.start());
    }
}

TEST_CASE("a folder of which nothing can be read is no folder to start on", "[database]") {
    Folder folder;
    REQUIRE(folder.start());
    for (const auto& store : folder.stores()) {
        std::ofstream(store.path, std::ios::trunc) << std::string(9000, 'x');
    }
    auto refused = folder.start();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "cannot_open");
    CHECK_THAT(refused.error().message, Catch::Contains("one.db: the file is damaged"));
}

TEST_CASE("a view may be missing or old, it follows its log", "[database]") {
    Folder folder;
    REQUIRE(folder.start());
    folder.copy("view.db", "view.old");
    REQUIRE(folder.start());
    folder.copy("view.old", "view.db");
    CHECK(folder.start());
    folder.remove("view.db");
    CHECK(folder.problems().empty());
    CHECK(folder.start());
}

TEST_CASE("a store that was not opened for some starts is not older for that", "[database]") {
    Folder folder;
    REQUIRE(folder.start());
    auto without = folder.stores();
    without.resize(2);
    for (int i = 0; i < 3; ++i) {
        auto lineage = Lineage::open(folder.path("."), without, false);
        REQUIRE(lineage);
        lineage->started();
    }
    CHECK(folder.problems().empty());
    CHECK(folder.start());
}

TEST_CASE("a start that is cut off while it marks the stores leaves none that is refused",
          "[database]") {
    // The witness is written last: what such a start leaves is the newer marks of some stores.
    for (int starts_before : {0, 2}) {
        CAPTURE(starts_before);
        Folder folder;
        for (int i = 0; i < starts_before; ++i) REQUIRE(folder.start());
        if (starts_before > 0) folder.copy("portal.stores", "witness");
        if (starts_before > 0) folder.copy("two.db", "two.before");
        REQUIRE(folder.start());
        if (starts_before > 0) {
            folder.copy("witness", "portal.stores");
            folder.copy("two.before", "two.db");
        } else {
            for (const char* name : {"portal.stores", "two.db", "three.db"}) folder.remove(name);
        }
        CHECK(folder.problems().empty());
        CHECK(folder.start());
        CHECK(folder.problems().empty());
    }
}

TEST_CASE("a right file may be put back after a start that was refused for it", "[database]") {
    Folder folder;
    REQUIRE(folder.start());
    folder.copy("one.db", "one.old");
    REQUIRE(folder.start());
    folder.copy("one.db", "one.right");
    // Two starts that were marked, and refused by a module that looked closer.
    for (int i = 0; i < 2; ++i) REQUIRE(Lineage::open(folder.path("."), folder.stores(), false));
    folder.copy("one.right", "one.db");
    CHECK(folder.problems().empty());
    CHECK(folder.start());
    folder.copy("one.old", "one.db");
    CHECK_FALSE(folder.start());
}

TEST_CASE("a start that is cut off while it marks its stores can be repeated as often as it takes",
          "[database]") {
    for (bool has_started : {false, true}) {
        Folder folder;
        if (has_started) REQUIRE(folder.start());
        auto marked = [&] { return Lineage::open(folder.path("."), folder.stores(), false); };
        for (int cut = 0; cut < 4; ++cut) {
            CAPTURE(has_started, cut);
            if (has_started) folder.copy("two.db", "two.before");
            REQUIRE(marked());
            // It did not come to this one.
            if (has_started) {
                folder.copy("two.before", "two.db");
            } else {
                folder.remove("two.db");
            }
        }
        CHECK(folder.problems().empty());
        REQUIRE(folder.start());
        CHECK(folder.problems().empty());
    }
}

TEST_CASE("a file without its write-ahead log after a run that did not end is warned of",
          "[database]") {
    Folder folder;
    {
        auto lineage = Lineage::open(folder.path("."), folder.stores(), false);
        REQUIRE(lineage);
        lineage->started();
    }
    auto warnings = folder.warnings();
    REQUIRE(warnings.size() == 4);
    CHECK_THAT(warnings[0], Catch::Contains("one.db stands without its -wal file"));
    CHECK(folder.problems().empty());
    CHECK(folder.start());
    CHECK(folder.warnings().empty());
}

}  // namespace database
