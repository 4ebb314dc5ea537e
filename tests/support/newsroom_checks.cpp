#include "support/newsroom_checks.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <cstdio>
#include <regex>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/streamed_answer.hpp"
#include "support/websocket_client.hpp"

namespace support {

using nlohmann::json;

namespace {

/// A body as a form with one file sends it.
std::string multipart(const std::string& content) {
    return "--edge\r\nContent-Disposition: form-data; name=\"caption\"\r\n\r\nA river\r\n"
           "--edge\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"river.jpg\"\r\n"
           "Content-Type: image/jpeg\r\n\r\n" +
           content + "\r\n--edge--\r\n";
}

std::vector<std::int64_t> ids_of(const json& articles) {
    std::vector<std::int64_t> ids;
    for (const auto& article : articles) ids.push_back(article.at("id"));
    return ids;
}

}  // namespace

Answer NewsroomFront::ask(const std::string& method, const std::string& target,
                          const std::string& body, const Fields& fields) const {
    return HttpClient(address_).request(method, target, body, fields);
}

Browser::Browser(Ask ask, Fields fields) : ask_(std::move(ask)), fields_(std::move(fields)) {}

Browser::Browser(const NewsroomFront& front, Fields fields)
    : Browser([front](const auto& method, const auto& target, const auto& body,
                      const auto& sent) { return front.ask(method, target, body, sent); },
              std::move(fields)) {}

Answer Browser::get(const std::string& target) {
    return keep(ask_("GET", target, "", sent({})));
}

Answer Browser::post(const std::string& target, const std::string& form, const Answer& page,
                     const Fields& more) {
    static const std::regex token("name=\"csrfmiddlewaretoken\" value=\"([^\"]+)\"");
    std::smatch found;
    std::regex_search(page.body, found, token);
    auto fields = sent(more);
    fields.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    return keep(ask_("POST", target, form + "&csrfmiddlewaretoken=" + found.str(1), fields));
}

Answer Browser::log_in(const std::string& target, const Fields& more) {
    auto page = get(target);
    REQUIRE(page.status == 200);
    auto form =
        std::string("username=") + DjangoSite::admin + "&password=" + DjangoSite::admin_password;
    return post(target, form, page, more);
}

bool Browser::has_cookie(const std::string& name) const {
    return std::any_of(cookies_.begin(), cookies_.end(),
                       [&](const auto& cookie) { return cookie.first == name; });
}

std::string Browser::cookies() const {
    std::string all;
    for (const auto& [name, value] : cookies_) {
        all += (all.empty() ? "" : "; ") + name + "=" + value;
    }
    return all;
}

Fields Browser::sent(const Fields& more) const {
    auto fields = fields_;
    fields.insert(fields.end(), more.begin(), more.end());
    if (!cookies_.empty()) fields.emplace_back("Cookie", cookies());
    return fields;
}

Answer Browser::keep(Answer answer) {
    for (const auto& [name, value] : answer.fields) {
        if (name != "Set-Cookie") continue;
        auto equals = value.find('=');
        auto cookie = value.substr(0, equals);
        std::erase_if(cookies_, [&](const auto& known) { return known.first == cookie; });
        cookies_.emplace_back(cookie, value.substr(equals + 1, value.find(';') - equals - 1));
    }
    return answer;
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

std::string file_of_lines(std::size_t size) {
    std::string text;
    while (text.size() < size) {
        char line[32];
        std::snprintf(line, sizeof(line), "%015zu\n", text.size());
        text += line;
    }
    text.resize(size);
    return text;
}

void check_pages(const NewsroomFront& site) {
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

void check_files(const NewsroomFront& site) {
    auto style = site.get("/static/news/site.css");
    CHECK(style.status == 200);
    CHECK(style.field("Content-Type") == "text/css");
    CHECK(site.get("/static/admin/css/base.css").status == 200);
    auto picture = site.get("/media/picture.bin");
    CHECK(picture.body.size() == 262144);
    CHECK(site.ask("HEAD", "/media/picture.bin").field("Content-Length") == "262144");
}

void check_answers(const NewsroomFront& site) {
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
    // gunicorn itself believes this, of who connects from this machine; portal takes it from
    // nobody.
    auto claimed = site.get("/whoami/", {{"X-Forwarded-Proto", "https"}}).json();
    CHECK(claimed["is_secure"] == site.is_direct());
    CHECK(site.get("/whoami/", {{"X-Forwarded-Host", "elsewhere"}}).json()["host"] == "localhost");
}

void check_upload(const NewsroomFront& site, std::size_t size) {
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

nlohmann::json chunked_size(const NewsroomFront& site) {
    HttpClient client(site.address());
    client.send(support::head_of("POST", "/upload/", {{"Transfer-Encoding", "chunked"}}));
    client.send("c\r\ntwelve bytes\r\n0\r\n\r\n");
    auto answer = client.receive();
    CHECK(answer.status == 200);
    return answer.json()["size"];
}

void check_download(const NewsroomFront& site) {
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

void check_pieces(const NewsroomFront& site) {
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

void check_article(const json& article) {
    static const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}-0[56]:00)");
    INFO(article.dump());
    CHECK(article["headline"].is_string());
    CHECK(article["body"].is_string());
    CHECK(article["byline"] == "Ann Lee");
    CHECK(article["category"]["name"] == "sports");
    CHECK(article["slug"].get<std::string>().ends_with("-2"));
    CHECK(article["subtitle"] == "");
    CHECK(article["tags"] == json::parse(R"([{"name": "rowing"}, {"name": "film"}])"));
    CHECK(std::regex_match(article["published"].get<std::string>(), time));
}

void check_envelopes(const NewsroomFront& site) {
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

void check_filters(const NewsroomFront& site) {
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

void check_api_rights(const NewsroomFront& site) {
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

void check_forms(const NewsroomFront& site) {
    Browser editor(site);
    Browser reader(site);

    // Then the admin opens to who logs in, and a form without its token is refused.
    CHECK(editor.get("/admin/").status == 302);
    CHECK(site.ask("POST", "/admin/login/", "username=admin&password=admin-password",
                   {{"Content-Type", "application/x-www-form-urlencoded"}})
              .status == 403);
    CHECK(editor.log_in("/admin/login/").status == 302);
    CHECK(editor.has_cookie("sessionid"));
    CHECK(editor.get("/admin/news/article/").status == 200);
    if (site.site().stack() == DjangoSite::Stack::pypi) CHECK(editor.get("/cms/").status == 200);

    // And the contact page counts the visits of a session, and thanks once.
    CHECK_THAT(reader.get("/contact/").body, Catch::Contains("Visit 1 of"));
    auto form = reader.get("/contact/");
    CHECK_THAT(form.body, Catch::Contains("Visit 2 of"));
    auto sent = reader.post("/contact/", "name=Bea&text=Hello", form);
    CHECK(sent.status == 302);
    CHECK_THAT(reader.get(sent.field("Location")).body, Catch::Contains("Thank you, Bea."));
    CHECK_THAT(reader.get("/contact/").body, !Catch::Contains("Thank you"));
}

void check_websocket(const NewsroomFront& site) {
    Browser editor(site);
    CHECK(editor.log_in("/admin/login/").status == 302);

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

}  // namespace support
