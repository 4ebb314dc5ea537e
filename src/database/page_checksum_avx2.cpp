// The same sums with the instructions of newer processors; compiled with -mavx2, and called where
// they are there. So nothing is included here that others might take from this file.
#ifdef __AVX2__

#define XXH_INLINE_ALL
#include <stdint.h>
#include <string.h>
#include <xxhash.h>

#include "page_checksum.hpp"

namespace database {

namespace {

constexpr unsigned words = page_bytes / sizeof(uint32_t);

/// A word of a log's sums counts by the Fibonacci number of its distance from the end, as the sums
/// are made by adding each to the other: so all of them may be added at once.
struct Weights {
    uint32_t of[words + 2];
    constexpr Weights() : of() {
        uint32_t smaller = 0;
        uint32_t larger = 1;
        for (unsigned back = 0; back < words + 2; ++back) {
            of[words + 1 - back] = smaller;
            uint32_t next = smaller + larger;
            smaller = larger;
            larger = next;
        }
    }
};
constexpr Weights weights;

}  // namespace

uint64_t checksum_avx2(const unsigned char* bytes, size_t count, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, count, seed);
}

LogSum add_page_avx2(LogSum sum, const unsigned char* page) {
    // weights.of[i] is the Fibonacci number words + 1 - i.
    uint32_t first = weights.of[2] * sum.first + weights.of[1] * sum.second;
    uint32_t second = weights.of[1] * sum.first + weights.of[0] * sum.second;
    for (unsigned i = 0; i < words; ++i) {
        uint32_t word;
        memcpy(&word, page + i * sizeof(word), sizeof(word));
        first += word * weights.of[i + 2];
        second += word * weights.of[i + 1];
    }
    return {first, second};
}

}  // namespace database

#endif
