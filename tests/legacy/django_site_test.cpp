// The newsroom site that other tests put behind portal does by itself what it is there for, on each
// of its stacks: what is lost or changed on the way through portal is then portal's doing.
#include <openssl/sha.h>

#include <algorithm>
#include <cstdio>
#include <regex>
#include <sstream>

#include "support/catch.hpp"
#include "support/django_site.hpp"
#include "support/eventually.hpp"
#include "support/skip.hpp"
#include "support/streamed_answer.hpp"
#include "support/websocket_client.hpp"

using nlohmann::json;
using support::Answer;
using support::DjangoSite;
using support::Fields;
using support::HttpClient;
using support::StreamedAnswer;
using support::WebSocketClient;

namespace {

struct Debian {
    static constexpr auto stack = DjangoSite::Stack::debian;
};
struct PyPI {
    static constexpr auto stack = DjangoSite::Stack::pypi;
};

/// True after saying why.
bool skipped(DjangoSite::Stack stack) {
    auto missing = DjangoSite::missing(stack);
    if (!missing.empty()) support::skip(missing);
    return !missing.empty();
}

DjangoSite::Options options_of(DjangoSite::Stack stack,
                               DjangoSite::Server server = DjangoSite::Server::gthread) {
    DjangoSite::Options options;
    options.stack = stack;
    options.server = server;
    return options;
}

std::string sha256(const std::string& text) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
    std::string hex;
    for (auto byte : digest) {
        char two[3];
        std::snprintf(two, sizeof(two), "%02x", byte);
        hex += two;
    }
    return hex;
}

/// The file that /download/lines-<size>.txt gives: lines that say where they are.
std::string file_of_lines(std::size_t size) {
    std::string text;
    while (text.size() < size) {
        char line[17];
        std::snprintf(line, sizeof(line), "%015zu\n", text.size());
        text += line;
    }
    text.resize(size);
    return text;
}

/// A browser's cookies and form tokens, on one site.
class Browser {
public:
    explicit Browser(const DjangoSite& site, Fields fields = {})
        : site_(site), fields_(std::move(fields)) {}

    Answer get(const std::string& target) { return keep(site_.get(target, sent({}))); }

    /// As a form is sent: with the token that the page before it has.
    Answer post(const std::string& target, const std::string& form, const Answer& page,
                const Fields& more = {}) {
        static const std::regex token("name=\"csrfmiddlewaretoken\" value=\"([^\"]+)\"");
        std::smatch found;
        std::regex_search(page.body, found, token);
        auto fields = sent(more);
        fields.emplace_back("Content-Type", "application/x-www-form-urlencoded");
        return keep(
            site_.ask("POST", target, form + "&csrfmiddlewaretoken=" + found.str(1), fields));
    }

    bool has_cookie(const std::string& name) const {
        return std::any_of(cookies_.begin(), cookies_.end(),
                           [&](const auto& cookie) { return cookie.first == name; });
    }

    std::string cookies() const {
        std::string all;
        for (const auto& [name, value] : cookies_) {
            all += (all.empty() ? "" : "; ") + name + "=" + value;
        }
        return all;
    }

private:
    Fields sent(const Fields& more) const {
        auto fields = fields_;
        fields.insert(fields.end(), more.begin(), more.end());
        if (!cookies_.empty()) fields.emplace_back("Cookie", cookies());
        return fields;
    }

    Answer keep(Answer answer) {
        for (const auto& [name, value] : answer.fields) {
            if (name != "Set-Cookie") continue;
            auto equals = value.find('=');
            auto cookie = value.substr(0, equals);
            std::erase_if(cookies_, [&](const auto& known) { return known.first == cookie; });
            cookies_.emplace_back(cookie, value.substr(equals + 1, value.find(';') - equals - 1));
        }
        return answer;
    }

    const DjangoSite& site_;
    Fields fields_;
    Fields cookies_;
};

Answer log_in(Browser& browser, const std::string& page_at, const Fields& more = {}) {
    auto page = browser.get(page_at);
    REQUIRE(page.status == 200);
    return browser.post(
        page_at,
        std::string("username=") + DjangoSite::admin + "&password=" + DjangoSite::admin_password,
        page, more);
}

