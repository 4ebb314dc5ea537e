#include "password_crypto.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <new>
#include <vector>

#include "base/unicode.hpp"
#include "django_crypto.hpp"
#include "token_crypto.hpp"

namespace identity {

namespace {

std::size_t memory_bytes(const PasswordCost& cost) {
    return static_cast<std::size_t>(hash_memory_bytes(cost));
}

unsigned long long passes(const PasswordCost& cost) {
    return static_cast<unsigned long long>(cost.passes);
}

/// Only we write texts that begin like this; Django's begin with the name of a hasher.
bool is_ours(std::string_view stored) {
    return stored.starts_with("$argon2");
}

}  // namespace

std::int64_t hash_memory_bytes(const PasswordCost& cost) {
    return cost.memory_kib * 1024;
}

std::int64_t match_memory_bytes(const std::string& stored, const PasswordCost& cost,
                                const std::string& decoy) {
    auto most = hash_memory_bytes(cost);
    for (const auto* text : {&stored, &decoy}) {
        auto hash = parse_django_hash(*text, cost.django);
        if (hash) most = std::max(most, hash->memory_bytes);
    }
    return most;
}

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

namespace {

bool matches_django(std::string_view password, std::string_view stored, const PasswordCost& cost) {
    auto hash = parse_django_hash(stored, cost.django);
    return hash && matches(*hash, password);
}

PasswordMatch match_bytes(std::string_view password, const std::string& stored,
                          const PasswordCost& cost) {
    if (!is_ours(stored)) {
        if (!matches_django(password, stored, cost)) return {};
        return {true, hash_password(password, cost)};
    }
    if (crypto_pwhash_str_verify(stored.c_str(), password.data(), password.size()) != 0) return {};
    PasswordMatch match{true};
    if (crypto_pwhash_str_needs_rehash(stored.c_str(), passes(cost), memory_bytes(cost)) != 0) {
        match.better_hash = hash_password(password, cost);
    }
    return match;
}

}  // namespace

PasswordMatch match_password(std::string_view password, const std::string& stored,
                             const PasswordCost& cost, const std::string& decoy) {
    prepare_crypto();
    auto composed = base::to_nfc(password).value_or(std::string(password));
    std::vector<std::string_view> forms{composed};
    if (composed != password) forms.push_back(password);
    for (auto form : forms) {
        auto match = match_bytes(form, stored, cost);
        if (!match.right) continue;
        if (form != composed) match.better_hash = hash_password(composed, cost);
        return match;
    }
    // It is wrong: what was not done yet, for the time that it takes.
    bool is_djangos = parse_django_hash(stored, cost.django).has_value();
    for (auto form : forms) {
        if (!is_djangos) matches_django(form, decoy, cost);
        if (!is_ours(stored)) hash_password(form, cost);
    }
    return {};
}

}  // namespace identity
