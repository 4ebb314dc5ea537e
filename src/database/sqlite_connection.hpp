#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>

#include "driver.hpp"
#include "sqlite_checkpoint.hpp"
#include "sqlite_statement.hpp"

struct sqlite3;

namespace database {

/// One SQLite connection with the project's settings.
class SqliteConnection final : public Connection {
public:
    enum class Mode {
        write,      ///< creates the file; the one connection that commits and checkpoints
        read,       ///< read-only, never checkpoints
        immutable,  ///< the same where nobody at all can write: without locks and files beside it
    };
    struct Settings {
        std::filesystem::path file;
        Mode mode = Mode::read;
        bool durable = true;        ///< synchronous=FULL, else NORMAL
        bool scratch = false;       ///< see Options
        bool has_checksums = true;  ///< of each page: see SqliteStoreGuard
        Config limits{};
        SteadyNow now{};
    };

    /// Opens and asserts every setting. Throws Failure.
    explicit SqliteConnection(const Settings& settings);
    ~SqliteConnection() override;
    SqliteConnection(const SqliteConnection&) = delete;

    Statement prepare(std::string_view sql) override;
    void execute(const std::string& sql) override;
    std::int64_t changes() const override;
    const std::string& name() const override { return name_; }
    void check_place() override;
    void leave_files() noexcept override;
    void begin_write() override { prepare("begin immediate").run(); }
    void try_writing() override;
    void begin_read(const QueryLimits* limits) override;
    void end_read() noexcept override;
    void commit() override { prepare("commit").run(); }
    bool rollback() noexcept override;
    bool in_transaction() const override;
    void open_savepoint() override { prepare("savepoint command").run(); }
    void undo_savepoint() override { prepare("rollback to command").run(); }
    void keep_savepoint() override { prepare("release command").run(); }
    void create_migrations_table() override;
    std::vector<Table> tables() override;
    std::vector<Definition> definitions() override;
    std::int64_t copy_rows(Connection& from, const std::string& table,
                           const std::function<void()>& row) override;
    void copy_numbers_given(Connection& from) override;
    std::int64_t state_number() override;
    void make_durable() override { execute("pragma synchronous=full"); }
    bool is_protected() override;
    void protect() override;
    void compact() override;
    PageLook look_at_pages(std::int64_t first, std::int64_t count) override;
    std::vector<std::string> check() override;
    void keep_house(bool closing) override;
    std::int64_t journal_bytes() const override { return checkpoint_ ? checkpoint_->bytes() : 0; }
    bool journal_stuck() const override { return checkpoint_ && checkpoint_->is_stuck(); }

    /// Throws what SQLite says of the last call.
    [[noreturn]] void fail() const;

private:
    /// What the question under way has left.
    struct Work {
        std::int64_t steps_left = 0;
        std::chrono::steady_clock::time_point until{};
        FailureKind stopped = FailureKind::other;  ///< by which limit, if by any
    };
    static int look_at_limits(void* work);

    friend class SqliteRowCopy;
    void open(const Settings& settings);
    void expect(const std::string& pragma, const std::string& value);
    void begin_checksums(const Settings& settings);
    void write_anew();
    bool is_damaged(std::uint32_t page);
    bool is_elsewhere(std::uint32_t page);

    sqlite3* handle_ = nullptr;
    std::string name_;
    const bool writes_;
    Work work_;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };
    std::unordered_map<std::string, SqliteStatement, Hash, std::equal_to<>> statements_;
    std::unique_ptr<SqliteCheckpoint> checkpoint_;
};

}  // namespace database