/// A body as a form with one file sends it.
std::string multipart(const std::string& content) {
    return "--edge\r\nContent-Disposition: form-data; name=\"caption\"\r\n\r\nA river\r\n"
           "--edge\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"river.jpg\"\r\n"
           "Content-Type: image/jpeg\r\n\r\n" +
           content + "\r\n--edge--\r\n";
}

void check_pages(const DjangoSite& site) {
    // The list, and the page of the article that it names first.
    auto list = site.get("/");
    CHECK(list.status == 200);
    CHECK(list.field("Content-Type") == "text/html; charset=utf-8");
    std::smatch link;
    REQUIRE(std::regex_search(list.body, link, std::regex("href=\"(/articles/[^\"]+)\"")));
    auto article = site.get(link.str(1));
    CHECK(article.status == 200);
    CHECK_THAT(article.body, Catch::Contains("<article>"));
    auto again = site.get(link.str(1), {{"If-None-Match", article.field("ETag")}});
    CHECK(again.status == 304);
    CHECK(site.get("/articles/no-such-article/").status == 404);
    // Without its slash: sent on.
    auto without = link.str(1);
    without.pop_back();
    CHECK(site.get(without).field("Location") == link.str(1));
}

void check_files(const DjangoSite& site) {
    auto style = site.get("/static/news/site.css");
    CHECK(style.status == 200);
    CHECK(style.field("Content-Type") == "text/css");
    CHECK(site.get("/static/admin/css/base.css").status == 200);
    auto picture = site.get("/media/picture.bin");
    CHECK(picture.body.size() == 262144);
    CHECK(site.ask("HEAD", "/media/picture.bin").field("Content-Length") == "262144");
}

void check_answers(const DjangoSite& site) {
    CHECK(site.get("/moved/relative/").field("Location") == "/whoami/?from=relative");
    CHECK(site.get("/moved/absolute/", {{"X-Forwarded-Host", "elsewhere"}}).field("Location") ==
          "http://localhost/whoami/?from=absolute");
    CHECK(site.get("/old-contact/").field("Location") == "/contact/");
    CHECK(site.get("/gone/").status == 410);
    for (int code : {200, 204, 304, 403, 404, 418, 429, 500, 503}) {
        CHECK(site.get("/status/" + std::to_string(code) + "/").status == code);
    }
    CHECK(site.get("/broken/").status == 500);
    auto began = std::chrono::steady_clock::now();
    CHECK(site.get("/slow/?ms=150").body == "late\n");
    CHECK(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(150));
    auto cookies = site.get("/cookies/");
    CHECK(std::count_if(cookies.fields.begin(), cookies.fields.end(),
                        [](const auto& field) { return field.first == "Set-Cookie"; }) == 2);

    auto seen = site.ask("POST", "/whoami/?a=%20b", "twelve bytes",
                         {{"X-Reader", "r17"}, {"Cookie", "edition=city"}})
                    .json();
    CHECK(seen["path"] == "/whoami/?a=%20b");
    CHECK(seen["scheme"] == "http");
    CHECK(seen["host"] == "localhost");
    CHECK(seen["remote_addr"] == "127.0.0.1");
    CHECK(seen["headers"]["HTTP_X_READER"] == "r17");
    CHECK(seen["cookies"]["edition"] == "city");
    CHECK(seen["body"]["size"] == 12);
    CHECK(site.get("/whoami/", {{"Host", "elsewhere"}}).status == 400);
    // gunicorn itself believes this, of who connects from this machine.
    CHECK(site.get("/whoami/", {{"X-Forwarded-Proto", "https"}}).json()["is_secure"] == true);
    CHECK(site.get("/whoami/", {{"X-Forwarded-Host", "elsewhere"}}).json()["host"] == "localhost");
}

void check_upload(const DjangoSite& site, std::size_t size) {
    auto content = file_of_lines(size);
    auto hash = sha256(content);
    auto raw = site.ask("PUT", "/upload/", content, {{"Content-Type", "image/jpeg"}}).json();
    CHECK(raw["size"] == size);
    CHECK(raw["sha256"] == hash);
    auto form = site.ask("POST", "/upload/", multipart(content),
                         {{"Content-Type", "multipart/form-data; boundary=edge"}})
                    .json();
    REQUIRE(form["files"].size() == 1);
    CHECK(form["files"][0]["name"] == "river.jpg");
    CHECK(form["files"][0]["size"] == size);
    CHECK(form["files"][0]["sha256"] == hash);
    CHECK(form["fields"]["caption"] == "A river");
}

