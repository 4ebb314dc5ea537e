#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "sqlite_store_guard.hpp"

namespace database {

/// Stands between SQLite and the write-ahead log of a store. SQLite follows the log's own checksums
/// only when it finds a log that nobody has open; this holds each page that is read against them.
///
/// A log that nobody has open ends, to SQLite, where its checksums do: so it must be able to lose
/// what was not synced when the power went. What was, and is damaged, would be lost the same way
/// and without a word. So behind each commit that was synced stands a mark (in the place of the
/// next frame, which is written over it) that says so, and a log that ends before its mark, or
/// before a commit that others follow, is damaged.
///
/// Belongs to one open file, as SqliteStoreGuard.
class SqliteLogGuard {
public:
    SqliteLogGuard(SqliteRawFile raw, SqliteStoreGuard& store) : raw_(raw), store_(store) {
        store_.join(this);
    }
    ~SqliteLogGuard() { store_.join(nullptr); }
    SqliteLogGuard(const SqliteLogGuard&) = delete;

    int after_read(int code, const void* bytes, int count, std::int64_t at);
    /// `code`: what the write gave.
    void after_write(int code, const void* bytes, int count, std::int64_t at);
    void after_sync(int code);

    /// Whether a frame of the log as it stands now has that page.
    bool has(std::uint32_t page) const;

private:
    static constexpr int head_bytes = 32;
    static constexpr int frame_head_bytes = 24;
    static constexpr int frame_bytes = frame_head_bytes + static_cast<int>(page_bytes);
    using FrameHead = std::array<unsigned char, frame_head_bytes>;
    /// What a frame stands behind, of which it has the same salts.
    struct Link {
        std::array<unsigned char, 8> salts{};
        LogSum sum;
    };
    struct Frame;

    static std::int64_t place_of(std::uint32_t frame);
    static Link link_of(const unsigned char* salts_and_sum);
    std::uint32_t frames() const;
    bool is_big_endian() const;
    LogSum add(LogSum sum, const unsigned char* bytes, std::size_t count) const;
    bool follows(const Link& before, const unsigned char* head, const unsigned char* page) const;
    std::optional<Link> link_before(std::uint32_t frame) const;

    int check(const unsigned char* page, std::uint32_t frame);
    int judge(const unsigned char* head);
    bool holds_frames(const unsigned char* head) const;
    bool ended_later(std::uint32_t broken, const Link& head) const;
    void note_head(std::uint32_t frame, const unsigned char* head);
    void note_page(std::uint32_t frame, const unsigned char* page);
    FrameHead mark(std::uint32_t frames, const std::array<unsigned char, 8>& salts) const;

    SqliteRawFile raw_;
    SqliteStoreGuard& store_;
    mutable std::optional<bool> big_endian_;

    // What this connection is writing.
    std::uint32_t head_of_ = 0;  ///< the frame whose head came last, and not its page yet
    bool head_is_of_first_page_ = false;
    std::uint32_t last_ = 0;  ///< the last frame whose head was written
    bool last_is_commit_ = false;
    std::uint32_t marked_ = 0;  ///< behind which frame the mark stands
    /// From here on frames wait for their checksums: pages that were in the log already were
    /// changed again by the same transaction. 0: none.
    std::uint32_t unsummed_ = 0;
    std::uint32_t unsummed_end_ = 0;
};

}  // namespace database
