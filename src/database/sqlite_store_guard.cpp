#include "sqlite_store_guard.hpp"

#include <cstring>
#include <utility>

#include "sqlite_log_guard.hpp"

namespace database {

namespace {

constexpr std::string_view magic{"SQLite format 3\0", 16};
constexpr std::size_t page_size_at = 16;
constexpr std::size_t reserved_at = 20;
/// No page is smaller, and of the header alone less is read; it is read again with its page.
constexpr int smallest_page = 512;

std::int64_t offset_of(std::uint32_t page) {
    return (std::int64_t{page} - 1) * static_cast<std::int64_t>(page_bytes);
}

/// SQLite keeps its locks there, and never writes it.
bool is_of_locks(std::uint32_t page) {
    constexpr std::int64_t locks_at = 0x40000000;
    return offset_of(page) == locks_at;
}

}  // namespace

int SqliteStoreGuard::damaged(std::string what) {
    if (damage_.empty()) damage_ = std::move(what);
    return damaged_page;
}

std::string SqliteStoreGuard::take_damage() {
    return std::exchange(damage_, {});
}

bool SqliteStoreGuard::has_checksums(const unsigned char* first_page) const {
    if (checksums_ == Checksums::each_page) return true;
    Page page;
    std::memcpy(page.data(), first_page, page_bytes);
    page[page_size_at] = page_bytes >> 8;
    page[page_size_at + 1] = 0;
    page[reserved_at] = page_checksum_bytes;
    if (page_fits(page.data(), 1)) return true;
    return raw_.read(page.data(), page_bytes, offset_of(2)) == SQLITE_OK &&
           page_fits(page.data(), 2);
}

int SqliteStoreGuard::check_first(const unsigned char* page) {
    if (page[reserved_at] == page_checksum_bytes) {
        checksums_ = Checksums::each_page;
        if (page_fits(page, 1)) return SQLITE_OK;
        return damaged("page 1 is not what was written");
    }
    if (has_checksums(page)) {
        checksums_ = Checksums::each_page;
        return damaged("page 1 is not what was written: it denies the checksums that there are");
    }
    bool is_store = std::memcmp(page, magic.data(), magic.size()) == 0;
    if (is_store) checksums_ = Checksums::none;
    return SQLITE_OK;
}

int SqliteStoreGuard::check(const unsigned char* page, std::uint32_t number) {
    if (number == 1) return check_first(page);
    if (checksums_ == Checksums::unknown) find_out();
    bool fits = page_fits(page, number);
    if (fits && checksums_ == Checksums::none) {
        return damaged("page 1 denies the checksums that there are");
    }
    if (fits || checksums_ == Checksums::none) return SQLITE_OK;
    return damaged("page " + std::to_string(number) + " is not what was written");
}

/// For who needs to know before page 1 was read.
void SqliteStoreGuard::find_out() {
    Page first;
    first.fill(0);
    raw_.read(first.data(), page_bytes, 0);
    bool has = first[reserved_at] == page_checksum_bytes || has_checksums(first.data());
    checksums_ = has ? Checksums::each_page : Checksums::none;
}

int SqliteStoreGuard::after_read(int code, const void* bytes, int count, std::int64_t at) {
    bool is_short = code == SQLITE_IOERR_SHORT_READ;
    if (count < smallest_page || (code != SQLITE_OK && !is_short)) return code;
    if (is_short && raw_.size() == 0) return code;
    const auto* page = static_cast<const unsigned char*>(bytes);
    auto number = static_cast<std::uint32_t>(at / static_cast<std::int64_t>(page_bytes)) + 1;
    if (count != static_cast<int>(page_bytes)) {
        // Another size of page: of a file that is not ours, or of a damaged header.
        Page first;
        first.fill(0);
        raw_.read(first.data(), page_bytes, 0);
        if (!has_checksums(first.data())) return code;
        return damaged("page 1 is not what was written: it has another size of pages");
    }
    if (is_short && number > 1) {
        if (checksums_ != Checksums::each_page) return code;
        return damaged("the file ends before page " + std::to_string(number));
    }
    int checked = check(page, number);
    return checked == SQLITE_OK ? code : checked;
}

int SqliteStoreGuard::write(const void* bytes, int count, std::int64_t at) {
    constexpr auto size = static_cast<std::int64_t>(page_bytes);
    if (count != size || at % size != 0) {
        return raw_.write(bytes, static_cast<std::size_t>(count), at);
    }
    auto number = static_cast<std::uint32_t>(at / size) + 1;
    const auto* page = static_cast<const unsigned char*>(bytes);
    if (number == 1) learn(page);
    if (checksums_ == Checksums::unknown) find_out();
    if (checksums_ == Checksums::none) return raw_.write(bytes, page_bytes, at);
    std::memcpy(written_.data(), page, page_bytes);
    seal_page(written_.data(), number);
    return raw_.write(written_.data(), page_bytes, at);
}

void SqliteStoreGuard::learn(const unsigned char* first_page) {
    bool has = first_page[reserved_at] == page_checksum_bytes;
    checksums_ = has ? Checksums::each_page : Checksums::none;
}

bool SqliteStoreGuard::is_protected() {
    if (checksums_ != Checksums::each_page) find_out();
    return checksums_ == Checksums::each_page;
}

std::uint32_t SqliteStoreGuard::pages() const {
    return static_cast<std::uint32_t>(raw_.size() / static_cast<std::int64_t>(page_bytes));
}

std::vector<std::uint32_t> SqliteStoreGuard::unfit(std::uint32_t first, std::uint32_t count) {
    std::vector<std::uint32_t> found;
    for (auto page = first; page - first < count; ++page) {
        if (is_of_locks(page)) continue;
        Page read;
        int code = raw_.read(read.data(), page_bytes, offset_of(page));
        // The file may end earlier than a moment ago.
        if (code == SQLITE_IOERR_SHORT_READ) break;
        if (code != SQLITE_OK || !page_fits(read.data(), page)) found.push_back(page);
    }
    return found;
}

bool SqliteStoreGuard::log_has(std::uint32_t page) const {
    return log_ && log_->has(page);
}

}  // namespace database
