#pragma once

#include <string>
#include <vector>

namespace tests {

/// A head that must be refused. `bytes` end with the first byte that is wrong: one byte less and
/// it could still have become a request.
struct BadHead {
    const char* why;
    int status;
    std::string bytes;
};

/// The rules S1 to S9 of docs/framing.md, one by one.
inline std::vector<BadHead> bad_heads() {
    using namespace std::string_literals;
    const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n";
    const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
    const std::string old = "POST / HTTP/1.0\r\n";
    const std::string line = "GET / HTTP/1.1\r\n";
    return {
        // S1
        {"S1 plus sign", 400, post + "Content-Length: +"},
        {"S1 minus sign", 400, post + "Content-Length: -"},
        {"S1 hexadecimal", 400, post + "Content-Length: 0x"},
        {"S1 underscore", 400, post + "Content-Length: 1_"},
        {"S1 space inside", 400, post + "Content-Length: 1 0"},
        {"S1 tab inside", 400, post + "Content-Length: 1\t0"},
        {"S1 empty", 400, post + "Content-Length:\r"},
        {"S1 blank", 400, post + "Content-Length:  \r"},
        {"S1 over 2^63-1", 400, post + "Content-Length: 9223372036854775808"},
        {"S1 far over", 400, post + "Content-Length: 10000000000000000000"},
        {"S1 list", 400, post + "Content-Length: 5,"},
        {"S1 duplicate though equal", 400, post + "Content-Length: 5\r\nContent-Length:"},
        {"S1 duplicate in other case", 400, post + "Content-Length: 5\r\ncontent-length:"},
        {"S1 quoted", 400, post + "Content-Length: \""},
        {"S1 fraction", 400, post + "Content-Length: 5."},
        // S2
        {"S2 xchunked", 400, post + "Transfer-Encoding: xchunked\r"},
        {"S2 gzip", 400, post + "Transfer-Encoding: gzip\r"},
        {"S2 identity", 400, post + "Transfer-Encoding: identity\r"},
        {"S2 another coding before it", 501, post + "Transfer-Encoding: gzip, chunked\r"},
        {"S2 two codings before it", 501, post + "Transfer-Encoding: br,\tgzip ,Chunked\r"},
        {"S2 chunked, then another", 400, post + "Transfer-Encoding: chunked, gzip\r"},
        {"S2 chunked doubled in a list", 400, post + "Transfer-Encoding: chunked, chunked\r"},
        {"S2 chunked with parameter", 400, post + "Transfer-Encoding: chunked;q=1\r"},
        {"S2 parameter before it", 400, post + "Transfer-Encoding: gzip;q=1, chunked\r"},
        {"S2 chunked, then nothing", 400, post + "Transfer-Encoding: chunked,\r"},
        {"S2 nothing, then chunked", 400, post + "Transfer-Encoding: ,chunked\r"},
        {"S2 chunked twice in a line", 400, post + "Transfer-Encoding: chunked chunked\r"},
        {"S2 chunkedx", 400, post + "Transfer-Encoding: chunkedx\r"},
        {"S2 unfinished word", 400, post + "Transfer-Encoding: chunke\r"},
        {"S2 quoted", 400, post + "Transfer-Encoding: \"chunked\"\r"},
        {"S2 empty", 400, post + "Transfer-Encoding:\r"},
        {"S2 vertical tab", 400, post + "Transfer-Encoding: \x0b"},
        {"S2 folded", 400, post + "Transfer-Encoding: chunked\r\n "},
        {"S2 two lines", 400, post + "Transfer-Encoding: chunked\r\nTransfer-Encoding:"},
        {"S2 after Content-Length", 400, post + "Content-Length: 5\r\nTransfer-Encoding:"},
        {"S2 before Content-Length", 400, post + "Transfer-Encoding: chunked\r\nContent-Length:"},
        {"S2 on HTTP/1.0", 400, old + "Transfer-Encoding:"},
        // S4
        {"S4 Connection that is no list of words", 400, get + "Connection: a b\r"},
        {"S4 Connection with a byte over 127", 400,
         get + "Connection: clo\xff"
               "e\r"},
        {"S4 bare carriage return in a value", 400, get + "X: a\rb"},
        {"S4 bare line feed ends a line", 400, get + "X: a\n"},
        {"S4 NUL in a value", 400, get + "X: a\0"s},
        {"S4 control in a value", 400, get + "X: a\x01"},
        {"S4 DEL in a value", 400, get + "X: a\x7f"},
        {"S4 space before the colon", 400, get + "X "},
        {"S4 tab before the colon", 400, get + "X\t"},
        {"S4 space before the first line", 400, line + " "},
        {"S4 tab before the first line", 400, line + "\t"},
        {"S4 folded line", 400, get + "X: a\r\n "},
        {"S4 folded line with a tab", 400, get + "X: a\r\n\t"},
        {"S4 empty name", 400, get + ":"},
        {"S4 no colon", 400, get + "X\r"},
        {"S4 no colon, bare line feed", 400, get + "X\n"},
        {"S4 name with a slash", 400, get + "X/"},
        {"S4 name with a byte over 127", 400, get + "X\xc3"},
        {"S4 NUL in a name", 400, get + "X\0"s},
        {"S4 bare line feed ends the head", 400, get + "\n"},
        {"S4 bare carriage return ends the head", 400, get + "\rX"},
        // S5
        {"S5 no Host", 400, line + "X: a\r\n\r\n"},
        {"S5 no field at all", 400, line + "\r\n"},
        {"S5 two Hosts", 400, get + "Host:"},
        {"S5 two Hosts in other case", 400, get + "hOST:"},
        {"S5 empty", 400, line + "Host:\r"},
        {"S5 blank", 400, line + "Host:  \r"},
        {"S5 userinfo", 400, line + "Host: me@"},
        {"S5 path", 400, line + "Host: a/"},
        {"S5 comma", 400, line + "Host: a,"},
        {"S5 two words", 400, line + "Host: a b"},
        {"S5 port of letters", 400, line + "Host: a:b"},
        {"S5 port over 65535", 400, line + "Host: a:65536"},
        {"S5 two ports", 400, line + "Host: a:1:"},
        {"S5 only a port", 400, line + "Host: :"},
        {"S5 open bracket", 400, line + "Host: [::1\r"},
        {"S5 no IPv6 address", 400, line + "Host: [:::1]\r"},
        {"S5 letters in brackets", 400, line + "Host: [g"},
        {"S5 text after the bracket", 400, line + "Host: [::1]a"},
        {"S5 query", 400, line + "Host: a?"},
        {"S5 fragment", 400, line + "Host: a#"},
        {"S5 empty on HTTP/1.0", 400, "GET / HTTP/1.0\r\nHost:\r"},
        // S6
        {"S6 authority-form", 400, "GET a"},
        {"S6 other scheme", 400, "GET f"},
        {"S6 asterisk for GET", 400, "GET *"},
        {"S6 more after the asterisk", 400, "OPTIONS */"},
        {"S6 absolute without host", 400, "GET http:///"},
        {"S6 absolute with userinfo", 400, "GET http://me@"},
        {"S6 absolute with one slash", 400, "GET http:/a"},
        {"S6 httpx", 400, "GET httpx"},
        {"S6 raw byte over 127", 400, "GET /\xc3"},
        {"S6 fragment", 400, "GET /#"},
        {"S6 control", 400, "GET /\x01"},
        {"S6 tab", 400, "GET /\t"},
        {"S6 NUL", 400, "GET /\0"s},
        {"S6 DEL", 400, "GET /\x7f"},
        {"S6 quote", 400, "GET /\""},
        {"S6 angle bracket", 400, "GET /<"},
        {"S6 fragment after the query", 400, "GET /?a#"},
        {"S6 broken escape", 400, "GET /%g"},
        {"S6 broken escape, second digit", 400, "GET /%4g"},
        {"S6 cut escape", 400, "GET /% "},
        {"S6 double percent", 400, "GET /%%"},
        {"S6 escaped NUL", 400, "GET /%00"},
        {"S6 escaped carriage return", 400, "GET /%0d"},
        {"S6 escaped line feed", 400, "GET /%0A"},
        {"S6 escaped line feed in the query", 400, "GET /?a=%0a"},
        {"S6 overlong slash", 400, "GET /%c0"},
        {"S6 overlong, three bytes", 400, "GET /%e0%80"},
        {"S6 overlong, four bytes", 400, "GET /%f0%80"},
        {"S6 surrogate", 400, "GET /%ed%a0"},
        {"S6 beyond Unicode", 400, "GET /%f4%90"},
        {"S6 lone continuation", 400, "GET /%80"},
        {"S6 cut character", 400, "GET /%c3/"},
        {"S6 cut character, other escape", 400, "GET /%c3%41"},
        {"S6 8193 bytes", 414, "GET /" + std::string(8192, 'a')},
        {"S6 8193 bytes of escapes", 414,
         "GET /a" +
             [] {
                 std::string escapes;
                 for (int i = 0; i < 2730; ++i) escapes += "%41";
                 return escapes + "%";
             }()},
        // S7
        {"S7 HTTP/2.0", 505, "GET / HTTP/2.0\r"},
        {"S7 HTTP/1.2", 505, "GET / HTTP/1.2\r"},
        {"S7 HTTP/0.9", 505, "GET / HTTP/0.9\r"},
        {"S7 HTTP/9.9", 505, "GET / HTTP/9.9\r"},
        {"S7 HTTP/2", 400, "GET / HTTP/2\r"},
        {"S7 HTTP/1.10", 400, "GET / HTTP/1.10"},
        {"S7 HTTP/01.01", 400, "GET / HTTP/01"},
        {"S7 HTTP/1,1", 400, "GET / HTTP/1,"},
        {"S7 lower case", 400, "GET / h"},
        {"S7 mixed case", 400, "GET / Ht"},
        {"S7 another protocol", 400, "GET / R"},
        {"S7 a space in the target", 400, "GET /a b"},
        {"S7 no version", 400, "GET /\r"},
        {"S7 no version, bare line feed", 400, "GET /\n"},
        {"S7 empty version", 400, "GET / \r"},
        {"S7 two spaces", 400, "GET /  "},
        {"S7 space after the version", 400, "GET / HTTP/1.1 "},
        {"S7 bare line feed", 400, "GET / HTTP/1.1\n"},
        {"S7 bare carriage return", 400, "GET / HTTP/1.1\rH"},
        {"S7 second empty line before", 400, "\r\n\r"},
        {"S7 line feed before", 400, "\n"},
        {"S7 lone carriage return before", 400, "\rG"},
        {"S7 HTTP/2 preface", 505, "PRI "},
        // S8
        {"S8 unknown method", 501, "BREW "},
        {"S8 lower case", 501, "get "},
        {"S8 endless method", 501, std::string(25, 'A')},
        {"S8 TRACE", 405, "TRACE "},
        {"S8 CONNECT", 405, "CONNECT "},
        {"S8 no token", 400, "GE("},
        {"S8 leading space", 400, " "},
        {"S8 tab after the method", 400, "GET\t"},
        {"S8 TLS hello", 400, "\x16"},
        // S9
        {"S9 other expectation", 417, post + "Expect: 200-ok\r"},
        {"S9 two expectations", 417, post + "Expect: 100-continue, x\r"},
    };
}

}  // namespace tests
