// Damage in files: every byte of a store that is changed is found, or changes nothing.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include "base/ids.hpp"
#include "database/foreign_file.hpp"
#include "database/scratch_store.hpp"
#include "database/store_file.hpp"
#include "engines.hpp"
#include "page_checksum.hpp"
#include "sqlite_connection.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/faulty_file_system.hpp"

namespace {

using namespace std::chrono_literals;
using database::Failure;
using database::FailureKind;
using database::SqliteConnection;
using support::FaultyFileSystem;
using tests::Store;

std::string bytes_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void put_bytes(const std::filesystem::path& file, const std::string& bytes) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << bytes;
    REQUIRE(out.flush());
}

std::filesystem::path log_of(const std::filesystem::path& file) {
    return file.string() + "-wal";
}

SqliteConnection::Settings settings_of(const std::filesystem::path& file,
                                       SqliteConnection::Mode mode) {
    SqliteConnection::Settings settings;
    settings.file = file;
    settings.mode = mode;
    settings.now = [] { return std::chrono::steady_clock::now(); };
    return settings;
}

/// All rows of all tables, as text.
std::string content_in(database::Connection& connection) {
    std::string all;
    connection.begin_read(nullptr);
    for (const auto& table : connection.tables()) {
        auto rows = connection.prepare("select * from \"" + table.name + "\"");
        while (rows.step()) {
            all += table.name;
            for (std::size_t i = 0; i < table.columns.size(); ++i) {
                all += '|' + std::string(rows.text(static_cast<int>(i)));
            }
            all += '\n';
        }
    }
    connection.end_read();
    return all;
}

/// What a store says when everything in it is read; a failure as what it says. Empty: as
/// `expected`.
struct Reading {
    bool same = false;
    FailureKind kind = FailureKind::other;
    std::string said{};
};

Reading read_all(const std::filesystem::path& file, const std::string& expected) {
    Reading reading;
    try {
        SqliteConnection connection(settings_of(file, SqliteConnection::Mode::read));
        reading.same = content_in(connection) == expected;
    } catch (const Failure& failure) {
        reading.kind = failure.kind();
        reading.said = failure.what();
    }
    return reading;
}

/// A store with a table, an index of texts, pages that overflow and a freed page.
class SmallStore {
public:
    explicit SmallStore(bool has_checksums = true) : file_(folder_ / "test.db") {
        auto settings = settings_of(file_, SqliteConnection::Mode::write);
        settings.has_checksums = has_checksums;
        SqliteConnection connection(settings);
        connection.execute(
            "create table items (id integer primary key, name text unique, note text);"
            "create table gone (note text)");
        for (int id = 1; id <= 40; ++id) add(connection, id);
        auto note = connection.prepare("insert into gone (note) values (?)");
        std::string text(9000, 'y');
        note.bind(1, text).run();
        connection.execute("drop table gone");
        content_ = content_in(connection);
        connection.keep_house(true);
    }
    static void add(SqliteConnection& connection, int id) {
        std::string name = "name " + std::to_string(id);
        std::string note(id % 10 == 0 ? 5000 : 200, static_cast<char>('a' + id % 26));
        connection.prepare("insert into items (id, name, note) values (?, ?, ?)")
            .bind(1, std::int64_t{id})
            .bind(2, name)
            .bind(3, note)
            .run();
    }
    const std::filesystem::path& file() const { return file_; }
    const std::string& content() const { return content_; }
    const support::TemporaryFolder& folder() const { return folder_; }

private:
    support::TemporaryFolder folder_;
    std::filesystem::path file_;
    std::string content_;
};

/// A store as a killed process leaves it: the last commits are in its write-ahead log alone.
class KilledStore {
public:
    KilledStore() : file_(folder_ / "test.db") {
        SqliteConnection connection(settings_of(store_.file(), SqliteConnection::Mode::write));
        connection.execute("update items set note = 'newer' where id < 5");
        connection.execute("create table more (name text)");
        SmallStore::add(connection, 41);
        SmallStore::add(connection, 42);
        content_ = content_in(connection);
        main_ = bytes_of(store_.file());
        log_ = bytes_of(log_of(store_.file()));
    }
    /// The files anew, `changed` at one place of the log.
    void put(const std::string& log) {
        std::filesystem::remove(file_.string() + "-shm");
        put_bytes(file_, main_);
        put_bytes(log_of(file_), log);
    }
    const std::filesystem::path& file() const { return file_; }
    const std::string& content() const { return content_; }
    const std::string& log() const { return log_; }

private:
    SmallStore store_;
    support::TemporaryFolder folder_;
    std::filesystem::path file_;
    std::string content_;
    std::string main_;
    std::string log_;
};

bool is_long() {
    return std::getenv("PORTAL_TEST_LONG") != nullptr;
}

