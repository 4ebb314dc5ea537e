// A store whose file cannot be trusted any more, and what is left of it.
#include <fstream>
#include <sstream>

#include "engines.hpp"
#include "support/catch.hpp"
#include "support/faulty_file_system.hpp"
#include "support/sqlite_file.hpp"

namespace {

using database::Database;
using database::IfSyncFails;
using database::IfUnusable;
using support::FaultyFileSystem;
using tests::Store;
namespace fs = std::filesystem;

fs::path place_of(Store& store) {
    return store.options().file;
}

std::string content_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream content;
    content << in.rdbuf();
    return content.str();
}

/// What stands beside the store under another name, but for logs.
std::vector<fs::path> aside(Store& store) {
    std::vector<fs::path> all;
    for (const auto& entry : fs::directory_iterator(place_of(store).parent_path())) {
        auto name = entry.path().filename().string();
        bool is_log = name.ends_with("-wal") || name.ends_with("-shm");
        if (name.starts_with("test.db.aside-") && !is_log) all.push_back(entry.path());
    }
    return all;
}

/// A closed store with some pages.
void fill(Store& store) {
    store.open();
    for (std::int64_t id = 1; id <= 200; ++id) {
        REQUIRE(store.add(id, std::to_string(id) + std::string(400, 'x')));
    }
    store.close();
}

/// Of those that fill() has made.
base::Result<std::int64_t> count_if_usable(Store& store) {
    auto work = [](database::ReadTransaction& transaction) -> base::Result<std::int64_t> {
        // On every page of theirs.
        auto row = transaction.prepare("select count(*) from items where name like '%x'");
        row.step();
        return row.integer(0);
    };
    return store.read<std::int64_t>(work);
}

/// What a file may be instead of a store.
struct Fault {
    const char* name;
    void (*spoil)(const fs::path& file);
    const char* code;
};

const Fault faults[] = {{"pages overwritten", support::overwrite_pages, "store_damaged"},
                        {"no database", support::put_text, "store_damaged"},
                        {"cut short", support::cut_short, "store_damaged"},
                        {"cannot be opened", support::put_folder, "store_unreadable"}};

tests::Engine in_sqlite() {
    return tests::engines().front();
}

}  // namespace

TEST_CASE("a store that cannot be used is out, says why, and is left as it is", "[database]") {
    for (const auto& fault : faults) {
        CAPTURE(fault.name);
        Store store(in_sqlite());
        fill(store);
        fault.spoil(place_of(store));
        auto before = content_of(place_of(store));
        telemetry::Metrics metrics;
        store.options().if_unusable = IfUnusable::go_out;
        store.options().metrics = &metrics;

        store.open();

        // What is damaged is found when it is looked at.
        auto read = count_if_usable(store);
        REQUIRE_FALSE(read);
        CHECK(read.error().reason == base::Reason::unavailable);
        CHECK(read.error().code == fault.code);
        CHECK_THAT(read.error().message, Catch::Contains("The store test cannot be used"));
        CHECK(database::is_out(read.error()));
        auto written = store.add(1000, "new");
        REQUIRE_FALSE(written);
        CHECK(written.error().code == fault.code);
        CHECK(store->state() == Database::State::out);
        CHECK(store->usable().error().code == fault.code);
        CHECK_FALSE(store->writable());
        CHECK_THAT(store->warning(), Catch::Contains("the store test is out: test.db"));
        CHECK_THAT(metrics.text(), Catch::Contains("portal_database_out{store=\"test\"} 1"));
        store.close();
        CHECK(content_of(place_of(store)) == before);
        CHECK(aside(store).empty());
    }
}

TEST_CASE("a store that can be made anew is set aside when it opens, the last few times",
          "[database]") {
    Store store(in_sqlite());
    store.options().if_unusable = IfUnusable::set_aside;
    for (int round = 0; round < 5; ++round) {
        fill(store);
        support::put_text(place_of(store));
        store.open();
        CHECK(store->state() == Database::State::open);
        CHECK(store.count() == 0);
        REQUIRE(store.add(1, "one"));
        store.close();
        CHECK(aside(store).size() == static_cast<std::size_t>(std::min(round + 1, 3)));
        fs::remove(place_of(store));
    }
    for (const auto& file : aside(store)) CHECK(fs::file_size(file) == 9000);
}

TEST_CASE("what is no fault of the file keeps it from opening all the same", "[database]") {
    FaultyFileSystem::install();
    Store store(in_sqlite());
    fill(store);
    store.options().if_unusable = IfUnusable::set_aside;
    SECTION("a disk that is full") {
        store.options().migrations.push_back({"more", {{"0001_more", "create table more (a)"}}});
        FaultyFileSystem::writes_until_full = 0;
    }
    SECTION("a disk that keeps nothing") {
        store.options().migrations.push_back({"more", {{"0001_more", "create table more (a)"}}});
        FaultyFileSystem::syncs_until_error = 0;
    }
    SECTION("data of a newer binary") {
        store.options().migrations = {{"test", {}}};
    }
    auto opened = Database::open(store.options());
    FaultyFileSystem::heal();
    CHECK_FALSE(opened);
    CHECK(aside(store).empty());
}

TEST_CASE("damage that is found while a store serves takes that store out, once for all",
          "[database]") {
    Store store(in_sqlite());
    fill(store);
    store.options().limits.cache_kib = 64;
    store.open();
    REQUIRE(store.add(1000, "before"));
    support::overwrite_pages(place_of(store));

    auto read = count_if_usable(store);

    REQUIRE_FALSE(read);
    CHECK(read.error().code == "store_damaged");
    CHECK(store->state() == Database::State::out);
    CHECK(store.add(1001, "after").error().code == "store_damaged");
}

