#include "base/hmac.hpp"

#include "base/ids.hpp"
#include "support/catch.hpp"

namespace base {

namespace {

std::string in_hex(std::string_view bytes) {
    return to_hex(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

}  // namespace

TEST_CASE("a keyed hash is that of RFC 4231") {
    struct Row {
        std::string key;
        std::string text;
        const char* hash;
    };
    const Row rows[] = {
        {std::string(20, '\x0b'), "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {std::string(20, '\xaa'), std::string(50, '\xdd'),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    for (const auto& row : rows) CHECK(in_hex(hmac_sha256(row.key, row.text)) == row.hash);
    // Without a key, and of nothing: what Python's hmac makes.
    CHECK(in_hex(hmac_sha256("", "")) ==
          "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("signatures are equal in all their bytes or not at all") {
    CHECK(equal_in_constant_time("", ""));
    CHECK(equal_in_constant_time("abc", "abc"));
    CHECK_FALSE(equal_in_constant_time("abc", "abd"));
    CHECK_FALSE(equal_in_constant_time("abc", "Abc"));
    CHECK_FALSE(equal_in_constant_time("abc", "ab"));
    CHECK_FALSE(equal_in_constant_time("", "a"));
    using namespace std::string_view_literals;
    CHECK_FALSE(equal_in_constant_time("a\0b"sv, "a\0c"sv));
}

TEST_CASE("a key for signing is 32 bytes in hexadecimal, and never the same") {
    auto key = make_signing_key();
    CHECK(key.size() == 64);
    CHECK(key.find_first_not_of("0123456789abcdef") == key.npos);
    CHECK(make_signing_key() != key);
}

}  // namespace base