constexpr std::size_t log_head = 32;
constexpr std::size_t frame_head = 24;
constexpr std::size_t frame = frame_head + database::page_bytes;

/// Places to spoil: all of them, or one in `step`, which are others in each page.
std::set<std::size_t> places_in(const std::string& bytes, std::size_t step) {
    std::set<std::size_t> places;
    for (std::size_t at = 0; at < bytes.size(); at += is_long() ? 1 : step) places.insert(at);
    return places;
}

char flipped(char byte, std::size_t at) {
    return static_cast<char>(byte ^ (1 << (at % 8)));
}

}  // namespace

TEST_CASE("checksums are the same however they are made", "[database][page]") {
    std::string bytes(database::page_bytes, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i * 31 + i / 7);
    auto* page = reinterpret_cast<unsigned char*>(bytes.data());
    constexpr database::LogSum before{123456789U, 3987654321U};
    // A whole page at once, and in parts, which other instructions do.
    auto whole = database::add_to(before, page, bytes.size(), false);
    auto parts = database::add_to(database::add_to(before, page, 8, false), page + 8,
                                  bytes.size() - 8, false);
    CHECK(whole == parts);
    CHECK_FALSE(database::add_to(before, page, bytes.size(), true) == whole);
    // As it stands in every store that there is.
    database::seal_page(page, 7);
    CHECK(base::to_hex(page + bytes.size() - 8, 8) == "4c0fdb7304e7d708");
    CHECK(database::page_fits(page, 7));
    CHECK_FALSE(database::page_fits(page, 8));
}

TEST_CASE("a byte that is changed anywhere in a store is found when all is read",
          "[database][page]") {
    SmallStore store;
    auto whole = bytes_of(store.file());
    REQUIRE(whole.size() >= 10 * database::page_bytes);
    auto places = places_in(whole, 797);
    // All of the header, which says how everything else is read.
    for (std::size_t at = 0; at < 100; ++at) places.insert(at);
    int found = 0;
    int harmless = 0;
    for (auto at : places) {
        auto spoilt = whole;
        spoilt[at] = flipped(spoilt[at], at);
        put_bytes(store.file(), spoilt);
        auto reading = read_all(store.file(), store.content());
        INFO("byte " << at << ": " << reading.said);
        REQUIRE((reading.same || reading.kind == FailureKind::damaged));
        (reading.same ? harmless : found) += 1;
        if (reading.same) {
            // Nobody reads that page: the check does.
            CHECK_FALSE(database::check_file({"test", store.file()}).empty());
        }
    }
    WARN("bytes changed in a store: " << places.size() << ", found when read: " << found
                                      << ", in pages that are free: " << harmless);
    CHECK(found > harmless);
    put_bytes(store.file(), whole);
    CHECK(read_all(store.file(), store.content()).same);
    CHECK(database::check_file({"test", store.file()}).empty());
}

TEST_CASE("a byte that is changed anywhere in a write-ahead log is found, or changes nothing",
          "[database][page]") {
    KilledStore store;
    store.put(store.log());
    REQUIRE(read_all(store.file(), store.content()).same);
    auto places = places_in(store.log(), 797);
    for (std::size_t at = 0; at < log_head; ++at) places.insert(at);
    // The heads of the first frame and of the last, and the mark behind it.
    auto frames = (store.log().size() - log_head) / frame;
    REQUIRE(store.log().size() == log_head + frames * frame + frame_head);
    for (auto begin : {log_head, log_head + (frames - 1) * frame, log_head + frames * frame}) {
        for (std::size_t at = begin; at < begin + frame_head; ++at) places.insert(at);
    }
    int found = 0;
    int harmless = 0;
    for (auto at : places) {
        auto spoilt = store.log();
        spoilt[at] = flipped(spoilt[at], at);
        store.put(spoilt);
        auto reading = read_all(store.file(), store.content());
        INFO("byte " << at << ": " << reading.said);
        REQUIRE((reading.same || reading.kind == FailureKind::damaged));
        (reading.same ? harmless : found) += 1;
    }
    WARN("bytes changed in a write-ahead log: " << places.size() << ", found: " << found
                                                << ", without effect: " << harmless);
    CHECK(found > 100);
    // Only the mark behind the last commit may be changed: without it all is there still.
    CHECK(harmless == 24);
}

TEST_CASE("the end of a write-ahead log that was not synced is no damage", "[database][page]") {
    KilledStore store;
    auto log = store.log();
    // Without the mark, and with a last frame that did not come to the disk whole.
    log.resize(log.size() - frame_head);
    log[log.size() - 10] ^= 1;
    store.put(log);

    auto reading = read_all(store.file(), store.content());

    CHECK(reading.said.empty());
    CHECK_FALSE(reading.same);
}

