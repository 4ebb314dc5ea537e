#include "sqlite_log_guard.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

namespace database {

namespace {

constexpr std::uint32_t log_magic = 0x377f0682;  ///< or one more: sums are of big-endian words
constexpr int head_sum_at = 24;
constexpr int head_salts_at = 16;
constexpr int frame_salts_at = 8;
constexpr std::uint64_t mark_seed = 0x706f7274616c;

std::uint32_t big_endian(const unsigned char* bytes) {
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
           std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
}

void put_big_endian(unsigned char* bytes, std::uint64_t value, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        bytes[i] = static_cast<unsigned char>(value >> (8 * (count - 1 - i)));
    }
}

}  // namespace

struct SqliteLogGuard::Frame {
    std::array<unsigned char, frame_bytes> all;

    const unsigned char* head() const { return all.data(); }
    const unsigned char* page() const { return all.data() + frame_head_bytes; }
    bool is_commit() const { return big_endian(head() + 4) != 0; }
    Link link() const { return link_of(head() + frame_salts_at); }
};

std::int64_t SqliteLogGuard::place_of(std::uint32_t frame) {
    return head_bytes + (std::int64_t{frame} - 1) * frame_bytes;
}

/// In the head of the log and in that of a frame they stand in the same order.
SqliteLogGuard::Link SqliteLogGuard::link_of(const unsigned char* salts_and_sum) {
    Link link;
    std::memcpy(link.salts.data(), salts_and_sum, link.salts.size());
    link.sum = {big_endian(salts_and_sum + 8), big_endian(salts_and_sum + 12)};
    return link;
}

std::uint32_t SqliteLogGuard::frames() const {
    auto bytes = raw_.size() - head_bytes;
    return bytes < 0 ? 0 : static_cast<std::uint32_t>(bytes / frame_bytes);
}

bool SqliteLogGuard::is_big_endian() const {
    if (!big_endian_) {
        std::array<unsigned char, 4> bytes{};
        raw_.read(bytes.data(), bytes.size(), 0);
        auto found = big_endian(bytes.data());
        bool known = (found & ~1U) == log_magic;
        big_endian_ = known ? (found & 1) != 0 : std::endian::native == std::endian::big;
    }
    return *big_endian_;
}

LogSum SqliteLogGuard::add(LogSum sum, const unsigned char* bytes, std::size_t count) const {
    bool swapped = is_big_endian() != (std::endian::native == std::endian::big);
    return add_to(sum, bytes, count, swapped);
}

bool SqliteLogGuard::follows(const Link& before, const unsigned char* head,
                             const unsigned char* page) const {
    auto own = link_of(head + frame_salts_at);
    return own.salts == before.salts && big_endian(head) != 0 &&
           add(add(before.sum, head, 8), page, page_bytes) == own.sum;
}

std::optional<SqliteLogGuard::Link> SqliteLogGuard::link_before(std::uint32_t frame) const {
    std::array<unsigned char, 16> bytes{};
    auto at = frame == 1 ? std::int64_t{head_salts_at}
                         : place_of(frame - 1) + std::int64_t{frame_salts_at};
    if (raw_.read(bytes.data(), bytes.size(), at) != SQLITE_OK) return std::nullopt;
    return link_of(bytes.data());
}

int SqliteLogGuard::check(const unsigned char* page, std::uint32_t frame) {
    if (unsummed_ != 0 && frame >= unsummed_) return SQLITE_OK;
    FrameHead head{};
    bool read = raw_.read(head.data(), head.size(), place_of(frame)) == SQLITE_OK;
    auto before = link_before(frame);
    if (read && before && follows(*before, head.data(), page)) {
        if (big_endian(head.data()) == 1) store_.learn(page);
        return SQLITE_OK;
    }
    return store_.damaged("page " + std::to_string(big_endian(head.data())) +
                          " is not what was written, in frame " + std::to_string(frame) +
                          " of its write-ahead log");
}

int SqliteLogGuard::after_read(int code, const void* bytes, int count, std::int64_t at) {
    const auto* read = static_cast<const unsigned char*>(bytes);
    // SQLite reads the head alone, and so much at once, when it makes the index of a log anew.
    if (code == SQLITE_OK && at == 0 && count == head_bytes) return judge(read);
    if (count != static_cast<int>(page_bytes)) return code;
    auto behind = at - (head_bytes + frame_head_bytes);
    if (behind < 0 || behind % frame_bytes != 0) return code;
    auto frame = static_cast<std::uint32_t>(behind / frame_bytes) + 1;
    if (code == SQLITE_IOERR_SHORT_READ) {
        return store_.damaged("its write-ahead log ends before frame " + std::to_string(frame));
    }
    return code == SQLITE_OK ? check(read, frame) : code;
}

/// Whether there are frames behind a head that is damaged: each stands behind another, or behind
/// what the head says or should say.
bool SqliteLogGuard::holds_frames(const unsigned char* head) const {
    auto stored = link_of(head + head_salts_at);
    auto made = stored;
    made.sum = add({}, head, head_sum_at);
    std::vector<Link> before{stored, made};
    Frame frame;
    for (std::uint32_t number = 1; number <= frames(); ++number) {
        if (raw_.read(frame.all.data(), frame_bytes, place_of(number)) != SQLITE_OK) return false;
        auto own = frame.link();
        for (auto link : before) {
            // Its salts may be what is damaged.
            if (number == 1) link.salts = own.salts;
            if (follows(link, frame.head(), frame.page())) return true;
        }
        before = {own};
    }
    return false;
}

