#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "database/database.hpp"
#include "database/foreign_file.hpp"
#include "database/store_file.hpp"

// What an engine brings. Queues, group commit, deadlines, migrations and checks are the same over
// each of them; a further engine is one more Driver beside SqliteDriver, and one more line in
// driver_for() and in the engines of tests/database/store_suite.
namespace database {

/// What one question may cost.
struct QueryLimits {
    std::int64_t steps = 0;  ///< of the engine's own machine, or what comes near to that
    std::chrono::steady_clock::time_point until{};
};

/// How one part of a schema was made.
struct Definition {
    enum class Kind { table, index, trigger };
    Kind kind = Kind::table;
    std::string name;
    std::string sql;
};

/// What came of a look at pages of a store, as they are on the disk.
struct PageLook {
    std::int64_t pages = 0;               ///< how many there are now; 0: none has a checksum
    std::vector<std::int64_t> damaged{};  ///< of those that were looked at
};

/// One connection of an engine, with its prepared statements. Belongs to one thread at a time;
/// journal_bytes() and journal_stuck() may be asked from any. All that may fail throws Failure.
class Connection {
public:
    virtual ~Connection() = default;

    /// A statement from the cache (by its text) or a new one.
    virtual Statement prepare(std::string_view sql) = 0;
    /// Any number of statements without parameters or rows.
    virtual void execute(const std::string& sql) = 0;
    /// Rows that the last statement changed.
    virtual std::int64_t changes() const = 0;
    /// The store, as messages name it.
    virtual const std::string& name() const = 0;

    /// Throws if the store is not where it was opened, or is another one by now: what is written
    /// then is gone with the last who has it open.
    virtual void check_place() = 0;
    /// When it closes it leaves everything as it is, for who looks into it later.
    virtual void leave_files() noexcept = 0;

    /// Excludes every other writer from here on.
    virtual void begin_write() = 0;
    /// One snapshot for all that follows; `limits` may be none.
    virtual void begin_read(const QueryLimits* limits) = 0;
    virtual void end_read() noexcept = 0;
    virtual void commit() = 0;
    /// False if a transaction is under way still. Without one it does nothing: engines roll back by
    /// themselves on some failures, and the first reason is the one to be said.
    virtual bool rollback() noexcept = 0;
    virtual bool in_transaction() const = 0;

    /// A command's own part of a batch.
    virtual void open_savepoint() = 0;
    virtual void undo_savepoint() = 0;
    virtual void keep_savepoint() = 0;

    /// The table of what migrate() has done, if it is not there.
    virtual void create_migrations_table() = 0;
    /// What tables there are, but for the engine's own.
    virtual std::vector<Table> tables() = 0;
    /// How each table, index and trigger was made, in an order in which they can be made anew.
    virtual std::vector<Definition> definitions() = 0;
    /// Adds the rows of one table of `from`, a connection of the same engine, to the table of the
    /// same name here; `row` is called after each. How many there were.
    virtual std::int64_t copy_rows(Connection& from, const std::string& table,
                                   const std::function<void()>& row) = 0;
    /// The numbers that have been given and are not to be given again, as `from` has them.
    virtual void copy_numbers_given(Connection& from) = 0;
    /// Another number once somebody else has committed since it was asked for the last time; in a
    /// transaction always the same.
    virtual std::int64_t state_number() = 0;
    /// Of a scratch store: with the next commit all outlives the machine. Not in a transaction.
    virtual void make_durable() = 0;
    /// Whether a page that was changed by nobody's will is found when it is read.
    virtual bool is_protected() = 0;
    /// Makes it so, which takes as long as writing the store anew, and as much room again for a
    /// while. For the connection that writes, while there is no other.
    virtual void protect() = 0;
    /// Gives the disk what is free in the store, if that is a tenth of it or more; on the terms of
    /// protect().
    virtual void compact() = 0;
    /// Reads pages from the disk that may be in caches, from `first` (1 is the first) on.
    virtual PageLook look_at_pages(std::int64_t first, std::int64_t count) = 0;
    /// Writes something that is there already, in a transaction of its own: whether there is room.
    virtual void try_writing() = 0;
    /// What the pages, and the engine's own check, say against the store.
    virtual std::vector<std::string> check() = 0;
    /// Housekeeping of the connection that writes, after its callers are answered. `closing`: no
    /// further work comes.
    virtual void keep_house(bool closing) = 0;
    /// Bytes that are committed, but not where they belong yet.
    virtual std::int64_t journal_bytes() const = 0;
    /// They are more than they may be, and somebody who reads an old snapshot keeps them there.
    virtual bool journal_stuck() const = 0;
};

/// An engine, for one store.
class Driver {
public:
    virtual ~Driver() = default;
    /// The one connection that commits; makes the store if it is not there.
    virtual std::unique_ptr<Connection> open_writer() = 0;
    virtual std::unique_ptr<Connection> open_reader() = 0;
    /// After the migrations and protect(): what makes a new store last.
    virtual void settle() = 0;
    /// What to add to the sentence when opening failed, as ` (its disk …)`; may be empty.
    virtual std::string hint() const = 0;
};

/// The engine that these options name.
std::unique_ptr<Driver> driver_for(std::shared_ptr<const Options> options);

/// See StoreReader.
std::unique_ptr<Connection> open_from_outside(const StoreFile& store,
                                              Access access = Access::beside_owner);
/// See ForeignFile.
std::unique_ptr<Connection> open_foreign(const StoreFile& file);

}  // namespace database
