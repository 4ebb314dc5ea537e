#include "digest_crypto.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "base/ids.hpp"

namespace backup {

namespace {

constexpr std::size_t digest_bytes_at_once = 1024 * 1024;

struct DigestDeleter {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

class Sha256 {
public:
    Sha256() : context_(EVP_MD_CTX_new()) {
        if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) {
            throw std::runtime_error("SHA-256 is not to be had from OpenSSL");
        }
    }
    void add(const void* bytes, std::size_t count) {
        EVP_DigestUpdate(context_.get(), bytes, count);
    }
    std::string finish() {
        std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
        unsigned count = 0;
        EVP_DigestFinal_ex(context_.get(), hash.data(), &count);
        return base::to_hex(hash.data(), count);
    }

private:
    std::unique_ptr<EVP_MD_CTX, DigestDeleter> context_;
};

/// A descriptor that closes itself.
struct Descriptor {
    explicit Descriptor(int opened) : number(opened) {}
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }
    Descriptor(const Descriptor&) = delete;
    const int number;
};

}  // namespace

std::string digest_of(std::string_view text) {
    Sha256 digest;
    digest.add(text.data(), text.size());
    return digest.finish();
}

std::string digest_of_file(const std::filesystem::path& file,
                           const std::function<void(std::int64_t)>& part) {
    Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (opened.number < 0) throw std::system_error(errno, std::generic_category(), file.string());
    [[maybe_unused]] auto advised = ::posix_fadvise(opened.number, 0, 0, POSIX_FADV_DONTNEED);
    Sha256 digest;
    std::vector<char> buffer(digest_bytes_at_once);
    for (;;) {
        auto got = ::read(opened.number, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw std::system_error(errno, std::generic_category(), file.string());
        if (got == 0) return digest.finish();
        digest.add(buffer.data(), static_cast<std::size_t>(got));
        if (part) part(got);
    }
}

}  // namespace backup
