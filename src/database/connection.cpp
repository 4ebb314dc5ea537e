#include "database/connection.hpp"

#include <sqlite3.h>

#include <mutex>

namespace database {

namespace {

/// Settings of the whole library, before the first open (docs/toolchain.md: MEMSTATUS halves
/// reads).
void initialize_library() {
    static std::once_flag once;
    std::call_once(once, [] {
        sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        if (sqlite3_initialize() != SQLITE_OK) throw Failure(SQLITE_ERROR, "SQLite does not start");
    });
}

[[noreturn]] void fail(sqlite3* handle, const std::string& what) {
    int code = handle ? sqlite3_extended_errcode(handle) : SQLITE_NOMEM;
    throw Failure(code, what + ": " + (handle ? sqlite3_errmsg(handle) : "out of memory"));
}

int primary(int code) {
    return code & 0xff;
}

}  // namespace

bool Failure::is_constraint() const {
    return primary(code_) == SQLITE_CONSTRAINT;
}
bool Failure::is_full() const {
    return primary(code_) == SQLITE_FULL;
}
bool Failure::is_interrupt() const {
    return primary(code_) == SQLITE_INTERRUPT;
}
bool Failure::is_fatal() const {
    int code = primary(code_);
    return code == SQLITE_IOERR || code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

Statement::~Statement() {
    if (!statement_) return;
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

Statement& Statement::bind(int index, std::int64_t value) {
    if (sqlite3_bind_int64(statement_, index, value) != SQLITE_OK) {
        fail(sqlite3_db_handle(statement_), "bind");
    }
    return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
    // A null pointer would bind NULL; an empty view may have one.
    const char* start = text.data() ? text.data() : "";
    if (sqlite3_bind_text64(statement_, index, start, text.size(), SQLITE_STATIC, SQLITE_UTF8) !=
        SQLITE_OK) {
        fail(sqlite3_db_handle(statement_), "bind");
    }
    return *this;
}

Statement& Statement::bind(int index, std::nullopt_t) {
    if (sqlite3_bind_null(statement_, index) != SQLITE_OK) {
        fail(sqlite3_db_handle(statement_), "bind");
    }
    return *this;
}

Statement& Statement::bind_blob(int index, std::string_view bytes) {
    const char* start = bytes.data() ? bytes.data() : "";
    if (sqlite3_bind_blob64(statement_, index, start, bytes.size(), SQLITE_STATIC) != SQLITE_OK) {
        fail(sqlite3_db_handle(statement_), "bind");
    }
    return *this;
}

Statement& Statement::bind_real(int index, double value) {
    if (sqlite3_bind_double(statement_, index, value) != SQLITE_OK) {
        fail(sqlite3_db_handle(statement_), "bind");
    }
    return *this;
}

bool Statement::step() {
    int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    fail(sqlite3_db_handle(statement_), "step");
}

void Statement::run() {
    while (step()) {
    }
}

Statement& Statement::reset() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    return *this;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::optional<std::int64_t> Statement::integer_or_null(int column) const {
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
    return sqlite3_column_int64(statement_, column);
}

double Statement::real(int column) const {
    return sqlite3_column_double(statement_, column);
}

std::string_view Statement::text(int column) const {
    const void* start = sqlite3_column_text(statement_, column);
    if (!start) return {};
    return {static_cast<const char*>(start),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<std::string_view> Statement::text_or_null(int column) const {
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
    return text(column);
}

std::string_view Statement::blob(int column) const {
    const void* start = sqlite3_column_blob(statement_, column);
    if (!start) return {};
    return {static_cast<const char*>(start),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Connection::Connection(const std::filesystem::path& file, Mode mode, bool durable,
                       std::int64_t cache_kib) {
    initialize_library();
    bool writes = mode == Mode::write;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    try {
        if (sqlite3_open_v2(file.c_str(), &handle_, flags, nullptr) != SQLITE_OK) {
            fail(handle_, "cannot open " + file.filename().string());
        }
        sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
        sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
        if (!writes) sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        // One file per module instance: nobody joins across modules.
        sqlite3_limit(handle_, SQLITE_LIMIT_ATTACHED, 0);
        sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024);
        sqlite3_busy_timeout(handle_, 5000);

        if (writes) expect("journal_mode=wal", "wal");
        // The writer checkpoints by its own hand, after it has answered; readers never do.
        expect("wal_autocheckpoint=0", "0");
        expect("journal_size_limit=67108864", "67108864");
        execute("pragma synchronous=" + std::string(durable ? "full" : "normal"));
        expect("synchronous", durable ? "2" : "1");
        execute("pragma foreign_keys=on");
        expect("foreign_keys", "1");
        // Without it, the triggers that forbid changes of the log do not see INSERT OR REPLACE.
        execute("pragma recursive_triggers=on");
        expect("recursive_triggers", "1");
        execute("pragma trusted_schema=off");
        expect("trusted_schema", "0");
        expect("mmap_size=0", "0");
        // What is erased is overwritten: a person's data must not stay in free pages.
        if (writes) expect("secure_delete=1", "1");
        execute("pragma temp_store=memory");
        execute("pragma cache_size=-" + std::to_string(cache_kib));
    } catch (...) {
        // The destructor does not run for an object whose constructor throws.
        for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
        sqlite3_close(handle_);
        throw;
    }
}

Connection::~Connection() {
    for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    sqlite3_close(handle_);
}

void Connection::expect(const std::string& pragma, const std::string& value) {
    auto statement = prepare("pragma " + pragma);
    std::string got(statement.step() ? statement.text(0) : std::string_view());
    // A build without mmap answers mmap_size with no row at all, which is as good as 0.
    if (got != value && !(got.empty() && value == "0")) {
        throw Failure(SQLITE_MISUSE, "pragma " + pragma + " gave " + got + ", not " + value);
    }
}

Statement Connection::prepare(std::string_view sql) {
    auto found = statements_.find(sql);
    if (found != statements_.end() && !sqlite3_stmt_busy(found->second)) {
        return Statement(found->second);
    }
    if (found != statements_.end()) {
        throw Failure(SQLITE_MISUSE, "a statement is used twice at once: " + std::string(sql));
    }
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
        fail(handle_, "prepare " + std::string(sql));
    }
    statements_.emplace(std::string(sql), statement);
    return Statement(statement);
}

void Connection::execute(const std::string& sql) {
    if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        fail(handle_, "execute");
    }
}

std::int64_t Connection::changes() const {
    return sqlite3_changes64(handle_);
}

std::vector<std::string> check_integrity(Connection& connection) {
    std::vector<std::string> complaints;
    auto integrity = connection.prepare("pragma integrity_check(20)");
    while (integrity.step()) {
        std::string line(integrity.text(0));
        if (line != "ok") complaints.push_back(line);
    }
    auto keys = connection.prepare("pragma foreign_key_check");
    while (keys.step()) {
        complaints.push_back("a row of " + std::string(keys.text(0)) + " refers to nothing");
    }
    return complaints;
}

}  // namespace database
