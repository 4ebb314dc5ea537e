#include "api_file_json.hpp"
#include "support/catch.hpp"

namespace legacy {

namespace {

ApiGround ground() {
    ApiGround ground;
    ground.types = {"politics", "sports"};
    ground.lists_authors = true;
    return ground;
}

/// A file with one list and one item, whose shape is `shape`.
std::string file_of(const std::string& shape, const std::string& more = "") {
    return R"({"routes": [
        {"path": "/api/articles/", "answers": "list", "envelope": "page_number", "item": "article"},
        {"path": "/api/articles/{pk}/", "answers": "item", "item": "article"}],)" +
           more + R"("shapes": {"article": )" + shape + "}}";
}

std::string file_with(const std::string& route) {
    return R"({"routes": [)" + route + R"(], "shapes": {"a": {"id": "id"}}})";
}

news::Article article() {
    news::Article article;
    article.id = 7;
    article.version = 3;
    article.title = "Ärger \"am\" Tor\n東京 \xE2\x80\xA8.";
    article.content = "<p>Body</p>";
    article.author = "Ann Lee";
    article.tags = {"cup", "a/b"};
    article.news_type = "sports";
    article.status = news::Status::published;
    article.created_at = *base::parse_rfc3339("2026-05-04T10:20:30.123456Z");
    article.updated_at = *base::parse_rfc3339("2026-05-04T10:20:30Z");
    article.published_at = article.created_at;
    return article;
}

std::string shown(const std::string& shape, const std::string& more = "") {
    auto file = api_file_from_json(file_of(shape, more), ground());
    REQUIRE(file);
    std::string out;
    file->routes[0].item.write(out, article(), "https://news.example");
    escape_line_separators(out);
    return out;
}

/// The paths of all problems, in order.
std::string problems(const std::string& text, const ApiGround& of = ground()) {
    auto file = api_file_from_json(text, of);
    if (file) return "";
    if (file.error().details.empty()) return file.error().code;
    std::string paths;
    for (const auto& problem : file.error().details) {
        CHECK_FALSE(problem.message.empty());
        paths += (paths.empty() ? "" : " ") + problem.field;
    }
    return paths;
}

struct Row {
    const char* text;
    const char* expected;
};

}  // namespace

TEST_CASE("an article is written in a shape, member by member and in its order", "[legacy]") {
    const std::vector<Row> rows = {
        {R"({"id": "id", "v": "version"})", R"({"id":7,"v":3})"},
        {R"({"z": "author", "a": "news_type", "m": "status"})",
         R"({"z":"Ann Lee","a":"sports","m":"published"})"},
        {R"({"headline": "title"})", R"({"headline":"Ärger \"am\" Tor\n東京 \u2028."})"},
        {R"({"body": "content", "summary": "description"})",
         R"({"body":"<p>Body</p>","summary":""})"},
        {R"({"published": "published_at"})", R"({"published":"2026-05-04T10:20:30.123456Z"})"},
        {R"({"at": {"value": "published_at", "format": "iso", "precision": "ms"}})",
         R"({"at":"2026-05-04T10:20:30.123+00:00"})"},
        {R"({"at": {"value": "published_at", "time_zone": "Asia/Kolkata"}})",
         R"({"at":"2026-05-04T15:50:30.123456+05:30"})"},
        {R"({"d": {"value": "updated_at", "format": "date"},
             "s": {"value": "created_at", "format": "timestamp"}})",
         R"({"d":"2026-05-04","s":1777890030})"},
        {R"({"id": {"value": "id", "format": "text"}})", R"({"id":"7"})"},
        {R"({"tags": "tags"})", R"({"tags":["cup","a/b"]})"},
        {R"({"tags": ["tags", {"name": ".", "of": "id"}]})",
         R"({"tags":[{"name":"cup","of":7},{"name":"a/b","of":7}]})"},
        {R"({"tags": ["tags", "."]})", R"({"tags":["cup","a/b"]})"},
        {R"({"category": {"name": "news_type", "deep": {"er": "id"}}})",
         R"({"category":{"name":"sports","deep":{"er":7}}})"},
        {R"({"category": {"id": {"value": "news_type", "map": {"sports": 3, "politics": 4}},
                          "name": {"value": "news_type", "map": {"politics": "Politik"}}}})",
         R"({"category":{"id":3,"name":null}})"},
        {R"({"x": {"object": {"value": "id", "link": "version"}}})",
         R"({"x":{"value":7,"link":3}})"},
        {R"({"site": {"constant": {"b": [1, 1.5, null, "é"], "a": true}}, "e": {"constant": ""}})",
         R"({"site":{"b":[1,1.5,null,"é"],"a":true},"e":""})"},
        {R"({"url": {"link": "/{news_type}/{id}/{author}/"}})",
         R"({"url":"https://news.example/sports/7/Ann%20Lee/"})"},
        {"{}", "{}"},
        {"\"author\"", "\"Ann Lee\""},
    };
    for (const auto& [shape, expected] : rows) {
        CAPTURE(shape);
        CHECK(shown(shape) == expected);
    }
    CHECK(shown(R"({"at": "published_at"})",
                R"("time_zone": "America/Chicago", "time_precision": "s",)") ==
          R"({"at":"2026-05-04T05:20:30-05:00"})");
}

