// Clients that lie about where a request ends, whom it is for or who sends it, byte by byte through
// the built program: what the server behind it hears, what they are told, and that nobody else
// notices.
#include <atomic>
#include <mutex>
#include <optional>
#include <regex>
#include <set>
#include <utility>

#include "http/raw_client.hpp"
#include "http/scripted_upstream.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/portal_process.hpp"

using namespace std::string_literals;
using nlohmann::json;
using support::eventually;
using support::PortalProcess;
using tests::body_of;
using tests::field_of;
using tests::RawClient;
using tests::ScriptedUpstream;
using tests::status_of;

namespace {

/// A request as the monolith must hear it: to the byte.
struct Heard {
    std::string line;      ///< method and target
    std::string passed{};  ///< the client's field lines that are left, but for Host
    std::string body{};
    std::string host = "news.example";
    std::string upgrade{};  ///< field lines at the end
};

/// What a client sends, and what comes of it: what is heard is answered by the monolith, and then,
/// if there is a status, something is refused.
struct Row {
    std::string why;
    std::string sent;
    std::vector<Heard> heard{};
    int status = 0;
    std::string code{};
};
using Rows = std::vector<Row>;

/// The beginning of a head.
std::string asked(const std::string& line, const std::string& host = "news.example") {
    return line + " HTTP/1.1\r\nHost: " + host + "\r\n";
}
std::string old(const std::string& line) {
    return line + " HTTP/1.0\r\nHost: news.example\r\n";
}
const std::string get = asked("GET /a");
const std::string post = asked("POST /a");
const std::string chunks = post + "Transfer-Encoding: chunked\r\n\r\n";
const std::string smuggled = asked("GET /evil") + "\r\n";
/// Follows whatever a row sends.
const std::string last = asked("GET /last") + "Connection: close\r\n\r\n";

Row malformed(const std::string& why, const std::string& sent) {
    return {why, sent, {}, 400, "malformed_request"};
}
Row too_large(const std::string& why, const std::string& sent) {
    return {why, sent, {}, 413, "body_too_large"};
}
Row unknown_host(const std::string& sent) {
    return {sent, sent, {}, 421, "unknown_host"};
}

std::string bytes_of(const Heard& heard) {
    auto colon = heard.host.find(':');
    auto port = colon == heard.host.npos ? "80" : heard.host.substr(colon + 1);
    auto bytes = heard.line + " HTTP/1.1\r\nHost: " + heard.host + "\r\n" + heard.passed +
                 "Via: 1.1 {us}\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n" +
                 "X-Forwarded-Host: " + heard.host + "\r\nX-Forwarded-Port: " + port +
                 "\r\nX-Request-Id: {id}\r\n";
    if (!heard.body.empty() || heard.line.starts_with("POST")) {
        bytes += "Content-Length: " + std::to_string(heard.body.size()) + "\r\n";
    }
    return bytes + heard.upgrade + "\r\n" + heard.body;
}

/// Answers each connection once, with the line that it was asked, and keeps every byte of it.
class Monolith {
public:
    std::string url() const { return upstream_.address().text(); }
    std::size_t connections() const { return upstream_.connections(); }

    /// What came on each connection since the last call, in the order in which they began.
    std::vector<std::string> take_heard() {
        REQUIRE(eventually([this] { return ended_ == upstream_.connections(); }));
        std::lock_guard lock(mutex_);
        return std::exchange(heard_, {});
    }

private:
    void answer(ScriptedUpstream::Peer& peer) {
        auto bytes = peer.request();
        std::size_t number = 0;
        {
            std::lock_guard lock(mutex_);
            number = heard_.size();
            heard_.push_back(bytes);
        }
        auto body = bytes.substr(0, bytes.find(" HTTP/"));
        peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " +
                  std::to_string(body.size()) + "\r\n\r\n" + body);
        std::string more;
        for (auto part = peer.receive(); !part.empty(); part = peer.receive()) more += part;
        std::lock_guard lock(mutex_);
        heard_[number] += more;
        ++ended_;
    }

    std::mutex mutex_;
    std::vector<std::string> heard_;
    std::atomic<std::size_t> ended_{0};
    ScriptedUpstream upstream_{{[this](auto& peer) { answer(peer); }}};
};

