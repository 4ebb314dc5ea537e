#include "checksum_crypto.hpp"

#include <openssl/evp.h>

#include <array>
#include <new>

namespace django {

struct Checksum::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~State() { EVP_MD_CTX_free(context); }
};

Checksum::Checksum() : state_(std::make_unique<State>()) {
    if (!state_->context || EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) != 1) {
        throw std::bad_alloc();
    }
}
Checksum::~Checksum() = default;
Checksum::Checksum(Checksum&&) noexcept = default;

void Checksum::add(std::string_view text) {
    auto size = std::to_string(text.size()) + ":";
    EVP_DigestUpdate(state_->context, size.data(), size.size());
    EVP_DigestUpdate(state_->context, text.data(), text.size());
}

std::string Checksum::finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(state_->context, bytes.data(), &size);
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (unsigned int i = 0; i < size; ++i) {
        out += digits[bytes[i] >> 4];
        out += digits[bytes[i] & 15];
    }
    return out;
}

}  // namespace django
