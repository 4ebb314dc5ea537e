#include "sqlite_connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <mutex>

#include "sqlite_failure.hpp"
#include "sqlite_file_system.hpp"
#include "sqlite_words.hpp"

namespace database {

namespace {

/// How many steps of SQLite's machine run between two looks at the limits.
constexpr int steps_per_look = 4000;

/// Settings of the whole library, before the first open: keeping statistics of memory halves point
/// reads.
void initialize_library() {
    static std::once_flag once;
    std::call_once(once, [] {
        sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        if (sqlite3_initialize() != SQLITE_OK) {
            throw Failure(FailureKind::other, "SQLite does not start");
        }
    });
}

/// `path` as SQLite reads a URI, for what only a URI can ask for.
std::string immutable_uri(const std::filesystem::path& path) {
    static constexpr char hex[] = "0123456789ABCDEF";
    std::string uri = "file:";
    for (char c : std::filesystem::absolute(path).string()) {
        if (c == '%' || c == '?' || c == '#') {
            uri += {'%', hex[static_cast<unsigned char>(c) >> 4], hex[c & 0xf]};
        } else {
            uri += c;
        }
    }
    return uri + "?immutable=1";
}

/// SQLite has three names for it; columns may have taken some of them.
std::string row_number_of(const Table& table) {
    for (const char* name : {"rowid", "_rowid_", "oid"}) {
        bool taken = std::any_of(
            table.columns.begin(), table.columns.end(),
            [&](const auto& column) { return sqlite3_stricmp(column.name.c_str(), name) == 0; });
        if (!taken) return name;
    }
    return "";
}

}  // namespace

SqliteConnection::SqliteConnection(const Settings& settings)
    : name_(settings.file.filename().string()), writes_(settings.mode == Mode::write) {
    initialize_library();
    try {
        open(settings);
    } catch (...) {
        // The destructor does not run for an object whose constructor throws.
        statements_.clear();
        sqlite3_close(handle_);
        throw;
    }
}

SqliteConnection::~SqliteConnection() {
    statements_.clear();
    sqlite3_close(handle_);
}

void SqliteConnection::open(const Settings& settings) {
    bool immutable = settings.mode == Mode::immutable;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (writes_ ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) |
                (immutable ? SQLITE_OPEN_URI : 0);
    auto place = immutable ? immutable_uri(settings.file) : settings.file.string();
    const char* system = settings.has_checksums ? guarded_file_system() : patient_file_system();
    if (sqlite3_open_v2(place.c_str(), &handle_, flags, system) != SQLITE_OK) fail();
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
    if (!writes_) leave_files();
    // One file per module instance: nobody joins across modules.
    sqlite3_limit(handle_, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024);
    add_word_functions(handle_);
    sqlite3_busy_timeout(handle_, static_cast<int>(SqliteCheckpoint::busy_timeout.count()));

    if (settings.has_checksums) begin_checksums(settings);
    // A page that was not in the file before is written once then, not to a log and from there.
    const std::string journal = settings.scratch ? "delete" : "wal";
    if (writes_) expect("journal_mode=" + journal, journal);
    // The writer checkpoints by its own hand, after it has answered; readers never do.
    expect("wal_autocheckpoint=0", "0");
    expect("journal_size_limit=67108864", "67108864");
    auto synchronous = settings.scratch ? 0 : settings.durable ? 2 : 1;
    execute("pragma synchronous=" + std::to_string(synchronous));
    expect("synchronous", std::to_string(synchronous));
    execute("pragma foreign_keys=on");
    expect("foreign_keys", "1");
    // Without it, the triggers that forbid changes of the log do not see INSERT OR REPLACE.
    execute("pragma recursive_triggers=on");
    expect("recursive_triggers", "1");
    execute("pragma trusted_schema=off");
    expect("trusted_schema", "0");
    expect("mmap_size=0", "0");
    // What is erased is overwritten: a person's data must not stay in free pages.
    if (writes_) expect("secure_delete=1", "1");
    execute("pragma temp_store=memory");
    execute("pragma cache_size=-" + std::to_string(settings.limits.cache_kib));
    if (writes_ && !settings.scratch) {
        checkpoint_ =
            std::make_unique<SqliteCheckpoint>(handle_, name_, settings.limits, settings.now);
    }
}

void SqliteConnection::expect(const std::string& pragma, const std::string& value) {
    auto statement = prepare("pragma " + pragma);
    std::string got(statement.step() ? statement.text(0) : std::string_view());
    // A build without mmap answers mmap_size with no row at all, which is as good as 0.
    if (got != value && !(got.empty() && value == "0")) {
        throw Failure(FailureKind::other,
                      name_ + ": SQLite does not take the setting " + pragma + ", it has " + got);
    }
}

void SqliteConnection::fail() const {
    auto failure = sqlite_failure(handle_, name_);
    if (failure.is_interrupt() && work_.stopped == FailureKind::work_limit) {
        throw Failure(FailureKind::work_limit, failure.what());
    }
    // Whoever is to write finds a file that lets nobody.
    bool is_read_only = (sqlite3_errcode(handle_) & 0xff) == SQLITE_READONLY;
    if (writes_ && is_read_only) throw Failure(FailureKind::unopened, failure.what());
    throw failure;
}

Statement SqliteConnection::prepare(std::string_view sql) {
    auto found = statements_.find(sql);
    if (found != statements_.end()) {
        if (!found->second.is_busy()) return Statement(found->second);
        throw Failure(FailureKind::other,
                      name_ + ": a statement is used twice at once: " + std::string(sql));
    }
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
        fail();
    }
    auto added = statements_.try_emplace(std::string(sql), statement, *this);
    return Statement(added.first->second);
}