TEST_CASE("damage is a failure that names the store and the page", "[database][page]") {
    SmallStore store;
    auto whole = bytes_of(store.file());
    auto spoil = [&](std::size_t at) {
        auto spoilt = whole;
        spoilt[at] = flipped(spoilt[at], at);
        put_bytes(store.file(), spoilt);
        return read_all(store.file(), store.content());
    };

    auto of_table = spoil(database::page_bytes + 1000);
    CHECK(of_table.kind == FailureKind::damaged);
    CHECK(of_table.said == "test.db: the file is damaged (page 2 is not what was written)");

    auto denied = whole;
    denied[20] = 0;
    put_bytes(store.file(), denied);
    auto of_header = read_all(store.file(), store.content());
    CHECK(of_header.said ==
          "test.db: the file is damaged (page 1 is not what was written: it denies the checksums "
          "that there are)");
    // Also where more than that is wrong with it.
    denied[2000] ^= 1;
    put_bytes(store.file(), denied);
    CHECK(read_all(store.file(), store.content()).said == of_header.said);

    auto cut = whole.substr(0, whole.size() - 2 * database::page_bytes);
    put_bytes(store.file(), cut);
    CHECK(read_all(store.file(), store.content()).kind == FailureKind::damaged);
}

TEST_CASE("a page that stands where another belongs is found", "[database][page]") {
    SmallStore store;
    auto whole = bytes_of(store.file());
    auto third = whole.substr(2 * database::page_bytes, database::page_bytes);
    whole.replace(3 * database::page_bytes, database::page_bytes, third);
    put_bytes(store.file(), whole);

    auto complaints = database::check_file({"test", store.file()});

    REQUIRE(complaints.size() == 1);
    CHECK(complaints[0] == "test: page 4 is not what was written");
}

