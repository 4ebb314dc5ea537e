#include "bucket.hpp"

#include <array>
#include <bit>

namespace gateway {

namespace {

constexpr std::string_view fixed_key = "portal-gateway-1";
static_assert(fixed_key.size() == 16);

constexpr std::uint64_t little_endian(std::string_view bytes) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    return word;
}

/// Takes bytes in any pieces; four words of state, as in the paper.
class SipHash {
public:
    SipHash()
        : v0_(0x736f6d6570736575 ^ k0),
          v1_(0x646f72616e646f6d ^ k1),
          v2_(0x6c7967656e657261 ^ k0),
          v3_(0x7465646279746573 ^ k1) {}

    void take(std::string_view bytes) {
        for (char byte : bytes) {
            word_ |= std::uint64_t{static_cast<unsigned char>(byte)} << (8 * (length_ % 8));
            if (++length_ % 8 == 0) compress();
        }
    }

    std::uint64_t finish() {
        word_ |= length_ << 56;
        compress();
        v2_ ^= 0xff;
        for (int i = 0; i < 4; ++i) round();
        return v0_ ^ v1_ ^ v2_ ^ v3_;
    }

private:
    static constexpr std::uint64_t k0 = little_endian(fixed_key.substr(0, 8));
    static constexpr std::uint64_t k1 = little_endian(fixed_key.substr(8));

    void compress() {
        v3_ ^= word_;
        round();
        round();
        v0_ ^= word_;
        word_ = 0;
    }
    void round() {
        v0_ += v1_;
        v1_ = std::rotl(v1_, 13) ^ v0_;
        v0_ = std::rotl(v0_, 32);
        v2_ += v3_;
        v3_ = std::rotl(v3_, 16) ^ v2_;
        v0_ += v3_;
        v3_ = std::rotl(v3_, 21) ^ v0_;
        v2_ += v1_;
        v1_ = std::rotl(v1_, 17) ^ v2_;
        v2_ = std::rotl(v2_, 32);
    }

    std::uint64_t v0_;
    std::uint64_t v1_;
    std::uint64_t v2_;
    std::uint64_t v3_;
    std::uint64_t word_ = 0;
    std::uint64_t length_ = 0;
};

}  // namespace

std::uint64_t stable_hash(std::string_view salt, std::string_view key) {
    SipHash hash;
    hash.take(salt);
    hash.take(std::string_view("", 1));
    hash.take(key);
    return hash.finish();
}

std::uint32_t bucket_of(std::string_view group, std::string_view key) {
    return static_cast<std::uint32_t>(stable_hash(group, key) % 10000);
}

}  // namespace gateway
