#pragma once

#include "database/statement.hpp"

struct sqlite3_stmt;

namespace database {

class SqliteConnection;

/// A statement of SQLite in the cache of its connection.
class SqliteStatement final : public PreparedStatement {
public:
    /// Takes `statement` over.
    SqliteStatement(sqlite3_stmt* statement, const SqliteConnection& connection)
        : statement_(statement), connection_(connection) {}
    ~SqliteStatement();
    SqliteStatement(const SqliteStatement&) = delete;

    bool is_busy() const;

    void bind_integer(int index, std::int64_t value) override;
    void bind_real(int index, double value) override;
    void bind_text(int index, std::string_view text) override;
    void bind_blob(int index, std::string_view bytes) override;
    void bind_null(int index) override;
    bool step() override;
    void reset() override;
    bool is_null(int column) const override;
    std::int64_t integer(int column) const override;
    double real(int column) const override;
    std::string_view text(int column) const override;
    std::string_view blob(int column) const override;

private:
    void expect_done(int code) const;

    sqlite3_stmt* statement_;
    const SqliteConnection& connection_;
};

}  // namespace database