TEST_CASE("a page in a write-ahead log that is in use is held against it by who reads it",
          "[database][page]") {
    SmallStore store;
    SqliteConnection writer(settings_of(store.file(), SqliteConnection::Mode::write));
    writer.execute("update items set note = 'newer'");
    auto log = bytes_of(log_of(store.file()));
    std::fstream file(log_of(store.file()), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(log_head + frame_head + 100);
    file << static_cast<char>(log[log_head + frame_head + 100] ^ 4) << std::flush;

    auto reading = read_all(store.file(), "");

    CHECK(reading.kind == FailureKind::damaged);
    CHECK_THAT(reading.said,
               Catch::Contains("is not what was written, in frame 1 of its write-ahead log"));
    // Nor does it get into the file.
    try {
        writer.keep_house(true);
        FAIL("it was moved into the file");
    } catch (const Failure& failure) {
        CHECK(failure.kind() == FailureKind::damaged);
    }
}

TEST_CASE("transactions that do not fit into memory are no damage", "[database][page]") {
    SmallStore store;
    auto settings = settings_of(store.file(), SqliteConnection::Mode::write);
    settings.limits.cache_kib = 64;
    std::string expected;
    {
        SqliteConnection writer(settings);
        writer.begin_write();
        for (int id = 100; id < 400; ++id) SmallStore::add(writer, id);
        for (const char* note : {"once", "twice"}) {
            writer.execute("update items set note = '" + std::string(300, note[0]) + "'");
            writer.open_savepoint();
            writer.execute("update items set note = note || 'x' where id % 2 = 0");
            for (int id = 1000; id < 1400; ++id) SmallStore::add(writer, id);
            writer.execute("update items set name = name || 'y'");
            writer.undo_savepoint();
            writer.keep_savepoint();
            writer.execute("update items set note = note || 'z' where id % 3 = 0");
        }
        writer.commit();
        writer.begin_write();
        writer.execute("update items set note = 'never'");
        for (int id = 2000; id < 2400; ++id) SmallStore::add(writer, id);
        REQUIRE(writer.rollback());
        writer.execute("update items set note = 'last' where id = 7");
        expected = content_in(writer);
        CHECK(read_all(store.file(), expected).same);

        support::TemporaryFolder killed;
        std::filesystem::copy_file(store.file(), killed / "test.db");
        std::filesystem::copy_file(log_of(store.file()), killed / "test.db-wal");
        auto reading = read_all(killed / "test.db", expected);
        CHECK(reading.said.empty());
        CHECK(reading.same);
        writer.keep_house(true);
    }
    CHECK(read_all(store.file(), expected).same);
    CHECK(database::check_file({"test", store.file()}).empty());
}

TEST_CASE("a scrub finds a damaged page that nobody asks for, and that caches still have",
          "[database][page]") {
    Store store(tests::engines().front());
    store.open();
    for (std::int64_t id = 1; id <= 200; ++id) REQUIRE(store.add(id, std::to_string(id)));
    store.close();
    telemetry::Metrics metrics;
    std::atomic<int> fatal{0};
    store.options().metrics = &metrics;
    store.options().on_fatal = [&](const std::string&) { ++fatal; };
    store.options().scrub_after = 2000ms;
    store.options().limits.readers = 1;
    store.open();
    CHECK(store.count() == 200);
    CHECK(store->warning().empty());
    {
        std::fstream file(store.options().file, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(3 * database::page_bytes + 2000);
        file << "spoilt";
    }

    CHECK(support::eventually([&] { return !store->warning().empty(); }));

    CHECK(store->warning() == "the store test is damaged in its pages 4");
    CHECK_THAT(metrics.text(),
               Catch::Contains("portal_database_damaged_pages_total{file=\"test\"} 1"));
    CHECK(store.count() == 200);
    CHECK(fatal == 0);
}

TEST_CASE("a scrub that finds damage in what can be made anew has it made anew",
          "[database][page]") {
    Store store(tests::engines().front());
    store.open();
    for (std::int64_t id = 1; id <= 200; ++id) REQUIRE(store.add(id, std::to_string(id)));
    store.close();
    store.options().if_unusable = database::IfUnusable::set_aside;
    store.options().scrub_after = 2000ms;
    store.open();
    {
        std::fstream file(store.options().file, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(3 * database::page_bytes + 2000);
        file << "spoilt";
    }

    CHECK(support::eventually([&] { return store->state() == database::Database::State::out; }));

    CHECK(store->warning() ==
          "the store test is out: test.db: page 4 is not what was written (found by a scrub)");
    REQUIRE(base::run(store->renew()));
    CHECK(store->warning().empty());
    CHECK(store.count() == 0);
}

TEST_CASE("a store from before gets its checksums when its server opens it", "[database][page]") {
    SmallStore store(false);
    CHECK(bytes_of(store.file())[20] == 0);
    database::StoreFile file{"test", store.file()};
    CHECK(database::check_file(file).empty());
    CHECK_THAT(database::StoreReader(file).warning(), Catch::Contains("have no checksums"));
    CHECK(read_all(store.file(), store.content()).same);

    database::Options options;
    options.name = "test";
    options.file = store.file();
    REQUIRE(database::Database::open(options));

    CHECK(bytes_of(store.file())[20] == database::page_checksum_bytes);
    CHECK(database::check_file(file).empty());
    CHECK(database::StoreReader(file).warning().empty());
    CHECK_THAT(read_all(store.file(), "").said, Catch::Equals(""));
}

TEST_CASE("a store that is given checksums is whole wherever that is cut off or the disk is full",
          "[database][page]") {
    FaultyFileSystem::install();
    bool is_killed = GENERATE(true, false);
    auto& countdown =
        is_killed ? FaultyFileSystem::writes_until_end : FaultyFileSystem::writes_until_full;
    SmallStore store(false);
    auto whole = bytes_of(store.file());
    int cut_off = 0;
    bool done = false;
    for (int write = 0; !done; write += is_long() ? 1 : 1 + write / 3) {
        std::filesystem::remove(log_of(store.file()));
        std::filesystem::remove(store.file().string() + "-shm");
        put_bytes(store.file(), whole);
        auto child = ::fork();
        if (child == 0) {
            constexpr int refused = 7;
            try {
                SqliteConnection writer(settings_of(store.file(), SqliteConnection::Mode::write));
                countdown = write;
                writer.protect();
            } catch (const Failure& failure) {
                ::_exit(failure.is_full() ? refused : 1);
            }
            ::_exit(0);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(WIFEXITED(status));
        INFO("write " << write);
        done = WEXITSTATUS(status) == 0;
        if (!done) CHECK(WEXITSTATUS(status) == (is_killed ? FaultyFileSystem::ended : 7));
        cut_off += done ? 0 : 1;

        auto reading = read_all(store.file(), store.content());
        CHECK(reading.said.empty());
        CHECK(reading.same);
        SqliteConnection again(settings_of(store.file(), SqliteConnection::Mode::write));
        again.protect();
        CHECK(again.check().empty());
        CHECK(again.is_protected());
        CHECK(content_in(again) == store.content());
    }
    CHECK(cut_off > 5);
}

TEST_CASE("files of others, and what is thrown away, have no checksums of ours",
          "[database][page]") {
    SmallStore store;
    auto spoilt = bytes_of(store.file());
    spoilt[2 * database::page_bytes - 1] ^= 1;
    put_bytes(store.file(), spoilt);
    CHECK(read_all(store.file(), store.content()).kind == FailureKind::damaged);
    CHECK(database::ForeignFile(store.file()).tables().size() == 1);

    support::TemporaryFolder folder;
    database::ScratchStore scratch(folder / "scratch.db");
    scratch.transaction().execute("create table items (id integer)");
    scratch.commit();
    CHECK(bytes_of(folder / "scratch.db")[20] == 0);
}
