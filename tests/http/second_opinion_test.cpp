// Every message that our readers take, another parser takes too, and reads the same in it.
#include "second_opinion.hpp"

#include <random>
#include <vector>

#include "support/catch.hpp"

namespace {

/// True if ours took it; then everything has been compared.
bool agree(tests::Opinion (*compare)(const std::string&), const std::string& bytes) {
    auto opinion = compare(bytes);
    CAPTURE(bytes);
    CHECK(opinion.difference == "");
    return opinion.taken;
}

const std::vector<std::string>& good_heads() {
    static const std::vector<std::string> heads = {
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nGET /a/b?c=d%20e HTTP/1.1\r\nHost: example.org:80\r\nAccept: */*\r\n\r\n",
        "POST /v1/news/sports HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 17\r\n"
        "Content-Type: application/json\r\nUser-Agent: x/1.0 (y; z)\r\n\r\n",
        "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
        "DELETE /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close, x\r\n\r\n",
        "HEAD http://example.org/a HTTP/1.1\r\nHost: b\r\nX: \t y \xff z \t\r\nEmpty:\r\n\r\n",
        "GET /%C3%BC HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"x\"\r\nCookie: user_id=7; a=b\r\n"
        "X-Request-Id: 1-2\r\nAccept-Encoding: gzip, br\r\n\r\n"};
    return heads;
}

/// Streams of whole messages.
const std::vector<std::string>& good_streams() {
    static const std::string chunked =
        "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    static const std::vector<std::string> streams = {
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        chunked + "5\r\nhello\r\n00a\r\n0123456789\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        chunked + "1;name=value;b=\"q;\"\r\na\r\n0\r\n\r\n" + chunked + "0\r\n\r\n",
        chunked + "2\r\n\r\n\r\n0\r\nContent-Length: 99\r\nX: y\r\n\r\n\r\nGET / HTTP/1.0\r\n\r\n",
        "DELETE /x HTTP/1.0\r\nContent-Length: 0\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"};
    return streams;
}

/// A few bytes changed, taken away, repeated, or put in from a list of the usual suspects.
std::string mutate(std::string bytes, std::mt19937_64& random) {
    static const std::vector<std::string> suspects = {"\r",
                                                      "\n",
                                                      "\r\n",
                                                      " ",
                                                      "\t",
                                                      ":",
                                                      ",",
                                                      ";",
                                                      std::string(1, 0),
                                                      "%",
                                                      "%0",
                                                      "chunked",
                                                      "Content-Length: 3\r\n",
                                                      "Transfer-Encoding: chunked\r\n",
                                                      "Host: b\r\n",
                                                      "0",
                                                      "9",
                                                      "+",
                                                      "-",
                                                      "_",
                                                      "#",
                                                      "@",
                                                      "\x80",
                                                      "\xc3\xa9",
                                                      "Connection: close\r\n",
                                                      "HTTP/1.0",
                                                      "http://",
                                                      "?",
                                                      "*",
                                                      "/"};
    auto below = [&random](std::size_t limit) {
        return static_cast<std::size_t>(random() % limit);
    };
    for (std::size_t changes = 1 + below(3); changes > 0 && !bytes.empty(); --changes) {
        auto at = below(bytes.size());
        switch (below(4)) {
            case 0:
                bytes[at] = static_cast<char>(random());
                break;
            case 1:
                bytes.erase(at, 1 + below(4));
                break;
            case 2:
                bytes.insert(at, bytes.substr(below(bytes.size()), below(30)));
                break;
            default:
                bytes.insert(at, suspects[below(suspects.size())]);
                break;
        }
    }
    return bytes;
}

/// How many of many changed texts ours took.
int taken_of(tests::Opinion (*compare)(const std::string&), const std::vector<std::string>& good) {
    auto seed = std::random_device()();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    int taken = 0;
    for (int i = 0; i < 20000; ++i) {
        if (agree(compare, mutate(good[random() % good.size()], random))) ++taken;
    }
    return taken;
}

}  // namespace

TEST_CASE("another parser agrees with the guard on good heads", "[http]") {
    for (const auto& head : good_heads()) CHECK(agree(tests::compare_heads, head));
}

TEST_CASE("another parser agrees with the guard on whatever it takes", "[http]") {
    // Or the comparison would compare nothing.
    CHECK(taken_of(tests::compare_heads, good_heads()) > 1000);
}

TEST_CASE("another parser ends each message where we do", "[http]") {
    for (const auto& stream : good_streams()) CHECK(agree(tests::compare_messages, stream));
    CHECK(taken_of(tests::compare_messages, good_streams()) > 1000);
}
