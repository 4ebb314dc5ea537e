// Passwords as Django has hashed them: the texts of django_hashes.json, which Django has made.
#include "django_hash.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "django_crypto.hpp"
#include "password_crypto.hpp"
#include "password_pool.hpp"
#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/skip.hpp"
#include "support/stepped_loop.hpp"

namespace identity {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path folder = fs::path(PORTAL_SOURCE_DIR) / "tests" / "identity";
const DjangoLimits all_kinds{2000000, std::int64_t{256} << 20, true};
constexpr std::int64_t mebibyte = 1 << 20;

struct Vector {
    std::string hasher;
    std::string password;
    std::string text;
};

std::vector<Vector> vectors_from(const json& listed) {
    std::vector<Vector> vectors;
    for (const auto& one : listed) {
        vectors.push_back({one.at("hasher"), one.at("password"), one.at("text")});
    }
    return vectors;
}

std::vector<Vector> written_vectors() {
    std::ifstream file(folder / "django_hashes.json");
    return vectors_from(json::parse(file));
}

Vector vector_of(const std::string& hasher) {
    for (auto& vector : written_vectors()) {
        if (vector.hasher == hasher) return vector;
    }
    throw std::runtime_error("no vector of " + hasher);
}

bool match(const std::string& text, const std::string& password) {
    auto hash = parse_django_hash(text, all_kinds);
    REQUIRE(hash);
    return matches(*hash, password);
}

std::string refusal_of(const std::string& text, const DjangoLimits& limits = all_kinds) {
    auto hash = parse_django_hash(text, limits);
    return hash ? "" : hash.error().code;
}

/// The most memory that this process has had since the last reset, in bytes.
std::int64_t peak_memory(bool reset) {
    if (reset) std::ofstream("/proc/self/clear_refs") << "5";
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
    }
    return 0;
}

}  // namespace

TEST_CASE("what Django has hashed is verified, whichever of its hashers made it", "[identity]") {
    std::set<std::string> seen;
    for (const auto& [hasher, password, text] : written_vectors()) {
        CAPTURE(hasher, password);
        CHECK(match(text, password));
        // One wrong one of each is enough of their time.
        if (seen.insert(hasher).second) CHECK_FALSE(match(text, password + "!"));
    }
    CHECK(seen == std::set<std::string>{"pbkdf2_sha256", "pbkdf2_sha1", "argon2", "bcrypt",
                                        "bcrypt_sha256", "scrypt", "md5", "sha1", "unsalted_md5",
                                        "unsalted_sha1"});
}

TEST_CASE("what the Django of this machine hashes now is verified too", "[identity]") {
    support::Process::Options options;
    options.arguments = {"-B", (folder / "django_hashes.py").string(), "never seen before"};
    auto made = support::run("/usr/bin/python3", options);
    if (made.code != 0) {
        support::skip("/usr/bin/python3 has no Django (python3-django): " + made.errors);
        return;
    }
    auto vectors = vectors_from(json::parse(made.output));
    REQUIRE(vectors.size() >= 5);
    for (const auto& [hasher, password, text] : vectors) {
        CAPTURE(hasher);
        CHECK(match(text, password));
    }
}

