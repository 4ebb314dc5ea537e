// What is SQLite's alone: its settings, its files, and the disk below it.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <fstream>
#include <thread>

#include "database/store_file.hpp"
#include "engines.hpp"
#include "interrupted_sync.hpp"
#include "sqlite_connection.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/faulty_file_system.hpp"
#include "support/sqlite_file.hpp"

namespace {

using namespace std::chrono_literals;
using database::SqliteConnection;
using database::StoreFile;
using database::Transaction;
using support::FaultyFileSystem;
using tests::InterruptedSync;
using tests::Store;

tests::Engine sqlite() {
    return tests::engines().front();
}

StoreFile file_of(Store& store) {
    return {"test", store.options().file, database::StoreKind::log};
}

std::filesystem::path log_of(Store& store) {
    return store.options().file.string() + "-wal";
}

/// As another process would have the file open.
std::unique_ptr<SqliteConnection> outsider(Store& store, SqliteConnection::Mode mode) {
    SqliteConnection::Settings settings;
    settings.file = store.options().file;
    settings.mode = mode;
    settings.now = store.options().steady_now;
    return std::make_unique<SqliteConnection>(settings);
}

/// What `ask` gives to somebody who may not write in that folder: root may everywhere.
std::string as_nobody(const std::filesystem::path& folder,
                      const std::function<std::string()>& ask) {
    using std::filesystem::perms;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        std::filesystem::permissions(file,
                                     perms::owner_read | perms::group_read | perms::others_read);
    }
    auto readable = perms::owner_read | perms::owner_exec | perms::group_read | perms::group_exec |
                    perms::others_read | perms::others_exec;
    std::filesystem::permissions(folder, readable);
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    auto child = ::fork();
    if (child == 0) {
        constexpr int nobody = 65534;
        std::string answer = "cannot become nobody";
        if (::geteuid() != 0 || ::setresuid(nobody, nobody, nobody) == 0) answer = ask();
        bool told = ::write(pipe[1], answer.data(), answer.size()) >= 0;
        ::_exit(told ? 0 : 1);
    }
    ::close(pipe[1]);
    std::string answer(4096, '\0');
    auto got = ::read(pipe[0], answer.data(), answer.size());
    ::close(pipe[0]);
    ::waitpid(child, nullptr, 0);
    std::filesystem::permissions(folder, readable | perms::owner_write);
    answer.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return answer;
}

std::string check(const StoreFile& file) {
    std::string all = "checked.";
    for (const auto& complaint : database::check_file(file)) all += " " + complaint;
    return all;
}

/// No further thread for the one that calls this; false where it cannot be had.
bool forbid_threads() {
    auto when = [](unsigned call, unsigned char skipped) {
        return sock_filter{BPF_JMP | BPF_JEQ | BPF_K, skipped, 0, call};
    };
    std::array<sock_filter, 5> filter = {
        sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
        when(__NR_clone, 2), when(__NR_clone3, 1),
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EAGAIN}};
    sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/// What an operator reads when the start is refused has no SQL, and no second failure.
void check_sentence(const std::string& message) {
    INFO(message);
    for (const char* hidden : {"rollback", "insert into", "create table", "select ", "pragma",
                               "begin immediate", "prepare", "step:", "bad_alloc"}) {
        CHECK(message.find(hidden) == std::string::npos);
    }
    CHECK(message.find("test.db") != std::string::npos);
}

}  // namespace

TEST_CASE("nobody attaches another module's file", "[database]") {
    Store store(sqlite());
    store.open();
    auto attach = [](Transaction& transaction) -> base::Result<bool> {
        transaction.execute("attach database ':memory:' as other");
        return true;
    };
    CHECK_THROWS_AS(store.write<bool>(attach), database::Failure);
}

TEST_CASE("the settings that keep data safe are in force", "[database]") {
    Store store(sqlite());
    store.open();
    store.close();
    auto writer = outsider(store, SqliteConnection::Mode::write);
    auto pragma = [&](const char* name) {
        auto row = writer->prepare(std::string("pragma ") + name);
        row.step();
        return std::string(row.text(0));
    };
    CHECK(pragma("journal_mode") == "wal");
    CHECK(pragma("synchronous") == "2");
    CHECK(pragma("recursive_triggers") == "1");
    CHECK(pragma("trusted_schema") == "0");
    CHECK(pragma("foreign_keys") == "1");
    CHECK(pragma("wal_autocheckpoint") == "0");
}