void SqliteConnection::execute(const std::string& sql) {
    if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

std::int64_t SqliteConnection::changes() const {
    return sqlite3_changes64(handle_);
}

void SqliteConnection::check_place() {
    int moved = 0;
    sqlite3_file_control(handle_, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (moved != 0) {
        throw Failure(FailureKind::unopened,
                      name_ + ": the file is not where it was, or is another one by now");
    }
}

void SqliteConnection::try_writing() {
    begin_write();
    // A number that nobody here uses, in the first page: it is written though it stays what it is.
    execute("pragma user_version = 0");
    commit();
}

void SqliteConnection::leave_files() noexcept {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

int SqliteConnection::look_at_limits(void* work) {
    auto& under_way = *static_cast<Work*>(work);
    under_way.steps_left -= steps_per_look;
    if (under_way.steps_left < 0) {
        under_way.stopped = FailureKind::work_limit;
    } else if (std::chrono::steady_clock::now() > under_way.until) {
        under_way.stopped = FailureKind::time_limit;
    } else {
        return 0;
    }
    return 1;
}

void SqliteConnection::begin_read(const QueryLimits* limits) {
    work_ = {};
    if (limits) {
        work_.steps_left = limits->steps;
        work_.until = limits->until;
        sqlite3_progress_handler(handle_, steps_per_look, look_at_limits, &work_);
    }
    prepare("begin").run();
}

void SqliteConnection::end_read() noexcept {
    sqlite3_progress_handler(handle_, 0, nullptr, nullptr);
    // Nothing was written: this only ends the snapshot, and cannot fail in a way that matters.
    rollback();
}

bool SqliteConnection::rollback() noexcept {
    if (!in_transaction()) return true;
    sqlite3_exec(handle_, "rollback", nullptr, nullptr, nullptr);
    return !in_transaction();
}

bool SqliteConnection::in_transaction() const {
    return sqlite3_get_autocommit(handle_) == 0;
}

void SqliteConnection::create_migrations_table() {
    execute(
        "create table if not exists schema_migrations ("
        " set_name text not null, name text not null, checksum text not null,"
        " primary key (set_name, name)) strict, without rowid");
}

std::vector<Table> SqliteConnection::tables() {
    std::vector<Table> all;
    {
        auto names = prepare(
            "select name, wr from pragma_table_list where schema='main' and type in "
            "('table', 'virtual', 'shadow') and name not like 'sqlite_%' order by name");
        while (names.step()) {
            bool numbered = names.integer(1) == 0;
            all.push_back({std::string(names.text(0)), {}, numbered ? "rowid" : ""});
        }
    }
    for (auto& table : all) {
        auto columns = prepare("select name, type, pk from pragma_table_info(?)");
        columns.bind(1, table.name);
        while (columns.step()) {
            table.columns.push_back({std::string(columns.text(0)), std::string(columns.text(1)),
                                     columns.integer(2) > 0, ""});
        }
        if (!table.row_number.empty()) table.row_number = row_number_of(table);
        auto keys = prepare("select \"from\", \"table\" from pragma_foreign_key_list(?)");
        keys.bind(1, table.name);
        while (keys.step()) {
            for (auto& column : table.columns) {
                if (column.name == keys.text(0)) column.refers_to = keys.text(1);
            }
        }
    }
    return all;
}

std::vector<std::string> SqliteConnection::check() {
    std::vector<std::string> complaints;
    constexpr std::size_t complaints_max = 20;
    constexpr std::int64_t pages_at_once = 1024;
    PageLook look;
    std::int64_t next = 1;
    do {
        look = look_at_pages(next, pages_at_once);
        for (auto page : look.damaged) {
            complaints.push_back("page " + std::to_string(page) + " is not what was written");
        }
        next += pages_at_once;
    } while (next <= look.pages && complaints.size() < complaints_max);
    if (!complaints.empty()) return complaints;
    auto integrity = prepare("pragma integrity_check(20)");
    while (integrity.step()) {
        std::string line(integrity.text(0));
        if (line != "ok") complaints.push_back(line);
    }
    auto keys = prepare("pragma foreign_key_check");
    while (complaints.size() < 2 * complaints_max && keys.step()) {
        complaints.push_back("a row of " + std::string(keys.text(0)) + " refers to nothing");
    }
    return complaints;
}

void SqliteConnection::keep_house(bool closing) {
    if (checkpoint_) checkpoint_->run(closing);
}

}  // namespace database