/// A monolith and a portal before it.
class Stage {
public:
    explicit Stage(const json& settings = json::object()) {
        portal_.configure({{"http", {{"hosts", json::array({"news.example"})}}},
                           {"legacy", {{"upstream", monolith_.url()}, {"body_bytes_max", 1024}}},
                           {"gateway",
                            {{"routes",
                              {{{"name", "sockets"}, {"path", "/ws/{rest...}"}, {"upgrade", true}},
                               {{"name", "streams"}, {"path", "/streams"}, {"buffer", false}}}}}}});
        portal_.configure(settings);
        portal_.start();
        RawClient client(portal_.address());
        client.send(last);
        client.rest();
        static const std::regex via("Via: 1.1 (portal-[0-9a-f]+)\r\n");
        auto heard = monolith_.take_heard();
        std::smatch found;
        REQUIRE(heard.size() == 1);
        REQUIRE(std::regex_search(heard.front(), found, via));
        name_ = found[1];
    }

    RawClient client() const { return RawClient(portal_.address()); }

    /// What the monolith has heard, with what differs from time to time made equal.
    std::vector<std::string> take_heard() {
        static const std::regex id("X-Request-Id: [A-Za-z0-9._-]{1,64}\r\n");
        auto heard = monolith_.take_heard();
        for (auto& bytes : heard) {
            bytes = std::regex_replace(bytes, id, "X-Request-Id: {id}\r\n");
            if (auto at = bytes.find(name_); at != bytes.npos) {
                bytes.replace(at, name_.size(), "{us}");
            }
        }
        return heard;
    }

    /// Each row all at once and byte by byte, and an honest client after it.
    void check(const Rows& rows) {
        for (const auto& row : rows) {
            for (bool at_once : {true, false}) {
                INFO(row.why << (at_once ? "" : ", byte by byte"));
                check(row, at_once);
                check_honest();
            }
        }
    }

    void check_honest() {
        ask_honestly();
        CHECK(take_heard() == std::vector{bytes_of({"GET /plain"})});
    }
    void ask_honestly() const {
        auto honest = client();
        honest.send(asked("GET /plain") + "\r\n");
        auto answer = honest.answer();
        CHECK(status_of(answer) == 200);
        CHECK(body_of(answer) == "GET /plain");
    }
    /// Waits until the monolith has one connection more than before `action`.
    template <class Action>
    void when_connected(Action action) {
        auto before = monolith_.connections();
        action();
        REQUIRE(eventually([&] { return monolith_.connections() > before; }));
    }

private:
    /// All answers, but for 100, up to the end of the connection.
    std::vector<std::string> answers_to(std::string bytes, bool at_once) const {
        if (auto at = bytes.find("{us}"); at != bytes.npos) bytes.replace(at, 4, name_);
        auto hostile = client();
        auto step = at_once ? bytes.size() : 1;
        for (std::size_t i = 0; i < bytes.size(); i += step) {
            if (!hostile.send(std::string_view(bytes).substr(i, step))) break;
        }
        std::vector<std::string> answers;
        for (auto answer = hostile.answer(); !answer.empty(); answer = hostile.answer()) {
            if (status_of(answer) != 100) answers.push_back(answer);
        }
        return answers;
    }

    void check(const Row& row, bool at_once) {
        auto answers = answers_to(row.sent + last, at_once);
        auto expected = row.heard;
        auto its_own = expected.size() + (row.status == 0 ? 0 : 1);
        REQUIRE(answers.size() >= its_own);
        if (row.status != 0) {
            const auto& refusal = answers[its_own - 1];
            CHECK(status_of(refusal) == row.status);
            auto body = json::parse(body_of(refusal), nullptr, false);
            CHECK((body.is_object() ? body.value("error", "") : "") == row.code);
        }
        // Whoever is told that the connection ends is heard no more, and else goes on; and after
        // what might have two ends, it ends.
        bool ends = field_of(answers[its_own - 1], "Connection") == "close";
        static const std::set<std::string> clear = {"", "not_found", "unknown_host",
                                                    "upstream_circle"};
        CHECK((ends || clear.contains(row.code)));
        if (!ends) expected.push_back({"GET /last"});
        REQUIRE(answers.size() == its_own + (ends ? 0 : 1));
        std::vector<std::string> to_be_heard;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            to_be_heard.push_back(bytes_of(expected[i]));
            const auto& answer = i < row.heard.size() ? answers[i] : answers.back();
            CHECK(status_of(answer) == 200);
            CHECK(body_of(answer) == expected[i].line);
        }
        CHECK(take_heard() == to_be_heard);
    }

    Monolith monolith_;
    PortalProcess portal_;
    std::string name_;
};

