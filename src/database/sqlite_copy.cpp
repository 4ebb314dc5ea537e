// Copies of whole tables: definitions as the file holds them, values as they are stored.
#include <sqlite3.h>

#include "sqlite_connection.hpp"
#include "sqlite_failure.hpp"

namespace database {

namespace {

std::string quoted(const std::string& name) {
    std::string text = "\"";
    for (char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    return text + "\"";
}

Definition::Kind kind_of(std::string_view type) {
    if (type == "table") return Definition::Kind::table;
    return type == "index" ? Definition::Kind::index : Definition::Kind::trigger;
}

}  // namespace

/// One table's way from one connection to another: neither has a Statement that knows what kind of
/// value a column has.
class SqliteRowCopy {
public:
    SqliteRowCopy(SqliteConnection& from, SqliteConnection& into, const std::string& table)
        : from_(from), into_(into) {
        // The rows of another table that they refer to may come later.
        sqlite3_db_config(into_.handle_, SQLITE_DBCONFIG_ENABLE_FKEY, 0, nullptr);
        read_ = prepare(from_, "select * from " + quoted(table));
        columns_ = sqlite3_column_count(read_);
        std::string places;
        for (int i = 0; i < columns_; ++i) places += i == 0 ? "?" : ", ?";
        write_ = prepare(into_, "insert into " + quoted(table) + " values (" + places + ")");
    }
    ~SqliteRowCopy() {
        sqlite3_finalize(read_);
        sqlite3_finalize(write_);
    }
    SqliteRowCopy(const SqliteRowCopy&) = delete;

    std::int64_t run(const std::function<void()>& row) {
        std::int64_t count = 0;
        int code = SQLITE_ROW;
        while ((code = sqlite3_step(read_)) == SQLITE_ROW) {
            for (int i = 0; i < columns_; ++i) {
                if (sqlite3_bind_value(write_, i + 1, sqlite3_column_value(read_, i)) != SQLITE_OK)
                    into_.fail();
            }
            if (sqlite3_step(write_) != SQLITE_DONE) into_.fail();
            sqlite3_reset(write_);
            ++count;
            row();
        }
        if (code != SQLITE_DONE) from_.fail();
        return count;
    }

private:
    sqlite3_stmt* prepare(SqliteConnection& on, const std::string& sql) {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(on.handle_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
            // The destructor does not run for an object whose constructor throws.
            sqlite3_finalize(read_);
            on.fail();
        }
        return statement;
    }

    SqliteConnection& from_;
    SqliteConnection& into_;
    int columns_ = 0;
    sqlite3_stmt* read_ = nullptr;
    sqlite3_stmt* write_ = nullptr;
};

std::vector<Definition> SqliteConnection::definitions() {
    std::vector<Definition> all;
    auto rows = prepare(
        "select type, name, sql from sqlite_schema where sql is not null"
        " and name not like 'sqlite\\_%' escape '\\'"
        " order by type = 'trigger', type = 'index', name");
    while (rows.step()) {
        auto type = rows.text(0);
        std::string sql(rows.text(2));
        std::string name(rows.text(1));
        bool is_virtual = sql.starts_with("CREATE VIRTUAL") || sql.starts_with("create virtual");
        if (type == "view" || is_virtual) {
            throw Failure(FailureKind::other,
                          name_ + ": " + name + " is of a kind that cannot be copied row by row");
        }
        all.push_back({kind_of(type), std::move(name), std::move(sql)});
    }
    return all;
}

std::int64_t SqliteConnection::copy_rows(Connection& from, const std::string& table,
                                         const std::function<void()>& row) {
    return SqliteRowCopy(static_cast<SqliteConnection&>(from), *this, table).run(row);
}

void SqliteConnection::copy_numbers_given(Connection& from) {
    auto& source = static_cast<SqliteConnection&>(from);
    {
        auto has = source.prepare("select 1 from sqlite_schema where name = 'sqlite_sequence'");
        if (!has.step()) return;
    }
    execute("delete from sqlite_sequence");
    auto rows = source.prepare("select name, seq from sqlite_sequence");
    while (rows.step()) {
        prepare("insert into sqlite_sequence (name, seq) values (?, ?)")
            .bind(1, rows.text(0))
            .bind(2, rows.integer(1))
            .run();
    }
}

std::int64_t SqliteConnection::state_number() {
    auto row = prepare("pragma data_version");
    row.step();
    return row.integer(0);
}

}  // namespace database
