// The old routes over a real store of two news types, as a front end asks them.
#include "api_routes.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "http/server.hpp"
#include "news/module.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/http_client.hpp"
#include "support/no_body.hpp"
#include "support/temporary_folder.hpp"

namespace legacy {

namespace {

using Json = nlohmann::ordered_json;

constexpr int articles_each = 120;

const char* const api = R"({
  "time_zone": "America/Chicago", "drf_version": "3.18",
  "routes": [
    { "path": "/api/articles/", "answers": "list", "envelope": "page_number", "item": "article",
      "page_size": { "default": 20, "max": 50 }, "refuses": ["POST"],
      "query": { "page": "page", "page_size": "limit", "category": "type", "tag": "tag",
                 "author": "author", "lang": "language", "ordering": "sort" } },
    { "path": "/api/articles/{pk}/", "answers": "item", "item": "article" },
    { "path": "/api/offsets", "answers": "list", "envelope": "limit_offset", "item": "title" },
    { "path": "/api/stream", "answers": "list", "envelope": "cursor", "item": "title",
      "page_size": 50, "query": { "after": "cursor" } },
    { "path": "/api/latest/{type}", "answers": "list", "envelope": "array", "item": "title",
      "page_size": 3, "types": { "sport": "sports", "politik": "politics" } },
    { "path": "/api/by/{author}/", "answers": "list", "envelope": "page_number", "item": "title" },
    { "path": "/api/sports/{id}/", "answers": "item", "types": ["sports"], "item": "article",
      "not_found": { "error": "gone" } } ],
  "shapes": {
    "title": "title",
    "article": { "headline": "title", "id": "id", "byline": "author",
                 "published": { "value": "published_at", "format": "django" },
                 "category": { "name": "news_type" }, "tags": ["tags", { "name": "." }] } } })";

using Kept = std::shared_ptr<const http::PreparedResponse>;

std::string text_of(const http::Response& response) {
    const auto* kept = std::get_if<Kept>(&response.body);
    return kept ? (*kept)->body : std::get<std::string>(response.body);
}

struct Asked {
    http::Method method = http::Method::get;
    bool secure = false;
};

/// Both types at work, with articles of which one is published each minute, by turns.
class Site {
public:
    explicit Site(const std::string& text = api) {
        config_.types = {"politics", "sports"};
        config_.author_lists = true;
        config_.view_wait_ms = std::chrono::seconds(10);
        host::Environment environment{folder_.path(), clock_, metrics_, background_.get_executor()};
        environment.scheduled = false;
        auto opened = news::Module::open(config_, environment);
        REQUIRE(opened);
        news_ = std::move(*opened);
        REQUIRE(base::run(news_->start()));
        thread_ = std::thread([this] { background_.run(); });
        fill("politics", 0);
        fill("sports", 1);
        api_config.file = (folder_ / "api.json").string();
        // However slow the machine that tests is.
        api_config.deadline_ms = std::chrono::minutes(1);
        std::ofstream(api_config.file) << text;
        auto api_opened = open_api(api_config, news_->types());
        REQUIRE(api_opened);
        routes_ = std::move(*api_opened);
        routes_->add_routes(router_);
    }
    ~Site() {
        base::run(news_->stop({}));
        thread_.join();
    }

    http::Response ask(const std::string& target, Asked asked = {}) {
        auto answered = try_to_ask(target, asked);
        REQUIRE(answered);
        return std::move(*answered);
    }
    base::Result<http::Response> try_to_ask(const std::string& target, Asked asked = {}) {
        http::Request request;
        request.method = asked.method;
        request.secure = asked.secure;
        request.target = target;
        auto mark = request.target.find('?');
        if (mark != request.target.npos) request.query = request.target.substr(mark + 1);
        request.fields.push_back({"Host", "news.example:8080"});
        // Whoever asks gets no more than anybody.
        request.context.actor = {7, base::Role::admin};
        auto match = router_.match(request);
        REQUIRE(match.route);
        CHECK(match.route->credentials == http::Credentials::ignored);
        support::NoBody none;
        return base::run(match.route->handler(request, none));
    }
    std::string body(const std::string& target) { return text_of(ask(target)); }
    Json json(const std::string& target) { return Json::parse(body(target)); }

