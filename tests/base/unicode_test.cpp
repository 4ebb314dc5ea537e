// Spellings: what is one text, what is one domain, and what nobody sees.
#include "base/unicode.hpp"

#include "support/catch.hpp"

using base::fold_case;
using base::problem_of_name;
using base::to_ascii_domain;
using base::to_nfc;

TEST_CASE("two spellings of one text have one form C", "[base]") {
    CHECK(to_nfc("jo\xcc\x88rg") == "j\xc3\xb6rg");
    CHECK(to_nfc("j\xc3\xb6rg") == "j\xc3\xb6rg");
    CHECK(to_nfc("plain ASCII\n") == "plain ASCII\n");
    CHECK(to_nfc("") == "");
    CHECK(to_nfc(std::string("a\0\xcc\x88", 4)) == std::string("a\0\xcc\x88", 4));
    // Other letters that look alike stay others.
    CHECK(to_nfc("\xef\xbd\x81") == "\xef\xbd\x81");
    CHECK_FALSE(to_nfc("\xff"));
    CHECK_FALSE(to_nfc("\xed\xa0\x80"));
}

TEST_CASE("case is folded beyond ASCII, and folding is done once", "[base]") {
    CHECK(fold_case("J\xc3\x96RG") == "j\xc3\xb6rg");
    CHECK(fold_case("JO\xcc\x88RG") == "j\xc3\xb6rg");
    CHECK(fold_case("Ann+B@Example") == "ann+b@example");
    CHECK(fold_case("gro\xc3\x9f") == "gross");
    CHECK(fold_case("\xce\xa3\xcf\x82") == "\xcf\x83\xcf\x83");
    for (const char* text :
         {"\xc4\xb0", "I\xcc\x87", "\xe1\xbe\xb3\xcc\x81", "\xce\xb1\xcd\x85\xcc\x81", "\xc3\x9f",
          "\xe1\xba\x9e", "\xef\xac\x80", "\xcd\x85"}) {
        CAPTURE(text);
        auto once = fold_case(text);
        REQUIRE(once);
        CHECK(fold_case(*once) == once);
        CHECK(to_nfc(*once) == once);
    }
    CHECK(fold_case("\xe1\xbe\xb3\xcc\x81") == fold_case("\xce\xb1\xcd\x85\xcc\x81"));
    CHECK_FALSE(fold_case("\xc3"));
}

TEST_CASE("a domain has one form, that of DNS", "[base]") {
    for (const char* spelling : {"ex\xc3\xa4mple.de", "EX\xc3\x84MPLE.DE", "exa\xcc\x88mple.de",
                                 "xn--exmple-cua.de", "XN--EXMPLE-CUA.de",
                                 "ex\xc3\xa4mple\xe3\x80\x82"
                                 "de"}) {
        CAPTURE(spelling);
        CHECK(to_ascii_domain(spelling) == "xn--exmple-cua.de");
    }
    CHECK(to_ascii_domain("Example.ORG") == "example.org");
    CHECK(to_ascii_domain("r3---sn-h0.example.org") == "r3---sn-h0.example.org");
    CHECK(to_ascii_domain("stra\xc3\x9f"
                          "e.de") == "xn--strae-oqa.de");
    for (const char* bad : {"xn--a-\xc3\xa4.de", "xn--\xe2\x82\xac.de", "\xcc\x88.de", "\xff.de"}) {
        CAPTURE(bad);
        CHECK_FALSE(to_ascii_domain(bad));
    }
    CHECK_FALSE(to_ascii_domain(std::string("a\0b", 3)));
    // What no domain has is not left out, so that another domain came of it.
    for (const char* part : {">", "\\", " ", "@", "%41", "\xc2\xa0", "\xef\xbc\x9e", "\xef\xbc\xa0",
                             "\xe2\x84\x80", "\xef\xbf\xbd"}) {
        CAPTURE(part);
        CHECK_FALSE(to_ascii_domain("ex\xc3\xa4m" + std::string(part) + "ple.de"));
    }
}

TEST_CASE("a line has something to see and no controls", "[base]") {
    for (const char* good : {"Ann", "x", "\u00fc", "a\u0301", "\U0001F468\u200d\U0001F469",
                             "\u05d0\u200f", "\uff01"}) {
        CAPTURE(good);
        CHECK_FALSE(base::problem_of_line(good));
    }
    for (const char* bad : {"", " ", "\u3000", "\u200b", "\u200d\ufe0f", "a\nb", "a\tb", "\x7f",
                            "a\u0085", "a\u2028", "\u2800", "\u3164", "\xff"}) {
        CAPTURE(bad);
        CHECK(base::problem_of_line(bad));
    }
}

TEST_CASE("a name is seen, in one line, and has nothing hidden in it", "[base]") {
    for (const char* good :
         {"Ann", "Ann Lee", "J\xc3\xb6rg O'Neill-M\xc3\xbcller", "\xe5\xb1\xb1\xe7\x94\xb0",
          "\xe0\xa4\xb0\xe0\xa4\xbe\xe0\xa4\xae", "\xe2\x9d\xa4\xef\xb8\x8f", "1", "."}) {
        CAPTURE(good);
        CHECK(problem_of_name(good, 100) == std::nullopt);
    }
    for (const char* bad :
         {"", " ", "Ann ",
          "\xc2\xa0"
          "Ann",
          "Ann\nLee", "Ann\x7f", "Ann\xc2\x85Lee", "Ann\xe2\x80\x8bLee", "\xe2\x80\x8b",
          "Ann\xe2\x80\xaeLee", "Ann\xc2\xadLee", "Ann\xc2\xa0Lee", "Ann\xe2\x80\xa8Lee",
          "\xe3\x85\xa4", "\xe2\xa0\x80", "\xcc\x88",
          "\xef\xbb\xbf"
          "Ann",
          "Ann\xf3\xa0\x81\x81", "\xff"}) {
        CAPTURE(bad);
        CHECK(problem_of_name(bad, 100) != std::nullopt);
    }
    CHECK(problem_of_name(std::string(100, 'a'), 100) == std::nullopt);
    CHECK(problem_of_name(std::string(101, 'a'), 100) == "must have 1 to 100 characters");
}