TEST_CASE("a full disk refuses writes, keeps reads, and heals", "[database]") {
    FaultyFileSystem::install();
    Store store(sqlite());
    store.open();
    REQUIRE(store.add(1, "before"));

    FaultyFileSystem::writes_until_full = 0;
    auto refused = store.add(2, "lost");
    FaultyFileSystem::heal();

    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == base::Reason::unavailable);
    CHECK(refused.error().code == "storage_full");
    CHECK_FALSE(store->writable());
    CHECK(store.count() == 1);
    CHECK(store.add(3, "after"));
    CHECK(store->writable());
    CHECK(store.count() == 2);
}

TEST_CASE("room on a disk that was full is noticed without anybody who writes", "[database]") {
    FaultyFileSystem::install();
    Store store(sqlite());
    store.open();
    REQUIRE(store.add(1, "before"));
    FaultyFileSystem::writes_until_full = 0;
    REQUIRE_FALSE(store.add(2, "lost"));
    // Long enough for it to have tried in vain.
    CHECK_FALSE(support::eventually([&] { return store->writable(); }, 1200ms));

    FaultyFileSystem::heal();

    CHECK(support::eventually([&] { return store->writable(); }));
    CHECK(store.count() == 1);
    store.close();
    CHECK(database::check_file({"test", store.options().file}).empty());
}

TEST_CASE("a failed sync acknowledges nothing and ends the server", "[database]") {
    FaultyFileSystem::install();
    Store store(sqlite());
    std::vector<std::string> said;
    store.options().on_fatal = [&](const std::string& why) { said.push_back(why); };
    store.open();
    REQUIRE(store.add(1, "before"));

    FaultyFileSystem::syncs_until_error = 0;
    auto unknown = store.add(2, "perhaps");
    FaultyFileSystem::heal();
    store.close();

    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == "write_failed");
    REQUIRE(said.size() == 1);
    CHECK_THAT(said[0], Catch::Contains("the disk does not work (disk I/O error"));
    check_sentence(said[0]);
}

TEST_CASE("a sync that a signal interrupts is tried again", "[database]") {
    Store store(sqlite());
    std::atomic<int> fatal{0};
    store.options().on_fatal = [&](const std::string&) { ++fatal; };
    InterruptedSync::left = 3;
    store.open();
    CHECK(InterruptedSync::left == 0);

    InterruptedSync::left = 100;
    CHECK(store.add(1, "interrupted"));

    CHECK(InterruptedSync::left == 0);
    CHECK(fatal == 0);
    CHECK(store->writable());
    CHECK(store.count() == 1);
}

TEST_CASE("a start that the disk refuses gives the first reason, in a sentence, with the file",
          "[database]") {
    FaultyFileSystem::install();
    bool is_full = GENERATE(true, false);
    auto& countdown =
        is_full ? FaultyFileSystem::writes_until_full : FaultyFileSystem::syncs_until_error;
    bool opened = false;
    int refused = 0;
    // At each write, or each sync, of a first start in turn.
    for (int call = 0; !opened; ++call) {
        Store store(sqlite());
        countdown = call;
        auto result = database::Database::open(store.options());
        FaultyFileSystem::heal();
        opened = result.has_value();
        if (opened) break;
        ++refused;
        CHECK(result.error().code == "cannot_open");
        check_sentence(result.error().message);
        CHECK_THAT(result.error().message,
                   Catch::Contains(is_full ? "the disk is full (database or disk is full"
                                           : "the disk does not work (disk I/O error"));
    }
    CHECK(refused > 3);
}

TEST_CASE("a start without threads is refused with a sentence", "[database]") {
    Store store(sqlite());
    store.open();
    store.close();
    bool forbidden = false;
    std::string message;
    std::thread poor([&] {
        forbidden = forbid_threads();
        if (!forbidden) return;
        auto opened = database::Database::open(store.options());
        if (!opened) message = opened.error().message;
    });
    poor.join();
    if (!forbidden) {
        WARN("no system call can be forbidden here; not tested");
        return;
    }
    CHECK_THAT(message, Catch::Contains("a thread cannot be started (Resource temporarily"));
    check_sentence(message);
}

TEST_CASE("a file that is no database, or is not there, is named with the reason", "[database]") {
    Store store(sqlite());
    auto missing = check(file_of(store));
    CHECK_THAT(missing, Catch::Contains("test.db is not there"));

    std::ofstream(store.options().file) << std::string(5000, 'x');
    CHECK_THAT(check(file_of(store)), Catch::Contains("test.db: the file is damaged (file is not"));
    auto opened = database::Database::open(store.options());
    REQUIRE_FALSE(opened);
    CHECK_THAT(opened.error().message, Catch::Contains("the file is damaged (file is not a data"));
    check_sentence(opened.error().message);
}

