#include "token_crypto.hpp"

#include <sodium.h>

#include <stdexcept>
#include <vector>

#include "base/text.hpp"

namespace identity {

namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

void prepare_crypto() {
    static const int result = sodium_init();
    if (result < 0) throw std::runtime_error("libsodium cannot be used on this machine");
}

KeyPair make_key_pair() {
    prepare_crypto();
    std::string seed(crypto_sign_SEEDBYTES, '\0');
    randombytes_buf(seed.data(), seed.size());
    return key_pair_of(std::move(seed));
}

KeyPair key_pair_of(std::string seed) {
    prepare_crypto();
    if (seed.size() != crypto_sign_SEEDBYTES) throw std::logic_error("a seed has 32 bytes");
    KeyPair pair{std::move(seed), std::string(crypto_sign_PUBLICKEYBYTES, '\0')};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret;
    crypto_sign_seed_keypair(bytes_of(pair.public_key), secret.data(),
                             bytes_of(std::string_view(pair.seed)));
    sodium_memzero(secret.data(), secret.size());
    return pair;
}

std::string sign(const KeyPair& key, std::string_view text) {
    // libsodium's secret key is the seed and the public key after it.
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret;
    static_assert(crypto_sign_SECRETKEYBYTES == crypto_sign_SEEDBYTES + crypto_sign_PUBLICKEYBYTES);
    std::copy(key.seed.begin(), key.seed.end(), secret.begin());
    std::copy(key.public_key.begin(), key.public_key.end(), secret.begin() + crypto_sign_SEEDBYTES);
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(bytes_of(signature), nullptr, bytes_of(text), text.size(), secret.data());
    sodium_memzero(secret.data(), secret.size());
    return signature;
}

bool verify(std::string_view public_key, std::string_view text, std::string_view signature) {
    prepare_crypto();
    if (public_key.size() != crypto_sign_PUBLICKEYBYTES) return false;
    if (signature.size() != crypto_sign_BYTES) return false;
    return crypto_sign_verify_detached(bytes_of(signature), bytes_of(text), text.size(),
                                       bytes_of(public_key)) == 0;
}

Digest sha256(std::string_view bytes) {
    Digest digest;
    static_assert(sizeof(Digest) == crypto_hash_sha256_BYTES);
    crypto_hash_sha256(digest.data(), bytes_of(bytes), bytes.size());
    return digest;
}

std::string sha256_text(std::string_view bytes) {
    auto digest = sha256(bytes);
    return std::string(digest.begin(), digest.end());
}

std::string random_text(std::size_t bytes) {
    prepare_crypto();
    std::string random(bytes, '\0');
    randombytes_buf(random.data(), random.size());
    return base::to_base64url(random);
}

std::string key_id_of(std::string_view public_key) {
    auto canonical =
        R"({"crv":"Ed25519","kty":"OKP","x":")" + base::to_base64url(public_key) + "\"}";
    return base::to_base64url(sha256_text(canonical));
}

}  // namespace identity
