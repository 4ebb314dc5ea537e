#include "password_crypto.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <array>
#include <new>

#include "base/text.hpp"
#include "base/unicode.hpp"
#include "token_crypto.hpp"

namespace identity {

namespace {

constexpr std::size_t legacy_hash_bytes = 32;
constexpr std::size_t legacy_salt_bytes_max = 256;

std::size_t memory_bytes(const PasswordCost& cost) {
    return static_cast<std::size_t>(cost.memory_kib) * 1024;
}

unsigned long long passes(const PasswordCost& cost) {
    return static_cast<unsigned long long>(cost.passes);
}

/// The part up to the next `$`; what is left stays in `rest`.
std::string_view next_part(std::string_view& rest) {
    auto end = rest.find('$');
    auto part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return part;
}

/// base64 with padding, of 32 bytes.
std::optional<std::string> legacy_hash_from(std::string_view text) {
    std::string bytes(legacy_hash_bytes, '\0');
    std::size_t length = 0;
    const char* end = nullptr;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &length, &end,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        length != bytes.size() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return bytes;
}

}  // namespace

std::string hash_password(std::string_view given, const PasswordCost& cost) {
    prepare_crypto();
    auto password = base::to_nfc(given).value_or(std::string(given));
    std::array<char, crypto_pwhash_STRBYTES> out{};
    if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), passes(cost),
                              memory_bytes(cost), crypto_pwhash_ALG_ARGON2ID13) != 0) {
        throw std::bad_alloc();
    }
    return out.data();
}

std::optional<bool> match_legacy(std::string_view password, std::string_view stored,
                                 std::int64_t iterations_max) {
    auto rest = stored;
    if (next_part(rest) != "pbkdf2_sha256") return std::nullopt;
    auto iterations = base::parse_number(next_part(rest), iterations_max);
    auto salt = next_part(rest);
    auto expected = legacy_hash_from(rest);
    if (!iterations || *iterations < 1 || salt.empty() || salt.size() > legacy_salt_bytes_max ||
        !expected) {
        return std::nullopt;
    }
    std::string made(legacy_hash_bytes, '\0');
    if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                          reinterpret_cast<const unsigned char*>(salt.data()),
                          static_cast<int>(salt.size()), static_cast<int>(*iterations),
                          EVP_sha256(), static_cast<int>(made.size()),
                          reinterpret_cast<unsigned char*>(made.data())) != 1) {
        throw std::bad_alloc();
    }
    return equal_in_constant_time(made, *expected);
}

namespace {

PasswordMatch match_bytes(std::string_view password, const std::string& stored,
                          const PasswordCost& cost) {
    if (stored.starts_with("$argon2")) {
        if (crypto_pwhash_str_verify(stored.c_str(), password.data(), password.size()) != 0) {
            return {};
        }
        PasswordMatch match{true};
        if (crypto_pwhash_str_needs_rehash(stored.c_str(), passes(cost), memory_bytes(cost)) != 0) {
            match.better_hash = hash_password(password, cost);
        }
        return match;
    }
    auto legacy = match_legacy(password, stored, cost.legacy_iterations_max);
    // Also for a wrong one, which then takes no less time than with any other account.
    auto better = hash_password(password, cost);
    if (!legacy.value_or(false)) return {};
    return {true, std::move(better)};
}

}  // namespace

PasswordMatch match_password(std::string_view password, const std::string& stored,
                             const PasswordCost& cost) {
    prepare_crypto();
    auto composed = base::to_nfc(password);
    if (!composed || *composed == password) return match_bytes(password, stored, cost);
    auto match = match_bytes(*composed, stored, cost);
    if (match.right) return match;
    match = match_bytes(password, stored, cost);
    if (match.right) match.better_hash = hash_password(*composed, cost);
    return match;
}

}  // namespace identity
