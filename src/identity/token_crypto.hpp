#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace identity {

/// An Ed25519 key pair, in the form of RFC 8032: both halves have 32 bytes.
struct KeyPair {
    std::string seed;  ///< secret
    std::string public_key;
};

/// A SHA-256.
using Digest = std::array<unsigned char, 32>;

/// Makes the library ready. Thread-safe, again: nothing. Throws std::runtime_error if it cannot.
void prepare_crypto();

KeyPair make_key_pair();
/// The pair of a seed of 32 bytes.
KeyPair key_pair_of(std::string seed);

/// The 64 bytes of an Ed25519 signature.
std::string sign(const KeyPair& key, std::string_view text);
bool verify(std::string_view public_key, std::string_view text, std::string_view signature);

Digest sha256(std::string_view bytes);
/// The same as bytes in a text.
std::string sha256_text(std::string_view bytes);
/// Fresh random bytes of the kernel, in base64url.
std::string random_text(std::size_t bytes);
/// The id of a key: its thumbprint (RFC 7638).
std::string key_id_of(std::string_view public_key);

}  // namespace identity