std::string repeated(std::string all, const std::string& part, int times) {
    for (int i = 0; i < times; ++i) all += part;
    return all;
}

Rows lengths() {
    const auto body = "\r\n\r\n0\r\n\r\n" + smuggled;
    const auto length = post + "Content-Length: 5\r\n";
    Rows rows = {
        malformed("both, length first", length + "Transfer-Encoding: chunked" + body),
        malformed("both", post + "Transfer-Encoding: chunked\r\nContent-Length: 5" + body),
        malformed("two lengths", length + "Content-Length: 0" + body),
        malformed("one length twice", length + "content-length: 5" + body),
        malformed("two codings",
                  post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked" + body),
        malformed("chunked in HTTP/1.0", old("POST /a") + "Transfer-Encoding: chunked" + body),
        {"a coding before it",
         post + "Transfer-Encoding: gzip, chunked" + body,
         {},
         501,
         "unsupported_transfer_encoding"},
        {"names that a monolith may take for them",
         length + "Content_Length: 60\r\nTransfer_Encoding: chunked\r\n\r\nhello",
         {{"POST /a", "", "hello"}}},
        {"blanks and cases",
         post + "tRANSFER-encoding: \t cHuNkEd\t\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
         {{"POST /a", "", "hello"}}},
        {"a request as the content of a GET",
         get + "Content-Length: " + std::to_string(smuggled.size()) + "\r\n\r\n" + smuggled,
         {{"GET /a", "", smuggled}}},
        {"two", length + "\r\nhello" + get + "\r\n", {{"POST /a", "", "hello"}, {"GET /a"}}},
        {"no request after it",
         length + "\r\nhelloX\r\n\r\n",
         {{"POST /a", "", "hello"}},
         400,
         "malformed_request"},
        {"one after the end", get + "Connection: close\r\n\r\n" + smuggled, {{"GET /a"}}},
        too_large("said", post + "Content-Length: 1025\r\n\r\n"),
    };
    for (const auto* bad :
         {"", "+5", "-5", "0x5", "5_0", "5 5", "5, 5", "5;", "9223372036854775808"}) {
        rows.push_back(malformed(bad, post + "Content-Length: " + bad + "\r\n\r\nhello"));
    }
    for (const auto* bad : {": xchunked", ": identity", ": chunked, identity", ": chunked, chunked",
                            " : chunked", ":\x0b chunked", ": \"chunked\"", ":\r\n chunked",
                            ": chunked;q=1", ":", ": chunked\n", "\r: chunked"}) {
        rows.push_back(malformed(bad, post + "Transfer-Encoding" + bad + body));
    }
    return rows;
}

Rows chunked() {
    Rows rows = {
        {"extensions and a trailer",
         chunks + "5;evil=1;b=\"2\"\r\nhello\r\n0;evil\r\nX-Real-IP: evil\r\nHost: evil\r\n\r\n",
         {{"POST /a", "", "hello"}}},
        {"two", chunks + "0\r\n\r\n" + get + "\r\n", {{"POST /a"}, {"GET /a"}}},
        too_large("a chunk", chunks + "ffffffff\r\n"),
        too_large("a size that overflows", chunks + "10000000000000005\r\nhello\r\n0\r\n\r\n"),
        too_large("together", chunks + "400\r\n" + std::string(1024, 'x') + "\r\n1\r\nx"),
        malformed("an endless extension", chunks + "5;" + std::string(300, 'a')),
        malformed("an endless trailer", chunks + "0\r\nX: " + std::string(5000, 'a')),
    };
    for (const auto* bad :
         {"-5\r\nhello", "+5\r\nhello", "0x5\r\nhello", " 5\r\nhello", "5 \r\nhello", "5\nhello",
          "5\rhello", "\r\nhello", "g\r\n", "5\r\nhello0", "5\r\nhello\n0", "5\r\nhell\r\n0",
          "00000000000000005\r\nhello", "5 ;a=1\r\nhello", "5;a=\"\r\n", "0\r\nX: a\n\r\n",
          "0\r\nX y: a\r\n", "0\r\n X: a\r\n", "0\r\nX: a\r\n b\r\n"}) {
        rows.push_back(malformed(bad, chunks + bad + "\r\n0\r\n\r\n" + smuggled));
    }
    return rows;
}

Rows fields() {
    const auto ranges = repeated("Range: bytes=0-", ",0-", 1000) + "\r\n";
    Rows rows = {
        {"many ranges are the monolith's to judge", get + ranges + "\r\n", {{"GET /a", ranges}}},
        {"no ASCII", get + "X: caf\xc3\xa9\xff\r\n\r\n", {{"GET /a", "X: caf\xc3\xa9\xff\r\n"}}},
        {"1000", repeated(get, "X: a\r\n", 1000) + "\r\n", {}, 431, "too_many_fields"},
        {"long", get + "X: " + std::string(20000, 'a') + "\r\n\r\n", {}, 431, "fields_too_large"},
        malformed("folded before the first", "GET /a HTTP/1.1\r\n Host: news.example\r\n\r\n"),
    };
    for (const auto& bad :
         {"X: a\r\n Content-Length: 5"s, "X: a\nContent-Length: 5"s, "X: a\n\n" + smuggled,
          "X: a\rContent-Length: 5"s, "X: a\0b"s, "X\0: a"s, "X\x01: a"s, ": a"s, "X"s, "X : a"s,
          "X\xc3: a"s, "X/Y: a"s, "Connection: a b"s, "Host: evil"s}) {
        rows.push_back(malformed(bad, get + bad + "\r\n\r\n"));
    }
    // What only we say, what belongs to one hop, and what a monolith takes for one of these.
    for (const auto* line :
         {"X-Forwarded-For: evil",
          "x-forwarded-for: evil\r\nX-FORWARDED-FOR: evil",
          "X-Forwarded-Proto: https",
          "X-Forwarded-Host: evil",
          "X-Forwarded-Port: 443",
          "X-Forwarded-Server: evil",
          "X-Forwarded-User: evil",
          "X-Forwarded-Prefix: /evil",
          "Forwarded: for=evil;proto=https",
          "X-Real-IP: evil",
          "X_Forwarded_For: evil",
          "X-Forwarded_Proto: https",
          "X-Real_IP: evil",
          "REMOTE_USER: evil",
          "Remote-User: evil",
          "X_Request_Id: evil",
          "_: evil",
          "SCRIPT_NAME: /evil",
          "PATH_INFO: /evil",
          "HTTP_HOST: evil",
          "X-Request-Id: evil id",
          "X-Request-Id: a\r\nX-Request-Id: b",
          "X-Portal-Shadow: 1",
          "X-Portal-Actor: evil",
          "X-Original-URL: /evil",
          "X-Rewrite-URL: /evil",
          "Proxy: http://evil",
          "Proxy-Authorization: Basic ZXZpbA==",
          "Proxy-Connection: keep-alive",
          "Keep-Alive: timeout=5",
          "TE: trailers",
          "Trailer: X-Forwarded-For",
          "Connection: Host, Via",
          "Connection: X-Forwarded-For, X-Forwarded-Proto, X-Request-Id",
          "Connection: Cookie\r\nCookie: a=b",
          "Cookie: a=b\r\nConnection: keep-alive, COOKIE",
          "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
          "Connection: upgrade\r\nUpgrade: websocket",
          "Connection: close\r\nX-Real-IP: evil",
          "Expect: 100-continue"}) {
        rows.push_back({line, get + line + "\r\n\r\n", {{"GET /a"}}});
    }
    return rows;
}

Rows protocols() {
    const std::string length = "Content-Length: 5\r\n";
    const std::string socket = "Connection: upgrade\r\nUpgrade: websocket\r\n";
    const std::string version = "Sec-WebSocket-Version: 99\r\n";
    const std::string waits = "Expect: 100-continue\r\n";
    const std::vector<Heard> hello = {{"POST /a", "", "hello"}};
    return {
        {"100-continue", post + waits + length + "\r\nhello", hello},
        {"100-continue in HTTP/1.0", old("POST /a") + waits + length + "\r\nhello", hello},
        too_large("100-continue", post + waits + "Content-Length: 2000\r\n\r\n"),
        {"Expect", post + "Expect: evil\r\n" + length + "\r\nhello", {}, 417, "expectation_failed"},
        {"two", post + "Expect: 100-continue, evil\r\n\r\n", {}, 417, "expectation_failed"},
        {"a websocket that the monolith does not want",
         asked("GET /ws/a") + version + "Connection: upgrade\r\nUpgrade: h2c, websocket\r\n\r\n",
         {{"GET /ws/a", version, "", "news.example", socket}}},
        {"h2c where websockets may be",
         asked("GET /ws/a") + "Connection: upgrade\r\nUpgrade: h2c\r\n\r\n",
         {{"GET /ws/a"}}},
        {"a websocket with content",
         asked("GET /ws/a") + socket + length + "\r\nhello",
         {{"GET /ws/a", "", "hello"}}},
        {"by POST",
         asked("POST /ws/a") + socket + length + "\r\nhello",
         {{"POST /ws/a", "", "hello"}}},
        {"in HTTP/1.0", old("GET /ws/a") + socket + "\r\n", {{"GET /ws/a"}}},
        {"back again", get + "Via: 1.0 b, 1.1 {us}\r\n\r\n", {}, 508, "upstream_circle"},
        {"hidden", get + "Via: 1.1 {us}\r\nConnection: Via\r\n\r\n", {}, 508, "upstream_circle"},
        {"another way", get + "Via: 1.0 b\r\n\r\n", {{"GET /a", "Via: 1.0 b\r\n"}}},
        {"no further", asked("OPTIONS /a") + "Max-Forwards: 0\r\n\r\n", {}, 204},
        {"one further",
         asked("OPTIONS /a") + "Max-Forwards: 1\r\n\r\n",
         {{"OPTIONS /a", "Max-Forwards: 0\r\n"}}},
        {"for us", asked("OPTIONS *") + "\r\n", {}, 204},
        {"TRACE", asked("TRACE /a") + "\r\n", {}, 405, "method_not_allowed"},
        {"CONNECT", asked("CONNECT b:443") + "\r\n" + smuggled, {}, 405, "method_not_allowed"},
        {"unknown", asked("EVIL /a") + "\r\n", {}, 501, "unknown_method"},
        {"lower case", asked("get /a") + "\r\n", {}, 501, "unknown_method"},
        {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {}, 505, "unsupported_version"},
        {"HTTP/1.2", "GET /a HTTP/1.2\r\n\r\n", {}, 505, "unsupported_version"},
        {"an empty line before", "\r\n" + get + "\r\n", {{"GET /a"}}},
        malformed("two", "\r\n\r\n" + get + "\r\n"),
        malformed("a bare line feed", "GET /a HTTP/1.1\nHost: news.example\r\n\r\n"),
        malformed("HTTP/0.9", "GET /a\r\n"),
        malformed("a word more", asked("GET /a evil") + "\r\n"),
    };
}

Rows hosts_and_targets() {
    const auto target = repeated("GET /", "a", 8000);
    Rows rows = {
        malformed("no Host", "GET /a HTTP/1.1\r\n\r\n"),
        unknown_host("GET /a HTTP/1.0\r\n\r\n"),
        unknown_host(asked("GET http://evil/a") + "\r\n"),
        {"HTTP/1.0", old("GET /a") + "\r\n", {{"GET /a"}}},
        {"a port",
         asked("GET /a", "news.example:81") + "\r\n",
         {{"GET /a", "", "", "news.example:81"}}},
        {"whole", asked("GET http://news.example/a?b", "evil") + "\r\n", {{"GET /a?b"}}},
        {"no path", asked("GET http://news.example?b") + "\r\n", {{"GET /?b"}}},
        {"long", asked(target) + "\r\n", {{target}}},
        {"longer", asked(repeated("GET /", "a", 9000)) + "\r\n", {}, 414, "target_too_long"},
        {"ours, then not", asked("GET /v1/../evil") + "\r\n", {}, 404, "not_found"},
        {"encoded", asked("GET /v1/%2e%2e%2fevil") + "\r\n", {}, 404, "not_found"},
    };
    for (const auto* host :
         {"", "evil@news.example", "news.example@evil", "news.example, evil", "news.example/evil",
          "news.example:80:80", "news.example evil", "news.example:65536", "[::1", "evil#"}) {
        rows.push_back(malformed(host, asked("GET /a", host) + "\r\n"));
    }
    for (const auto* host :
         {"evil", "news.example.evil", "xnews.example", "news.example.", "[::1]"}) {
        rows.push_back(unknown_host(asked("GET /a", host) + "\r\n"));
    }
    // What may be read in two ways has one owner, who gets it as it came.
    for (const auto* path :
         {"/a/../evil", "/a/%2e%2e/evil", "//evil/a", "/a//b", "/a%2fb", "/a%5cb", "/a\\b",
          "/a;b=1", "/%76%31/news/all", "/ws/../a", "/a?b=//evil/../;", "/a?%2f..%2f"}) {
        rows.push_back({path, asked("GET "s + path) + "\r\n", {{"GET "s + path}}});
    }
    for (const auto* path :
         {"/%00", "/a%0d%0aX:evil", "/\xc3\xa9", "/#evil", "/%c0%af", "/%zz", "/\x7f", "/a\tb", "a",
          "*", "http://evil@news.example/a", "http:///a", "ftp://news.example/a", "/%ff"}) {
        rows.push_back(malformed(path, asked("GET "s + path) + "\r\n"));
    }
    return rows;
}

}  // namespace

