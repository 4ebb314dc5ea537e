// The steps that each request passes, each by itself.
#include <algorithm>
#include <fstream>

#include "client_service.hpp"
#include "config/reader.hpp"
#include "cors_service.hpp"
#include "crowd_sign.hpp"
#include "origin.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "telemetry/log.hpp"
#include "throttle_service.hpp"

using gateway::Config;
using http::Method;
using http::Request;

namespace {

Request asking(std::string peer, std::vector<Request::Field> fields = {},
               Method method = Method::get) {
    Request request;
    request.method = method;
    request.target = "/v1/news/all/1/10";
    request.peer = std::move(peer);
    request.fields = std::move(fields);
    return request;
}

bool has(const std::string& lines, const std::string& line) {
    return lines.find(line + "\r\n") != std::string::npos;
}

Config throttled(gateway::Limits read) {
    Config config;
    config.throttle.read = read;
    return config;
}

}  // namespace

TEST_CASE("open mode lifts the limits of registration and login as delivered, and no others") {
    Config config;
    config.throttle.read = {7, 0, 0, 0};
    config.throttle.login = {0, 3, 0, 0};
    auto open = gateway::for_open_mode(config);
    CHECK(open.throttle.registration == gateway::Limits{});
    CHECK(open.throttle.login == config.throttle.login);
    CHECK(open.throttle.read == config.throttle.read);
}

TEST_CASE("only a trusted proxy may say whether its client spoke TLS") {
    gateway::ClientService service({"10.0.0.0/8"});
    auto secure = [&](const char* peer, bool tls, const char* said) {
        auto request = asking(peer, {{"X-Forwarded-Proto", said}});
        request.secure = tls;
        service.before(request);
        return request.secure;
    };
    CHECK(secure("10.0.0.1", false, "https"));
    CHECK_FALSE(secure("10.0.0.1", true, "http"));
    CHECK(secure("10.0.0.1", true, "gopher"));
    CHECK_FALSE(secure("203.0.113.9", false, "https"));
    CHECK(secure("203.0.113.9", true, "http"));
    CHECK(secure("", false, "https"));
}

TEST_CASE("where another server answers, it alone says whose pages may read that") {
    Config config;
    config.cors.origins = {"https://www.example.org"};
    gateway::CorsService service(config);
    auto request =
        asking("203.0.113.9",
               {{"Origin", "https://www.example.org"}, {"Access-Control-Request-Method", "PUT"}},
               Method::options);
    request.elsewhere = true;
    CHECK_FALSE(service.before(request));
    CHECK(request.answer_lines.empty());
}

TEST_CASE("only a trusted proxy may say who the client is") {
    gateway::ClientService service({"10.0.0.0/8", "2001:db8::1"});
    struct Case {
        const char* peer;
        std::vector<Request::Field> fields;
        const char* client;
    };
    const Case cases[] = {
        {"203.0.113.9", {{"X-Forwarded-For", "198.51.100.1"}}, "203.0.113.9"},
        {"10.0.0.1", {}, "10.0.0.1"},
        {"10.0.0.1", {{"X-Forwarded-For", "198.51.100.1"}}, "198.51.100.1"},
        {"10.0.0.1", {{"x-FORWARDED-for", "198.51.100.1"}}, "198.51.100.1"},
        {"2001:db8::1", {{"X-Forwarded-For", "198.51.100.1"}}, "198.51.100.1"},
        // What the client wrote itself stands before what the proxy has added.
        {"10.0.0.1", {{"X-Forwarded-For", "127.0.0.1, 198.51.100.1"}}, "198.51.100.1"},
        {"10.0.0.1", {{"X-Forwarded-For", "1.2.3.4, 198.51.100.1, 10.9.9.9"}}, "198.51.100.1"},
        {"10.0.0.1",
         {{"X-Forwarded-For", "1.2.3.4"}, {"X-Forwarded-For", "198.51.100.1"}},
         "198.51.100.1"},
        {"10.0.0.1", {{"X-Forwarded-For", "10.1.1.1, 10.2.2.2"}}, "10.1.1.1"},
        {"10.0.0.1", {{"X-Forwarded-For", "198.51.100.1:4711"}}, "198.51.100.1"},
        {"10.0.0.1", {{"X-Forwarded-For", "[2001:db8::7]:4711"}}, "2001:db8::7"},
        {"10.0.0.1", {{"X-Forwarded-For", "unknown"}}, "10.0.0.1"},
        {"10.0.0.1", {{"X-Forwarded-For", "198.51.100.1, unknown"}}, "10.0.0.1"},
        {"10.0.0.1", {{"X-Forwarded-For", ""}}, "10.0.0.1"},
        {"10.0.0.1", {{"X-Forwarded-For", ",,"}}, "10.0.0.1"},
        {"::ffff:10.0.0.1", {{"X-Forwarded-For", "unknown"}}, "::ffff:10.0.0.1"},
        {"10.0.0.1",
         {{"X-Forwarded-For", "198.51.100.1"}, {"X-Forwarded-For", ",10.1.1.1"}},
         "10.1.1.1"},
        {"10.0.0.1", {{"X_Forwarded_For", "198.51.100.1"}}, "10.0.0.1"},
        {"10.0.0.1",
         {{"X-Real-IP", "198.51.100.1"}, {"Forwarded", "for=198.51.100.1"}},
         "10.0.0.1"},
        {"", {{"X-Forwarded-For", "198.51.100.1"}}, "198.51.100.1"},
    };
    for (const auto& one : cases) {
        INFO(one.peer << " " << (one.fields.empty() ? "" : one.fields[0].value));
        auto request = asking(one.peer, one.fields);
        CHECK_FALSE(service.before(request));
        CHECK(request.peer == one.client);
    }
}