TEST_CASE("a store that was closed properly can be checked where nothing can be written",
          "[database]") {
    Store store(sqlite());
    store.open();
    REQUIRE(store.add(1, "one"));
    store.close();
    // As in a copy: what another process may have left beside it is not there.
    std::filesystem::remove(log_of(store));
    std::filesystem::remove(store.options().file.string() + "-shm");
    auto file = file_of(store);

    auto said = as_nobody(file.path.parent_path(), [&] {
        database::StoreReader reader(file);
        auto rows = tests::count_in(reader.refresh());
        return std::to_string(rows) + " row, " + check(file);
    });

    CHECK(said == "1 row, checked.");
}

TEST_CASE("a store with a write-ahead log is not half read where nothing can be written",
          "[database]") {
    Store store(sqlite());
    store.open();
    REQUIRE(store.add(1, "one"));
    support::TemporaryFolder copy;
    std::filesystem::copy_file(store.options().file, copy / "test.db");
    std::filesystem::copy_file(log_of(store), copy / "test.db-wal");

    StoreFile file{"test", copy / "test.db", database::StoreKind::log};
    auto said = as_nobody(copy.path(), [&] { return check(file); });

    CHECK_THAT(said, Catch::Contains((copy / "test.db").string() + " was not closed properly"));
}

TEST_CASE("a damaged file is found by its check", "[database]") {
    Store store(sqlite());
    store.open();
    for (std::int64_t id = 1; id <= 500; ++id) REQUIRE(store.add(id, std::to_string(id)));
    store.close();
    CHECK(database::check_file(file_of(store)).empty());
    {
        std::fstream file(store.options().file, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(2 * 4096);
        file << std::string(4096, '\xff');
    }
    CHECK_FALSE(database::check_file(file_of(store)).empty());
}

TEST_CASE("keys that do not rise are damage", "[database]") {
    Store store(sqlite());
    store.open();
    auto read = [](database::ReadTransaction& transaction) -> base::Result<bool> {
        database::RisingKeys<int> keys(transaction, "the numbers", 3);
        keys.next(4);
        keys.next(9);
        keys.next(9);
        return true;
    };
    CHECK(store.read<bool>(read).error().code == "store_damaged");
    CHECK_THAT(store->warning(),
               Catch::Contains("test.db is damaged: the numbers are out of order"));
}

TEST_CASE("the write-ahead log stays bounded while somebody reads", "[database]") {
    Store store(sqlite());
    store.options().limits.checkpoint_bytes = 65536;
    store.options().limits.wal_bytes_max = 1 << 20;
    store.open();
    std::atomic<bool> stop{false};
    std::thread reader([&] {
        while (!stop) store.count();
    });
    for (std::int64_t i = 0; i < 300; ++i) {
        REQUIRE(store.add(i, std::string(8000, 'x') + std::to_string(i)));
    }
    stop = true;
    reader.join();
    CHECK(std::filesystem::file_size(log_of(store)) < 4u * (1 << 20));
}

TEST_CASE("nobody waits for a process that reads an old state for long", "[database]") {
    Store store(sqlite());
    std::atomic<std::int64_t> seconds{1};
    store.options().steady_now = [&] {
        return std::chrono::steady_clock::time_point(std::chrono::seconds(seconds));
    };
    store.options().limits.checkpoint_bytes = 65536;
    store.options().limits.wal_bytes_max = 1 << 18;
    store.options().limits.checkpoint_wait_max_ms = 50ms;
    store.open();
    REQUIRE(store.add(0, "first"));
    auto snapshot = outsider(store, SqliteConnection::Mode::read);
    snapshot->begin_read(nullptr);
    database::ReadTransaction old_state(*snapshot);
    CHECK(tests::count_in(old_state) == 1);
    std::int64_t id = 0;
    auto write_much = [&] {
        for (int i = 0; i < 100; ++i) {
            ++id;
            REQUIRE(store.add(id, std::string(8000, 'x') + std::to_string(id)));
        }
    };

    auto begun = std::chrono::steady_clock::now();
    write_much();
    auto took = std::chrono::steady_clock::now() - begun;

    // About 70 commits come after the limit: one of them waited, the next one may in a second.
    CHECK(took < 70 * 50ms);
    CHECK(store->wal_stuck());
    CHECK(store->writable());
    CHECK_THAT(store->warning(), Catch::Contains("write-ahead log grows"));

    snapshot->end_read();
    snapshot.reset();
    seconds += 2;
    write_much();
    CHECK_FALSE(store->wal_stuck());
    CHECK(store->warning().empty());
    CHECK(std::filesystem::file_size(log_of(store)) < 4u * (1 << 20));
}
