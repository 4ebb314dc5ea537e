#pragma once

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "page_checksum.hpp"

namespace database {

class SqliteLogGuard;

/// What SQLite is told when a page is not what was written.
inline constexpr int damaged_page = SQLITE_CORRUPT | (0x7f << 8);

/// A file of SQLite's without our checks.
struct SqliteRawFile {
    sqlite3_file* file = nullptr;
    const sqlite3_io_methods* real = nullptr;

    int read(void* to, std::size_t count, std::int64_t at) const {
        return real->xRead(file, to, static_cast<int>(count), at);
    }
    int write(const void* from, std::size_t count, std::int64_t at) const {
        return real->xWrite(file, from, static_cast<int>(count), at);
    }
    std::int64_t size() const {
        sqlite3_int64 bytes = 0;
        return real->xFileSize(file, &bytes) == SQLITE_OK ? bytes : 0;
    }
};

/// Stands between SQLite and the main file of a store: a page gets its checksum when it is written,
/// and is held against it when it is read. Whether a file has checksums is said by its header (byte
/// 20, how much of each page is ours); where that says no though pages have them, the header is
/// damaged.
///
/// Belongs to one open file, so to one connection and one thread at a time.
class SqliteStoreGuard {
public:
    explicit SqliteStoreGuard(SqliteRawFile raw) : raw_(raw) {}

    /// After SQLite's own read gave `code`: what it gives now.
    int after_read(int code, const void* bytes, int count, std::int64_t at);
    int write(const void* bytes, int count, std::int64_t at);
    /// Page 1 as it came, whole, from the write-ahead log.
    void learn(const unsigned char* first_page);

    /// Remembers what is wrong, for who asks SQLite why it failed.
    int damaged(std::string what);
    /// What was remembered; nothing afterwards.
    std::string take_damage();

    bool is_protected();
    std::uint32_t pages() const;
    /// Of these pages those that do not fit in the file, whatever caches and log have. One that the
    /// log has too is not read from the file, and will be written again.
    std::vector<std::uint32_t> unfit(std::uint32_t first, std::uint32_t count);
    /// Whether the write-ahead log has that page, in a transaction that has read something.
    bool log_has(std::uint32_t page) const;

    void join(SqliteLogGuard* log) { log_ = log; }
    /// Commits are synced one by one: see SqliteLogGuard.
    void set_durable(bool durable) { durable_ = durable; }
    bool is_durable() const { return durable_; }

private:
    enum class Checksums { unknown, none, each_page };
    using Page = std::array<unsigned char, page_bytes>;

    int check(const unsigned char* page, std::uint32_t number);
    int check_first(const unsigned char* page);
    /// Whether pages have checksums, whatever the header says.
    bool has_checksums(const unsigned char* first_page) const;
    void find_out();

    SqliteRawFile raw_;
    SqliteLogGuard* log_ = nullptr;
    Checksums checksums_ = Checksums::unknown;
    bool durable_ = true;
    std::string damage_;
    Page written_;
};

}  // namespace database
