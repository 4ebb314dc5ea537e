#include "operations/page.hpp"
#include "page_files.hpp"

namespace operations {

namespace {

/// Scripts, styles and numbers of this listener alone. Its empty icon is a data: address.
constexpr const char* page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct Part {
    const char* path;
    const char* file;
    const char* content_type;
};

constexpr Part parts[] = {
    {"/ops", "index.html", "text/html; charset=utf-8"},
    {"/ops/page.js", "page.js", "text/javascript; charset=utf-8"},
    {"/ops/page.css", "page.css", "text/css; charset=utf-8"},
};

base::Task<http::Response> give(std::shared_ptr<const http::PreparedResponse> answer) {
    http::Response response;
    response.body = std::move(answer);
    co_return response;
}

}  // namespace

void add_page_routes(http::Router& router) {
    auto files = page_files();
    for (const auto& part : parts) {
        http::Response response;
        response.content_type = part.content_type;
        response.body = std::string(files.at(part.file));
        response.cache_control = "no-cache";
        response.fields.emplace_back("Content-Security-Policy", page_policy);
        auto answer = http::prepare(response);
        router.add({http::Method::get, part.path, http::Access::anyone,
                    [answer](const http::Request&) { return give(answer); }});
    }
}

}  // namespace operations