TEST_CASE("without trusted proxies nobody's word counts, but that of a unix socket's client") {
    gateway::ClientService service({});
    auto request = asking("127.0.0.1", {{"X-Forwarded-For", "198.51.100.1"}});
    CHECK_FALSE(service.before(request));
    CHECK(request.peer == "127.0.0.1");
    request = asking("", {{"X-Forwarded-For", "198.51.100.1"}});
    CHECK_FALSE(service.before(request));
    CHECK(request.peer == "198.51.100.1");
}

TEST_CASE("only the origins of the list are told that they may read") {
    Config config;
    config.cors.origins = {"https://www.example.org", "http://localhost:3000"};
    config.cors.credentials = true;
    gateway::CorsService service(config);

    auto known = asking("", {{"Origin", "https://www.example.org"}});
    CHECK_FALSE(service.before(known));
    CHECK(has(known.answer_lines, "Vary: Origin"));
    CHECK(has(known.answer_lines, "Access-Control-Allow-Origin: https://www.example.org"));
    CHECK(has(known.answer_lines, "Access-Control-Allow-Credentials: true"));
    CHECK(known.answer_lines.find("Access-Control-Expose-Headers: ETag") != std::string::npos);
    CHECK(known.answer_lines.size() <= Request::answer_lines_max);

    for (const char* other :
         {"https://example.org", "https://www.example.org.evil.test", "http://www.example.org",
          "https://www.example.org:443", "https://www.example.org/", "HTTPS://WWW.EXAMPLE.ORG",
          "null", "*", ""}) {
        INFO(other);
        for (auto method : {Method::get, Method::options}) {
            auto request =
                asking("", {{"Origin", other}, {"Access-Control-Request-Method", "GET"}}, method);
            CHECK_FALSE(service.before(request));
            CHECK(request.answer_lines == "Vary: Origin\r\n");
        }
    }
    auto none = asking("");
    CHECK_FALSE(service.before(none));
    CHECK(none.answer_lines == "Vary: Origin\r\n");
}

TEST_CASE("a preflight is answered, a plain OPTIONS is not") {
    Config config;
    config.cors.origins = {"https://www.example.org"};
    gateway::CorsService service(config);
    std::vector<Request::Field> fields = {{"Origin", "https://www.example.org"}};
    auto plain = asking("", fields, Method::options);
    CHECK_FALSE(service.before(plain));

    fields.push_back({"Access-Control-Request-Method", "PUT"});
    auto preflight = asking("", fields, Method::options);
    auto answer = service.before(preflight);
    REQUIRE(answer);
    CHECK(answer->status == 204);
    auto value = [&](const char* name) {
        auto found = std::find_if(answer->fields.begin(), answer->fields.end(),
                                  [&](const auto& field) { return field.first == name; });
        return found == answer->fields.end() ? std::string() : found->second;
    };
    CHECK(value("Access-Control-Allow-Methods").find("PUT") != std::string::npos);
    CHECK(value("Access-Control-Allow-Headers").find("Authorization") != std::string::npos);
    CHECK(value("Access-Control-Allow-Headers").find("If-Match") != std::string::npos);
    CHECK(value("Access-Control-Max-Age") == "600");
    CHECK(preflight.answer_lines.find("Allow-Credentials") == std::string::npos);
}