TEST_CASE("a time that is not there is null", "[legacy]") {
    auto file = api_file_from_json(file_of(R"({"at": "published_at"})"), ground());
    REQUIRE(file);
    auto draft = article();
    draft.published_at.reset();
    std::string out;
    file->routes[0].item.write(out, draft, "");
    CHECK(out == R"({"at":null})");
}

TEST_CASE("what an import has brought in is written in a shape as its monolith had it",
          "[legacy]") {
    auto item = article();
    item.slug = "ärger-am-tor";
    item.legacy_id = "news.article:42";
    item.content_format = news::ContentFormat::html;
    item.extra = R"({"subtitle":"Late","seo":{"noindex":true},"n":1.5})";
    auto shown_of = [&](const std::string& shape) {
        auto file = api_file_from_json(file_of(shape), ground());
        REQUIRE(file);
        std::string out;
        file->routes[0].item.write(out, item, "https://news.example");
        return out;
    };
    CHECK(shown_of(R"({"slug": "slug", "format": "content_format"})") ==
          R"({"slug":"ärger-am-tor","format":"html"})");
    CHECK(shown_of(R"({"id": "legacy_id"})") == R"({"id":42})");
    CHECK(shown_of(R"({"id": {"value": "legacy_id", "format": "text"}})") == R"({"id":"42"})");
    CHECK(shown_of(R"({"url": {"link": "/{slug}/{legacy_id}/"}})") ==
          R"({"url":"https://news.example/%C3%A4rger-am-tor/42/"})");
    CHECK(shown_of(R"({"s": "extra.subtitle", "x": "extra.seo.noindex", "o": "extra.seo"})") ==
          R"({"s":"Late","x":true,"o":{"noindex":true}})");
    CHECK(shown_of(R"({"a": "extra.nothing", "b": "extra.n.deeper"})") == R"({"a":null,"b":null})");

    CHECK(shown_of(R"({"lang": "language", "at": "canonical_url"})") == R"({"lang":"","at":""})");
    item.metadata.language = "pt-BR";
    item.metadata.canonical_url = "https://news.example/gol";
    CHECK(shown_of(R"({"lang": "language", "at": "canonical_url"})") ==
          R"({"lang":"pt-BR","at":"https://news.example/gol"})");
    CHECK(shown_of(R"({"url": {"link": "/{language}/{slug}/"}})") ==
          R"({"url":"https://news.example/pt-BR/%C3%A4rger-am-tor/"})");

    item.legacy_id = "blog.post:7f-3";
    CHECK(shown_of(R"({"id": "legacy_id"})") == R"({"id":"7f-3"})");
    item.legacy_id.clear();
    item.extra.clear();
    CHECK(shown_of(R"({"id": "legacy_id", "s": "extra.subtitle"})") == R"({"id":null,"s":null})");
}

TEST_CASE("what a shape cannot mean stops the start and is told with its path", "[legacy]") {
    const std::vector<Row> rows = {
        {R"({"a": "headline"})", "shapes.article.a"},
        {R"({"a": "headlines", "b": "extra", "c": "extra.", "d": "extra.a..b"})",
         "shapes.article.a shapes.article.b shapes.article.c shapes.article.d"},
        {R"({"a": 7, "b": null})", "shapes.article.a shapes.article.b"},
        {R"({"a": "."})", "shapes.article.a"},
        {R"({"a": ["title", "."]})", "shapes.article.a[0]"},
        {R"({"a": ["tags"]})", "shapes.article.a"},
        {R"({"a": ["tags", {"n": "nothing"}]})", "shapes.article.a[1].n"},
        {R"({"a": {"value": "title"}})", "shapes.article.a.value"},
        {R"({"a": {"value": "title", "format": "text"}})", "shapes.article.a.format"},
        {R"({"a": {"value": "published_at", "format": "rfc"}})", "shapes.article.a.format"},
        {R"({"a": {"value": "published_at", "precision": "ns"}})", "shapes.article.a.precision"},
        {R"({"a": {"value": "published_at", "time_zone": "Mars/Base"}})",
         "shapes.article.a.time_zone"},
        {R"({"a": {"value": "published_at", "frmat": "iso"}})", "shapes.article.a.frmat"},
        {R"({"a": {"value": "news_type", "map": {"famous": 1}}})", "shapes.article.a.map.famous"},
        {R"({"a": {"value": "title", "map": {}}})", "shapes.article.a.value"},
        {R"({"a": {"value": "news_type", "map": []}})", "shapes.article.a.map"},
        {R"({"a": {"link": "articles"}})", "shapes.article.a.link"},
        {R"({"a": {"link": "/{tags}/{nothing}"}})", "shapes.article.a.link shapes.article.a.link"},
        {R"({"a": {"link": "/{id"}})", "shapes.article.a.link"},
        {R"({"a": {"constant": 1, "b": "id"}})", "shapes.article.a.b"},
    };
    for (const auto& [shape, expected] : rows) {
        CAPTURE(shape);
        CHECK(problems(file_of(shape)) == expected);
    }
}

TEST_CASE("what a route cannot mean stops the start and is told with its path", "[legacy]") {
    const std::string list = R"({"answers": "list", "envelope": "page_number", "item": "a", )";
    const std::string item = R"({"answers": "item", "item": "a", )";
    auto of_list = [&](const std::string& more) { return problems(file_with(list + more + "}")); };
    auto of_item = [&](const std::string& more) { return problems(file_with(item + more + "}")); };
    CHECK(of_list(R"("path": "/a")").empty());
    CHECK(of_item(R"("path": "/a/{id}")").empty());
    CHECK(of_list(R"("path": "/a", "x": 1)") == "routes[0].x");
    CHECK(of_list(R"("path": "/a", "key": "id")") == "routes[0].key");
    CHECK(of_item(R"("path": "/a/{id}", "query": {})") == "routes[0].query");
    CHECK(of_item(R"("path": "/a/{id}", "key": "slug")") == "routes[0].key");
    CHECK(of_item(R"("path": "/a/b")") == "routes[0].path");
    CHECK(of_item(R"("path": "/a/{id}/{slug}")") == "routes[0].path");
    CHECK(of_item(R"("path": "/{type}/{id}")").empty());
    CHECK(of_list(R"("types": ["famous", "sports", "sports"], "path": "/a")") ==
          "routes[0].types[0] routes[0].types[2]");
    CHECK(of_list(R"("types": [], "path": "/a")") == "routes[0].types");
    CHECK(of_list(R"("types": {"sport": "sports", "x": "sports", "y": 1}, "path": "/a")") ==
          "routes[0].types.x routes[0].types.y");
    CHECK(of_list(R"("path": "/a", "refuses": ["POST", "GET", "POST"])") ==
          "routes[0].refuses[1] routes[0].refuses[2]");
    CHECK(problems(file_with(R"({"answers": "page", "path": "/a", "item": "b"})")) ==
          "routes[0].answers routes[0].item routes[0].envelope");
    CHECK(problems(file_with(list + R"("path": "/a/{tag}"}, )" + list +
                             R"("path": "/a/{author}/"})")) == "routes[1].path");
}

TEST_CASE("a path is one that the router can tell from others", "[legacy]") {
    auto problem = [](const std::string& path) {
        return problems(file_with(
            R"({"answers": "list", "envelope": "array", "item": "a", "path": ")" + path + "\"}"));
    };
    for (const char* path : {"a", "", "/", "/v1/news", "/console", "/a//b", "/a/%20", "/a/b?c",
                             "/a/{x}", "/a/{", "/../a", "/a/é"}) {
        CAPTURE(path);
        CHECK(problem(path) == "routes[0].path");
    }
    for (const char* path : {"/a/{type}", "/a/{tag}/{type}", "/a/{author}/x", "/.well-known2"}) {
        CAPTURE(path);
        CHECK(problem(path).empty());
    }
}

TEST_CASE("a query's parameters are ours by another name, each of them once", "[legacy]") {
    auto problem = [](const std::string& more) {
        return problems(file_with(
            R"({"answers": "list", "envelope": "page_number", "item": "a", "path": "/a", )" + more +
            "}"));
    };
    const std::vector<Row> rows = {
        {R"("query": {"p": "page", "n": "limit", "c": "type", "t": "tag", "o": "sort"})", ""},
        {R"("query": {"p": "pages"})", "routes[0].query.p"},
        {R"("query": {"p": "offset", "q": "cursor"})", "routes[0].query.p routes[0].query.q"},
        {R"("query": {"p": "tag", "q": "tag"})", "routes[0].query.q"},
        {R"("query": {"lang": "language"})", ""},
        {R"("query": {"lang": "languages"})", "routes[0].query.lang"},
        {R"("query": {"t": "tag", "a": "author"})", ""},
        {R"("page_size": 20)", ""},
        {R"("page_size": 101)", "routes[0].page_size"},
        {R"("page_size": {"default": 30, "max": 20})", "routes[0].page_size.default"},
        {R"("page_size": {"default": 0, "max": 1000})",
         "routes[0].page_size.max routes[0].page_size.default"},
    };
    for (const auto& [text, expected] : rows) {
        CAPTURE(text);
        CHECK(problem(text) == expected);
    }
    CHECK(problems(file_with(R"({"answers": "list", "envelope": "array", "item": "a",
                                 "path": "/a/{tag}", "query": {"t": "tag"}})")) ==
          "routes[0].path");
}

TEST_CASE("what the file says as a whole is checked as well", "[legacy]") {
    CHECK_FALSE(api_file_from_json("[]", ground()));
    CHECK(problems("{") == "malformed_json");
    CHECK(problems("{}") == "routes");
    CHECK(problems(R"({"routes": [], "routs": 1, "time_zone": "Mars", "time_precision": "ns",
                       "base_url": "ftp://x", "drf_version": "4.0"})") ==
          "routs time_zone time_precision base_url drf_version");
    CHECK(problems(R"({"routes": [], "headers": {"Vary": "Accept, Cookie", "allow": "GET",
                       "content-type": "text/html", "X Y": "1", "X-Y": "a\nb"}})") ==
          "headers.content-type headers.X Y headers.X-Y");
    auto file = api_file_from_json(R"({"routes": [], "base_url": "https://a.example/",
        "drf_version": "3.14.0", "headers": {"vary": "Accept, Cookie", "Allow": ""}} // end)",
                                   ground());
    REQUIRE(file);
    CHECK(file->base_url == "https://a.example");
    CHECK_FALSE(file->names_missing);
    CHECK(file->headers == std::map<std::string, std::string>{{"vary", "Accept, Cookie"}});
}

TEST_CASE("a route by author needs lists by author", "[legacy]") {
    auto without = ground();
    without.lists_authors = false;
    auto text = file_with(R"({"answers": "list", "envelope": "array", "item": "a",
                              "path": "/a/{author}"})");
    CHECK(problems(text).empty());
    CHECK(problems(text, without) == "routes[0]");
}

}  // namespace legacy