    news::Article create(const std::string& type, news::NewArticle article) {
        auto created = base::run(news_->types().at(type).commands->create(article, editor()));
        REQUIRE(created);
        return *created;
    }
    void unpublish(const news::Article& article) {
        auto& commands = *news_->types().at(article.news_type).commands;
        REQUIRE(base::run(commands.unpublish(article.id, editor())));
    }
    http::Router& router() { return router_; }

    /// All titles, newest first.
    static std::vector<std::string> titles() {
        std::vector<std::string> all;
        for (int i = 2 * articles_each - 1; i >= 0; --i) all.push_back("T" + std::to_string(i));
        return all;
    }

    ApiConfig api_config;

private:
    static news::Command editor() {
        news::Command command;
        command.context.actor = {7, base::Role::editor};
        command.expected = news::Expected{{}, true};
        return command;
    }
    void fill(const std::string& type, int first) {
        std::vector<news::ImportItem> items;
        auto start = *base::parse_rfc3339("2026-02-01T00:00:00Z");
        for (int i = first; i < 2 * articles_each; i += 2) {
            news::NewArticle article{"T" + std::to_string(i), "", "Content", i % 3 ? "Ann" : "Bo"};
            if (i % 10 == 1) article.tags = {"cup", "höchst/wert"};
            article.published_at = start + std::chrono::minutes(i);
            article.source_id = std::to_string(i);
            auto checked = news::check(std::move(article));
            REQUIRE(checked);
            items.push_back({std::move(*checked), std::to_string(i)});
        }
        base::Context context;
        context.request_id = "import";
        REQUIRE(base::run(news_->types().at(type).commands->import(std::move(items), context)));
        auto& instance = *news_->instances().at(type);
        REQUIRE(*base::run(instance.caught_up(std::chrono::seconds(20))));
    }

    support::TemporaryFolder folder_;
    support::FakeClock clock_;
    telemetry::Metrics metrics_;
    base::Loop background_;
    news::Config config_;
    std::unique_ptr<news::Module> news_;
    std::unique_ptr<ApiRoutes> routes_;
    http::Router router_;
    std::thread thread_;
};

std::string path_of(const Json& url) {
    std::string text = url;
    const std::string site = "http://news.example:8080";
    REQUIRE(text.starts_with(site));
    return text.substr(site.size());
}

/// All that one gets who follows a link from page to page.
std::vector<std::string> followed(Site& site, std::string target, const char* link) {
    std::vector<std::string> all;
    for (int pages = 0; pages < 100; ++pages) {
        auto page = site.json(target);
        for (const auto& title : page["results"]) all.push_back(title);
        if (page[link].is_null()) return all;
        target = path_of(page[link]);
    }
    return {};
}

std::string field_of(const http::Response& response, const std::string& name) {
    for (const auto& [known, value] : response.fields) {
        if (known == name) return value;
    }
    return "";
}

}  // namespace

TEST_CASE("a list of several types is answered as the monolith's one table was", "[legacy]") {
    Site site;
    auto response = site.ask("/api/articles/?page_size=2");
    CHECK(response.status == 200);
    CHECK(response.content_type == "application/json");
    CHECK(field_of(response, "Allow") == "GET, HEAD, OPTIONS");
    CHECK(field_of(response, "Vary") == "Accept");
    auto page = site.json("/api/articles/?page_size=2");
    std::string first = std::to_string(page["results"][0]["id"].get<std::int64_t>());
    std::string second = std::to_string(page["results"][1]["id"].get<std::int64_t>());
    CHECK(site.body("/api/articles/?page_size=2") ==
          R"({"count":240,"next":"http://news.example:8080/api/articles/?page=2&page_size=2",)"
          R"("previous":null,"results":[{"headline":"T239","id":)" +
              first +
              R"(,"byline":"Ann","published":"2026-01-31T21:59:00-06:00",)"
              R"("category":{"name":"sports"},"tags":[]},{"headline":"T238","id":)" +
              second +
              R"(,"byline":"Ann","published":"2026-01-31T21:58:00-06:00",)"
              R"("category":{"name":"politics"},"tags":[]}]})");
}