TEST_CASE("a message whose end may be read in two ways never reaches the monolith", "[system]") {
    Stage stage;
    stage.check(lengths());
    stage.check(chunked());
}

TEST_CASE("whatever a client says of itself or of its hop, the monolith hears it from us",
          "[system]") {
    Stage stage;
    stage.check(fields());
    stage.check(protocols());
}

TEST_CASE("the monolith hears the target as it came, for a host of the list, or nothing",
          "[system]") {
    Stage stage;
    stage.check(hosts_and_targets());
}

TEST_CASE("a client that does not finish its request is heard by nobody", "[system]") {
    Stage stage(json{{"http", {{"header_timeout_ms", 1000}, {"body_grace_ms", 1000}}}});
    const std::vector<std::string> unfinished = {"GET /a HT", get,
                                                 post + "Content-Length: 100\r\n\r\nhalf",
                                                 chunks + "5\r\nhello\r\n", chunks + "5\r\nhel"};
    std::vector<RawClient> waiting;
    for (const auto& sent : unfinished) {
        // One that waits, one that leaves, and one that says that no more will come.
        waiting.push_back(stage.client());
        waiting.back().send(sent);
        { stage.client().send(sent); }
        auto half_closed = stage.client();
        half_closed.send(sent);
        half_closed.finish_sending();
        CHECK(half_closed.ended());
        stage.check_honest();
    }
    for (auto& client : waiting) {
        auto answer = client.answer();
        CHECK(status_of(answer) == 408);
        CHECK(json::parse(body_of(answer)).at("error") == "request_timeout");
        CHECK(client.ended());
    }
    stage.check_honest();
}

