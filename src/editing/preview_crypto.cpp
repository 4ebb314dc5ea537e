#include "preview_crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <new>

#include "base/ids.hpp"
#include "base/text.hpp"

namespace editing {

std::string make_preview_key() {
    constexpr int words = 4;
    std::string key;
    for (int i = 0; i < words; ++i) {
        auto random = base::random_bits();
        key += base::to_hex(reinterpret_cast<const unsigned char*>(&random), sizeof(random));
    }
    return key;
}

std::string preview_signature(std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> made{};
    unsigned size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(),
              made.data(), &size)) {
        throw std::bad_alloc();
    }
    return base::to_base64url({reinterpret_cast<const char*>(made.data()), size});
}

bool same_signature(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace editing
