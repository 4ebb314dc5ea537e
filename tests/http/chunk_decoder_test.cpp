#include "chunk_decoder.hpp"

#include "support/catch.hpp"

namespace {

using Verdict = http::ChunkDecoder::Verdict;

constexpr std::size_t body_max = 1000;

struct Decoded {
    Verdict verdict = Verdict::more;
    int status = 0;
    std::size_t used = 0;
    std::string body{};
};

Decoded decode(const std::string& bytes, std::size_t step) {
    http::ChunkDecoder decoder(body_max);
    Decoded result;
    for (std::size_t at = 0; at < bytes.size() && result.verdict == Verdict::more; at += step) {
        result.verdict = decoder.advance(std::string_view(bytes).substr(at, step), result.body);
        result.used += decoder.consumed();
    }
    if (result.verdict == Verdict::refused) result.status = decoder.refusal().status;
    return result;
}

}  // namespace

TEST_CASE("chunks become one body, however they arrive", "[http]") {
    struct Case {
        std::string bytes;
        std::string body;
    };
    const std::vector<Case> cases = {
        {"0\r\n\r\n", ""},
        {"5\r\nhello\r\n0\r\n\r\n", "hello"},
        {"00000000000000A\r\n0123456789\r\na\r\nabcdefghij\r\n000\r\n\r\n", "0123456789abcdefghij"},
        {"3;name=value;b=\"q;\"\r\nabc\r\n0;x\r\n\r\n", "abc"},
        {"1;a=\"\\\"\\\\ \t\xff\";b=\"\"\r\nx\r\n0\r\n\r\n", "x"},
        {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n"},
        {"1\r\na\r\n0\r\nContent-Length: 99\r\nHost: evil\r\n\r\n", "a"},
        {"1\r\na\r\n0\r\nX:\r\nY: \t b\r\n\r\n", "a"},
        {"1;" + std::string(255, 'e') + "\r\na\r\n0\r\n\r\n", "a"},
    };
    for (const auto& one : cases) {
        for (std::size_t step : {std::size_t(1), std::size_t(3), one.bytes.size() + 100}) {
            CAPTURE(one.bytes, step);
            auto decoded = decode(one.bytes + "GET / HTTP/1.1\r\n", step);
            CHECK(decoded.verdict == Verdict::complete);
            CHECK(decoded.body == one.body);
            CHECK(decoded.used == one.bytes.size());
        }
    }
}

TEST_CASE("bad chunks are refused at their first bad byte", "[http]") {
    using namespace std::string_literals;
    std::string extensions;
    for (int i = 0; i < 16; ++i) extensions += "1;" + std::string(255, 'e') + "\r\na\r\n";
    struct Case {
        const char* why;
        int status;
        std::string bytes;  ///< up to the first bad byte
    };
    const std::vector<Case> cases = {
        {"0x", 400, "0x"},
        {"plus", 400, "+"},
        {"minus", 400, "-"},
        {"space before the size", 400, " "},
        {"space after the size", 400, "5 "},
        {"tab before the size", 400, "\t"},
        {"no size", 400, "\r"},
        {"no size but an extension", 400, ";"},
        {"underscore", 400, "1_"},
        {"seventeen digits", 400, "00000000000000000"},
        {"bare line feed after the size", 400, "5\n"},
        {"bare carriage return after the size", 400, "5\rh"},
        {"no line end after the content", 400, "5\r\nhello0"},
        {"bare line feed after the content", 400, "5\r\nhello\n"},
        {"bare carriage return after the content", 400, "5\r\nhello\rx"},
        {"content longer than said", 400, "5\r\nhellox"},
        {"line feed in an extension", 400, "5;a\n"},
        {"carriage return in an extension", 400, "5;a\rb"},
        {"NUL in an extension", 400, "5;a\0"s},
        {"an extension line over 256 bytes", 400, "5;" + std::string(256, 'e')},
        {"extensions over 4 KiB", 400, extensions + "1;"},
        {"an extension without a name", 400, "5;\r"},
        {"two semicolons", 400, "5;;"},
        {"blank before an extension's name", 400, "5; "},
        {"blank after an extension's name", 400, "5;a "},
        {"an extension without a value", 400, "5;a=\r"},
        {"two values", 400, "5;a=b="},
        {"a quoted value without end", 400, "0;a=\"\r"},
        {"a quoted value whose end is escaped", 400, "0;a=\"b\\\"\r"},
        {"more after a quoted value", 400, "5;a=\"b\"c"},
        {"quotation mark in a name", 400, "5;a\""},
        {"a body over the limit", 413, "3e9"},
        {"far over the limit", 413, "fff"},
        {"bodies over the limit together", 413, "3e8\r\n" + std::string(1000, 'x') + "\r\n1"},
        {"trailer without colon", 400, "0\r\nabc\r"},
        {"trailer with a space before the colon", 400, "0\r\nabc "},
        {"folded trailer", 400, "0\r\na: b\r\n "},
        {"empty trailer name", 400, "0\r\n:"},
        {"NUL in a trailer", 400, "0\r\na: \0"s},
        {"bare line feed in a trailer", 400, "0\r\na: b\n"},
        {"bare carriage return in a trailer", 400, "0\r\na: b\rc"},
        {"bare line feed at the end", 400, "0\r\n\n"},
        {"bare carriage return at the end", 400, "0\r\n\rG"},
        {"a trailer over 4 KiB", 400, "0\r\na:" + std::string(4095, 'x')},
    };
    for (const auto& one : cases) {
        for (std::size_t step : {std::size_t(1), one.bytes.size()}) {
            CAPTURE(one.why, step);
            auto decoded = decode(one.bytes, step);
            CHECK(decoded.status == one.status);
            CHECK(decode(one.bytes.substr(0, one.bytes.size() - 1), step).verdict == Verdict::more);
        }
    }
}
