#include "http/router.hpp"

#include "http/target.hpp"
#include "support/catch.hpp"

namespace {

using http::Method;

http::Router news_router() {
    http::Router router({{"/news/v1", "/v1/news"}, {"/users/v1", "/v1/users"}});
    auto add = [&router](Method method, const char* pattern) {
        auto nobody_calls = [](const http::Request&) -> base::Task<http::Response> {
            co_return http::Response{};
        };
        router.add({method, pattern, http::Access::anyone, nobody_calls});
    };
    add(Method::get, "/");
    add(Method::get, "/v1/news/all");
    add(Method::get, "/v1/news/all/{page}/{limit}");
    add(Method::get, "/v1/news/tags/{tag}");
    add(Method::post, "/v1/news/{type}");
    add(Method::put, "/v1/news/{type}");
    add(Method::get, "/v1/news/{type}");
    add(Method::get, "/v1/news/{type}/{id}");
    add(Method::del, "/v1/news/{type}/{id}");
    add(Method::get, "/v1/news/{type}/{page}/{limit}");
    add(Method::post, "/v1/news/{type}/{id}/publish");
    add(Method::get, "/v1/news/{type}/{id}/history");
    add(Method::get, "/v1/news/{type}/{id}/versions/{n}");
    add(Method::get, "/v1/users/{id}");
    add(Method::get, "/map.xml");
    add(Method::get, "/map-{month}.xml");
    add(Method::get, "/v1/news/{type}/{number}.ld");
    add(Method::get, "/v1/news/{type}/{number}.ld/{more}");
    return router;
}

struct Found {
    std::string pattern{};  ///< of the route; empty: none
    std::string allow{};
    std::string path{};
    std::vector<std::pair<std::string, std::string>> parameters{};
};

Found find(Method method, const std::string& target) {
    static const http::Router router = news_router();
    http::Request request;
    request.method = method;
    request.target = target;
    auto match = router.match(request);
    Found found{
        match.route ? match.route->pattern : "", std::string(match.allow), request.path, {}};
    for (const auto& [name, value] : request.parameters) found.parameters.emplace_back(name, value);
    return found;
}

using Parameters = std::vector<std::pair<std::string, std::string>>;

}  // namespace

TEST_CASE("a literal segment wins, and is left again where it leads nowhere", "[http]") {
    CHECK(find(Method::get, "/v1/news/sports/7").pattern == "/v1/news/{type}/{id}");
    CHECK(find(Method::get, "/v1/news/tags/7").pattern == "/v1/news/tags/{tag}");
    CHECK(find(Method::get, "/v1/news/all/1/10").pattern == "/v1/news/all/{page}/{limit}");
    CHECK(find(Method::get, "/v1/news/sports/1/10").pattern == "/v1/news/{type}/{page}/{limit}");
    CHECK(find(Method::get, "/v1/news/sports/5/history").pattern == "/v1/news/{type}/{id}/history");
    CHECK(find(Method::post, "/v1/news/sports/5/publish").pattern ==
          "/v1/news/{type}/{id}/publish");
    CHECK(find(Method::get, "/v1/news/tags/5/history").pattern == "/v1/news/{type}/{id}/history");
    CHECK(find(Method::get, "/v1/news/all").pattern == "/v1/news/all");
    CHECK(find(Method::get, "/v1/news/all/5").pattern == "/v1/news/{type}/{id}");
    CHECK(find(Method::get, "/").pattern == "/");
}

TEST_CASE("parameters bear the names of the route that matched", "[http]") {
    CHECK(find(Method::get, "/v1/news/sports/1/10").parameters ==
          Parameters{{"type", "sports"}, {"page", "1"}, {"limit", "10"}});
    CHECK(find(Method::get, "/v1/news/sports/1/history").parameters ==
          Parameters{{"type", "sports"}, {"id", "1"}});
    CHECK(find(Method::get, "/v1/news/tags/a%2Fb%20%C3%BC").parameters ==
          Parameters{{"tag", "a/b \xc3\xbc"}});
    CHECK(find(Method::get, "/v1/news/sports/1?id=2").parameters ==
          Parameters{{"type", "sports"}, {"id", "1"}});
}

TEST_CASE("a parameter may have letters of the pattern around it", "[http]") {
    auto map = find(Method::get, "/map-2026%2D11.xml");
    CHECK(map.pattern == "/map-{month}.xml");
    CHECK(map.parameters == Parameters{{"month", "2026-11"}});
    CHECK(find(Method::get, "/map.xml").pattern == "/map.xml");
    for (const char* other : {"/map-.xml", "/map-2.xmlx", "/amap-2.xml", "/map-2.xml/x", "/map-"}) {
        CAPTURE(other);
        CHECK(find(Method::get, other).pattern.empty());
    }
    auto shape = find(Method::get, "/v1/news/sports/7.ld");
    CHECK(shape.pattern == "/v1/news/{type}/{number}.ld");
    CHECK(shape.parameters == Parameters{{"type", "sports"}, {"number", "7"}});
    // It is left again where it leads nowhere.
    auto item = find(Method::get, "/v1/news/sports/.ld");
    CHECK(item.parameters == Parameters{{"type", "sports"}, {"id", ".ld"}});
    auto past = find(Method::get, "/v1/news/sports/7.ld/history");
    CHECK(past.parameters == Parameters{{"type", "sports"}, {"number", "7"}, {"more", "history"}});
    auto versions = find(Method::get, "/v1/news/sports/7.ld/versions/2");
    CHECK(versions.parameters == Parameters{{"type", "sports"}, {"id", "7.ld"}, {"n", "2"}});
}