/// How many bytes of a body of 12, sent in chunks, Django says it has read.
json chunked_size(const DjangoSite& site) {
    HttpClient client(site.address());
    client.send(support::head_of("POST", "/upload/", {{"Transfer-Encoding", "chunked"}}));
    client.send("c\r\ntwelve bytes\r\n0\r\n\r\n");
    auto answer = client.receive();
    CHECK(answer.status == 200);
    return answer.json()["size"];
}

void check_download(const DjangoSite& site) {
    constexpr std::size_t size = 20000003;
    auto target = "/download/lines-" + std::to_string(size) + ".txt";
    auto file = file_of_lines(size);
    auto whole = site.get(target);
    CHECK(whole.status == 200);
    CHECK(whole.field("Accept-Ranges") == "bytes");
    CHECK((whole.body == file));
    struct Row {
        const char* range;
        int status;
        const char* content_range;
        std::size_t begin;
        std::size_t end;
    };
    const std::vector<Row> rows = {
        {"bytes=5-20", 206, "bytes 5-20/20000003", 5, 21},
        {"bytes=65530-65545", 206, "bytes 65530-65545/20000003", 65530, 65546},
        {"bytes=19999990-", 206, "bytes 19999990-20000002/20000003", 19999990, size},
        {"bytes=-3", 206, "bytes 20000000-20000002/20000003", 20000000, size},
        {"bytes=20000003-", 416, "bytes */20000003", 0, 0},
        {"bytes=7-3", 200, "", 0, size},
        {"lines=1-2", 200, "", 0, size},
    };
    for (const auto& row : rows) {
        INFO(row.range);
        auto part = site.get(target, {{"Range", row.range}});
        CHECK(part.status == row.status);
        CHECK(part.field("Content-Range") == row.content_range);
        CHECK((part.body == file.substr(row.begin, row.end - row.begin)));
    }
    auto other = site.get(target, {{"Range", "bytes=5-20"}, {"If-Range", "\"older\""}});
    CHECK(other.status == 200);
    StreamedAnswer unsized(site.address(), target + "?unsized");
    CHECK_FALSE(unsized.head().has_field("Content-Length"));
    CHECK((unsized.rest() == file));
    CHECK(unsized.complete());
}

/// Each piece is here before the next one may go.
void check_pieces(const DjangoSite& site) {
    StreamedAnswer stream(site.address(), "/stream/?pieces=3&gate=lines&accel=no");
    CHECK(stream.head().field("X-Accel-Buffering") == "no");
    CHECK(stream.until("piece 0\n") == "piece 0\n");
    site.open_gate("lines", 1);
    CHECK(stream.until("piece 1\n") == "piece 0\npiece 1\n");
    site.open_gate("lines", 2);
    CHECK(stream.rest() == "piece 0\npiece 1\npiece 2\n");
    CHECK(stream.complete());
    CHECK(support::eventually([&] { return site.gate_closed("lines"); }));

    StreamedAnswer events(site.address(), "/events/?pieces=6&gate=events",
                          {{"Last-Event-ID", "3"}});
    CHECK(events.head().field("Content-Type") == "text/event-stream");
    CHECK_FALSE(events.head().has_field("X-Accel-Buffering"));
    CHECK(events.until("\n\n") == "id: 4\nevent: tick\ndata: {\"number\": 4}\n\n");
    site.open_gate("events", 5);
    CHECK_THAT(events.rest(), Catch::EndsWith("data: {\"number\": 5}\n\n"));
}

void check_broken_stream(const DjangoSite& site) {
    StreamedAnswer cut(site.address(), "/stream/?pieces=3&pause_ms=0&break_at=2");
    CHECK(cut.rest() == "piece 0\npiece 1\n");
    CHECK_FALSE(cut.complete());
}

std::vector<std::int64_t> ids_of(const json& articles) {
    std::vector<std::int64_t> ids;
    for (const auto& article : articles) ids.push_back(article.at("id"));
    return ids;
}

void check_article(const json& article) {
    static const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}-0[56]:00)");
    INFO(article.dump());
    CHECK(article["headline"].is_string());
    CHECK(article["body"].is_string());
    CHECK(article["byline"] == "Ann Lee");
    CHECK(article["category"]["name"] == "sports");
    CHECK(article["slug"].get<std::string>().ends_with("-2"));
    CHECK(article["subtitle"].get<std::string>().empty());
    CHECK(article["tags"] == json::parse(R"([{"name": "rowing"}, {"name": "film"}])"));
    CHECK(std::regex_match(article["published"].get<std::string>(), time));
}

