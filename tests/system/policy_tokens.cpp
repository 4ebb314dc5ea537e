#include "policy_tokens.hpp"

#include <sodium.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/text.hpp"

namespace tests {

using nlohmann::ordered_json;

namespace {

struct Parts {
    ordered_json header;
    ordered_json payload;
    std::string head;  ///< the first part as it was
    std::string signature;
};

ordered_json decoded(const std::string& part) {
    auto text = base::from_base64url(part);
    if (!text) throw std::runtime_error("that is no part of a token: " + part);
    return ordered_json::parse(*text);
}

Parts parts_of(const std::string& token) {
    auto first = token.find('.');
    auto second = token.rfind('.');
    if (first == second) throw std::runtime_error("that is no token: " + token);
    auto head = token.substr(0, first);
    return {decoded(head), decoded(token.substr(first + 1, second - first - 1)), head,
            token.substr(second + 1)};
}

/// The secret half of the key that has signed.
std::string seed_of(const std::string& key_id, const std::filesystem::path& key_file) {
    std::ifstream in(key_file);
    auto file = ordered_json::parse(in);
    for (const auto& key : file.at("keys")) {
        if (key.at("kid") != key_id) continue;
        auto seed = base::from_base64url(key.at("d").get<std::string>());
        if (seed && seed->size() == crypto_sign_SEEDBYTES) return *seed;
    }
    throw std::runtime_error("there is no key " + key_id + " in " + key_file.string());
}

std::string signature_of(const std::string& text, const std::string& seed) {
    auto bytes = [](const std::string& from) {
        return reinterpret_cast<const unsigned char*>(from.data());
    };
    unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
    unsigned char secret_key[crypto_sign_SECRETKEYBYTES];
    std::string signature(crypto_sign_BYTES, '\0');
    bool signed_it = sodium_init() >= 0 &&
                     crypto_sign_seed_keypair(public_key, secret_key, bytes(seed)) == 0 &&
                     crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()),
                                          nullptr, bytes(text), text.size(), secret_key) == 0;
    if (!signed_it) throw std::runtime_error("a token cannot be signed");
    return signature;
}

}  // namespace

std::string issued_earlier(const std::string& token, std::chrono::seconds ago,
                           const std::filesystem::path& key_file) {
    auto parts = parts_of(token);
    for (const char* name : {"iat", "exp"}) {
        parts.payload.at(name) = parts.payload.at(name).get<std::int64_t>() - ago.count();
    }
    auto text = parts.head + "." + base::to_base64url(parts.payload.dump());
    auto seed = seed_of(parts.header.at("kid"), key_file);
    return text + "." + base::to_base64url(signature_of(text, seed));
}

std::string with_role(const std::string& token, const std::string& role) {
    auto parts = parts_of(token);
    parts.payload.at("role") = role;
    return parts.head + "." + base::to_base64url(parts.payload.dump()) + "." + parts.signature;
}

}  // namespace tests