/// Whether what was written behind the frame that is broken says that it had been synced.
bool SqliteLogGuard::ended_later(std::uint32_t broken, const Link& head) const {
    std::optional<Link> commit;
    auto last = frames();
    Frame frame;
    for (auto number = broken; number <= last + 1; ++number) {
        // A mark may be the last that there is, without a page behind it.
        auto count = number <= last ? frame_bytes : frame_head_bytes;
        if (raw_.read(frame.all.data(), count, place_of(number)) != SQLITE_OK) return false;
        auto expected = mark(number - 1, head.salts);
        if (number > broken && std::memcmp(frame.head(), expected.data(), expected.size()) == 0) {
            return true;
        }
        if (count != frame_bytes) return false;
        if (commit && store_.is_durable() && follows(*commit, frame.head(), frame.page())) {
            return true;
        }
        auto own = frame.link();
        commit.reset();
        if (own.salts == head.salts && frame.is_commit()) commit = own;
    }
    return false;
}

int SqliteLogGuard::judge(const unsigned char* head) {
    big_endian_.reset();
    auto last = frames();
    auto link = link_of(head + head_salts_at);
    bool is_whole = (big_endian(head) & ~1U) == log_magic && big_endian(head + 8) == page_bytes &&
                    add({}, head, head_sum_at) == link.sum;
    if (!is_whole) {
        if (!holds_frames(head)) return SQLITE_OK;
        return store_.damaged("the head of its write-ahead log is not what was written");
    }
    Frame frame;
    auto before = link;
    for (std::uint32_t number = 1; number <= last; ++number) {
        if (raw_.read(frame.all.data(), frame_bytes, place_of(number)) != SQLITE_OK) break;
        if (follows(before, frame.head(), frame.page())) {
            before = frame.link();
            continue;
        }
        if (!ended_later(number, link)) break;
        return store_.damaged("frame " + std::to_string(number) +
                              " of its write-ahead log is not what was written, and commits "
                              "stand behind it");
    }
    return SQLITE_OK;
}

void SqliteLogGuard::note_head(std::uint32_t frame, const unsigned char* head) {
    constexpr std::array<unsigned char, 16> none{};
    bool is_summed = std::memcmp(head + frame_salts_at, none.data(), none.size()) != 0;
    if (!is_summed) {
        if (unsummed_ == 0 || frame < unsummed_) unsummed_ = frame;
    } else if (frame == unsummed_) {
        // The sums are made up for, one after the other.
        if (++unsummed_ > unsummed_end_) unsummed_ = 0;
    } else if (frame < unsummed_) {
        // That transaction was rolled back.
        unsummed_ = 0;
    }
    head_of_ = last_ = frame;
    head_is_of_first_page_ = big_endian(head) == 1;
    last_is_commit_ = big_endian(head + 4) != 0;
}

void SqliteLogGuard::note_page(std::uint32_t frame, const unsigned char* page) {
    bool is_changed = head_of_ != frame;
    if (!is_changed && head_is_of_first_page_) store_.learn(page);
    head_of_ = 0;
    if (is_changed && (unsummed_ == 0 || frame < unsummed_)) unsummed_ = frame;
    if (unsummed_ != 0) unsummed_end_ = std::max(last_, frame);
}

void SqliteLogGuard::after_write(int code, const void* bytes, int count, std::int64_t at) {
    if (code != SQLITE_OK) {
        last_is_commit_ = false;
        return;
    }
    if (at == 0 && count == head_bytes) {
        head_of_ = last_ = marked_ = unsummed_ = 0;
        last_is_commit_ = false;
        big_endian_.reset();
        return;
    }
    const auto* written = static_cast<const unsigned char*>(bytes);
    auto behind = at - head_bytes;
    if (behind < 0) return;
    auto frame = static_cast<std::uint32_t>(behind / frame_bytes) + 1;
    auto within = behind % frame_bytes;
    if (within == 0 && count == frame_head_bytes) {
        note_head(frame, written);
    } else if (count == static_cast<int>(page_bytes)) {
        note_page(frame, written);
    }
}

SqliteLogGuard::FrameHead SqliteLogGuard::mark(std::uint32_t frames,
                                               const std::array<unsigned char, 8>& salts) const {
    // Page 0 and salts that are not those of the log: no frame.
    FrameHead mark{};
    put_big_endian(mark.data() + 4, frames, 4);
    for (std::size_t i = 0; i < salts.size(); ++i) {
        mark[frame_salts_at + i] = static_cast<unsigned char>(~salts[i]);
    }
    put_big_endian(mark.data() + 16, checksum_of(mark.data(), 16, mark_seed), 8);
    return mark;
}

void SqliteLogGuard::after_sync(int code) {
    if (code != SQLITE_OK) last_is_commit_ = false;
    if (!last_is_commit_ || unsummed_ != 0 || marked_ == last_) return;
    marked_ = last_;
    auto link = link_before(1);
    if (!link) return;
    // Not synced itself, and no failure if it cannot be written: without it the end of the log is
    // believed to be its end, as before.
    auto bytes = mark(last_, link->salts);
    raw_.write(bytes.data(), bytes.size(), place_of(last_ + 1));
}

bool SqliteLogGuard::has(std::uint32_t page) const {
    auto head = link_before(1);
    if (!head) return false;
    FrameHead frame{};
    for (std::uint32_t number = 1; number <= frames(); ++number) {
        if (raw_.read(frame.data(), frame.size(), place_of(number)) != SQLITE_OK) return false;
        if (link_of(frame.data() + frame_salts_at).salts != head->salts) return false;
        if (big_endian(frame.data()) == page) return true;
    }
    return false;
}

}  // namespace database
