// What the monolith hears of a client's head.
#include "http/in_process.hpp"
#include "proxy_head.hpp"
#include "support/catch.hpp"

namespace {

using legacy::Fields;
using Line = std::pair<std::string, std::string>;

/// A request that has these field lines.
struct Asked {
    explicit Asked(Fields lines, http::Method method = http::Method::get)
        : fields(std::move(lines)) {
        request.method = method;
        request.peer = "203.0.113.7";
        request.context.request_id = "id-1";
        for (const auto& [name, value] : fields) request.fields.push_back({name, value});
    }
    const Fields fields;
    http::Request request;
};

const legacy::HeadRules rules{"portal-0123", {"Remote-User", "Client-Cert"}};

/// All values of a name as it is written, joined by `|`.
std::string all_of(const Fields& fields, const std::string& name) {
    std::string all;
    for (const auto& [its, value] : fields) {
        if (its == name) all += (all.empty() ? "" : "|") + value;
    }
    return all;
}

bool has_name(const Fields& fields, const std::string& lower) {
    for (const auto& [name, value] : fields) {
        std::string its = name;
        for (char& c : its) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if (its == lower) return true;
    }
    return false;
}

const Fields ours = {{"Via", "1.1 portal-0123"},    {"X-Forwarded-For", "203.0.113.7"},
                     {"X-Forwarded-Proto", "http"}, {"X-Forwarded-Host", "news.example:8080"},
                     {"X-Forwarded-Port", "8080"},  {"X-Request-Id", "id-1"}};

Fields and_ours(Fields fields) {
    fields.insert(fields.end(), ours.begin(), ours.end());
    return fields;
}

}  // namespace

TEST_CASE("what is between a client and the monolith goes byte for byte, in its order",
          "[legacy]") {
    Fields lines = {{"Host", "news.example:8080"},
                    {"Origin", "http://news.example:8080"},
                    {"REFERER", "http://news.example:8080/admin/?next=%2F"},
                    {"Cookie", "csrftoken=a; sessionid=\"b c\""},
                    {"Cookie", "second=1"},
                    {"X-CSRFToken", "a"},
                    {"Authorization", "Token abc"},
                    {"Accept-Encoding", "gzip, br"},
                    {"Range", "bytes=0-9"},
                    {"If-None-Match", "W/\"x\""},
                    {"Content-Type", "multipart/form-data; boundary=x"},
                    {"Sec-WebSocket-Key", "dGhl"},
                    {"Upgrade-Insecure-Requests", "1"},
                    {"X-Empty", ""}};
    Asked asked(lines);
    CHECK(legacy::forwarded_fields(asked.request, rules) == and_ours(lines));
}

