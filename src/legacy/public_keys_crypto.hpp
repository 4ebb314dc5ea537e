#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace legacy {

/// An RSA key that checks signatures, of 2,048 to 4,096 bits. Immutable, thread-safe.
class PublicKey {
public:
    /// Of a modulus and an exponent, most significant byte first. Refused (invalid) with a sentence
    /// that goes on after "the key".
    static base::Result<PublicKey> of_numbers(std::string_view modulus, std::string_view exponent,
                                              std::string id);

    /// Its `kid`; may be empty.
    const std::string& id() const { return id_; }
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RS256).
    bool verifies(std::string_view content, std::string_view signature) const;

private:
    PublicKey(std::shared_ptr<void> key, std::size_t bytes, std::string id)
        : key_(std::move(key)), bytes_(bytes), id_(std::move(id)) {}

    std::shared_ptr<void> key_;  ///< OpenSSL's EVP_PKEY
    std::size_t bytes_;          ///< of its modulus, and so of a signature
    std::string id_;
};
using PublicKeys = std::vector<PublicKey>;

}  // namespace legacy
