#include "base/ids.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <system_error>

namespace base {

namespace {
constexpr std::int64_t seconds_2020 = 1577836800;

/// As 48 bits; nothing that is made here is older than 1970.
void put_millis(unsigned char* bytes, Time time) {
    auto millis = static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_micros(time) / 1000));
    for (std::size_t i = 0; i < 6; ++i) {
        bytes[i] = static_cast<unsigned char>(millis >> (8 * (5 - i)));
    }
}

}  // namespace

std::uint64_t random_bits() {
    thread_local std::array<std::uint64_t, 32> pool;
    thread_local std::size_t left = 0;
    if (left == 0) {
        auto* at = reinterpret_cast<unsigned char*>(pool.data());
        std::size_t missing = sizeof(pool);
        while (missing > 0) {
            ssize_t got = getrandom(at, missing, 0);
            if (got < 0) {
                if (errno == EINTR) continue;
                throw std::system_error(errno, std::generic_category(), "getrandom");
            }
            at += got;
            missing -= static_cast<std::size_t>(got);
        }
        left = pool.size();
    }
    return pool[--left];
}

std::int64_t make_news_id(Time now, std::uint64_t random) {
    auto seconds = to_micros(now) / 1000000 - seconds_2020;
    auto high = static_cast<std::uint64_t>(seconds < 0 ? 0 : seconds) & 0xffffffffu;
    return static_cast<std::int64_t>((high << 21) | (random & 0x1fffff));
}

std::int64_t make_user_id(std::uint64_t random) {
    auto id = static_cast<std::int64_t>(random & ((std::uint64_t{1} << 53) - 1));
    return id == 0 ? 1 : id;
}

std::string to_hex(const unsigned char* bytes, std::size_t count) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out(count * 2, '0');
    for (std::size_t i = 0; i < count; ++i) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    return out;
}

std::string uuid_v7_prefix(Time time) {
    std::array<unsigned char, 6> bytes;
    put_millis(bytes.data(), time);
    return to_hex(bytes.data(), bytes.size()).insert(8, 1, '-');
}

std::string make_uuid_v7(Time now) {
    std::array<unsigned char, 16> bytes;
    put_millis(bytes.data(), now);
    auto a = random_bits();
    auto b = random_bits();
    for (std::size_t i = 0; i < 8; ++i) bytes[8 + i] = static_cast<unsigned char>(b >> (8 * i));
    bytes[6] = static_cast<unsigned char>(0x70 | (a & 0x0f));
    bytes[7] = static_cast<unsigned char>(a >> 8);
    bytes[8] = static_cast<unsigned char>(0x80 | (bytes[8] & 0x3f));
    auto hex = to_hex(bytes.data(), bytes.size());
    for (std::size_t dash : {20, 16, 12, 8}) hex.insert(dash, 1, '-');
    return hex;
}

}  // namespace base
