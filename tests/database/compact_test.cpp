#include "database/compact.hpp"

#include <filesystem>

#include "database/database.hpp"
#include "support/catch.hpp"
#include "support/sqlite_file.hpp"
#include "support/temporary_folder.hpp"

namespace database {

namespace {

/// A closed store of so many rows of 4 KiB, of which the first few are gone.
void make_store(const std::filesystem::path& file, int rows, int gone) {
    Options options;
    options.file = file;
    options.name = "test";
    options.migrations = {
        {"test", {{"0001", "create table texts (id integer primary key, text text) strict"}}}};
    auto store = std::move(*Database::open(std::move(options)));
    auto work = [rows, gone](Transaction& transaction) -> base::Result<void> {
        const std::string text(4096, 'x');
        for (int i = 0; i < rows; ++i) {
            transaction.prepare("insert into texts (text) values (?)").bind(1, text).run();
        }
        transaction.prepare("delete from texts where id <= ?").bind(1, std::int64_t{gone}).run();
        return {};
    };
    REQUIRE(base::run(store->write<void>(base::Deadline(), 0, work)));
}

}  // namespace

TEST_CASE("a store that is compacted gives the disk what is free, and has all its rows",
          "[database]") {
    support::TemporaryFolder folder;
    StoreFile store{"test", folder / "test.db", StoreKind::log};
    make_store(store.path, 500, 400);
    auto before = std::filesystem::file_size(store.path);

    compact(store);

    auto after = std::filesystem::file_size(store.path);
    CHECK(after * 3 < before);
    CHECK(support::number_from_database(store.path, "select count(*) from texts") == 100);
    CHECK(support::number_from_database(store.path, "select min(id) from texts") == 401);
    CHECK(check_file(store).empty());
    CHECK(StoreReader(store).warning().empty());
}

TEST_CASE("a store of which little is free is left as it is", "[database]") {
    support::TemporaryFolder folder;
    StoreFile store{"test", folder / "test.db", StoreKind::log};
    make_store(store.path, 500, 20);
    auto before = std::filesystem::file_size(store.path);
    compact(store);
    CHECK(std::filesystem::file_size(store.path) == before);
}

}  // namespace database
