#include "signing_crypto.hpp"

#include <openssl/sha.h>
#include <zlib.h>

#include <algorithm>
#include <new>

#include "base/hmac.hpp"
#include "base/text.hpp"

namespace legacy {

namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// Django's base 62: digits, capitals, small letters.
std::optional<std::int64_t> from_base62(std::string_view text) {
    constexpr std::size_t digits_max = 9;  // below 2^54
    if (text.empty() || text.size() > digits_max) return std::nullopt;
    std::int64_t number = 0;
    for (char c : text) {
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'A' && c <= 'Z' ? c - 'A' + 10
                    : c >= 'a' && c <= 'z' ? c - 'a' + 36
                                           : -1;
        if (digit < 0) return std::nullopt;
        number = number * 62 + digit;
    }
    return number;
}

/// One whole zlib stream and nothing after it.
std::optional<std::string> inflated(std::string_view packed, std::size_t bytes_max) {
    std::string content(bytes_max + 1, '\0');
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
    stream.next_in = const_cast<unsigned char*>(bytes_of(packed));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<unsigned char*>(content.data());
    stream.avail_out = static_cast<uInt>(content.size());
    int ended = inflate(&stream, Z_FINISH);
    std::size_t filled = content.size() - stream.avail_out;
    bool whole = ended == Z_STREAM_END && stream.avail_in == 0 && filled <= bytes_max;
    inflateEnd(&stream);
    if (!whole) return std::nullopt;
    content.resize(filled);
    return content;
}

bool is_signed(std::string_view text, std::string_view signature, std::string_view salt,
               const SecretKeys& keys) {
    auto salted = std::string(salt) + "signer";
    return std::any_of(keys.begin(), keys.end(), [&](const auto& key) {
        return base::equal_in_constant_time(salted_hmac(salted, key, text), signature);
    });
}

}  // namespace

Digest sha256(std::string_view text) {
    Digest digest{};
    SHA256(bytes_of(text), text.size(), digest.data());
    return digest;
}

std::string salted_hmac(std::string_view salt, std::string_view key, std::string_view text) {
    auto digest = sha256(std::string(salt).append(key));
    return base::hmac_sha256({reinterpret_cast<const char*>(digest.data()), digest.size()}, text);
}

std::optional<std::string> unsigned_content(std::string_view text, std::string_view salt,
                                            const SecretKeys& keys, std::int64_t now,
                                            std::chrono::seconds age_max, std::size_t bytes_max) {
    auto last = text.rfind(':');
    if (last == text.npos) return std::nullopt;
    auto signature = base::from_base64url(text.substr(last + 1));
    text = text.substr(0, last);
    if (!signature || !is_signed(text, *signature, salt, keys)) return std::nullopt;

    auto colon = text.rfind(':');
    if (colon == text.npos) return std::nullopt;
    auto at = from_base62(text.substr(colon + 1));
    if (!at || now - *at > age_max.count()) return std::nullopt;

    text = text.substr(0, colon);
    bool packed = text.starts_with('.');
    if (packed) text.remove_prefix(1);
    auto content = base::from_base64url(text);
    if (content && packed) content = inflated(*content, bytes_max);
    if (content && content->size() > bytes_max) return std::nullopt;
    return content;
}

}  // namespace legacy