void check_envelopes(const DjangoSite& site) {
    auto first = site.get("/api/articles/?page_size=3&ordering=id").json();
    CHECK(first["count"] == 90);
    CHECK(first["previous"].is_null());
    CHECK(first["next"] == "http://localhost/api/articles/?ordering=id&page=2&page_size=3");
    CHECK(ids_of(first["results"]) == std::vector<std::int64_t>{1, 2, 3});
    auto offset = site.get("/api/offset/articles/?limit=2&offset=8&ordering=id").json();
    CHECK(offset["count"] == 90);
    CHECK(ids_of(offset["results"]) == std::vector<std::int64_t>{9, 11});
    auto cursor = site.get("/api/cursor/articles/?page_size=2").json();
    CHECK(ids_of(cursor["results"]) == std::vector<std::int64_t>{99, 98});
    std::string next = cursor["next"];
    CHECK(next.starts_with("http://localhost/api/cursor/articles/?cursor="));
    auto following = site.get(next.substr(next.find("/api/"))).json();
    CHECK(ids_of(following["results"]) == std::vector<std::int64_t>{97, 96});
    CHECK(site.get("/api/array/articles/").json().size() == 90);
}

void check_filters(const DjangoSite& site) {
    auto all = site.get("/api/array/articles/").json();
    auto expected = [&](auto holds) { return std::count_if(all.begin(), all.end(), holds); };
    auto count = [&](const std::string& query) -> std::int64_t {
        return site.get("/api/articles/?" + query).json()["count"];
    };
    auto sports = expected([](const json& one) { return one["category"]["name"] == "sports"; });
    auto by_ann = expected([](const json& one) { return one["byline"] == "Ann Lee"; });
    auto rowing = expected([](const json& one) {
        auto tags = one["tags"];
        return std::find(tags.begin(), tags.end(), json{{"name", "rowing"}}) != tags.end();
    });
    CHECK(sports > 10);
    CHECK(count("category=sports") == sports);
    CHECK(by_ann > 5);
    CHECK(count("author=Ann+Lee") == by_ann);
    CHECK(rowing > 5);
    CHECK(count("tag=rowing") == rowing);
    CHECK(site.get("/api/articles/?page=99").status == 404);
    CHECK(site.get("/api/articles/10/").status == 404);
}

void check_api_rights(const DjangoSite& site) {
    Fields json_body{{"Content-Type", "application/json"}};
    auto draft =
        json{{"headline", "New"}, {"body", "Text"}, {"slug", "new"}, {"section", "sports"}};
    CHECK(site.ask("POST", "/api/articles/", draft.dump(), json_body).status == 401);
    json login{{"username", DjangoSite::editor}, {"password", DjangoSite::editor_password}};
    auto token = site.ask("POST", "/api/auth-token/", login.dump(), json_body).json();
    auto with_token = json_body;
    with_token.emplace_back("Authorization", "Token " + token.value("token", ""));
    CHECK(site.ask("POST", "/api/articles/", draft.dump(), with_token).status == 201);
    auto again = site.ask("POST", "/api/articles/", draft.dump(), with_token);
    CHECK(again.status == 400);
    CHECK(again.json()["slug"].is_array());
}

/// Articles as `dump_lines` writes them.
std::vector<std::string> dumped(DjangoSite::Stack stack, std::vector<std::string> arguments) {
    DjangoSite site(options_of(stack));
    arguments.insert(arguments.begin(), "dump_lines");
    auto ended = site.manage(std::move(arguments));
    INFO(ended.errors);
    REQUIRE(ended.code == 0);
    std::istringstream text(ended.output);
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
}

}  // namespace

TEMPLATE_TEST_CASE("the newsroom's pages, files, uploads and downloads are what they say",
                   "[django]", Debian, PyPI) {
    if (skipped(TestType::stack)) return;
    DjangoSite site(options_of(TestType::stack));
    site.start();
    check_pages(site);
    check_files(site);
    check_answers(site);
    check_upload(site, 20000003);
    check_upload(site, 0);
    check_download(site);
}

