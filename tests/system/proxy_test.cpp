// The lines of the documentation, in a real proxy.
#include <fstream>
#include <sstream>

#include "support/catch.hpp"
#include "support/docs_example.hpp"
#include "support/json_checks.hpp"
#include "support/nginx.hpp"
#include "support/portal_process.hpp"
#include "support/skip.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::HttpClient;
using support::PortalProcess;

namespace {

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

void replace(std::string& text, const std::string& from, const std::string& to) {
    auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("behind nginx with the documented lines, clients are told apart and answers stay whole",
          "[system]") {
    if (!support::Nginx::is_installed())
        return support::skip("there is no nginx (apt-get install nginx-light)");
    // Given a server on a unix socket, and in front of it the lines of the page.
    support::TemporaryFolder folder;
    auto socket = (folder / "http.sock").string();
    PortalProcess portal(json{{"http", {{"listen", "unix:" + socket}, {"unix_mode", "0660"}}}});
    portal.start();
    auto lines = support::docs_example("operations.md", "upstream portal {");
    replace(lines, "unix:/run/portal/http.sock", "unix:" + socket);
    support::Nginx proxy(folder.path(), std::move(lines));
    const auto& address = proxy.address();

    HttpClient client(address);
    CHECK(client.request("GET", "/").status == 200);
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
