#include "django_hash.hpp"

#include <algorithm>
#include <bit>
#include <optional>

#include "base/text.hpp"

namespace identity {

namespace {

constexpr std::size_t salt_bytes_max = 256;
constexpr std::size_t native_salt_bytes_min = 8, native_hash_bytes_min = 16;
constexpr std::size_t scrypt_hash_bytes = 64, sha256_bytes = 32, sha1_bytes = 20, md5_bytes = 16;
constexpr std::int64_t number_max = std::int64_t{1} << 31;
/// About two seconds of a core: Django's own defaults take a tenth of that.
constexpr std::int64_t argon2_kib_passes_max = 2 << 20;
constexpr std::int64_t scrypt_blocks_max = 5 << 20;
constexpr std::int64_t bcrypt_rounds_min = 4, bcrypt_rounds_max = 15;
constexpr std::int64_t argon2_lanes_max = 64;
/// What a check takes that needs no memory to speak of.
constexpr std::int64_t small_bytes = 64 << 10;

using Parsed = base::Result<DjangoHash>;

base::Error refusal(const char* code, const char* message) {
    return {base::Reason::invalid, code, message};
}

base::Error damaged() {
    return refusal("password_damaged", "The password's hash is damaged.");
}

base::Error too_costly() {
    return refusal("password_too_costly",
                   "The password's hash asks for more time or memory than is allowed.");
}

/// The part up to the next `$`; what is left stays in `rest`.
std::string_view next_part(std::string_view& rest) {
    auto end = rest.find('$');
    auto part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return part;
}

/// base64 of the usual alphabet, without its padding.
std::optional<std::string> from_bare_base64(std::string_view text) {
    if (text.find_first_of("-_") != std::string_view::npos) return std::nullopt;
    std::string other(text);
    std::replace(other.begin(), other.end(), '+', '-');
    std::replace(other.begin(), other.end(), '/', '_');
    return base::from_base64url(other);
}

/// The same with padding, of so many bytes.
std::optional<std::string> from_base64(std::string_view text, std::size_t bytes) {
    auto bare = text.substr(0, text.find('='));
    if (text.size() % 4 != 0 || text.size() != (bytes + 2) / 3 * 4 ||
        text.substr(bare.size()) != std::string_view("==").substr(0, text.size() - bare.size())) {
        return std::nullopt;
    }
    auto made = from_bare_base64(bare);
    return made && made->size() == bytes ? made : std::nullopt;
}

std::optional<int> from_hex(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    return std::nullopt;
}

std::optional<std::string> from_hex(std::string_view text, std::size_t bytes) {
    if (text.size() != 2 * bytes) return std::nullopt;
    std::string made;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        auto high = from_hex(text[i]), low = from_hex(text[i + 1]);
        if (!high || !low) return std::nullopt;
        made += static_cast<char>(*high * 16 + *low);
    }
    return made;
}

bool is_salt(std::string_view salt) {
    return !salt.empty() && salt.size() <= salt_bytes_max;
}

/// `iterations$salt$base64`
Parsed parse_pbkdf2(Hasher hasher, std::string_view rest, const DjangoLimits& limits) {
    auto iterations = base::parse_number(next_part(rest), number_max);
    auto salt = next_part(rest);
    auto expected = from_base64(rest, hasher == Hasher::pbkdf2_sha256 ? sha256_bytes : sha1_bytes);
    if (!iterations || *iterations < 1 || !is_salt(salt) || !expected) return damaged();
    if (*iterations > limits.iterations_max) return too_costly();
    DjangoHash hash{hasher, std::string(salt), std::move(*expected)};
    hash.rounds = *iterations;
    hash.memory_bytes = small_bytes;
    return hash;
}

/// The number behind `name=`; nothing if something else stands there.
std::optional<std::int64_t> number_of(std::string_view& rest, std::string_view name) {
    if (!rest.starts_with(name)) return std::nullopt;
    rest.remove_prefix(name.size());
    auto end = rest.find(',');
    auto number = base::parse_number(rest.substr(0, end), number_max);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return number;
}

/// `argon2id$v=19$m=102400,t=2,p=8$salt$hash`, or of argon2i: a PHC text but for its first `$`.
Parsed parse_argon2(std::string_view rest, const DjangoLimits& limits) {
    auto native = "$" + std::string(rest);
    auto kind = next_part(rest);
    bool known = (kind == "argon2id" || kind == "argon2i") && next_part(rest) == "v=19";
    auto numbers = next_part(rest);
    auto memory = number_of(numbers, "m="), passes = number_of(numbers, "t="),
         lanes = number_of(numbers, "p=");
    auto salt = from_bare_base64(next_part(rest));
    auto expected = from_bare_base64(rest);
    if (!known || !memory || !passes || !lanes || !numbers.empty() || *passes < 1 || *lanes < 1 ||
        *memory < 8 * *lanes || !salt || salt->size() < native_salt_bytes_min || !expected ||
        expected->size() < native_hash_bytes_min) {
        return damaged();
    }
    if (*memory > limits.memory_bytes_max / 1024 || *lanes > argon2_lanes_max ||
        *passes > argon2_kib_passes_max / *memory) {
        return too_costly();
    }
    DjangoHash hash{Hasher::argon2};
    hash.native = std::move(native);
    hash.memory_bytes = *memory * 1024;
    return hash;
}

/// `$2b$12$` and 53 characters of bcrypt's own alphabet. What is called 2x is a faulty one.
Parsed parse_bcrypt(Hasher hasher, std::string_view native) {
    auto rest = native;
    bool opened = next_part(rest).empty();
    auto kind = next_part(rest);
    auto digits = next_part(rest);
    bool known = opened && (kind == "2a" || kind == "2b" || kind == "2y") && digits.size() == 2;
    if (!known) return damaged();
    auto rounds = base::parse_number(digits.substr(digits[0] == '0' ? 1 : 0), 99).value_or(0);
    bool whole =
        rest.size() == 53 && std::all_of(rest.begin(), rest.end(), [](char c) {
            return (c >= '.' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        });
    if (rounds < bcrypt_rounds_min || !whole) return damaged();
    if (rounds > bcrypt_rounds_max) return too_costly();
    DjangoHash hash{hasher};
    hash.native = std::string(native);
    hash.memory_bytes = small_bytes;
    return hash;
}

/// `N$salt$r$p$base64`
Parsed parse_scrypt(std::string_view rest, const DjangoLimits& limits) {
    auto rounds = base::parse_number(next_part(rest), number_max);
    auto salt = next_part(rest);
    auto block = base::parse_number(next_part(rest), number_max);
    auto lanes = base::parse_number(next_part(rest), number_max);
    auto expected = from_base64(rest, scrypt_hash_bytes);
    if (!rounds || *rounds < 2 || !std::has_single_bit(static_cast<std::uint64_t>(*rounds)) ||
        !is_salt(salt) || !block || *block < 1 || !lanes || *lanes < 1 || !expected) {
        return damaged();
    }
    // RFC 7914 has N below 2^(128 r / 8); only with r = 1 is that less than number_max.
    if (*block == 1 && *rounds >= 1 << 16) return damaged();
    if (*rounds > scrypt_blocks_max / *block || *rounds * *block > scrypt_blocks_max / *lanes) {
        return too_costly();
    }
    DjangoHash hash{Hasher::scrypt, std::string(salt), std::move(*expected)};
    hash.rounds = *rounds;
    hash.block = *block;
    hash.lanes = *lanes;
    hash.memory_bytes = 128 * *block * (*rounds + *lanes + 2) + small_bytes;
    if (hash.memory_bytes > limits.memory_bytes_max) return too_costly();
    return hash;
}

/// `salt$hex`; without salt both `md5$$hex` and the bare digits are Django's.
Parsed parse_weak(Hasher hasher, std::string_view rest, const DjangoLimits& limits) {
    auto salt = next_part(rest);
    auto expected = from_hex(rest, hasher == Hasher::md5 ? md5_bytes : sha1_bytes);
    if (salt.size() > salt_bytes_max || !expected) return damaged();
    if (!limits.weak) {
        return refusal("password_weak",
                       "The password's hash is of a kind that protects nobody, and such are not "
                       "checked: see identity.weak_legacy_hashes.");
    }
    DjangoHash hash{hasher, std::string(salt), std::move(*expected)};
    hash.memory_bytes = small_bytes;
    return hash;
}

}  // namespace

base::Result<DjangoHash> parse_django_hash(std::string_view text, const DjangoLimits& limits) {
    if (text.empty() || text.front() == '!') {
        return refusal("password_unusable", "The account has no password to log in with.");
    }
    if (text.size() > django_hash_bytes_max) return damaged();
    auto rest = text;
    auto name = next_part(rest);
    if (name == "pbkdf2_sha256") return parse_pbkdf2(Hasher::pbkdf2_sha256, rest, limits);
    if (name == "pbkdf2_sha1") return parse_pbkdf2(Hasher::pbkdf2_sha1, rest, limits);
    if (name == "argon2") return parse_argon2(rest, limits);
    if (name == "bcrypt") return parse_bcrypt(Hasher::bcrypt, rest);
    if (name == "bcrypt_sha256") return parse_bcrypt(Hasher::bcrypt_sha256, rest);
    if (name == "scrypt") return parse_scrypt(rest, limits);
    if (name == "sha1") return parse_weak(Hasher::sha1, rest, limits);
    if (name == "md5") return parse_weak(Hasher::md5, rest, limits);
    if (name == text && from_hex(text, md5_bytes)) {
        return parse_weak(Hasher::md5, "$" + std::string(text), limits);
    }
    return refusal("password_hasher_unknown",
                   "The password was hashed in a way that is not known here.");
}

}  // namespace identity
