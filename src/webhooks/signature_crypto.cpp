#include "signature_crypto.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <new>
#include <stdexcept>

#include "base/ids.hpp"

namespace webhooks {

namespace {

constexpr std::string_view secret_prefix = "whsec_";

std::string keyed_hash(std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> made{};
    unsigned size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(),
              made.data(), &size)) {
        throw std::bad_alloc();
    }
    return {reinterpret_cast<const char*>(made.data()), size};
}

std::string to_base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    auto size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                reinterpret_cast<const unsigned char*>(bytes.data()),
                                static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

/// The bytes behind the prefix of a secret.
std::string bytes_of(std::string_view secret) {
    auto text = secret.substr(secret_prefix.size());
    std::string bytes(3 * (text.size() / 4), '\0');
    auto size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                reinterpret_cast<const unsigned char*>(text.data()),
                                static_cast<int>(text.size()));
    if (size < 0) throw std::runtime_error("a webhook's secret is no base64");
    // OpenSSL counts the padding as bytes.
    auto padding = text.size() - text.find_last_not_of('=') - 1;
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

}  // namespace

std::string make_master_key() {
    constexpr int words = 4;
    std::string key;
    for (int i = 0; i < words; ++i) {
        auto random = base::random_bits();
        key += base::to_hex(reinterpret_cast<const unsigned char*>(&random), sizeof(random));
    }
    return key;
}

std::string secret_of(std::string_view master_key, std::int64_t webhook, std::int64_t number) {
    auto text = "portal webhook " + std::to_string(webhook) + " secret " + std::to_string(number);
    return std::string(secret_prefix) + to_base64(keyed_hash(master_key, text));
}

std::string signature_of(const std::vector<std::string>& secrets, std::string_view id,
                         std::int64_t timestamp, std::string_view body) {
    std::string text(id);
    text.append(".").append(std::to_string(timestamp)).append(".").append(body);
    std::string signatures;
    for (const auto& secret : secrets) {
        if (!signatures.empty()) signatures += ' ';
        signatures += "v1," + to_base64(keyed_hash(bytes_of(secret), text));
    }
    return signatures;
}

}  // namespace webhooks
