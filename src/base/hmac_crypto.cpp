#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <new>

#include "base/hmac.hpp"
#include "base/ids.hpp"

namespace base {

std::string hmac_sha256(std::string_view key, std::string_view text) {
    std::string made(SHA256_DIGEST_LENGTH, '\0');
    unsigned size = 0;
    if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
              reinterpret_cast<const unsigned char*>(text.data()), text.size(),
              reinterpret_cast<unsigned char*>(made.data()), &size)) {
        throw std::bad_alloc();
    }
    return made;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string make_signing_key() {
    constexpr int words = 4;
    std::string key;
    for (int i = 0; i < words; ++i) {
        auto random = random_bits();
        key += to_hex(reinterpret_cast<const unsigned char*>(&random), sizeof(random));
    }
    return key;
}

}  // namespace base
