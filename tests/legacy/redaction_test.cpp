#include "redaction.hpp"
#include "support/catch.hpp"
#include "value_json.hpp"

namespace {

constexpr std::size_t plenty = 1000;

struct Row {
    std::string said;
    std::string kept;
};

std::string json(const std::string& text, std::size_t bytes_max = plenty) {
    auto read = legacy::value_from_json(text);
    return legacy::redacted_json(std::get<legacy::Value>(read), bytes_max);
}

}  // namespace

TEST_CASE("names of credentials and of what is personal are known in any spelling", "[legacy]") {
    for (const char* name :
         {"password", "newPassword", "access_token", "X-CSRFToken", "csrfmiddlewaretoken",
          "sessionid", "E-Mail", "userEmail", "phone_number", "Authorization", "api_key", "apiKey",
          "Set-Cookie", "client-secret", "otp", "dateOfBirth", "ip"}) {
        CAPTURE(name);
        CHECK(legacy::is_personal(name));
    }
    for (const char* name : {"", "title", "author", "slug", "shipping", "description", "opinion",
                             "tags", "id", "key", "spinning"}) {
        CAPTURE(name);
        CHECK_FALSE(legacy::is_personal(name));
    }
}

TEST_CASE("addresses and tokens in a text are blanked", "[legacy]") {
    const std::vector<Row> rows = {
        {"write to ann.smith@example.org, please", "write to [redacted], please"},
        {"<ann@example.org>", "<[redacted]>"},
        {"mailto:ann+x@example.org?subject=a", "mailto:[redacted]?subject=a"},
        {"cut: ann@exa", "cut: [redacted]"},
        {"a@b and c@d", "[redacted] and [redacted]"},
        {"@ann said so @ 5", "@ann said so @ 5"},
        {"Bearer abcdefghijkl.mn", "[redacted]"},
        {"see <a href=\"/x?a=1&amp;token=abc&b=2\">x</a>",
         "see <a href=\"/x?a=1&amp;token=[redacted]&b=2\">x</a>"},
        {"https://a/b?session_id=1#c", "https://a/b?session_id=[redacted]#c"},
        {"a token=1? b", "a token=1? b"},
        {"the bearer of news", "the bearer of news"},
        {"x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln y", "x [redacted] y"},
    };
    for (const auto& [said, kept] : rows) {
        CAPTURE(said);
        CHECK(legacy::redacted_text(said, plenty) == kept);
    }
}

TEST_CASE("what is kept is text of a limited length", "[legacy]") {
    CHECK(legacy::redacted_text("äöü", 100) == "äöü");
    CHECK(legacy::redacted_text("äöüäöü", 8) == "äö…");
    CHECK(legacy::redacted_text("a\x01"
                                "b\xFF"
                                "c\xC3",
                                100) == "a b?c?");
    CHECK(legacy::redacted_text("\xED\xA0\x80", 100) == "???");
    for (std::size_t most = 0; most < 20; ++most) {
        CHECK(legacy::redacted_text("ääääääääää and more", most).size() <= most);
    }
}

TEST_CASE("a target is kept without secrets", "[legacy]") {
    const std::vector<Row> rows = {
        {"/a/?page=2", "/a/?page=2"},
        {"/a?token=abc&page=2&session=", "/a?token=[redacted]&page=2&session=[redacted]"},
        {"/a?q=ann%40example.org&x=1", "/a?q=[redacted]&x=1"},
        {"/people/ann@example.org/", "/people/[redacted]/"},
        {"/accounts/reset/MQ/c3po-r2d2/", "/accounts/reset/[redacted]/[redacted]/"},
        {"/password/abc", "/password/[redacted]"},
    };
    for (const auto& [said, kept] : rows) {
        CAPTURE(said);
        CHECK(legacy::redacted_target(said, plenty) == kept);
    }
}

TEST_CASE("a value is kept without what its members' names forbid", "[legacy]") {
    CHECK(
        json(R"({"a":1.50,"password":"x","b":{"Token":{"c":1}},"d":[null,true,"e@f.g"]})") ==
        R"({"a":1.50,"b":{"Token":"[redacted]"},"d":[null,true,"[redacted]"],"password":"[redacted]"})");
    auto cut = json(R"(["aaaaaaaaaaaaaaaaaaaa","bbbbbbbbbbbbbbbbbbbbbb"])", 16);
    CHECK(cut == "[\"aaaaaaaaaaa…");
}

TEST_CASE("two texts are shown where they differ", "[legacy]") {
    std::string same(1000, 'x');
    auto [left, right] = legacy::redacted_excerpts(same + " one", same + " two", 100);
    CHECK_THAT(left, Catch::EndsWith("x one"));
    CHECK_THAT(right, Catch::EndsWith("x two"));
    CHECK(left.size() <= 100);

    auto blanked = legacy::redacted_excerpts("for ann@example.org", "for bob@example.org", 100);
    CHECK(blanked.left == "[redacted]");
    CHECK(blanked.right == "[redacted]");
    auto shorter = legacy::redacted_excerpts("abc", "ab", 100);
    CHECK(shorter.left == "abc");
    CHECK(shorter.right == "ab");
}

TEST_CASE("hostile texts are blanked in one pass", "[legacy]") {
    for (const char* part :
         {"@", "a@", "%40", "a%40", "Bearer ", "eyJ", "a.b@c.d ", "?token=", "&a", "&"}) {
        CAPTURE(part);
        std::string text;
        while (text.size() < 200000) text += part;
        CHECK(legacy::redacted_text(text, 100).size() <= 100);
    }
}