TEST_CASE("every way through a list meets each article once, newest first", "[legacy]") {
    Site site;
    CHECK(followed(site, "/api/offsets?limit=7", "next") == Site::titles());
    CHECK(followed(site, "/api/stream", "next") == Site::titles());
    std::vector<std::string> numbered;
    for (int page = 1; page <= 5; ++page) {
        auto answer = site.json("/api/articles?page_size=50&page=" + std::to_string(page));
        for (const auto& item : answer["results"]) numbered.push_back(item["headline"]);
    }
    CHECK(numbered == Site::titles());
    CHECK(site.json("/api/articles?page=last")["results"].back()["headline"] == "T0");
    CHECK(site.json("/api/offsets?offset=500")["results"].empty());
}

TEST_CASE("a cursor's links lead back as well", "[legacy]") {
    Site site;
    auto second = site.json(path_of(site.json("/api/stream")["next"]));
    auto third = site.json(path_of(second["next"]));
    auto back = site.json(path_of(third["previous"]));
    CHECK(back["results"] == second["results"]);
    auto first = site.json(path_of(back["previous"]));
    CHECK(first["results"][0] == "T239");
    CHECK(first["previous"].is_null());
    CHECK(site.json(path_of(first["next"]))["results"] == second["results"]);
    CHECK(site.ask("/api/stream?after=nonsense").status == 404);
    CHECK(site.body("/api/stream?after=nonsense") == R"({"detail":"Invalid cursor"})");
}

TEST_CASE("what a query chooses is shown and counted, and other names change nothing", "[legacy]") {
    Site site;
    auto count = [&](const std::string& target) { return site.json(target)["count"].get<int>(); };
    CHECK(count("/api/articles/?category=sports") == articles_each);
    CHECK(count("/api/articles/?category=nothing") == 0);
    CHECK(site.json("/api/articles/?category=nothing")["results"].empty());
    CHECK(count("/api/articles/?tag=cup") == 24);
    CHECK(count("/api/articles/?tag=h%C3%B6chst%2Fwert&category=politics") == 0);
    CHECK(count("/api/articles/?tag=none") == 0);
    CHECK(count("/api/articles/?ordering=title&utm_source=x") == 240);
    CHECK(count("/api/articles/?author=Bo") == 80);
    CHECK(site.try_to_ask("/api/articles/?author=Bo&tag=cup").error().code ==
          "not_listed_together");
    CHECK(count("/api/by/Bo/") == 80);
    CHECK(count("/api/by/Nobody") == 0);
    CHECK(site.json("/api/by/Bo/")["results"][0] == "T237");
    auto tagged = site.json("/api/articles/?tag=h%C3%B6chst%2Fwert&page_size=1&page=2");
    CHECK(tagged["results"][0]["headline"] == "T221");
    CHECK(tagged["results"][0]["tags"].dump() == R"([{"name":"cup"},{"name":"höchst/wert"}])");
    CHECK(path_of(tagged["next"]) == "/api/articles/?page=3&page_size=1&tag=h%C3%B6chst%2Fwert");
    CHECK(site.body("/api/latest/sport") == R"(["T239","T237","T235"])");
    // Only by the words that the route has for them.
    CHECK(site.body("/api/latest/sports") == "[]");
}

