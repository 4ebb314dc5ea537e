#pragma once

#include <string>
#include <vector>

namespace tests {

/// An answer that lies about where it ends, or is none. It ends with the byte at which that shows.
struct BadAnswer {
    std::string why;
    std::string bytes;
};

inline std::vector<BadAnswer> bad_answers() {
    using namespace std::string_literals;
    const std::string line = "HTTP/1.1 200 OK\r\n";
    const std::string old = "HTTP/1.0 200 OK\r\n";
    const std::string chunked = line + "Transfer-Encoding: chunked\r\n\r\n";
    const std::string interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
    std::string many;
    for (int i = 0; i < 8; ++i) many += interim;
    std::string lines = line;
    for (int i = 0; i < 100; ++i) lines += "A: b\r\n";
    return {
        // The status line.
        {"no HTTP", "S"},
        {"an empty line first", "\r"},
        {"a space first", " "},
        {"lower case", "h"},
        {"other protocol", "HTTPS"},
        {"HTTP/2", "HTTP/2"},
        {"HTTP/1.2", "HTTP/1.2"},
        {"HTTP/1.10", "HTTP/1.10"},
        {"two spaces before the status", "HTTP/1.1  "},
        {"a tab before the status", "HTTP/1.1\t"},
        {"a status of letters", "HTTP/1.1 O"},
        {"a status of two digits", "HTTP/1.1 20 "},
        {"a status of four digits", "HTTP/1.1 2000"},
        {"a signed status", "HTTP/1.1 +"},
        {"status 000", "HTTP/1.1 0"},
        {"status 600", "HTTP/1.1 6"},
        {"no space after the status", "HTTP/1.1 200\r"},
        {"a bare line feed after the reason", "HTTP/1.1 200 OK\n"},
        {"a bare carriage return in the reason", "HTTP/1.1 200 OK\rX"},
        {"NUL in the reason", "HTTP/1.1 200 O\0"s},
        {"a control character in the reason", "HTTP/1.1 200 O\x1b"},
        {"a status line without end", "HTTP/1.1 200 " + std::string(1024 - 13, 'x') + "x"},
        // Field lines.
        {"a folded line", line + "X: a\r\n "},
        {"a folded line with a tab", line + "X: a\r\n\t"},
        {"a space before the first line", line + " "},
        {"a space before the colon", line + "X "},
        {"a tab before the colon", line + "Content-Length\t"},
        {"no name", line + ":"},
        {"no colon", line + "X\r"},
        {"a bare carriage return in a value", line + "X: a\rb"},
        {"a bare line feed ends a line", line + "X: a\n"},
        {"NUL in a value", line + "X: a\0"s},
        {"NUL in a name", line + "X\0"s},
        {"a control character in a value", line + "X: a\x07"},
        {"DEL in a value", line + "X: a\x7f"},
        {"a byte over 127 in a name", line + "X\xc3"},
        {"a bare line feed ends the head", line + "\n"},
        {"a bare carriage return ends the head", line + "\rX"},
        {"Connection that is no list of words", line + "Connection: a b\r"},
        {"a line too many", lines + "A"},
        {"a byte too many", line + "X: " + std::string(16384 - 3, 'x')},
        // Where it ends.
        {"a signed length", line + "Content-Length: +"},
        {"a negative length", line + "Content-Length: -"},
        {"a hexadecimal length", line + "Content-Length: 0x"},
        {"a length with a fraction", line + "Content-Length: 5."},
        {"a list of lengths", line + "Content-Length: 5,"},
        {"a length of two words", line + "Content-Length: 5 5"},
        {"an empty length", line + "Content-Length:\r"},
        {"a length that is too large", line + "Content-Length: 9223372036854775808"},
        {"two lengths", line + "Content-Length: 5\r\nContent-Length:"},
        {"two lengths in other case", line + "Content-Length: 5\r\ncontent-LENGTH:"},
        {"chunked after a length", line + "Content-Length: 5\r\nTransfer-Encoding:"},
        {"a length after chunked", line + "Transfer-Encoding: chunked\r\nContent-Length:"},
        {"gzip", line + "Transfer-Encoding: gzip\r"},
        {"identity", line + "Transfer-Encoding: identity\r"},
        {"xchunked", line + "Transfer-Encoding: xchunked\r"},
        {"chunked and more", line + "Transfer-Encoding: chunked, gzip\r"},
        {"chunked;x", line + "Transfer-Encoding: chunked;x\r"},
        {"half a word", line + "Transfer-Encoding: chunke\r"},
        {"no coding", line + "Transfer-Encoding:\r"},
        {"a vertical tab", line + "Transfer-Encoding: \x0b"},
        {"chunked twice", line + "Transfer-Encoding: chunked\r\nTransfer-Encoding:"},
        {"chunked on HTTP/1.0", old + "Transfer-Encoding:"},
        // Chunks.
        {"no size", chunked + "\r"},
        {"0x", chunked + "0x"},
        {"a signed size", chunked + "+"},
        {"a negative size", chunked + "-"},
        {"a space before the size", chunked + " "},
        {"a size of seventeen digits", chunked + std::string(17, '0')},
        {"a size that nothing has", chunked + "ffffffffffffffff"},
        {"a bare line feed after the size", chunked + "5\n"},
        {"a bare carriage return after the size", chunked + "5\rX"},
        {"a chunk longer than its size", chunked + "1\r\nab"},
        {"a bare line feed after a chunk", chunked + "1\r\na\n"},
        {"a bare line feed in an extension", chunked + "1;a\n"},
        {"a trailer line without a name", chunked + "0\r\n:"},
        {"a folded trailer", chunked + "0\r\nX: y\r\n "},
        {"a trailer without end", chunked + "0\r\nX: " + std::string(4096 - 2, 'y')},
        // Interim answers.
        {"one too many", many + interim},
        {"an interim answer with a length", "HTTP/1.1 100 C\r\nContent-Length: 5\r\n\r\n"},
        {"an interim answer in chunks", "HTTP/1.1 103 C\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {"an interim answer on HTTP/1.0", "HTTP/1.0 100 C\r\n\r\n"},
        {"another protocol unasked", "HTTP/1.1 101 S\r\nUpgrade: h2c\r\n\r\n"},
        {"a folded line in an interim answer", "HTTP/1.1 100 C\r\nX: a\r\n "},
        {"junk after an interim answer", interim + "X"},
    };
}

}  // namespace tests
