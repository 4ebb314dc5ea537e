// Copies of whole stores, and snapshots of several of them at one moment.
#include "database/store_copy.hpp"

#include <fstream>
#include <thread>

#include "database/lineage.hpp"
#include "engines.hpp"
#include "support/catch.hpp"
#include "support/sqlite_file.hpp"

namespace {

using database::Access;
using database::ScratchStore;
using database::StoreCopy;
using database::StoreFile;
using database::StoreReader;

/// All that a file has: how it is made, and every row with the kinds of its values.
std::vector<std::string> all_of(const std::filesystem::path& file) {
    auto all = support::rows_from_database(
        file, "select type, name, sql from sqlite_schema order by type, name");
    for (const auto& table : support::rows_from_database(
             file, "select name from sqlite_schema where type = 'table' order by name")) {
        for (const auto& row :
             support::rows_from_database(file, "select * from \"" + table + "\"")) {
            all.push_back(table + ": " + row);
        }
    }
    return all;
}

/// A file as another program would have made it.
void make_database(const std::filesystem::path& file, const std::string& sql) {
    std::ofstream(file).close();
    support::change_database(file, sql);
}

}  // namespace

TEST_CASE("a copy of a store has its schema and every row, in whatever order tables refer",
          "[database]") {
    support::TemporaryFolder folder;
    auto file = folder / "one.db";
    make_database(
        file,
        "create table \"odd name\" (id integer primary key autoincrement, parent integer"
        " references parents (id), real_number real, bytes blob, anything);"
        "create table parents (id integer primary key, name text) strict;"
        "create table plain (a, b, primary key (b, a)) without rowid;"
        "create table left_out (a);"
        "create index by_parent on \"odd name\" (parent);"
        "create trigger no_delete before delete on parents begin select raise(abort, 'no'); end;"
        "insert into parents values (1, 'first'), (7, 'seventh');"
        "insert into \"odd name\" values (3, 7, 0.1, x'00ff', 'text'), (9, null, null, null, "
        "5);"
        "delete from \"odd name\" where id = 9;"
        "insert into plain values (1, 'x'), ('two', 'y'), (2.5, 'z');"
        "insert into left_out values (1), (2);");
    auto expected = all_of(file);
    auto copied = folder / "copy.db";
    {
        StoreReader reader({"one", file});
        reader.refresh();
        ScratchStore store(copied);
        StoreCopy copy(reader, store);
        CHECK(copy.copy_rows({"left_out"}, {}) == 6);
        reader.release();
        copy.finish();
        store.close();
    }
    std::erase_if(expected, [](const auto& line) { return line.starts_with("left_out: "); });
    CHECK(all_of(copied) == expected);
    CHECK(support::number_from_database(copied, "select seq from sqlite_sequence") == 9);
    CHECK_FALSE(std::filesystem::exists(copied.string() + "-wal"));
    StoreReader written({"copy", copied}, Access::unchanging);
    CHECK(written.check().empty());
    CHECK_FALSE(std::filesystem::exists(copied.string() + "-shm"));
}

TEST_CASE("a store with what cannot be copied row by row is not copied", "[database]") {
    support::TemporaryFolder folder;
    auto file = folder / "one.db";
    make_database(file, "create table a (b); create view c as select b from a;");
    StoreReader reader({"one", file});
    reader.refresh();
    ScratchStore store(folder / "copy.db");
    CHECK_THROWS_AS(StoreCopy(reader, store), database::Failure);
}

TEST_CASE("snapshots of several stores are of one moment while all of them are written",
          "[database]") {
    // One after the other, a row goes to each of the stores: at any moment the first has as many
    // as the last, or one more.
    tests::Store first(tests::engines().front());
    tests::Store second(tests::engines().front());
    tests::Store third(tests::engines().front());
    std::vector<tests::Store*> all{&first, &second, &third};
    for (auto* store : all) store->open();
    std::atomic<bool> done{false};
    std::thread writer([&] {
        for (std::int64_t i = 1; !done; ++i) {
            for (auto* store : all) {
                [[maybe_unused]] auto added = store->add(i, std::to_string(i));
            }
        }
    });
    std::vector<StoreReader> readers;
    // The reverse of how they are written: the order alone would leave the last one ahead.
    for (auto* store : all) readers.emplace_back(StoreFile{"test", store->options().file});
    int together = 0;
    for (int i = 0; i < 300; ++i) {
        if (!database::refresh_together(readers, 100)) continue;
        ++together;
        std::vector<std::int64_t> counts;
        for (auto& reader : readers) counts.push_back(tests::count_in(reader.snapshot()));
        CHECK(counts[0] >= counts[2]);
        CHECK(counts[0] - counts[2] <= 1);
        for (auto& reader : readers) reader.release();
    }
    done = true;
    writer.join();
    CHECK(together > 100);
}

TEST_CASE("stores that are of no folder any more make a new one", "[database]") {
    support::TemporaryFolder folder;
    StoreFile one{"one", folder / "one.db", database::StoreKind::log, "group"};
    StoreFile two{"two", folder / "two.db", database::StoreKind::log, "group"};
    auto opens = [&] { return database::Lineage::open(folder.path(), {one, two}, false); };
    {
        auto lineage = opens();
        REQUIRE(lineage);
        lineage->started();
        lineage->stopping();
    }
    auto id = support::rows_from_database(one.path, "select folder_id from lineage");
    std::filesystem::remove(folder / "portal.stores");
    for (const auto& store : {one, two}) {
        ScratchStore opened(store.path);
        database::Lineage::forget(opened.transaction());
        opened.commit();
        support::seal_pages(store.path);
    }
    auto lineage = opens();
    REQUIRE(lineage);
    CHECK(support::rows_from_database(one.path, "select folder_id from lineage") != id);
    CHECK(support::rows_from_database(one.path, "select folder_id from lineage") ==
          support::rows_from_database(two.path, "select folder_id from lineage"));
}