TEST_CASE("a hostile client says nothing that only we may say", "[legacy]") {
    // Given field lines that mean something to one hop, to framing, or to whoever believes us.
    const std::vector<Fields> hostile = {
        {{"Connection", "close"}},
        {{"Connection", "keep-alive, Keep-Alive"}, {"Keep-Alive", "timeout=5"}},
        {{"Connection", "X-Secret, x-other"}, {"X-Secret", "1"}, {"X-Other", "2"}},
        {{"connection", "a,b"}, {"CONNECTION", "x-last"}, {"X-Last", "1"}},
        // Nobody takes out what we add, nor the name of the site.
        {{"Connection", "X-Forwarded-For, X-Forwarded-Proto, X-Request-Id, Via, Host"}},
        {{"Keep-Alive", "timeout=5"}},
        {{"TE", "trailers"}},
        {{"Trailer", "X-Checksum"}},
        {{"Transfer-Encoding", "chunked"}},
        {{"Content-Length", "5"}},
        {{"Expect", "100-continue"}},
        {{"Upgrade", "h2c"}, {"HTTP2-Settings", "AAMAAABkAAQAAP__"}},
        {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}},
        {{"Proxy-Connection", "keep-alive"}},
        {{"Proxy-Authorization", "Basic eDp5"}},
        {{"Proxy", "http://evil.example"}},
        {{"X-Forwarded-For", "127.0.0.1"}},
        {{"x-forwarded-for", "127.0.0.1"}, {"X-FORWARDED-FOR", "10.0.0.1"}},
        {{"X-Forwarded-Proto", "https"}},
        {{"X-Forwarded-Protocol", "ssl"}},
        {{"X-Forwarded-Ssl", "on"}},
        {{"X-Forwarded-Host", "evil.example"}},
        {{"X-Forwarded-Port", "443"}},
        {{"X-Forwarded-Server", "evil"}},
        {{"X-Forwarded-Prefix", "/admin"}},
        {{"X-Forwarded-User", "admin"}},
        {{"Forwarded", "for=127.0.0.1;proto=https"}},
        {{"X-Real-IP", "127.0.0.1"}},
        {{"X-Request-Id", "of the client"}},
        {{"X-Portal-Shadow", "1"}},
        {{"X-Portal-Actor", "1"}},
        {{"Remote-User", "admin"}},
        {{"remote-user", "admin"}},
        {{"Client-Cert", ":AAAA:"}},
        // A WSGI server takes these for the names with a hyphen.
        {{"X_Forwarded_Proto", "https"}},
        {{"X_Forwarded-For", "127.0.0.1"}},
        {{"Remote_User", "admin"}},
        {{"Content_Length", "5"}},
        {{"SCRIPT_NAME", "/admin"}},
        {{"PATH_INFO", "/admin"}},
        {{"wsgi_url_scheme", "https"}},
        {{"_", "1"}},
    };
    for (const auto& lines : hostile) {
        Fields all = {{"Host", "news.example:8080"}};
        all.insert(all.end(), lines.begin(), lines.end());
        all.emplace_back("Cookie", "a=b");
        Asked asked(all);
        INFO(lines.front().first << ": " << lines.front().second);
        // Then none of it is passed on, and all of ours is.
        CHECK(legacy::forwarded_fields(asked.request, rules) ==
              and_ours({{"Host", "news.example:8080"}, {"Cookie", "a=b"}}));
    }
}

TEST_CASE("the monolith hears how its client has asked", "[legacy]") {
    struct Case {
        std::string host;
        bool secure;
        std::string proto;
        std::string port;
    };
    const std::vector<Case> cases = {
        {"news.example", false, "http", "80"},        {"news.example", true, "https", "443"},
        {"news.example:8443", true, "https", "8443"}, {"[2001:db8::1]", false, "http", "80"},
        {"[2001:db8::1]:81", false, "http", "81"},    {"news.example:", true, "https", "443"}};
    for (const auto& one : cases) {
        Asked asked(Fields{{"Host", one.host}});
        asked.request.secure = one.secure;
        auto fields = legacy::forwarded_fields(asked.request, rules);
        CHECK(all_of(fields, "Host") == one.host);
        CHECK(all_of(fields, "X-Forwarded-Host") == one.host);
        CHECK(all_of(fields, "X-Forwarded-Proto") == one.proto);
        CHECK(all_of(fields, "X-Forwarded-Port") == one.port);
    }
    // Who comes through a unix socket has no address, and who speaks HTTP/1.0 perhaps no host.
    Asked nobody(Fields{});
    nobody.request.peer.clear();
    auto fields = legacy::forwarded_fields(nobody.request, rules);
    CHECK(!has_name(fields, "x-forwarded-for"));
    CHECK(!has_name(fields, "x-forwarded-host"));
    CHECK(!has_name(fields, "x-forwarded-port"));
}

TEST_CASE("a request that has been here before is known by its Via", "[legacy]") {
    const std::vector<std::pair<Fields, bool>> cases = {
        {{}, false},
        {{{"Via", "1.1 portal-4567"}}, false},
        {{{"Via", "1.1 portal-0123"}}, true},
        {{{"via", "1.0 cdn.example (fast), HTTP/1.1 PORTAL-0123 (us) , 1.1 other"}}, true},
        {{{"Via", "1.1 a"}, {"Via", "1.1 portal-0123"}}, true},
        {{{"Via", "1.1 portal-01234"}}, false},
        {{{"Via", "portal-0123"}}, false},
        {{{"X-Via", "1.1 portal-0123"}}, false}};
    for (const auto& [lines, passed] : cases) {
        Asked asked(lines);
        CHECK(legacy::has_passed(asked.request, rules) == passed);
    }
    // The way that it has come is told to whoever comes next.
    Asked asked(Fields{{"Via", "1.0 cdn.example"}});
    CHECK(all_of(legacy::forwarded_fields(asked.request, rules), "Via") ==
          "1.0 cdn.example|1.1 portal-0123");
}

