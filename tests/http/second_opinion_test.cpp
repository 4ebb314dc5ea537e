// Every head that our guard takes, another parser takes too, and reads the same in it. Where two
// parsers disagree about one message, requests are smuggled.
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <random>

#include "characters.hpp"
#include "head_guard.hpp"
#include "support/catch.hpp"

namespace {

namespace beast = boost::beast::http;

std::string_view method_name(http::Method method) {
    switch (method) {
        case http::Method::get:
            return "GET";
        case http::Method::head:
            return "HEAD";
        case http::Method::post:
            return "POST";
        case http::Method::put:
            return "PUT";
        case http::Method::patch:
            return "PATCH";
        case http::Method::del:
            return "DELETE";
        case http::Method::options:
            return "OPTIONS";
    }
    return "";
}

using Pair = std::pair<std::string, std::string>;

/// Beast moves lines of one name together; the order among those is what counts.
std::vector<Pair> by_name(std::vector<Pair> fields) {
    auto lower = [](std::string text) {
        for (char& c : text) c = http::to_lower(c);
        return text;
    };
    std::stable_sort(fields.begin(), fields.end(), [&lower](const Pair& a, const Pair& b) {
        return lower(a.first) < lower(b.first);
    });
    return fields;
}

/// True if the guard took the head; then everything has been compared.
bool compare(const std::string& bytes) {
    static const http::HeadLimits limits;
    http::HeadGuard guard(limits);
    if (guard.advance(bytes) != http::HeadGuard::Verdict::complete) return false;
    http::Request ours;
    guard.fill(bytes.data(), ours);

    CAPTURE(bytes);
    beast::request_parser<beast::empty_body> theirs;
    theirs.header_limit(64 * 1024);
    theirs.eager(false);
    boost::system::error_code error;
    auto start = bytes.substr(0, 2) == "\r\n" ? 2u : 0u;  // Beast forgives no empty line
    auto used = theirs.put(boost::asio::buffer(bytes.data() + start, guard.size() - start), error);
    REQUIRE(!error);
    REQUIRE(theirs.is_header_done());
    CHECK(used == guard.size() - start);

    const auto& head = theirs.get();
    CHECK(std::string_view(head.method_string()) == method_name(ours.method));
    auto target = std::string_view(head.target());
    // Beast leaves an absolute target as it is; ours is its path.
    bool rooted = target.front() == '/' || target == "*" || target.find('/', 8) == target.npos;
    if (rooted) target = target.front() == 'h' ? ours.target : target;
    CHECK(target.substr(target.size() - std::min(target.size(), ours.target.size())) ==
          ours.target);
    CHECK((head.version() == 10) == guard.http_1_0());
    CHECK(theirs.chunked() == guard.chunked());
    CHECK(theirs.content_length().value_or(0) == guard.content_length());
    // Told both to keep and to close, Beast keeps on HTTP/1.0; to close is always safe.
    CHECK((theirs.keep_alive() || !guard.keep_alive()));
    std::vector<Pair> my_fields;
    std::vector<Pair> their_fields;
    for (const auto& field : ours.fields) my_fields.emplace_back(field.name, field.value);
    for (const auto& field : head) their_fields.emplace_back(field.name_string(), field.value());
    CHECK(by_name(my_fields) == by_name(their_fields));
    return true;
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

}  // namespace

TEST_CASE("another parser agrees with the guard on good heads", "[http]") {
    for (const auto& head : good_heads()) CHECK(compare(head));
}

TEST_CASE("another parser agrees with the guard on whatever it takes", "[http]") {
    auto seed = std::random_device()();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    int taken = 0;
    for (int i = 0; i < 20000; ++i) {
        if (compare(mutate(good_heads()[random() % good_heads().size()], random))) ++taken;
    }
    // Or the comparison would compare nothing.
    CHECK(taken > 1000);
}
