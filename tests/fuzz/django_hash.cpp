// Texts of passwords from another site: what is taken costs no more than is allowed, and says all
// that a check needs.
#include "identity/django_hash.hpp"

#include "fuzz/check.hpp"

namespace {

using fuzz::require;
using identity::DjangoHash;
using identity::Hasher;

void check_taken(const DjangoHash& hash, const identity::DjangoLimits& limits) {
    require(hash.memory_bytes > 0 && hash.memory_bytes <= limits.memory_bytes_max,
            "the memory is within its limit");
    bool is_native = hash.hasher == Hasher::argon2 || hash.hasher == Hasher::bcrypt ||
                     hash.hasher == Hasher::bcrypt_sha256;
    require(is_native == hash.expected.empty() && is_native == hash.native.starts_with('$'),
            "there is something to compare with");
    require(hash.native.find('\0') == hash.native.npos, "what C functions read has one end");
    if (hash.hasher == Hasher::pbkdf2_sha256 || hash.hasher == Hasher::pbkdf2_sha1) {
        require(hash.rounds >= 1 && hash.rounds <= limits.iterations_max,
                "the iterations are within their limit");
    }
    if (hash.hasher == Hasher::scrypt) {
        require(hash.rounds * hash.block * hash.lanes <= 5 << 20, "the work is bounded");
    }
    bool is_weak = hash.hasher == Hasher::sha1 || hash.hasher == Hasher::md5;
    require(limits.weak || !is_weak, "weak kinds are taken only if that is asked for");
}

}  // namespace

/// The input: one text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Copy input(fuzz::text_of(bytes, size));
    for (bool weak : {false, true}) {
        identity::DjangoLimits limits{1000000, 64 << 20, weak};
        auto hash = identity::parse_django_hash(input.view(), limits);
        if (hash) check_taken(*hash, limits);
        if (!hash) require(hash.error().code.starts_with("password_"), "a refusal has a code");
    }
    return 0;
}
