#pragma once

#include <cstddef>
#include <cstdint>

// The last bytes of each page of a store hold a checksum of the others and of the page's number, so
// that a page that was changed, or stands where another belongs, is found when it is read.
namespace database {

inline constexpr std::size_t page_bytes = 4096;
inline constexpr std::size_t page_checksum_bytes = 8;

/// Writes the checksum into the last bytes of `page`; pages count from 1.
void seal_page(unsigned char* page, std::uint32_t number);
/// Whether they hold it.
bool page_fits(const unsigned char* page, std::uint32_t number);

/// The sums of SQLite's write-ahead log, which go on from one to the next: over `count` bytes, a
/// multiple of 8, as 32-bit words of this machine's order, or the other.
struct LogSum {
    std::uint32_t first = 0;
    std::uint32_t second = 0;
    bool operator==(const LogSum&) const = default;
};
LogSum add_to(LogSum sum, const unsigned char* bytes, std::size_t count, bool swapped);

/// A checksum of any bytes.
std::uint64_t checksum_of(const unsigned char* bytes, std::size_t count, std::uint64_t seed);

}  // namespace database
