#include "sqlite_statement.hpp"

#include <sqlite3.h>

#include "sqlite_connection.hpp"

namespace database {

SqliteStatement::~SqliteStatement() {
    sqlite3_finalize(statement_);
}

bool SqliteStatement::is_busy() const {
    return sqlite3_stmt_busy(statement_) != 0;
}

void SqliteStatement::expect_done(int code) const {
    if (code != SQLITE_OK) connection_.fail();
}

void SqliteStatement::bind_integer(int index, std::int64_t value) {
    expect_done(sqlite3_bind_int64(statement_, index, value));
}

void SqliteStatement::bind_real(int index, double value) {
    expect_done(sqlite3_bind_double(statement_, index, value));
}

void SqliteStatement::bind_text(int index, std::string_view text) {
    // A null pointer would bind NULL; an empty view may have one.
    const char* start = text.data() ? text.data() : "";
    expect_done(
        sqlite3_bind_text64(statement_, index, start, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void SqliteStatement::bind_blob(int index, std::string_view bytes) {
    const char* start = bytes.data() ? bytes.data() : "";
    expect_done(sqlite3_bind_blob64(statement_, index, start, bytes.size(), SQLITE_STATIC));
}

void SqliteStatement::bind_null(int index) {
    expect_done(sqlite3_bind_null(statement_, index));
}

bool SqliteStatement::step() {
    int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    connection_.fail();
}

void SqliteStatement::reset() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

bool SqliteStatement::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t SqliteStatement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

double SqliteStatement::real(int column) const {
    return sqlite3_column_double(statement_, column);
}

std::string_view SqliteStatement::text(int column) const {
    const void* start = sqlite3_column_text(statement_, column);
    if (!start) return {};
    return {static_cast<const char*>(start),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view SqliteStatement::blob(int column) const {
    const void* start = sqlite3_column_blob(statement_, column);
    if (!start) return {};
    return {static_cast<const char*>(start),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

}  // namespace database