TEST_CASE("Max-Forwards counts down, for OPTIONS alone", "[legacy]") {
    auto left = [](const std::string& value, http::Method method) {
        Asked asked(Fields{{"Max-Forwards", value}}, method);
        return legacy::forwards_left(asked.request);
    };
    CHECK(left("0", http::Method::options) == 0);
    CHECK(left("7", http::Method::options) == 7);
    CHECK(!left("7", http::Method::get));
    CHECK(!left("-1", http::Method::options));
    CHECK(!left("1 ", http::Method::options));
    CHECK(!left("99999999999999999999", http::Method::options));
    Asked asked(Fields{{"Max-Forwards", "7"}}, http::Method::options);
    CHECK(all_of(legacy::forwarded_fields(asked.request, rules), "Max-Forwards") == "6");
    Asked get(Fields{{"Max-Forwards", "7"}});
    CHECK(all_of(legacy::forwarded_fields(get.request, rules), "Max-Forwards") == "7");
}

TEST_CASE("a question of our own is for the whole thing, and says that it is ours", "[legacy]") {
    Asked asked(Fields{{"Host", "news.example"},
                       {"Accept-Encoding", "gzip"},
                       {"If-None-Match", "\"a\""},
                       {"Range", "bytes=0-1"},
                       {"Cookie", "a=b"}});
    http::RequestCopy copy(asked.request);
    auto fields = legacy::repeated_fields(copy.request(0, base::Deadline()), rules);
    CHECK(all_of(fields, "Accept-Encoding") == "identity");
    CHECK(all_of(fields, "X-Portal-Shadow") == "1");
    CHECK(all_of(fields, "Cookie") == "a=b");
    for (const char* gone : {"if-none-match", "range"}) CHECK(!has_name(fields, gone));
}

TEST_CASE("an answer says itself whether it may be kept back", "[legacy]") {
    const std::vector<std::pair<Line, bool>> cases = {
        {{"Content-Type", "text/event-stream"}, true},
        {{"content-type", "Text/Event-Stream; charset=utf-8"}, true},
        {{"X-Accel-Buffering", "no"}, true},
        {{"x-accel-buffering", " NO "}, true},
        {{"X-Accel-Buffering", "yes"}, false},
        {{"Content-Type", "text/event-streams"}, false},
        {{"Content-Type", "text/html"}, false}};
    for (const auto& [line, unbuffered] : cases) {
        CHECK(legacy::wants_no_buffer({{"Server", "x"}, line}) == unbuffered);
    }
    CHECK(legacy::length_said({{"Content-length", "17"}}) == 17u);
    CHECK(!legacy::length_said({{"Content-Type", "17"}}));
}

TEST_CASE("a request that is traced goes on as a part of its trace", "[legacy]") {
    const std::string said = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    auto trace = *base::parse_traceparent(said);
    auto part = trace;
    part.span = 7;
    const std::string told = "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000007-01";
    const Fields lines = {{"Host", "a"}, {"TraceParent", said}, {"tracestate", "rojo=1"}};

    // Where traces are off it is nobody's business here.
    CHECK(has_name(legacy::forwarded_fields(Asked(lines).request, rules), "tracestate"));
    CHECK(all_of(legacy::forwarded_fields(Asked(lines).request, rules), "TraceParent") == said);

    auto fields = legacy::forwarded_fields(Asked(lines).request, rules, part);
    CHECK(all_of(fields, "traceparent") == told);
    CHECK(all_of(fields, "TraceParent").empty());
    CHECK(all_of(fields, "tracestate") == "rojo=1");

    // State belongs to the trace that was named, and to no other.
    const Fields broken = {{"Host", "a"}, {"traceparent", said + "0"}, {"tracestate", "rojo=1"}};
    fields = legacy::forwarded_fields(Asked(broken).request, rules, part);
    CHECK(all_of(fields, "traceparent") == told);
    CHECK_FALSE(has_name(fields, "tracestate"));
    const Fields bad_state = {{"Host", "a"}, {"traceparent", said}, {"tracestate", "rojo"}};
    CHECK_FALSE(
        has_name(legacy::forwarded_fields(Asked(bad_state).request, rules, part), "tracestate"));
}
