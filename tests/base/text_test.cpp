#include "base/text.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "support/catch.hpp"

TEST_CASE("code points are counted, not bytes", "[base]") {
    CHECK(base::count_code_points("") == 0u);
    CHECK(base::count_code_points("abc") == 3u);
    CHECK(base::count_code_points("Zürich") == 6u);
    CHECK(base::count_code_points("日本語") == 3u);
    CHECK(base::count_code_points("\xF0\x9F\x97\x9E") == 1u);
}

TEST_CASE("text that is not UTF-8 is noticed", "[base]") {
    for (const char* bad : {"\xff", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                            "\xf5\x80\x80\x80", "a\xc3", "\x80", "\xe2\x82"}) {
        CAPTURE(bad);
        CHECK_FALSE(base::count_code_points(bad).has_value());
    }
}

TEST_CASE("what stands in an address is encoded but for what is unreserved", "[base]") {
    std::string out = "/";
    base::append_percent_encoded(out, "aZ09-._~");
    CHECK(out == "/aZ09-._~");
    out.clear();
    base::append_percent_encoded(out, std::string_view(" %/?#&+=\"\0\xff\xc3\xa4", 13));
    CHECK(out == "%20%25%2F%3F%23%26%2B%3D%22%00%FF%C3%A4");
}

TEST_CASE("trim takes every kind of white space, and only at the ends", "[base]") {
    CHECK(base::trim("  a b \t\n") == "a b");
    CHECK(base::trim("\xC2\xA0x\xE3\x80\x80") == "x");
    CHECK(base::trim("\xE2\x80\x83") == "");
    CHECK(base::trim("é") == "é");
    CHECK(base::trim("") == "");
}

TEST_CASE("numbers are read only in their one plain form", "[base]") {
    CHECK(base::parse_number("0", 10) == 0);
    CHECK(base::parse_number("10", 10) == 10);
    CHECK(base::parse_number("9007199254740991", 9007199254740991) == 9007199254740991);
    for (const char* bad :
         {"", "-1", "+1", "01", " 1", "1 ", "1.0", "11", "99999999999999999999", "0x1"}) {
        CAPTURE(bad);
        CHECK_FALSE(base::parse_number(bad, 10).has_value());
    }
}

TEST_CASE("base64url goes there and back, and has one form per content", "[base]") {
    for (std::string content : {std::string(), std::string("f"), std::string("fo"),
                                std::string("foo"), std::string("\0\xff\x10", 3)}) {
        CHECK(base::from_base64url(base::to_base64url(content)) == content);
    }
    CHECK(base::to_base64url("foob") == "Zm9vYg");
    for (const char* bad : {"Zg==", "Zh", "Z", "Zm 9", "Zm+v"}) {
        CAPTURE(bad);
        CHECK_FALSE(base::from_base64url(bad).has_value());
    }
}

TEST_CASE("times are written in UTC with milliseconds", "[base]") {
    auto time = base::parse_rfc3339("2026-02-28T23:59:59.123999+01:30");
    REQUIRE(time);
    CHECK(base::to_rfc3339(*time) == "2026-02-28T22:29:59.123Z");
    CHECK(base::to_micros(*time) % 1000000 == 123999);
    CHECK(base::to_rfc3339(*base::parse_rfc3339("2024-02-29t00:00:00z")) ==
          "2024-02-29T00:00:00.000Z");
    CHECK(base::to_rfc3339(*base::parse_rfc3339("9999-12-31T23:59:59.9999Z")) ==
          "9999-12-31T23:59:59.999Z");
    CHECK(base::to_rfc3339(*base::parse_rfc3339("2016-12-31T23:59:60Z")) ==
          "2017-01-01T00:00:00.000Z");
}

TEST_CASE("what is no RFC 3339 time is no time", "[base]") {
    for (const char* bad :
         {"", "2026", "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
          "2026-01-01T24:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z",
          "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+1:00", "0000-12-31T23:59:59Z",
          "2026-01-01T00:60:00Z", "2026-01-01T00:00:00+24:00",
          // Well formed, but in the year 10000, which cannot be written.
          "9999-12-31T23:59:60Z", "9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+00:01"}) {
        CAPTURE(bad);
        CHECK_FALSE(base::parse_rfc3339(bad).has_value());
    }
}

TEST_CASE("times of the years 1 to 9999 are read and written", "[base]") {
    for (std::string text :
         {"0001-01-01T00:00:00.000Z", "0999-12-31T23:59:59.999Z", "1923-05-04T00:00:00.000Z",
          "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"}) {
        CAPTURE(text);
        auto time = base::parse_rfc3339(text);
        REQUIRE(time);
        CHECK(base::to_rfc3339(*time) == text);
    }
    CHECK(base::parse_rfc3339("1969-12-31T23:59:59.9Z") < base::Time{});
}

TEST_CASE("news ids sort by time of creation and stay below 2^53", "[base]") {
    auto early = *base::parse_rfc3339("2026-01-01T00:00:00Z");
    auto late = *base::parse_rfc3339("2026-01-01T00:00:01Z");
    CHECK(base::make_news_id(early, ~0ull) < base::make_news_id(late, 0));
    CHECK(base::make_news_id(*base::parse_rfc3339("2150-01-01T00:00:00Z"), ~0ull) <
          (std::int64_t{1} << 53));
    CHECK(base::make_user_id(0) == 1);
    CHECK(base::make_user_id(~0ull) == (std::int64_t{1} << 53) - 1);
}

TEST_CASE("a UUID has version 7 and its time in front", "[base]") {
    auto time = *base::parse_rfc3339("2026-01-01T00:00:00Z");
    auto id = base::make_uuid_v7(time);
    REQUIRE(id.size() == 36);
    CHECK(id[14] == '7');
    CHECK((id[19] == '8' || id[19] == '9' || id[19] == 'a' || id[19] == 'b'));
    CHECK(id.substr(0, 13) == base::make_uuid_v7(time).substr(0, 13));
    CHECK(id != base::make_uuid_v7(time));
}