TEST_CASE("a path without that method says which it has", "[http]") {
    auto found = find(Method::get, "/v1/news/sports/5/publish");
    CHECK(found.pattern.empty());
    CHECK(found.allow == "OPTIONS, POST");
    CHECK(find(Method::patch, "/v1/news/sports/5").allow == "DELETE, GET, HEAD, OPTIONS");
    CHECK(find(Method::options, "/v1/news/sports").allow == "GET, HEAD, OPTIONS, POST, PUT");
    CHECK(find(Method::del, "/v1/news/all").allow == "GET, HEAD, OPTIONS");
}

TEST_CASE("a GET also serves HEAD", "[http]") {
    CHECK(find(Method::head, "/v1/news/sports/7").pattern == "/v1/news/{type}/{id}");
}

TEST_CASE("a slash at the end does not count, an empty segment inside does", "[http]") {
    CHECK(find(Method::get, "/v1/news/sports/7/").pattern == "/v1/news/{type}/{id}");
    CHECK(find(Method::get, "/v1/news/sports/7/").path == "/v1/news/sports/7");
    for (const char* target : {"/v1//news", "//", "//v1/news/sports", "/v1/news/sports//7",
                               "/v1/news/sports/7//", "/nothing", "/v1", "*"}) {
        CAPTURE(target);
        auto found = find(Method::get, target);
        CHECK(found.pattern.empty());
        CHECK(found.allow.empty());
    }
}

TEST_CASE("the older form of a path means the newer", "[http]") {
    CHECK(find(Method::get, "/news/v1/sports/7").pattern == "/v1/news/{type}/{id}");
    CHECK(find(Method::get, "/news/v1/sports/7/").path == "/v1/news/sports/7");
    CHECK(find(Method::get, "/users/v1/7").pattern == "/v1/users/{id}");
    CHECK(find(Method::get, "/news/v12/7").pattern.empty());
    CHECK(find(Method::get, "/v1/v1/news/7").pattern.empty());
}

TEST_CASE("a path is split before it is decoded", "[http]") {
    std::vector<std::string> segments;
    REQUIRE(http::split_path("/a%2fb/c%2e", segments));
    CHECK(segments == std::vector<std::string>{"a/b", "c."});
    CHECK(find(Method::get, "/v1%2Fnews/sports").pattern.empty());
}

TEST_CASE("a path that two servers may read differently is ambiguous", "[http]") {
    for (const char* path :
         {"/a/../b",   "/a/..",    "/..",     "/../",   "/.",     "/a/.",   "/./a",  "/a/./b",
          "/%2e%2E/b", "/%2E/",    "/a/.%2e", "/a%2fb", "/a%2Fb", "/a%5cb", "/a\\b", "//a",
          "/a//b",     "/a;b=1/c", "/a%3Bb",  "/a%00",  "",       "a"}) {
        CAPTURE(path);
        CHECK(http::is_ambiguous(path));
    }
    for (const char* path : {"/", "/a", "/a/b/", "/.well-known/x", "/a.b/c..d", "/...",
                             "/caf%C3%A9", "/a%20b", "/%2", "/%", "/a/%7Eb"}) {
        CAPTURE(path);
        CHECK_FALSE(http::is_ambiguous(path));
    }
}

TEST_CASE("query parameters are decoded, and the last one wins", "[http]") {
    http::Request request;
    request.query = "a=1&b=x+y%2B&a=2&&c&=d&%61b=z&e==";
    CHECK(request.query_parameter("a") == "2");
    CHECK(request.query_parameter("b") == "x y+");
    CHECK(request.query_parameter("c") == "");
    CHECK(request.query_parameter("ab") == "z");
    CHECK(request.query_parameter("e") == "=");
    CHECK_FALSE(request.query_parameter("f"));
}

TEST_CASE("a cookie is found among others", "[http]") {
    http::Request request;
    request.fields = {{"Cookie", "a=1; user_id=42;b=\"x\""}, {"cookie", "c=3"}};
    CHECK(request.cookie("user_id") == "42");
    CHECK(request.cookie("b") == "\"x\"");
    CHECK(request.cookie("c") == "3");
    CHECK_FALSE(request.cookie("ser_id"));
}

