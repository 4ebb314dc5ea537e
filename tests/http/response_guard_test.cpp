#include "response_guard.hpp"

#include "bad_answers.hpp"
#include "support/catch.hpp"

namespace {

using State = http::AnswerReader::State;

/// What became of an answer.
struct Read {
    State state = State::head;
    std::size_t used = 0;  ///< bytes it took until it was complete or refused
    int status = 0;
    std::string content{};
    bool reusable = false;
    bool cut = false;
    std::string message{};
};

Read read(const std::string& bytes, std::size_t step, bool ends = false, http::Asked asked = {}) {
    static const http::AnswerLimits limits;
    http::AnswerReader reader(limits, std::move(asked));
    Read result;
    while (result.used < bytes.size() && reader.state() < State::complete) {
        auto count = std::min(step, bytes.size() - result.used);
        reader.feed(std::string_view(bytes).substr(result.used, count));
        result.used += count;
        reader.take(result.content);
    }
    if (ends) reader.end();
    result.state = reader.state();
    result.status = reader.status();
    result.reusable = reader.reusable();
    result.cut = reader.cut();
    if (result.state == State::refused) result.message = reader.refusal().message;
    return result;
}

}  // namespace

TEST_CASE("a lying answer is refused at the byte that shows it, however it arrives",
          "[http][client]") {
    CHECK(tests::bad_answers().size() >= 40);
    for (const auto& bad : tests::bad_answers()) {
        CAPTURE(bad.why, bad.bytes);
        auto bytewise = read(bad.bytes, 1);
        CHECK(bytewise.state == State::refused);
        CHECK(bytewise.used == bad.bytes.size());
        CHECK_FALSE(bytewise.cut);
        CHECK_FALSE(bytewise.message.empty());
        CHECK(bytewise.message.find("request") == std::string::npos);
        auto whole = read(bad.bytes + "\r\n\r\n0\r\n\r\n", 100000);
        CHECK(whole.state == State::refused);
        CHECK(whole.message == bytewise.message);
        CHECK(whole.content == bytewise.content);
    }
}

TEST_CASE("the end of an answer is where its head says", "[http][client]") {
    const std::string line = "HTTP/1.1 200 OK\r\n";
    struct Good {
        std::string bytes;
        std::string content;
        bool reusable;
        http::Asked asked = {};
    };
    for (const auto& good : {
             Good{line + "Content-Length: 5\r\n\r\nhello", "hello", true},
             Good{line + "content-length:0\r\n\r\n", "", true},
             Good{line + "Transfer-Encoding: Chunked \r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX: "
                         "y\r\n\r\n",
                  "hello", true},
             Good{line + "Connection: close\r\nContent-Length: 2\r\n\r\nno", "no", false},
             Good{"HTTP/1.0 200 \r\nContent-Length: 2\r\n\r\nno", "no", false},
             Good{"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nno", "no",
                  true},
             Good{line + "Content-Length: 0\r\n\r\n", "", true, {true, {}}},
             Good{line + "Content-Length: 99\r\n\r\n", "", false, {true, {}}},
             Good{line + "Transfer-Encoding: chunked\r\n\r\n", "", false, {true, {}}},
             Good{line + "\r\n", "", false, {true, {}}},
             Good{"HTTP/1.1 304 Not Modified\r\n\r\n", "", true},
             Good{"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", "", false},
             Good{"HTTP/1.1 204 No Content\r\n\r\n", "", true},
             Good{"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "", true},
             Good{"HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\n", "", false},
             Good{"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "", false},
             Good{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hint\r\nLink: <a>\r\n\r\n" + line +
                      "Content-Length: 1\r\n\r\nx",
                  "x", true},
             Good{"HTTP/1.1 599 \t\xff\r\nHost: a\r\nHost: b\r\nExpect: x\r\nContent-Length: "
                  "0\r\n\r\n",
                  "", true},
         }) {
        CAPTURE(good.bytes);
        for (std::size_t step : {std::size_t(1), std::size_t(7), good.bytes.size()}) {
            auto result = read(good.bytes, step, false, good.asked);
            CHECK(result.state == State::complete);
            CHECK(result.used == good.bytes.size());
            CHECK(result.content == good.content);
            CHECK(result.reusable == good.reusable);
        }
        // What comes with the end of it speaks against its connection.
        CHECK_FALSE(read(good.bytes + "H", good.bytes.size() + 1, false, good.asked).reusable);
    }
}

TEST_CASE("content without a length ends with the connection, other content does not",
          "[http][client]") {
    const std::string line = "HTTP/1.1 200 OK\r\n";
    auto open = read(line + "\r\nhello", 3, true);
    CHECK(open.state == State::complete);
    CHECK(open.content == "hello");
    CHECK_FALSE(open.reusable);
    CHECK(read(line + "\r\nhello", 3).state == State::content);
    for (const auto& cut : {line, line + "X: y\r\n", line + "Content-Length: 6\r\n\r\nhello",
                            line + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                            line + "Transfer-Encoding: chunked\r\n\r\n0\r\n"}) {
        CAPTURE(cut);
        auto result = read(cut, 1, true);
        CHECK(result.state == State::refused);
        CHECK(result.cut);
    }
}

TEST_CASE("a change of protocol that was asked for gives what follows to it", "[http][client]") {
    static const http::AnswerLimits limits;
    http::AnswerReader reader(limits, {false, "WebSocket"});
    reader.feed("HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x01");
    CHECK(reader.state() == State::complete);
    CHECK(reader.status() == 101);
    CHECK_FALSE(reader.reusable());
    CHECK(reader.take_rest() == "\x81\x01");
    CHECK(reader.take_rest().empty());
    CHECK(read("HTTP/1.1 101 S\r\nUpgrade: h2c\r\n\r\n", 1, false, {false, "websocket"}).state ==
          State::refused);
    CHECK(read("HTTP/1.1 101 S\r\n\r\n", 1, false, {false, "websocket"}).state == State::refused);
}

TEST_CASE("fields of an answer stand as they were sent", "[http][client]") {
    static const http::AnswerLimits limits;
    http::AnswerReader reader(limits, {});
    reader.feed("HTTP/1.1 103 H\r\nEarly: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-A: \t a b\xff \r\n");
    reader.feed("x-a:\r\nContent-Length: 0\r\n\r\n");
    using Fields = std::vector<std::pair<std::string, std::string>>;
    CHECK(reader.fields() == Fields{{"X-A", "a b\xff"}, {"x-a", ""}, {"Content-Length", "0"}});
}
