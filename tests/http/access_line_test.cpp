// The line that each request leaves in the log, and what is counted by route.
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "raw_client.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "telemetry/log.hpp"
#include "test_server.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using tests::RawClient;
using tests::status_of;
using tests::TestServer;

namespace {

std::string get(const std::string& target, const std::string& fields = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

/// A server whose log is a file; read it with lines(), which ends both.
class Logged {
public:
    explicit Logged(http::Config config = TestServer::quick(), TestServer::More more = {}) {
        telemetry::LogTarget target;
        target.console = false;
        target.file = folder_ / "portal.log";
        target.blocks = true;
        telemetry::start_log(target);
        server_ = std::make_unique<TestServer>(config, false, std::move(more));
    }
    ~Logged() {
        server_.reset();
        telemetry::stop_log();
    }

    TestServer& server() { return *server_; }
    std::string ask(const std::string& bytes) {
        RawClient client(server_->address());
        client.send(bytes);
        return client.answer();
    }
    /// The access lines, in their order.
    std::vector<json> lines() {
        server_->release();
        server_->server().stop();
        telemetry::stop_log();
        std::ifstream file(folder_ / "portal.log");
        std::vector<json> found;
        for (std::string line; std::getline(file, line);) {
            auto parsed = json::parse(line);
            if (parsed.at("message") == "request") found.push_back(std::move(parsed));
        }
        return found;
    }

private:
    support::TemporaryFolder folder_;
    std::unique_ptr<TestServer> server_;
};

}  // namespace

TEST_CASE("every request leaves one line, whoever answers it", "[http]") {
    Logged logged;
    struct Row {
        std::string request;
        std::string method;
        std::string path;
        std::string route;
        int status;
        int bytes;  // -1: whatever
    };
    const std::vector<Row> rows = {
        // From a cache, by a handler, by an alias.
        {get("/hello?token=x"), "GET", "/hello", "/hello", 200, 5},
        {get("/slow"), "GET", "/slow", "/slow", 200, 5},
        {get("/old/friend"), "GET", "/old/friend", "/about/{word}", 200, -1},
        {get("/hello", "If-None-Match: \"h\"\r\n"), "GET", "/hello", "/hello", 304, 0},
        {"HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD", "/hello", "/hello", 200, 0},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", "POST", "/echo", "/echo",
         201, 2},
        // Refused by a handler, and by each step before one.
        {get("/refuses"), "GET", "/refuses", "/refuses", 404, -1},
        {get("/throws"), "GET", "/throws", "/throws", 500, -1},
        {get("/admin"), "GET", "/admin", "/admin", 401, -1},
        {get("/nothing/here"), "GET", "/nothing/here", "unmatched", 404, -1},
        {"PUT /hello HTTP/1.1\r\nHost: a\r\n\r\n", "PUT", "/hello", "unmatched", 405, -1},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n", "POST", "/echo",
         "/echo", 413, -1},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
         "POST", "/echo", "/echo", 415, -1},
        // An address is somebody's.
        {get("/about/Ann@example.org/x"), "GET", "/about/*/x", "unmatched", 404, -1},
        {get("/about/ann%40example.org"), "GET", "/about/*", "/about/{word}", 200, -1},
        {get("/" + std::string(250, 'p') + "/ann.longish@example.org"), "GET",
         "/" + std::string(250, 'p') + "/*", "unmatched", 404, -1},
        // A token is for whoever has the link.
        {get("/open/sports.17.secret"), "GET", "/open/{token}", "/open/{token}", 200, -1},
        // Refused before there is a request at all.
        {"GET /a\x01\x62 HTTP/1.1\r\n\r\n", "GET", "/a\x01\x62", "unmatched", 400, -1},
        {"\r\nBREW /coffee?x=1 HTTP/1.1\r\n\r\n", "BREW", "/coffee", "unmatched", 501, -1},
        {"GET /hello HTTP/1.1\r\n\r\n", "GET", "/hello", "unmatched", 400, -1},
        {get("/" + std::string(600, 'p')), "GET", "/" + std::string(255, 'p'), "unmatched", 404,
         -1},
    };
    for (const auto& row : rows) {
        INFO(row.request);
        RawClient client(logged.server().address());
        client.send(row.request);
        CHECK(status_of(client.answer(row.method == "HEAD")) == row.status);
    }
    auto lines = logged.lines();
    REQUIRE(lines.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& row = rows[i];
        const auto& line = lines[i];
        INFO(line.dump());
        CHECK(line.at("level") == "info");
        CHECK(line.at("module") == "http");
        CHECK(line.at("listener") == "http");
        CHECK(line.at("method") == row.method);
        CHECK(line.at("path") == row.path);
        CHECK(line.at("route") == row.route);
        CHECK(line.at("status") == row.status);
        if (row.bytes >= 0) CHECK(line.at("bytes") == row.bytes);
        CHECK(line.at("ms").get<double>() >= 0);
        CHECK(line.at("client") == "127.0.0.1");
        CHECK_FALSE(line.at("request_id").get<std::string>().empty());
        CHECK_FALSE(line.contains("cut"));
        CHECK(base::parse_rfc3339(line.at("time").get<std::string>()));
    }
}