TEST_CASE("of aliases that overlap the longest counts", "[http]") {
    auto meaning = [](std::map<std::string, std::string> aliases, const char* target) {
        http::Router router(std::move(aliases));
        http::Request request;
        request.target = target;
        router.match(request);
        return request.path;
    };
    const std::map<std::string, std::string> overlapping = {
        {"/news", "/v1/news/all"}, {"/news/v1", "/v1/news"}, {"/news/v1/old", "/v1/news/famous"}};
    CHECK(meaning(overlapping, "/news") == "/v1/news/all");
    CHECK(meaning(overlapping, "/news/2/10") == "/v1/news/all/2/10");
    CHECK(meaning(overlapping, "/news/v1/sports") == "/v1/news/sports");
    CHECK(meaning(overlapping, "/news/v1/old/7") == "/v1/news/famous/7");
    CHECK(meaning(overlapping, "/news/v10/sports") == "/v1/news/all/v10/sports");
    // Once, and not again in what came of it.
    CHECK(meaning({{"/a", "/b"}, {"/b", "/c"}}, "/a/x") == "/b/x");
}

namespace {

http::Router console_router() {
    http::Router router({{"/old", "/console"}, {"/old/deep", "/"}});
    auto nobody_calls = [](const http::Request&) -> base::Task<http::Response> {
        co_return http::Response{};
    };
    router.add({Method::get, "/console/{path...}", http::Access::anyone, nobody_calls});
    router.add({Method::get, "/console/login", http::Access::anyone, nobody_calls});
    router.add({Method::get, "/console/{page}/edit", http::Access::anyone, nobody_calls});
    router.add({Method::post, "/console/{page}/edit", http::Access::admin, nobody_calls});
    return router;
}

/// Pattern and tail of what was found.
std::string find_in(const http::Router& router, const std::string& target,
                    Method method = Method::get) {
    http::Request request;
    request.method = method;
    request.target = target;
    auto match = router.match(request);
    if (!match.route) return std::string(match.allow);
    return match.route->pattern + " " + std::string(request.parameter("path"));
}

}  // namespace

TEST_CASE("a tail is all that follows, and loses to literals and parameters", "[http]") {
    auto router = console_router();
    const std::string tail = "/console/{path...} ";
    CHECK(find_in(router, "/console") == tail);
    CHECK(find_in(router, "/console/") == tail);
    CHECK(find_in(router, "/console/a.js") == tail + "a.js");
    CHECK(find_in(router, "/console/a/b%2Fc/d/") == tail + "a/b/c/d");
    CHECK(find_in(router, "/console/login") == "/console/login ");
    CHECK(find_in(router, "/console/login/x") == tail + "login/x");
    CHECK(find_in(router, "/console/7/edit") == "/console/{page}/edit ");
    CHECK(find_in(router, "/console/7/edit/x") == tail + "7/edit/x");
    CHECK(find_in(router, "/console/7/edit", Method::put) == "GET, HEAD, OPTIONS, POST");
    std::string deep = "/console";
    for (int i = 0; i < 40; ++i) deep += "/x";
    CHECK(find_in(router, deep) == tail + deep.substr(9));
    CHECK(find_in(router, "/other" + deep).empty());
}

TEST_CASE("the longest of overlapping aliases wins", "[http]") {
    http::Router router({{"/n", "/v1/news"}, {"/n/v1", "/v1/news"}, {"/n/v1/x", "/v2"}});
    auto nobody_calls = [](const http::Request&) -> base::Task<http::Response> {
        co_return http::Response{};
    };
    router.add({Method::get, "/v1/news/{path...}", http::Access::anyone, nobody_calls});
    router.add({Method::get, "/v2/{path...}", http::Access::anyone, nobody_calls});
    CHECK(find_in(router, "/n/7") == "/v1/news/{path...} 7");
    CHECK(find_in(router, "/n/v1/7") == "/v1/news/{path...} 7");
    CHECK(find_in(router, "/n/v1") == "/v1/news/{path...} ");
    CHECK(find_in(router, "/n/v1/x/7") == "/v2/{path...} 7");
    auto console = console_router();
    CHECK(find_in(console, "/old/a") == "/console/{path...} a");
    CHECK(find_in(console, "/old/deep/console/a") == "/console/{path...} a");
}

TEST_CASE("what no route has goes to the fallback, whatever its method", "[http]") {
    auto router = console_router();
    auto nobody_calls = [](const http::Request&) -> base::Task<http::Response> {
        co_return http::Response{};
    };
    router.fallback({Method::get, "elsewhere", http::Access::anyone, nobody_calls});
    CHECK(find_in(router, "/nothing") == "elsewhere ");
    CHECK(find_in(router, "/", Method::del) == "elsewhere ");
    CHECK(find_in(router, "/a//b", Method::post) == "elsewhere ");
    CHECK(find_in(router, "/console/x") == "/console/{path...} x");
    CHECK(find_in(router, "/console/7/edit", Method::put) == "GET, HEAD, OPTIONS, POST");
    CHECK(router.routes().size() == 4);
}

TEST_CASE("a login that has ended counts for nothing only where anyone may ask", "[http]") {
    http::Router router;
    auto nobody_calls = [](const http::Request&) -> base::Task<http::Response> {
        co_return http::Response{};
    };
    router.add({Method::get, "/open", http::Access::anyone, nobody_calls});
    router.add({Method::get, "/closed", http::Access::login, nobody_calls});
    CHECK(router.routes()[0]->credentials == http::Credentials::optional);
    CHECK(router.routes()[1]->credentials == http::Credentials::required);
}
