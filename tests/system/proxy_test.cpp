// The lines of the documentation, in a real proxy.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/json_checks.hpp"
#include "support/portal_process.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::HttpClient;
using support::PortalProcess;
using support::Process;

namespace {

constexpr const char* nginx = "/usr/sbin/nginx";

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

/// The example that begins with `first`.
std::string documented(const std::string& first) {
    auto page = read_file(std::string(PORTAL_SOURCE_DIR) + "/docs/operations.md");
    auto begin = page.find("```\n" + first);
    REQUIRE(begin != std::string::npos);
    begin += 4;
    auto end = page.find("```", begin);
    REQUIRE(end != std::string::npos);
    return page.substr(begin, end - begin);
}

void replace(std::string& text, const std::string& from, const std::string& to) {
    auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
}

/// One that nobody has just now.
std::uint16_t free_port() {
    int probe = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(name);
    REQUIRE(::bind(probe, reinterpret_cast<sockaddr*>(&name), size) == 0);
    REQUIRE(::getsockname(probe, reinterpret_cast<sockaddr*>(&name), &size) == 0);
    ::close(probe);
    return ntohs(name.sin_port);
}

}  // namespace

TEST_CASE("behind nginx with the documented lines, clients are told apart and answers stay whole",
          "[system]") {
    if (!std::filesystem::exists(nginx)) {
        WARN("nginx is not installed; its lines are not tested");
        return;
    }
    // Given a server on a unix socket, and in front of it the lines of the page.
    support::TemporaryFolder folder;
    auto socket = (folder / "http.sock").string();
    PortalProcess portal(json{{"http", {{"listen", "unix:" + socket}, {"unix_mode", "0660"}}}});
    portal.start();
    auto lines = documented("upstream portal {");
    auto port = std::to_string(free_port());
    replace(lines, "unix:/run/portal/http.sock", "unix:" + socket);
    replace(lines, "\nserver {\n", "\nserver {\n    listen 127.0.0.1:" + port + ";\n");
    auto place = folder.path().string();
    std::ofstream(folder / "nginx.conf")
        << "daemon off;\nmaster_process off;\npid " << place << "/nginx.pid;\nerror_log stderr;\n"
        << "events { worker_connections 64; }\nhttp {\naccess_log off;\nclient_body_temp_path "
        << place << "/body;\nproxy_temp_path " << place << "/proxy;\n"
        << lines << "}\n";
    Process::Options options;
    options.arguments = {"-c", place + "/nginx.conf", "-p", place};
    Process proxy(nginx, options);
    auto address = "127.0.0.1:" + port;
    bool answers = support::eventually([&] {
        try {
            HttpClient client(address);
            return client.request("GET", "/").status == 200;
        } catch (const support::ConnectionLost&) {
            return false;
        }
    });
    INFO(proxy.errors());
    REQUIRE(answers);

    HttpClient client(address);
    // A request may be as large as a body here may be, and no larger.
    auto item = support::new_item("Behind a proxy");
    item["content"] = std::string(100000, 'c');
    auto created = client.request("POST", "/v1/news/sports", item.dump(),
                                  {{"Content-Type", "application/json"}});
    REQUIRE(created.status == 201);
    auto too_large =
        HttpClient(address).request("POST", "/v1/news/sports", std::string(1200000, ' '),
                                    {{"Content-Type", "application/json"}});
    CHECK(too_large.status == 413);

    // What is compressed is so by us, with its tag, which then revalidates.
    support::Fields compressed{{"Accept-Encoding", "gzip"}};
    auto page = client.request("GET", "/v1/news/sports", "", compressed);
    REQUIRE(page.status == 200);
    CHECK(page.field("Content-Encoding") == "gzip");
    CHECK(page.body.size() < 100000);
    auto tag = page.field("ETag");
    CHECK(tag.starts_with("\""));
    compressed.emplace_back("If-None-Match", tag);
    CHECK(client.request("GET", "/v1/news/sports", "", compressed).status == 304);

    // Whoever asks through it is known by their own address, whatever they say of themselves.
    client.request("GET", "/v1/news/sports", "", {{"X-Forwarded-For", "203.0.113.5"}});
    CHECK(portal.stop() == 0);
    std::istringstream log(read_file(portal.data() / "logs" / "portal.log"));
    std::size_t requests = 0;
    for (std::string line; std::getline(log, line);) {
        auto parsed = json::parse(line);
        if (parsed.at("message") != "request" || parsed.at("listener") != "http") continue;
        ++requests;
        INFO(line);
        CHECK(parsed.at("client") == "127.0.0.1");
    }
    CHECK(requests >= 5);
}
