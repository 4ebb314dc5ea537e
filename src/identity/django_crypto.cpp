#include "django_crypto.hpp"

#include <crypt.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <memory>
#include <new>
#include <string>

#include "base/hmac.hpp"
#include "base/ids.hpp"
#include "token_crypto.hpp"

namespace identity {

namespace {

/// What bcrypt reads of a password; libraries differ on whether more is an error, none counts it.
constexpr std::size_t bcrypt_password_bytes = 72;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

std::string digest(const EVP_MD* kind, std::string_view text) {
    std::string made(static_cast<std::size_t>(EVP_MD_get_size(kind)), '\0');
    if (EVP_Digest(text.data(), text.size(), bytes_of(made), nullptr, kind, nullptr) != 1) {
        throw std::bad_alloc();
    }
    return made;
}

std::string pbkdf2(const DjangoHash& hash, std::string_view password) {
    const auto* kind = hash.hasher == Hasher::pbkdf2_sha256 ? EVP_sha256() : EVP_sha1();
    std::string made(hash.expected.size(), '\0');
    if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(hash.salt),
                          static_cast<int>(hash.salt.size()), static_cast<int>(hash.rounds), kind,
                          static_cast<int>(made.size()), bytes_of(made)) != 1) {
        throw std::bad_alloc();
    }
    return made;
}

std::string scrypt(const DjangoHash& hash, std::string_view password) {
    std::string made(hash.expected.size(), '\0');
    if (EVP_PBE_scrypt(
            password.data(), password.size(), bytes_of(hash.salt), hash.salt.size(),
            static_cast<std::uint64_t>(hash.rounds), static_cast<std::uint64_t>(hash.block),
            static_cast<std::uint64_t>(hash.lanes), static_cast<std::uint64_t>(hash.memory_bytes),
            bytes_of(made), made.size()) != 1) {
        throw std::bad_alloc();
    }
    return made;
}

bool matches_bcrypt(const std::string& expected, std::string_view given) {
    // crypt(3) would read no further, and any tail would do.
    if (given.find('\0') != std::string_view::npos) return false;
    std::string password(given.substr(0, bcrypt_password_bytes));
    auto work = std::make_unique<crypt_data>();
    const char* made = crypt_r(password.c_str(), expected.c_str(), work.get());
    bool same = made && base::equal_in_constant_time(made, expected);
    sodium_memzero(work.get(), sizeof(crypt_data));
    sodium_memzero(password.data(), password.size());
    return same;
}

}  // namespace

bool matches(const DjangoHash& hash, std::string_view password) {
    prepare_crypto();
    switch (hash.hasher) {
        case Hasher::pbkdf2_sha256:
        case Hasher::pbkdf2_sha1:
            return base::equal_in_constant_time(pbkdf2(hash, password), hash.expected);
        case Hasher::argon2:
            return crypto_pwhash_str_verify(hash.native.c_str(), password.data(),
                                            password.size()) == 0;
        case Hasher::bcrypt:
            return matches_bcrypt(hash.native, password);
        case Hasher::bcrypt_sha256: {
            auto digest = sha256(password);
            return matches_bcrypt(hash.native, base::to_hex(digest.data(), digest.size()));
        }
        case Hasher::scrypt:
            return base::equal_in_constant_time(scrypt(hash, password), hash.expected);
        case Hasher::sha1:
        case Hasher::md5:
            break;
    }
    const auto* kind = hash.hasher == Hasher::sha1 ? EVP_sha1() : EVP_md5();
    return base::equal_in_constant_time(digest(kind, hash.salt + std::string(password)),
                                        hash.expected);
}

}  // namespace identity
