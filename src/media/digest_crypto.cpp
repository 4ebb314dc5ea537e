#include "digest_crypto.hpp"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <new>
#include <system_error>
#include <vector>

#include "base/ids.hpp"

namespace media {

struct Digest::Context {
    Context() : value(EVP_MD_CTX_new()) {
        if (!value) throw std::bad_alloc();
    }
    ~Context() { EVP_MD_CTX_free(value); }
    Context(const Context&) = delete;
    EVP_MD_CTX* const value;
};

Digest::Digest() : context_(std::make_unique<Context>()) {
    if (EVP_DigestInit_ex(context_->value, EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
}

Digest::~Digest() = default;

void Digest::add(std::string_view bytes) {
    EVP_DigestUpdate(context_->value, bytes.data(), bytes.size());
}

std::string Digest::finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned size = 0;
    EVP_DigestFinal_ex(context_->value, hash.data(), &size);
    return base::to_hex(hash.data(), size);
}

std::string digest_of(std::string_view text) {
    Digest digest;
    digest.add(text);
    return digest.finish();
}

std::string digest_of_file(const std::filesystem::path& file) {
    constexpr std::size_t bytes_at_once = 64 * 1024;
    std::ifstream in(file, std::ios::binary);
    Digest digest;
    std::vector<char> piece(bytes_at_once);
    while (in) {
        in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        digest.add({piece.data(), static_cast<std::size_t>(in.gcount())});
    }
    if (!in.eof()) throw std::system_error(errno, std::generic_category(), file.string());
    return digest.finish();
}

}  // namespace media