TEST_CASE("a list of one language has what is in it, however its tag is spelt", "[legacy]") {
    Site site;
    news::NewArticle article{"Notícia", "", "Content", "Ann", {"cup"}};
    article.metadata.language = "pt-BR";
    site.create("sports", article);
    for (const char* target :
         {"/api/articles/?lang=pt-BR", "/api/articles/?lang=pt-br&category=sports"}) {
        CAPTURE(target);
        auto page = site.json(target);
        CHECK(page["count"] == 1);
        CHECK(page["results"][0]["headline"] == "Notícia");
    }
    CHECK(site.json("/api/articles/?lang=en")["count"] == 0);
    CHECK(site.json("/api/articles/?lang=no%20language")["count"] == 0);
    CHECK(site.json("/api/articles/?lang=")["count"] == 241);
    CHECK(site.try_to_ask("/api/articles/?lang=en&tag=cup").error().code == "not_listed_together");
}

TEST_CASE("a page that is not there says so as the monolith does", "[legacy]") {
    Site site;
    for (const char* target : {"/api/articles/?page=13", "/api/articles/?page=0",
                               "/api/articles/?page=x", "/api/articles/?page=99999999999999"}) {
        CAPTURE(target);
        CHECK(site.ask(target).status == 404);
        CHECK(site.body(target) == R"({"detail":"Invalid page."})");
    }
    CHECK(site.ask("/api/articles/?page=12").status == 200);
}

TEST_CASE("no draft is shown or counted, whoever asks", "[legacy]") {
    Site site;
    auto draft = site.create("sports", {"Draft", "", "Content", "Ann", {"cup"}, true});
    auto gone = site.create("sports", {"Gone", "", "Content", "Ann", {"cup"}});
    CHECK(site.json("/api/articles/")["count"] == 241);
    site.unpublish(gone);
    CHECK(site.json("/api/articles/")["count"] == 240);
    CHECK(site.json("/api/articles/?tag=cup")["count"] == 24);
    CHECK(site.json("/api/articles/")["results"][0]["headline"] == "T239");
    for (const auto& article : {draft, gone}) {
        auto target = "/api/articles/" + std::to_string(article.id) + "/";
        CHECK(site.ask(target).status == 404);
        CHECK(site.body(target) == R"({"detail":"No Article matches the given query."})");
    }
}

TEST_CASE("an item is found by its id, with a slash at the end or not", "[legacy]") {
    Site site;
    auto newest = site.json("/api/articles/")["results"][0];
    auto id = std::to_string(newest["id"].get<std::int64_t>());
    CHECK(site.json("/api/articles/" + id + "/") == newest);
    CHECK(site.json("/api/articles/" + id) == newest);
    CHECK(site.json("/api/sports/" + id) == newest);
    CHECK(site.body("/api/articles/x/") == R"({"detail":"Not found."})");
    CHECK(site.body("/api/articles/99999999999999999999/") ==
          R"({"detail":"No Article matches the given query."})");
    CHECK(site.body("/api/sports/5/") == R"({"error":"gone"})");
    CHECK(site.ask("/api/sports/5/").status == 404);
}

TEST_CASE("only what a route says it refuses is refused here", "[legacy]") {
    Site site;
    auto response = site.ask("/api/articles/", {http::Method::post});
    CHECK(response.status == 405);
    CHECK(text_of(response) == R"({"detail":"Method \"POST\" not allowed."})");
    CHECK(field_of(response, "Allow") == "GET, HEAD, OPTIONS");
    http::Request put;
    put.method = http::Method::put;
    put.target = "/api/articles/";
    CHECK_FALSE(site.router().match(put).route);
}

TEST_CASE("an answer is kept until something changes in what it shows", "[legacy]") {
    Site site;
    const std::string sports = "/api/articles/?category=sports";
    auto kept = [&](const std::string& target, Asked asked = {}) {
        return std::get<Kept>(site.ask(target, asked).body);
    };
    auto first = kept(sports);
    CHECK(kept(sports) == first);
    CHECK(kept(sports + "&x=1") != first);
    // Its links begin otherwise.
    CHECK(kept(sports, {http::Method::get, true}) != first);
    auto created = site.create("sports", {"New", "", "Content", "Ann"});
    CHECK(kept(sports) != first);
    CHECK(site.json(sports)["results"][0]["headline"] == "New");
    site.unpublish(created);
    CHECK(site.json(sports)["results"][0]["headline"] == "T239");
}

