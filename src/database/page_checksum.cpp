#include "page_checksum.hpp"

#include <cstring>

// In line: linked, it would be a library more for who installs the server.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace database {

#ifdef __x86_64__
uint64_t checksum_avx2(const unsigned char* bytes, size_t count, uint64_t seed);
LogSum add_page_avx2(LogSum sum, const unsigned char* page);
#endif

namespace {

bool has_avx2() {
#ifdef __x86_64__
    static const bool has = __builtin_cpu_supports("avx2");
    return has;
#else
    return false;
#endif
}

/// The same bytes on every machine.
XXH64_canonical_t canonical(const unsigned char* page, std::uint32_t number) {
    XXH64_canonical_t bytes;
    XXH64_canonicalFromHash(&bytes, checksum_of(page, page_bytes - page_checksum_bytes, number));
    return bytes;
}

}  // namespace

static_assert(sizeof(XXH64_canonical_t) == page_checksum_bytes);

std::uint64_t checksum_of(const unsigned char* bytes, std::size_t count, std::uint64_t seed) {
#ifdef __x86_64__
    if (has_avx2()) return checksum_avx2(bytes, count, seed);
#endif
    return XXH3_64bits_withSeed(bytes, count, seed);
}

LogSum add_to(LogSum sum, const unsigned char* bytes, std::size_t count, bool swapped) {
#ifdef __x86_64__
    if (count == page_bytes && !swapped && has_avx2()) return add_page_avx2(sum, bytes);
#endif
    for (std::size_t at = 0; at < count; at += 8) {
        std::uint32_t first = 0;
        std::uint32_t second = 0;
        std::memcpy(&first, bytes + at, sizeof(first));
        std::memcpy(&second, bytes + at + sizeof(first), sizeof(second));
        sum.first += (swapped ? __builtin_bswap32(first) : first) + sum.second;
        sum.second += (swapped ? __builtin_bswap32(second) : second) + sum.first;
    }
    return sum;
}

void seal_page(unsigned char* page, std::uint32_t number) {
    auto bytes = canonical(page, number);
    std::memcpy(page + page_bytes - page_checksum_bytes, &bytes, page_checksum_bytes);
}

bool page_fits(const unsigned char* page, std::uint32_t number) {
    auto bytes = canonical(page, number);
    return std::memcmp(page + page_bytes - page_checksum_bytes, &bytes, page_checksum_bytes) == 0;
}

}  // namespace database
