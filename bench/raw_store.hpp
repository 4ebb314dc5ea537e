#pragma once
// What SQLite can do on this disk when nothing stands in its way: the peer of P4 and P7.
#include <sqlite3.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bench {

/// One news item with every value ready to be bound: nothing is parsed or formatted while the
/// clock runs, except the ids that must differ from row to row.
struct Row {
    std::string title;
    std::string description;
    std::string content;
    std::string author;
    std::string source_id;               // empty: the item has none, and no row in `sources`
    std::string tags;                    // the JSON array, as text
    std::vector<std::string> tag_names;  // the same, one by one
    std::string body;                    // the event's JSON
    std::int64_t published_at = 0;       // microseconds since the epoch
};

/// Wall and processor time of this process since it was made.
class Stopwatch {
public:
    Stopwatch();
    double seconds() const;
    /// One line of JSON: the rate per second, and the processor time that each took.
    void print(std::size_t count) const;

private:
    std::chrono::steady_clock::time_point begin_;
    rusage used_;
};

/// Reads a JSON-lines file of news items. Throws std::runtime_error when it cannot.
std::vector<Row> read_rows(const std::string& path);

/// The same two stores as portal's for one type: the log with its unique index, and the permanent
/// source ids of an import, in one file with synchronous=FULL; the articles view with its indexes,
/// tags and cursor in a second file with synchronous=NORMAL. Both in WAL mode with SQLite's own
/// checkpoints and defaults, one thread, prepared statements, no JSON and no hashing (the hash
/// column gets 32 bytes that cost nothing).
/// Every failure of SQLite is a std::runtime_error: a benchmark has nothing to recover.
class RawStore {
public:
    /// Creates both files in a folder that exists and holds neither.
    explicit RawStore(const std::string& folder);
    ~RawStore();
    RawStore(const RawStore&) = delete;
    RawStore& operator=(const RawStore&) = delete;

    /// One transaction on the log, then one on the view. Durable when it returns.
    void append(std::span<const Row> rows);

private:
    void append_events(std::span<const Row> rows);
    void append_articles(std::span<const Row> rows);

    sqlite3* log_ = nullptr;
    sqlite3* view_ = nullptr;
    sqlite3_stmt* insert_event_ = nullptr;
    sqlite3_stmt* insert_source_ = nullptr;
    sqlite3_stmt* insert_article_ = nullptr;
    sqlite3_stmt* insert_tag_ = nullptr;
    sqlite3_stmt* move_cursor_ = nullptr;
    std::int64_t position_ = 0;
};

}  // namespace bench