TEMPLATE_TEST_CASE("an editor logs in and a reader writes, with Django's own checks", "[django]",
                   Debian, PyPI) {
    if (skipped(TestType::stack)) return;
    // Given a site, and two who have been nowhere yet
    DjangoSite site(options_of(TestType::stack));
    site.start();
    Browser editor(site);
    Browser reader(site);

    // Then the admin opens to who logs in, and a form without its token is refused.
    CHECK(editor.get("/admin/").status == 302);
    CHECK(site.ask("POST", "/admin/login/", "username=admin&password=admin-password",
                   {{"Content-Type", "application/x-www-form-urlencoded"}})
              .status == 403);
    CHECK(log_in(editor, "/admin/login/").status == 302);
    CHECK(editor.has_cookie("sessionid"));
    CHECK(editor.get("/admin/news/article/").status == 200);
    if (TestType::stack == DjangoSite::Stack::pypi) CHECK(editor.get("/cms/").status == 200);

    // And the contact page counts the visits of a session, and thanks once.
    CHECK_THAT(reader.get("/contact/").body, Catch::Contains("Visit 1 of"));
    auto form = reader.get("/contact/");
    CHECK_THAT(form.body, Catch::Contains("Visit 2 of"));
    auto sent = reader.post("/contact/", "name=Bea&text=Hello", form);
    CHECK(sent.status == 302);
    CHECK_THAT(reader.get(sent.field("Location")).body, Catch::Contains("Thank you, Bea."));
    CHECK_THAT(reader.get("/contact/").body, !Catch::Contains("Thank you"));
}

TEMPLATE_TEST_CASE("the newsroom's API answers in the envelopes of REST framework", "[django]",
                   Debian, PyPI) {
    if (skipped(TestType::stack)) return;
    DjangoSite site(options_of(TestType::stack));
    site.start();
    check_envelopes(site);
    check_filters(site);
    // An article: its time in the site's zone, and one member that is never the same.
    auto article = site.get("/api/articles/2/").json();
    check_article(article);
    CHECK(site.get("/api/articles/2/").json()["hits"] != article["hits"]);
    check_api_rights(site);
    if (TestType::stack == DjangoSite::Stack::pypi) {
        json login{{"username", DjangoSite::admin}, {"password", DjangoSite::admin_password}};
        auto pair =
            site.ask("POST", "/api/token/", login.dump(), {{"Content-Type", "application/json"}});
        CHECK(pair.json()["access"].is_string());
    }
}

TEMPLATE_TEST_CASE("under gunicorn a stream comes piece by piece, and a chunked body as nothing",
                   "[django]", Debian, PyPI) {
    if (skipped(TestType::stack)) return;
    for (auto server : {DjangoSite::Server::gthread, DjangoSite::Server::sync}) {
        DjangoSite site(options_of(TestType::stack, server));
        site.start();
        check_pieces(site);
        check_broken_stream(site);
        CHECK(chunked_size(site) == 0);
        // One keeps a connection, the other never.
        HttpClient client(site.address());
        client.request("GET", "/status/200/");
        bool ended = client.ends(std::chrono::milliseconds(0)) ||
                     (server == DjangoSite::Server::sync && client.ends(HttpClient::patience));
        CHECK(ended == (server == DjangoSite::Server::sync));
    }
}

TEMPLATE_TEST_CASE("under daphne a websocket echoes, and a chunked body arrives", "[django]",
                   Debian, PyPI) {
    if (skipped(TestType::stack)) return;
    DjangoSite site(options_of(TestType::stack, DjangoSite::Server::daphne));
    site.start();
    // Django 3.2 blocks its loop while it streams.
    if (TestType::stack == DjangoSite::Stack::pypi) check_pieces(site);
    CHECK(chunked_size(site) == 12);
    Browser editor(site);
    CHECK(log_in(editor, "/admin/login/").status == 302);

    // Who comes from elsewhere is refused, and so is a path that there is not.
    CHECK_THROWS_AS(WebSocketClient(site.address(), "/ws/echo/", {{"Origin", "http://elsewhere"}}),
                    support::UpgradeRefused);
    Fields own{{"Origin", "http://localhost"}, {"Cookie", editor.cookies()}};
    own.emplace_back("Sec-WebSocket-Protocol", "newsroom");
    WebSocketClient socket(site.address(), "/ws/echo/", own);
    socket.send_text("gr\xC3\xBC\xC3\x9F");
    auto text = socket.receive();
    CHECK(text.is_text);
    CHECK(text.bytes == "gr\xC3\xBC\xC3\x9F");
    auto bytes = file_of_lines(300000);
    socket.send_bytes(bytes);
    auto echoed = socket.receive();
    CHECK_FALSE(echoed.is_text);
    CHECK((echoed.bytes == bytes));
    socket.send_text("who");
    CHECK(socket.receive().bytes == DjangoSite::admin);
    socket.send_text("close 4001");
    CHECK_THROWS_AS(socket.receive(), support::ConnectionLost);
    CHECK(socket.close_code() == 4001);
}