TEST_CASE("everybody is everybody, and then nothing varies") {
    Config config;
    config.cors.origins = {"*"};
    gateway::CorsService service(config);
    auto request = asking("", {{"Origin", "https://anybody.test"}});
    CHECK_FALSE(service.before(request));
    CHECK(has(request.answer_lines, "Access-Control-Allow-Origin: *"));
    CHECK(request.answer_lines.find("Vary") == std::string::npos);
}

TEST_CASE("a client that asks too often hears when to come back") {
    telemetry::Metrics metrics;
    gateway::ThrottleService service(throttled({0, 3, 0, 0}), metrics);
    for (int left = 2; left >= 0; --left) {
        auto request = asking("192.0.2.1");
        CHECK_FALSE(service.before(request));
        CHECK(has(request.answer_lines, "RateLimit-Policy: \"read\";q=3;w=60"));
        CHECK(has(request.answer_lines, "RateLimit: \"read\";r=" + std::to_string(left) +
                                            ";t=" + std::to_string(20 * (3 - left))));
    }
    auto request = asking("192.0.2.1");
    auto refused = service.before(request);
    REQUIRE(refused);
    CHECK(refused->status == 429);
    CHECK(std::get<std::string>(refused->body).find("too_many_requests") != std::string::npos);
    bool says_when = std::any_of(
        refused->fields.begin(), refused->fields.end(),
        [](const auto& field) { return field.first == "Retry-After" && field.second == "20"; });
    CHECK(says_when);
    CHECK(metrics.text().find("portal_gateway_throttled_total{class=\"read\"} 1") !=
          std::string::npos);

    for (const char* other : {"192.0.2.2", "2001:db8::1", ""}) {
        INFO(other);
        auto theirs = asking(other);
        CHECK_FALSE(service.before(theirs));
    }
}

TEST_CASE("an IPv6 network is one client") {
    telemetry::Metrics metrics;
    gateway::ThrottleService service(throttled({0, 2, 0, 0}), metrics);
    auto first = asking("2001:db8:0:1::1");
    auto second = asking("2001:db8:0:1:ffff::2");
    auto third = asking("2001:db8:0:1:aaaa::3");
    auto neighbour = asking("2001:db8:0:2::1");
    CHECK_FALSE(service.before(first));
    CHECK_FALSE(service.before(second));
    CHECK(service.before(third));
    CHECK_FALSE(service.before(neighbour));
}

TEST_CASE("the same question has a bucket of its own") {
    telemetry::Metrics metrics;
    gateway::ThrottleService service(throttled({0, 5, 0, 2}), metrics);
    auto ask = [&](std::string_view target) {
        auto request = asking("192.0.2.1");
        request.target = target;
        return !service.before(request).has_value();
    };
    CHECK(ask("/v1/news/all"));
    CHECK(ask("/v1/news/all"));
    CHECK_FALSE(ask("/v1/news/all"));
    CHECK(ask("/v1/news/sports"));
    CHECK(ask("/v1/news/sports"));
    CHECK(ask("/v1/news/famous"));
    CHECK_FALSE(ask("/v1/news/politics"));
}

TEST_CASE("each class has limits of its own") {
    telemetry::Metrics metrics;
    Config config;
    config.throttle.login = {0, 1, 0, 0};
    config.throttle.registration = {0, 2, 0, 0};
    gateway::ThrottleService service(config, metrics);
    auto count = [&](Method method, http::RateClass rate_class) {
        int through = 0;
        for (int i = 0; i < 5; ++i) {
            auto request = asking("192.0.2.1", {}, method);
            request.rate_class = rate_class;
            through += service.before(request) ? 0 : 1;
        }
        return through;
    };
    CHECK(count(Method::post, http::RateClass::login) == 1);
    CHECK(count(Method::post, http::RateClass::registration) == 2);
    CHECK(count(Method::post, http::RateClass::standard) == 5);
    CHECK(count(Method::get, http::RateClass::standard) == 5);
}