TEST_CASE("the line of a request has the request id that its client got, and who asked", "[http]") {
    class Reader final : public http::Authenticator {
        base::Result<base::Actor> authenticate(const http::Request&) const override {
            return base::Actor{4711, base::Role::reader};
        }
    };
    TestServer::More more;
    more.authenticator = std::make_shared<Reader>();
    Logged logged(TestServer::quick(), more);
    auto answer = logged.ask(get("/slow"));
    CHECK(status_of(logged.ask(get("/slow", "X-Request-Id: mine-1\r\n"))) == 200);
    auto lines = logged.lines();
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].at("request_id") == tests::field_of(answer, "X-Request-Id"));
    CHECK(lines[1].at("request_id") == "mine-1");
    CHECK(lines[0].at("user") == 4711);
}

TEST_CASE("a request whose client goes, or whose handler is late, has its line too", "[http]") {
    auto config = TestServer::quick();
    config.request_timeout = 100ms;
    Logged logged(config);
    {
        RawClient late(logged.server().address());
        late.send(get("/late"));
        CHECK(status_of(late.answer()) == 504);
        logged.server().release();
    }
    {
        RawClient impatient(logged.server().address());
        impatient.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nonly this");
        logged.server().wait_for_connections(1);
    }
    logged.server().wait_for_connections(0);
    auto lines = logged.lines();
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].at("status") == 504);
    CHECK(lines[0].at("ms").get<double>() >= 100);
    CHECK(lines[1].at("path") == "/echo");
    CHECK(lines[1].at("status") == 0);
    CHECK(lines[1].at("cut") == true);
}

TEST_CASE("access lines may be thinned out, and refusals are not", "[http]") {
    auto config = TestServer::quick();
    config.access_lines_every = 10;
    Logged logged(config);
    {
        RawClient client(logged.server().address());
        for (int i = 0; i < 30; ++i) {
            client.send(get("/hello"));
            client.answer();
            client.send(get("/refuses"));
            client.answer();
        }
    }
    std::map<int, int> by_status;
    for (const auto& line : logged.lines()) ++by_status[line.at("status").get<int>()];
    CHECK(by_status == std::map<int, int>{{200, 3}, {404, 30}});
}

TEST_CASE("access lines may be off", "[http]") {
    auto config = TestServer::quick();
    config.access_lines = false;
    Logged logged(config);
    logged.ask(get("/hello"));
    logged.ask(get("/nothing"));
    CHECK(logged.lines().empty());
}

TEST_CASE("what is measured bears the pattern of its route", "[http]") {
    TestServer server;
    {
        RawClient client(server.address());
        for (const char* path :
             {"/about/a", "/about/b", "/old/c", "/hello", "/x", "/y", "/refuses"}) {
            client.send(get(path));
            client.answer();
        }
    }
    server.server().stop();
    auto text = server.metrics().text();
    for (const char* line : {
             R"(portal_http_responses_total{listener="http",route="/about/{word}",status="2xx"} 3)",
             R"(portal_http_responses_total{listener="http",route="/hello",status="2xx"} 1)",
             R"(portal_http_responses_total{listener="http",route="/refuses",status="4xx"} 1)",
             R"(portal_http_responses_total{listener="http",route="unmatched",status="4xx"} 2)",
             R"(portal_http_handler_seconds_count{route="/about/{word}"} 3)",
         }) {
        INFO(line << "\n" << text);
        CHECK(text.find(std::string(line) + "\n") != std::string::npos);
    }
}
