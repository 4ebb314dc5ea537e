// The contract against the routes, and how the binary serves it. Whether answers are what it says
// is checked by tests/contract on the recordings of all system tests.
#include <set>
#include <sstream>

#include "shared_portal.hpp"
#include "support/catch.hpp"

using nlohmann::json;
using support::failure_faults;
using tests::shared_portal;

namespace {

json contract() {
    auto answer = shared_portal().get("/v1/openapi.json");
    REQUIRE(answer.status == 200);
    return answer.json();
}

/// `GET /v1/news/{type} anyone` for each operation of the contract; those of the page only if the
/// binary was built with it.
std::set<std::string> operations(const json& contract, bool with_page) {
    std::set<std::string> lines;
    for (const auto& [pattern, item] : contract.at("paths").items()) {
        for (const auto& [method, operation] : item.items()) {
            if (method == "parameters") continue;
            if (operation.value("x-optional", false) && !with_page) continue;
            std::string name = method;
            for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
            lines.insert(name + ' ' + pattern + ' ' + operation.at("x-access").get<std::string>());
        }
    }
    return lines;
}

std::set<std::string> routes() {
    auto printed = shared_portal().command({"--print-routes"});
    INFO(printed.errors);
    REQUIRE(printed.code == 0);
    std::set<std::string> lines;
    std::istringstream in(printed.output);
    for (std::string line; std::getline(in, line);) lines.insert(line);
    return lines;
}

bool has_page(const std::set<std::string>& routes) {
    return routes.contains("GET /docs anyone");
}

std::string only_in(const std::set<std::string>& these, const std::set<std::string>& those) {
    std::string text;
    for (const auto& one : these) {
        if (!those.contains(one)) text += one + '\n';
    }
    return text;
}

}  // namespace

TEST_CASE("every route is in the contract with its access rule, and the contract has no other",
          "[system]") {
    auto served = routes();
    auto written = operations(contract(), has_page(served));
    CHECK(served.size() > 20);
    CHECK(only_in(served, written) == "");
    CHECK(only_in(written, served) == "");
}

TEST_CASE("the contract says of each operation whether it needs a login", "[system]") {
    const auto whole = contract();
    for (const auto& [pattern, item] : whole.at("paths").items()) {
        for (const auto& [method, operation] : item.items()) {
            if (method == "parameters") continue;
            INFO(method << ' ' << pattern);
            const auto& security = operation.at("security");
            bool without = security.empty();
            for (const auto& one : security) without = without || one.empty();
            CHECK(without == (operation.at("x-access") == "anyone"));
            // To be logged out by another page is no harm.
            bool logs_out = method == "delete" && pattern == "/v1/auth/session";
            bool changes = method != "get" && !logs_out;
            for (const auto& one : security) {
                // Whoever changes something with the cookie needs the token, nobody else does.
                if (one.contains("session")) CHECK(one.contains("csrf") == changes);
            }
        }
    }
}

TEST_CASE("the contract is served as JSON with a validator, and not sent again", "[system]") {
    auto& portal = shared_portal();
    auto answer = portal.get("/v1/openapi.json");
    CHECK(answer.status == 200);
    CHECK(answer.field("Content-Type") == "application/json; charset=utf-8");
    CHECK(answer.field("Cache-Control") == "public, max-age=300");
    CHECK(answer.field("X-Content-Type-Options") == "nosniff");
    CHECK(answer.json().value("openapi", "") == "3.1.0");
    auto etag = answer.field("ETag");
    REQUIRE(etag.starts_with('"'));
    auto again = portal.get("/v1/openapi.json", {{"If-None-Match", etag}});
    CHECK(again.status == 304);
    CHECK(again.body.empty());
    CHECK(failure_faults(portal.ask("POST", "/v1/openapi.json"), 405, "method_not_allowed") == "");
}

TEST_CASE("the printed address says what this is and where to read on", "[system]") {
    auto& portal = shared_portal();
    auto about = portal.get("/");
    CHECK(about.status == 200);
    auto said = about.json();
    CHECK(said.at("name") == "portal");
    CHECK(said.contains("docs") == has_page(routes()));
    for (const char* member : {"docs", "contract", "news"}) {
        INFO(member);
        if (!said.contains(member)) continue;
        CHECK(portal.get(said.at(member).get<std::string>()).status == 200);
    }
    CHECK(portal.ask("HEAD", "/").status == 200);
    CHECK(portal.get("/", {{"If-None-Match", about.field("ETag")}}).status == 304);
}

TEST_CASE("the page needs nothing from elsewhere, or is not there at all", "[system]") {
    auto& portal = shared_portal();
    const char* parts[] = {"/docs", "/docs/start.js", "/docs/viewer.js", "/docs/viewer.css",
                           "/docs/licenses.txt"};
    if (!has_page(routes())) {
        WARN("built without the viewer: /docs is not there");
        for (const char* part : parts) {
            INFO(part);
            CHECK(failure_faults(portal.get(part), 404, "not_found") == "");
        }
        return;
    }
    for (const char* part : parts) {
        INFO(part);
        auto answer = portal.get(part);
        CHECK(answer.status == 200);
        CHECK(answer.body.size() > 100);
        CHECK(answer.field("X-Content-Type-Options") == "nosniff");
        CHECK(portal.get(part, {{"If-None-Match", answer.field("ETag")}}).status == 304);
    }
    auto page = portal.get("/docs/");
    CHECK(page.field("Content-Type") == "text/html; charset=utf-8");
    CHECK(page.body.find("http:") == std::string::npos);
    CHECK(page.body.find("https:") == std::string::npos);
    CHECK(page.body.find("src=\"//") == std::string::npos);
    CHECK(page.body.find("<script>") == std::string::npos);
    auto policy = page.field("Content-Security-Policy");
    CHECK(policy.starts_with("default-src 'none'; script-src 'self';"));
    CHECK(policy.find("http") == std::string::npos);
    CHECK(policy.find('*') == std::string::npos);
    auto start = portal.get("/docs/start.js").body;
    CHECK(start.find("url: '/v1/openapi.json'") != std::string::npos);
    CHECK(start.find("validatorUrl: null") != std::string::npos);
    auto style = portal.get("/docs/viewer.css").body;
    for (const char* remote : {"url(http", "url(\"http", "url(//", "@import"}) {
        INFO(remote);
        CHECK(style.find(remote) == std::string::npos);
    }
}