TEST_CASE("damage that is found by a change acknowledges nothing of its batch", "[database]") {
    Store store(in_sqlite());
    fill(store);
    store.options().limits.cache_kib = 64;
    store.open();
    support::overwrite_pages(place_of(store));
    auto written = store.add(1000, "new");
    REQUIRE_FALSE(written);
    CHECK(written.error().code == "store_damaged");
    CHECK(store->state() == Database::State::out);
}

TEST_CASE("nothing is written to a file that is not where it was", "[database]") {
    Store store(in_sqlite());
    fill(store);
    store.open();
    REQUIRE(store.add(1000, "before"));
    bool replaced = GENERATE(false, true);
    auto away = fs::path(place_of(store).string() + ".away");
    fs::rename(place_of(store), away);
    if (replaced) fs::copy_file(away, place_of(store));

    auto written = store.add(1001, "after");

    REQUIRE_FALSE(written);
    CHECK(written.error().code == "store_unreadable");
    CHECK(store->state() == Database::State::out);
}

TEST_CASE("a store whose file is back where it was is used again", "[database]") {
    Store store(in_sqlite());
    fill(store);
    std::atomic<int> second{100};
    store.options().steady_now = [&] {
        return std::chrono::steady_clock::time_point(std::chrono::seconds(second));
    };
    store.options().if_unusable = IfUnusable::go_out;
    store.open();
    auto away = fs::path(place_of(store).string() + ".away");
    fs::rename(place_of(store), away);
    CHECK(store.add(1000, "lost").error().code == "store_unreadable");
    ++second;
    CHECK(count_if_usable(store).error().code == "store_unreadable");

    SECTION("the same one") {
        fs::rename(away, place_of(store));
        // Nobody looks before it is time.
        CHECK(count_if_usable(store).error().code == "store_unreadable");
        ++second;
        bool reads = GENERATE(true, false);
        if (reads) {
            CHECK(*count_if_usable(store) == 200);
        } else {
            CHECK(store.add(1001, "after"));
        }
        CHECK(store->state() == Database::State::open);
        CHECK(store->warning().empty());
        CHECK(store.add(1002, "later"));
        store.close();
        store.open();
        CHECK(store.count() == (reads ? 201 : 202));
    }
    SECTION("another one") {
        fs::copy_file(away, place_of(store));
        ++second;
        CHECK(store.add(1001, "after").error().code == "store_unreadable");
    }
    SECTION("again and again: it is looked for less often") {
        for (int wait : {1, 2, 4}) {
            fs::rename(away, place_of(store));
            second += wait - 1;
            CHECK_FALSE(count_if_usable(store));
            ++second;
            REQUIRE(count_if_usable(store));
            fs::rename(place_of(store), away);
            CHECK_FALSE(store.add(1001, "lost"));
        }
    }
}

TEST_CASE("a store that is out can be made anew while others use it", "[database]") {
    Store store(in_sqlite());
    fill(store);
    store.options().limits.cache_kib = 64;
    store.open();
    support::overwrite_pages(place_of(store));
    REQUIRE_FALSE(count_if_usable(store));
    std::atomic<bool> stop{false};
    std::atomic<int> otherwise{0};
    std::thread reader([&] {
        while (!stop) {
            auto answer = count_if_usable(store);
            if (!answer && !database::is_out(answer.error())) ++otherwise;
        }
    });

    auto renewed = base::run(store->renew());
    stop = true;
    reader.join();

    CHECK(otherwise == 0);
    REQUIRE(renewed);
    CHECK(store->state() == Database::State::open);
    CHECK(store->warning().empty());
    CHECK(store.count() == 0);
    REQUIRE(store.add(1, "one"));
    CHECK(aside(store).size() == 1);
    store.close();
    store.open();
    CHECK(store.count() == 1);
}

TEST_CASE("a store that cannot be made anew yet stays out", "[database]") {
    Store store(in_sqlite());
    fill(store);
    store.options().if_unusable = IfUnusable::set_aside;
    FaultyFileSystem::install();
    support::put_text(place_of(store));
    FaultyFileSystem::writes_until_full = 0;
    store.open();
    CHECK(store->state() == Database::State::out);
    CHECK_FALSE(base::run(store->renew()));
    CHECK(count_if_usable(store).error().code == "store_damaged");
    FaultyFileSystem::heal();
    CHECK(base::run(store->renew()));
    CHECK(store.count() == 0);
}

TEST_CASE("after a failed sync a store stops writing, or is out, as it is wanted", "[database]") {
    FaultyFileSystem::install();
    Store store(in_sqlite());
    int fatal = 0;
    store.options().on_fatal = [&](const std::string&) { ++fatal; };
    auto wanted = GENERATE(IfSyncFails::read_only, IfSyncFails::go_out);
    store.options().if_sync_fails = wanted;
    store.open();
    REQUIRE(store.add(1, "before"));

    FaultyFileSystem::syncs_until_error = 0;
    auto unknown = store.add(2, "perhaps");
    FaultyFileSystem::heal();

    CHECK(fatal == 0);
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == "write_failed");
    auto after = store.add(3, "after");
    REQUIRE_FALSE(after);
    CHECK_FALSE(store->writable());
    CHECK_FALSE(store->warning().empty());
    if (wanted == IfSyncFails::read_only) {
        CHECK(store->state() == Database::State::read_only);
        CHECK(after.error().code == "store_read_only");
        CHECK(store.count() == 1);
    } else {
        CHECK(store->state() == Database::State::out);
        CHECK(after.error().code == "store_unreadable");
        CHECK(count_if_usable(store).error().code == "store_unreadable");
    }
    store.close();
    store.open();
    CHECK(store.add(4, "at the next start"));
}