TEST_CASE("an origin is written in many ways, and is one") {
    struct Case {
        const char* written;
        const char* normal;
    };
    const Case cases[] = {
        {"*", "*"},
        {"https://example.org", "https://example.org"},
        {"HTTPS://WWW.Example.ORG", "https://www.example.org"},
        {"https://example.org:443", "https://example.org"},
        {"http://example.org:80", "http://example.org"},
        {"http://example.org:443", "http://example.org:443"},
        {"https://example.org:80", "https://example.org:80"},
        {"http://localhost:3000", "http://localhost:3000"},
        {"https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"},
        {"https://[2001:db8::1]", "https://[2001:db8::1]"},
        {"https://a-b.example.org", "https://a-b.example.org"},
        {"https://xn--exmple-cua.test", "https://xn--exmple-cua.test"},
    };
    for (const auto& one : cases) {
        INFO(one.written);
        CHECK(gateway::normal_origin(one.written) == std::optional<std::string>(one.normal));
    }
    for (const char* bad :
         {"", "example.org", "https://", "https://example.org/", "ftp://example.org", "https://a b",
          "null", "https://:80", "https://x:", "https://x:0", "https://x:65536", "https://x:080",
          "https://x:y", "https://[::1", "https://::1", "https://user@x",
          "https://ex\xC3\xA4mple.test", "https://x\r\nSet-Cookie: a=b"}) {
        INFO(bad);
        CHECK_FALSE(gateway::normal_origin(bad));
    }
}