TEST_CASE("after a match there is a hash of ours, and a wrong password gets none", "[identity]") {
    PasswordCost cost;
    auto [hasher, password, text] = vector_of("scrypt");
    auto found = match_password(password, text, cost);
    REQUIRE(found.right);
    REQUIRE(found.better_hash);
    CHECK_THAT(*found.better_hash, Catch::StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
    CHECK(match_password(password, *found.better_hash, cost).right);

    auto wrong = match_password("wrong", text, cost);
    CHECK_FALSE(wrong.right);
    CHECK_FALSE(wrong.better_hash);
    // The hash that is only there for the time it takes opens nothing.
    CHECK_FALSE(match_password(password, *match_password(password, text, cost).better_hash + "x",
                               cost, text)
                    .right);
}

TEST_CASE("an unusable password matches nothing", "[identity]") {
    for (const char* text : {"", "!", "!aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789abcd"}) {
        CAPTURE(text);
        CHECK(refusal_of(text) == "password_unusable");
        for (const char* password : {"", "!", text}) {
            CHECK_FALSE(match_password(password, text, PasswordCost()).right);
        }
    }
}

TEST_CASE("kinds that protect nobody are checked only if that is asked for", "[identity]") {
    for (const char* hasher : {"md5", "sha1", "unsalted_md5", "unsalted_sha1"}) {
        CAPTURE(hasher);
        auto vector = vector_of(hasher);
        CHECK(refusal_of(vector.text, {}) == "password_weak");
        PasswordCost cost;
        CHECK_FALSE(match_password(vector.password, vector.text, cost).right);
        cost.django.weak = true;
        auto found = match_password(vector.password, vector.text, cost);
        CHECK(found.right);
        REQUIRE(found.better_hash);
        CHECK_THAT(*found.better_hash, Catch::StartsWith("$argon2id$"));
    }
}

TEST_CASE("bcrypt reads no further than a zero byte, so such a password is none", "[identity]") {
    auto vector = vector_of("bcrypt");
    CHECK(match(vector.text, vector.password));
    CHECK_FALSE(match(vector.text, vector.password + std::string(1, '\0')));
    CHECK_FALSE(match(vector.text, vector.password + std::string("\0tail", 5)));
}

TEST_CASE("a damaged hash of Django's is refused", "[identity]") {
    const std::string pbkdf2 =
        "pbkdf2_sha256$1000$abcDEF123456$G0WyLDhhtgUf0jKnJ0aGEDlRHfzbQJ6/O740OTJLBy8=";
    REQUIRE(match(pbkdf2, "portal-test"));
    const std::string tail(53, 'a');
    const std::string wide = "c2FsdHNhbHRzYWx0$" + std::string(43, 'A');
    const std::string scrypt = std::string(86, 'A') + "==";
    REQUIRE(refusal_of("bcrypt$$2b$12$" + tail).empty());
    REQUIRE(refusal_of("argon2$argon2id$v=19$m=64,t=1,p=8$" + wide).empty());
    REQUIRE(refusal_of("argon2$argon2i$v=19$m=64,t=1,p=8$" + wide).empty());
    REQUIRE(refusal_of("scrypt$2$salt$1$1$" + scrypt).empty());
    // RFC 7914 has N below 2^(128 r / 8).
    REQUIRE(refusal_of("scrypt$32768$salt$1$1$" + scrypt).empty());
    REQUIRE(refusal_of("scrypt$65536$salt$2$1$" + scrypt).empty());
    CHECK_FALSE(match_password("portal-test", "scrypt$65536$salt$2$1$" + scrypt, {}).right);
    for (const std::string& bad : std::vector<std::string>{
             "pbkdf2_sha256",
             "pbkdf2_sha256$1000$abcDEF123456",
             pbkdf2.substr(0, pbkdf2.size() - 1),
             pbkdf2 + "$",
             pbkdf2 + "=",
             std::string(pbkdf2).replace(14, 4, "0"),
             std::string(pbkdf2).replace(14, 4, "-1"),
             std::string(pbkdf2).replace(14, 4, "01000"),
             std::string(pbkdf2).replace(14, 4, "99999999999999999999"),
             std::string(pbkdf2).replace(19, 12, ""),
             std::string(pbkdf2).replace(19, 12, std::string(257, 's')),
             std::string(pbkdf2).replace(0, 13, "pbkdf2_sha1"),
             "pbkdf2_sha256$1000$abcDEF123456$G0WyLDhhtgUf0jKnJ0aGEA==",
             "pbkdf2_sha256$1000$abcDEF123456$G0WyLDhhtgUf0jKnJ0aGEDlRHfzbQJ6_O740OTJLBy8=",
             "argon2$argon2d$v=19$m=64,t=1,p=8$" + wide,
             "argon2$argon2id$v=16$m=64,t=1,p=8$" + wide,
             "argon2$argon2id$v=19$m=63,t=1,p=8$" + wide,
             "argon2$argon2id$v=19$m=64,t=0,p=8$" + wide,
             "argon2$argon2id$v=19$t=1,m=64,p=8$" + wide,
             "argon2$argon2id$v=19$m=64,t=1,p=8,x=1$" + wide,
             "argon2$argon2id$v=19$m=64,t=1,p=8$c2FsdA$" + std::string(43, 'A'),
             "argon2$argon2id$v=19$m=64,t=1,p=8$c2FsdHNhbHRzYWx0$AAAA",
             "argon2$",
             "bcrypt$",
             "bcrypt$$2b$12$" + tail + "a",
             "bcrypt$$2b$12$" + tail.substr(1),
             "bcrypt$$2x$12$" + tail,
             "bcrypt$$2b$03$" + tail,
             "bcrypt$$2b$1$" + tail,
             "bcrypt$$2b$12$" + std::string(52, 'a') + "!",
             "bcrypt_sha256$2b$12$" + tail,
             "scrypt$3$salt$1$1$" + scrypt,
             "scrypt$0$salt$1$1$" + scrypt,
             "scrypt$2$$1$1$" + scrypt,
             "scrypt$2$salt$0$1$" + scrypt,
             "scrypt$2$salt$1$0$" + scrypt,
             "scrypt$2$salt$1$1$AAAA",
             "scrypt$65536$salt$1$1$" + scrypt,
             "scrypt$1048576$salt$1$2$" + scrypt,
             "md5$salt$xyz",
             "sha1$salt$1a2c2c90c7385530313d496d040cbf8c",
             "md5$salt$1A2C2C90C7385530313D496D040CBF8C",
             pbkdf2 + std::string(1024, '=')}) {
        CAPTURE(bad);
        CHECK(refusal_of(bad) == "password_damaged");
        CHECK_FALSE(match_password("portal-test", bad, PasswordCost()).right);
    }
    for (const char* unknown :
         {"portal-test", "crypt$$ab", "pbkdf2_md5$1$a$b", "$argon2id$v=19$m=8",
          "1a2c2c90c7385530313d496d040cbf8", "bcrypt", "\xff\xfe"}) {
        CAPTURE(unknown);
        CHECK(refusal_of(unknown) != "");
    }
}

TEST_CASE("a hash that would take minutes or gigabytes is refused before it is checked",
          "[identity]") {
    const std::string sha256 = std::string(43, 'A') + "=";
    const std::string wide = "c2FsdHNhbHRzYWx0$" + std::string(43, 'A');
    const std::string scrypt = std::string(86, 'A') + "==";
    for (const std::string& bad : std::vector<std::string>{
             "pbkdf2_sha256$2000001$salt$" + sha256,
             "pbkdf2_sha1$2000001$salt$" + std::string(27, 'A') + "=",
             "argon2$argon2id$v=19$m=262145,t=1,p=8$" + wide,
             "argon2$argon2id$v=19$m=102400,t=21,p=8$" + wide,
             "argon2$argon2id$v=19$m=102400,t=2000000000,p=8$" + wide,
             "argon2$argon2id$v=19$m=102400,t=1,p=65$" + wide,
             "bcrypt$$2b$16$" + std::string(53, 'a'),
             "bcrypt_sha256$$2b$31$" + std::string(53, 'a'), "scrypt$1048576$salt$8$1$" + scrypt,
             "scrypt$2$salt$1073741824$1073741824$" + scrypt,
             "scrypt$1073741824$salt$8$1$" + scrypt, "scrypt$2$salt$1$2000000000$" + scrypt}) {
        CAPTURE(bad);
        CHECK(refusal_of(bad) == "password_too_costly");
    }
    DjangoLimits less;
    less.memory_bytes_max = 100 * mebibyte;
    less.iterations_max = 259999;
    CHECK(refusal_of(vector_of("argon2").text, less).empty());
    CHECK(refusal_of(vector_of("pbkdf2_sha256").text, less) == "password_too_costly");
    less.memory_bytes_max = 100 * mebibyte - 1;
    CHECK(refusal_of(vector_of("argon2").text, less) == "password_too_costly");
    CHECK(match_memory_bytes(vector_of("argon2").text, PasswordCost()) == 100 * mebibyte);
}

TEST_CASE("64 checks of Django's argon2 at once take no more memory than is allowed",
          "[identity]") {
    constexpr int checks = 64;
    constexpr std::int64_t allowed = 256 * mebibyte;
    auto [hasher, password, text] = vector_of("argon2");
    PasswordCost cost;
    auto bytes = match_memory_bytes(text, cost);
    auto before = peak_memory(true);
    std::atomic<std::int64_t> counted{0};
    {
        PasswordPool pool(8, checks, allowed);
        auto work = [&] {
            auto now = pool.memory_bytes();
            auto most = counted.load();
            while (now > most && !counted.compare_exchange_weak(most, now)) {
            }
            auto hash = parse_django_hash(text, cost.django);
            return matches(*hash, password) ? 1 : 0;
        };
        std::vector<std::unique_ptr<support::SteppedLoop>> loops;
        std::vector<std::optional<base::Result<int>>> outcomes(checks);
        for (auto& outcome : outcomes) {
            loops.push_back(std::make_unique<support::SteppedLoop>());
            loops.back()->spawn(pool.run<int>({}, bytes, work), outcome);
            loops.back()->begin();
        }
        for (int i = 0; i < checks; ++i) {
            loops[static_cast<std::size_t>(i)]->settle();
            CHECK(*outcomes[static_cast<std::size_t>(i)].value() == 1);
        }
    }
    auto grown = peak_memory(false) - before;
    CAPTURE(grown, before);
    CHECK(counted.load() == 2 * bytes);
    // The rest is for what the test itself does.
    CHECK(grown < allowed + 64 * mebibyte);
}

}  // namespace identity
