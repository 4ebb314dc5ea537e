#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace database {

/// SQLite could not do what it should have done: a breakdown, never an answer to a person.
class Failure : public std::runtime_error {
public:
    Failure(int code, const std::string& message) : std::runtime_error(message), code_(code) {}
    /// The extended result code.
    int code() const { return code_; }
    bool is_constraint() const;  ///< a unique index or a check said no
    bool is_full() const;        ///< no room on the disk
    bool is_interrupt() const;   ///< stopped by the time limit of a query
    bool is_fatal() const;       ///< the file cannot be trusted any more: I/O error, corruption

private:
    int code_;
};

/// One prepared statement while it runs; hands itself back to its connection's cache at the end.
/// Parameters count from 1, columns from 0. Texts and blobs that are bound must live until the
/// statement's end; those that are read live until the next step.
class Statement {
public:
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
    Statement(Statement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    Statement& bind(int index, std::int64_t value);
    Statement& bind(int index, std::string_view text);
    Statement& bind(int index, const char* text) { return bind(index, std::string_view(text)); }
    Statement& bind(int index, std::nullopt_t);
    Statement& bind_blob(int index, std::string_view bytes);
    /// By a name of its own: beside bind(int64) a plain `int` would fit both.
    Statement& bind_real(int index, double value);
    template <class T>
    Statement& bind(int index, const std::optional<T>& value) {
        return value ? bind(index, *value) : bind(index, std::nullopt);
    }

    /// True while there is a row. Throws Failure.
    bool step();
    /// For statements without rows.
    void run();
    /// Ready for other parameters.
    Statement& reset();

    std::int64_t integer(int column) const;
    std::optional<std::int64_t> integer_or_null(int column) const;
    double real(int column) const;
    std::string_view text(int column) const;
    std::optional<std::string_view> text_or_null(int column) const;
    std::string_view blob(int column) const;

private:
    sqlite3_stmt* statement_;
};

/// One SQLite connection with the project's settings and a cache of prepared statements.
/// Belongs to one thread at a time.
class Connection {
public:
    enum class Mode {
        write,  ///< creates the file; the one connection that commits and checkpoints
        read,   ///< read-only, never checkpoints
    };

    /// Opens `file` and asserts its pragmas. `durable` sets synchronous=FULL, else NORMAL (only for
    /// what a rebuild restores). Throws Failure.
    Connection(const std::filesystem::path& file, Mode mode, bool durable,
               std::int64_t cache_kib = 2048);
    ~Connection();
    Connection(const Connection&) = delete;

    /// A statement from the cache (by its text) or a new one.
    Statement prepare(std::string_view sql);
    /// Any number of statements without parameters or rows.
    void execute(const std::string& sql);
    /// Rows that the last statement changed.
    std::int64_t changes() const;
    sqlite3* handle() const { return handle_; }

private:
    void expect(const std::string& pragma, const std::string& value);

    sqlite3* handle_ = nullptr;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };
    std::unordered_map<std::string, sqlite3_stmt*, Hash, std::equal_to<>> statements_;
};

/// What `pragma integrity_check` and `foreign_key_check` say against the file; empty: nothing.
std::vector<std::string> check_integrity(Connection& connection);

}  // namespace database