TEST_CASE("origins of the configuration are taken as browsers send them, bad names are refused") {
    auto read = [](const std::string& key, const std::string& value, Config& config) {
        config::Sources sources;
        sources.overrides = {"gateway." + key + "=" + value};
        auto problems = config::read(sources, [&](config::Section& root) {
            gateway::describe(root.section("gateway", ""), config);
        });
        return problems.empty() ? std::string() : problems.front().path;
    };
    Config config;
    CHECK(read("cors.origins", R"(["HTTPS://WWW.Example.org:443"])", config) == "");
    gateway::CorsService service(config);
    auto request = asking("", {{"Origin", "https://www.example.org"}});
    CHECK_FALSE(service.before(request));
    CHECK(has(request.answer_lines, "Access-Control-Allow-Origin: https://www.example.org"));

    for (const char* bad : {R"([""])", R"(["a b"])", R"(["*"])", R"(["a:"])", R"(["X-\u00e4"])"}) {
        INFO(bad);
        Config one;
        CHECK(read("cors.headers", bad, one) == "gateway.cors.headers");
        Config other;
        CHECK(read("cors.headers_exposed", bad, other) == "gateway.cors.headers_exposed");
    }
    std::string many = "[";
    for (int i = 0; i < 40; ++i) many += "\"X-Header-Number-" + std::to_string(i) + "\",";
    many.back() = ']';
    Config other;
    CHECK(read("cors.headers", many, other) == "");
    CHECK(read("cors.headers_exposed", many, other) == "gateway.cors.headers_exposed");
}

TEST_CASE("a preflight allows the headers of the list, which has those of common clients") {
    auto allowed = [](const Config& config) {
        gateway::CorsService service(config);
        auto preflight = asking(
            "", {{"Origin", "https://www.example.org"}, {"Access-Control-Request-Method", "PUT"}},
            Method::options);
        auto answer = service.before(preflight);
        REQUIRE(answer);
        for (const auto& [name, value] : answer->fields) {
            if (name == "Access-Control-Allow-Headers") return ", " + value + ',';
        }
        return std::string();
    };
    Config config;
    config.cors.origins = {"https://www.example.org"};
    auto usual = allowed(config);
    for (const char* name :
         {"Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key",
          "X-CSRF-Token", "X-Request-Id", "Baggage", "Sentry-Trace", "Traceparent", "Tracestate"}) {
        INFO(name);
        CHECK(usual.find(std::string(", ") + name + ',') != std::string::npos);
    }
    config.cors.headers = {"X-One", "X-Two"};
    CHECK(allowed(config) == ", X-One, X-Two,");
    config.cors.headers = {};
    CHECK(allowed(config) == "");
}

TEST_CASE("what is refused before it is routed may be read by the pages that may read the rest") {
    Config config;
    config.cors.origins = {"https://www.example.org"};
    gateway::CorsService service(config);
    auto known = asking("", {{"Origin", "https://www.example.org"}});
    service.on_refusal(known);
    CHECK(has(known.answer_lines, "Vary: Origin"));
    CHECK(has(known.answer_lines, "Access-Control-Allow-Origin: https://www.example.org"));
    auto other = asking("", {{"Origin", "https://elsewhere.test"}});
    service.on_refusal(other);
    CHECK(other.answer_lines == "Vary: Origin\r\n");
}

TEST_CASE("a proxy that is not trusted is warned of, once") {
    support::TemporaryFolder folder;
    telemetry::LogTarget target;
    target.console = false;
    target.file = folder / "portal.log";
    telemetry::start_log(target);
    // Given a server behind a proxy, and nobody has said so.
    gateway::ClientService service({});
    for (int i = 0; i < 3; ++i) {
        auto plain = asking("10.0.0.1");
        CHECK_FALSE(service.before(plain));
        auto proxied = asking("10.0.0.1", {{"X-Forwarded-For", "198.51.100.1"}});
        CHECK_FALSE(service.before(proxied));
        CHECK(proxied.peer == "10.0.0.1");
    }
    telemetry::stop_log();

    std::ifstream log(target.file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(log, line);) lines.push_back(line);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("gateway.trusted_proxies") != std::string::npos);
    CHECK(lines[0].find("10.0.0.1") != std::string::npos);
}

TEST_CASE("many clients behind one address that are refused together are warned of, once each") {
    support::TemporaryFolder folder;
    telemetry::LogTarget target;
    target.console = false;
    target.file = folder / "portal.log";
    telemetry::start_log(target);
    telemetry::Metrics metrics;
    Config config;
    gateway::ThrottleService service(config, metrics);
    auto log_in = [&service](const char* peer, const std::string& program) {
        auto request = asking(peer, {{"User-Agent", program}}, Method::post);
        request.rate_class = http::RateClass::login;
        return service.before(request).has_value();
    };

    // Given a proxy that passes bytes on and says nothing, and a program that tries again and
    // again.
    for (int i = 0; i < 40; ++i) {
        log_in("10.0.0.1", "Browser/" + std::to_string(i % 5));
        log_in("198.51.100.7", "robot/1.0");
    }
    // And people behind one address who are not refused.
    for (int i = 0; i < 8; ++i) {
        CHECK_FALSE(log_in("198.51.100.8", "Browser/" + std::to_string(i)));
    }
    telemetry::stop_log();

    std::ifstream log(target.file);
    std::vector<std::string> warnings;
    for (std::string line; std::getline(log, line);) {
        if (line.find("\"warning\"") != std::string::npos) warnings.push_back(line);
    }
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].find("gateway.trusted_proxies") != std::string::npos);
    CHECK(warnings[0].find("X-Forwarded-For") != std::string::npos);
    CHECK(warnings[0].find("\"client\":\"10.0.0.1\"") != std::string::npos);
}

TEST_CASE("voices are a crowd only within a minute, and what is told is bounded") {
    using namespace std::chrono_literals;
    gateway::CrowdSign sign;
    gateway::CrowdSign::Time now{100h};
    for (std::size_t voice = 0; voice < 100; ++voice) {
        CHECK_FALSE(sign.hear("slow", voice, true, now));
        now += 25s;
    }
    CHECK_FALSE(sign.hear("one", 1, true, now));
    CHECK_FALSE(sign.hear("one", 2, false, now));
    CHECK_FALSE(sign.hear("one", 3, false, now));
    CHECK_FALSE(sign.hear("one", 3, false, now));
    CHECK(sign.hear("one", 4, false, now));
    CHECK_FALSE(sign.hear("one", 5, true, now));
    int told = 0;
    for (int i = 0; i < 5000; ++i) {
        for (std::size_t voice = 0; voice < gateway::CrowdSign::voices_min; ++voice) {
            if (sign.hear(std::to_string(i), voice, true, now)) ++told;
        }
    }
    CHECK(told == gateway::CrowdSign::told_max - 1);
}
