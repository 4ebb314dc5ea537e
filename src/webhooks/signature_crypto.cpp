#include "signature_crypto.hpp"

#include <openssl/evp.h>

#include <stdexcept>

#include "base/hmac.hpp"

namespace webhooks {

namespace {

constexpr std::string_view secret_prefix = "whsec_";

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

std::string secret_of(std::string_view master_key, std::int64_t webhook, std::int64_t number) {
    auto text = "portal webhook " + std::to_string(webhook) + " secret " + std::to_string(number);
    return std::string(secret_prefix) + to_base64(base::hmac_sha256(master_key, text));
}

std::string signature_of(const std::vector<std::string>& secrets, std::string_view id,
                         std::int64_t timestamp, std::string_view body) {
    std::string text(id);
    text.append(".").append(std::to_string(timestamp)).append(".").append(body);
    std::string signatures;
    for (const auto& secret : secrets) {
        if (!signatures.empty()) signatures += ' ';
        signatures += "v1," + to_base64(base::hmac_sha256(bytes_of(secret), text));
    }
    return signatures;
}

}  // namespace webhooks