TEST_CASE("over a connection the answers have the monolith's fields, and an ETag beside them",
          "[legacy]") {
    Site site;
    http::Config config;
    config.threads = 1;
    telemetry::Metrics metrics;
    http::Server server(config, metrics);
    http::Listener listener;
    listener.name = "http";
    listener.listen = "127.0.0.1:0";
    listener.router = {std::shared_ptr<const http::Router>(), &site.router()};
    listener.authenticator = std::make_shared<http::AnonymousAuthenticator>();
    server.add(listener);
    REQUIRE(server.start());
    {
        support::HttpClient client(server.addresses().at("http"));
        // A token of the monolith's is none of ours.
        auto list = client.request("GET", "/api/articles/?page_size=1", "",
                                   {{"Authorization", "Token 0123456789abcdef"}});
        CHECK(list.status == 200);
        CHECK(list.field("Content-Type") == "application/json");
        CHECK(list.field("Allow") == "GET, HEAD, OPTIONS");
        CHECK_THAT(list.field("Vary"), Catch::StartsWith("Accept"));
        CHECK(list.json()["count"] == 240);
        auto again = client.request("GET", "/api/articles/?page_size=1", "",
                                    {{"If-None-Match", list.field("ETag")}});
        CHECK(again.status == 304);
        CHECK(client.send("HEAD /api/articles/ HTTP/1.1\r\nHost: a\r\n\r\n"));
        CHECK(client.receive(true).status == 200);
        auto missing = client.request("GET", "/api/articles/5/");
        CHECK(missing.status == 404);
        CHECK(missing.field("Content-Type") == "application/json");
        CHECK(missing.body == R"({"detail":"No Article matches the given query."})");
        auto post = client.request("POST", "/api/articles/", "{}");
        CHECK(post.status == 405);
        CHECK(post.body == R"({"detail":"Method \"POST\" not allowed."})");
        CHECK(post.field("Allow") == "GET, HEAD, OPTIONS");
    }
    server.stop();
}

TEST_CASE("links begin with what the request says, or with the site's own address", "[legacy]") {
    Site site;
    auto response = site.ask("/api/offsets?limit=1", {http::Method::get, true});
    CHECK_THAT(text_of(response),
               Catch::Contains("\"https://news.example:8080/api/offsets?limit=1&offset=1\""));
    Site fixed(R"({"base_url": "https://www.news.example/", "routes": [
        {"path": "/a", "answers": "list", "envelope": "page_number", "item": "a"}],
        "shapes": {"a": {"url": {"link": "/x/"}}}})");
    auto page = fixed.json("/a?page=2");
    CHECK(page["previous"] == "https://www.news.example/a");
    CHECK(page["results"][0]["url"] == "https://www.news.example/x/");
}

TEST_CASE("before version 3.15 a missing item was not named", "[legacy]") {
    Site site(R"({"drf_version": "3.14", "routes": [
        {"path": "/a/{id}", "answers": "item", "item": "a"}], "shapes": {"a": "id"}})");
    CHECK(site.body("/a/7") == R"({"detail":"Not found."})");
}

TEST_CASE("a file that cannot be used stops the start, and without one there is nothing",
          "[legacy]") {
    ApiConfig config;
    auto none = open_api(config, {});
    REQUIRE(none);
    CHECK_FALSE(*none);
    support::TemporaryFolder folder;
    config.file = (folder / "missing.json").string();
    CHECK(open_api(config, {}).error().code == "cannot_read");
    std::ofstream(config.file) << R"({"routes": [{"path": "/a"}]})";
    auto refused = open_api(config, {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "invalid_legacy_api");
    CHECK(refused.error().details[0].field == "routes[0].answers");
}

}  // namespace legacy
