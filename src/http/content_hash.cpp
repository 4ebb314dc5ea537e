#include <openssl/sha.h>

#include <array>

#include "base/ids.hpp"
#include "http/message.hpp"

namespace http {

std::string content_hash(std::string_view bytes) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    return base::to_hex(digest.data(), digest.size());
}

}  // namespace http