TEMPLATE_TEST_CASE("behind TLS, Django checks scheme, host and referer of a form", "[django]",
                   Debian, PyPI) {
    if (skipped(TestType::stack)) return;
    auto options = options_of(TestType::stack);
    options.behind_tls = true;
    options.environment.emplace_back("NEWSROOM_HOSTS", "news.example.org");
    DjangoSite site(options);
    site.start();
    // A browser at https://news.example.org, behind a proxy that passes what it says.
    struct Row {
        const char* what;
        const char* host;
        Fields fields;
        int status;
    };
    const std::vector<Row> rows = {
        {"as it was", "news.example.org", {{"Referer", "https://news.example.org/a/"}}, 302},
        {"a port, kept",
         "news.example.org:8443",
         {{"Referer", "https://news.example.org:8443/a/"}},
         302},
        {"a port, lost",
         "news.example.org",
         {{"Referer", "https://news.example.org:8443/a/"}},
         403},
        {"no referer", "news.example.org", {}, 403},
        {"no referer, and no origin", "news.example.org", {{"Origin", "null"}}, 403},
    };
    for (const auto& row : rows) {
        INFO(row.what);
        Browser browser(site, {{"Host", row.host}, {"X-Forwarded-Proto", "https"}});
        CHECK(log_in(browser, "/admin/login/", row.fields).status == row.status);
    }
    Fields https{{"Host", "news.example.org"}, {"X-Forwarded-Proto", "https"}};
    CHECK(site.get("/whoami/", https).json()["is_secure"] == true);
    CHECK(site.get("/whoami/", {{"Host", "news.example.org"}}).json()["is_secure"] == false);
    CHECK(site.get("/whoami/", {{"X-Forwarded-Proto", "https"}}).status == 400);
}

TEMPLATE_TEST_CASE("a killed Django leaves nobody, and is back at its address with its data",
                   "[django]", Debian, PyPI) {
    if (skipped(TestType::stack)) return;
    for (bool unix_socket : {false, true}) {
        // Given two workers, or one at a socket that is a file, with a request under way
        auto options = options_of(TestType::stack);
        options.unix_socket = unix_socket;
        options.workers = unix_socket ? 1 : 2;
        options.articles = 0;
        DjangoSite site(options);
        site.start();
        auto wanted = static_cast<std::size_t>(options.workers);
        REQUIRE(support::eventually([&] { return site.workers().size() == wanted; }));
        Browser reader(site);
        auto form = reader.get("/contact/");
        CHECK(reader.post("/contact/", "name=Bea&text=Hello", form).status == 302);
        StreamedAnswer stream(site.address(), "/stream/?gate=never");
        stream.until("piece 0\n");
        auto address = site.address();

        // When it is killed
        site.kill();

        // Then nobody listens, and after a start it knows what it knew.
        CHECK_THROWS_AS(HttpClient(address), support::ConnectionLost);
        stream.rest();
        CHECK_FALSE(stream.complete());
        site.start();
        CHECK(site.address() == address);
        CHECK_THAT(reader.get("/contact/").body, Catch::Contains("Thank you, Bea."));
        CHECK(site.stop() == 0);
    }
}

TEST_CASE("both newsrooms have the same articles, but for those that were planted", "[django]") {
    using Stack = DjangoSite::Stack;
    if (skipped(Stack::debian) || skipped(Stack::pypi)) return;
    auto lines = dumped(Stack::debian, {});
    CHECK(lines.size() == 100);
    CHECK(lines == dumped(Stack::pypi, {}));
    auto planted = dumped(Stack::pypi, {"--plant", "25"});
    REQUIRE(planted.size() == lines.size());
    std::size_t different = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) different += lines[i] != planted[i];
    CHECK(different == 4);
}
