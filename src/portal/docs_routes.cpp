#include "docs_routes.hpp"

#include <nlohmann/json.hpp>

#include "docs_files.hpp"

namespace portal {

namespace {

/// The page loads from this server alone and runs no script but its own. Its viewer writes styles
/// into the page and draws its icons from data: addresses.
constexpr const char* page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

struct Document {
    const char* path;
    const char* file;
    const char* content_type;
    /// Only the page itself has a policy of its own.
    const char* policy = nullptr;
};

constexpr Document documents[] = {
    {"/v1/openapi.json", "openapi.json", "application/json; charset=utf-8"},
    {"/docs", "index.html", "text/html; charset=utf-8", page_policy},
    {"/docs/start.js", "start.js", "text/javascript; charset=utf-8"},
    {"/docs/viewer.js", "viewer.js", "text/javascript; charset=utf-8"},
    {"/docs/viewer.css", "viewer.css", "text/css; charset=utf-8"},
    {"/docs/licenses.txt", "licenses.txt", "text/plain; charset=utf-8"},
};

/// For who has only the printed address: what this is, and where to read on.
std::string about_body(bool has_page) {
    nlohmann::ordered_json about;
    about["name"] = "portal";
    about["about"] =
        "A news site's server: this is its API. Programs read the contract, people the page docs, "
        "if "
        "it is there; news is a list to begin with.";
    if (has_page) about["docs"] = "/docs";
    about["contract"] = "/v1/openapi.json";
    about["news"] = "/v1/news/all";
    return about.dump();
}

base::Task<http::Response> give(std::shared_ptr<const http::PreparedResponse> answer) {
    http::Response response;
    response.body = std::move(answer);
    co_return response;
}

}  // namespace

void add_docs_routes(http::Router& router) {
    auto files = docs_files();
    http::Response about;
    about.body = about_body(files.contains("index.html"));
    about.cache_control = "public, max-age=300";
    auto said = http::prepare(about);
    router.add({http::Method::get, "/", http::Access::anyone,
                [said](const http::Request&) { return give(said); }});
    for (const auto& document : documents) {
        auto file = files.find(document.file);
        if (file == files.end()) continue;
        http::Response response;
        response.content_type = document.content_type;
        response.body = std::string(file->second);
        // A few minutes old is good enough, and then asking again costs no body.
        response.cache_control = "public, max-age=300";
        if (document.policy) {
            response.fields.emplace_back("Content-Security-Policy", document.policy);
        }
        auto answer = http::prepare(response);
        router.add({http::Method::get, document.path, http::Access::anyone,
                    [answer](const http::Request&) { return give(answer); }});
    }
}

}  // namespace portal