TEST_CASE("a client that closes its half after a request has asked it once, or not at all",
          "[system]") {
    Stage stage;
    auto of_client = bytes_of({"GET /a"});
    std::size_t answered = 0;
    for (int i = 0; i < 20; ++i) {
        auto client = stage.client();
        client.send(get + "\r\n");
        client.finish_sending();
        auto answer = client.rest();
        CHECK((status_of(answer) == 200 || status_of(answer) == 503));
        if (status_of(answer) == 200) ++answered;
        stage.ask_honestly();
    }
    std::size_t heard = 0;
    for (const auto& bytes : stage.take_heard()) {
        if (bytes == of_client) ++heard;
        // A connection may have been opened for nothing.
        CHECK((bytes.empty() || bytes == of_client || bytes == bytes_of({"GET /plain"})));
    }
    CHECK(heard >= answered);
    CHECK(heard <= 20);
}

TEST_CASE("what is passed on as it comes and does not end well has no end for the monolith",
          "[system]") {
    Stage stage;
    // Given a body in chunks of which the first is on its way.
    for (const auto* bad : {"-5\r\n", "0\n\r\n", "0\r\nX: a\n\r\n", "fffffff\r\n"}) {
        INFO(bad);
        auto hostile = stage.client();
        auto begun = asked("POST /streams") + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
        stage.when_connected([&] { hostile.send(begun); });

        hostile.send(bad + smuggled + last);

        CHECK(status_of(hostile.answer()) >= 400);
        CHECK(hostile.ended());
        auto heard = stage.take_heard();
        REQUIRE(heard.size() == 1);
        CHECK(heard.front().starts_with("POST /streams HTTP/1.1\r\n"));
        CHECK(heard.front().find("\r\n0\r\n") == std::string::npos);
        CHECK(heard.front().find("evil") == std::string::npos);
        stage.check_honest();
    }
    // Or somebody who leaves in the middle.
    auto leaving = std::make_optional(stage.client());
    stage.when_connected(
        [&] { leaving->send(asked("POST /streams") + "Content-Length: 100\r\n\r\nhalf"); });

    leaving.reset();

    auto heard = stage.take_heard();
    REQUIRE(heard.size() == 1);
    auto whole = bytes_of({"POST /streams", "", "half"});
    whole.replace(whole.find("Content-Length: 4"), 17, "Content-Length: 100");
    CHECK(whole.starts_with(heard.front()));
    stage.check_honest();
}
