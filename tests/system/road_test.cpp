// portal in front of a real Django, as on the first day: for readers, editors, uploads and
// websockets nothing changes.
#include <algorithm>
#include <regex>
#include <set>
#include <thread>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/newsroom_checks.hpp"
#include "support/portal_process.hpp"
#include "support/skip.hpp"
#include "support/streamed_answer.hpp"
#include "support/tls.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::Answer;
using support::Browser;
using support::check_answers;
using support::check_api_rights;
using support::check_download;
using support::check_envelopes;
using support::check_files;
using support::check_filters;
using support::check_forms;
using support::check_pages;
using support::check_pieces;
using support::check_upload;
using support::check_websocket;
using support::chunked_size;
using support::DjangoSite;
using support::eventually;
using support::Fields;
using support::file_of_lines;
using support::head_of;
using support::HttpClient;
using support::make_certificate;
using support::NewsroomFront;
using support::PortalProcess;
using support::sha256;
using support::skip;
using support::StreamedAnswer;
using support::TlsClient;
using support::write_certificate;

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

std::string url_of(const DjangoSite& site) {
    return site.address().starts_with("unix:") ? site.address() : "http://" + site.address();
}

/// A newsroom and a portal that stands in front of it.
struct Road {
    explicit Road(const DjangoSite::Options& options, const json& settings = json::object())
        : django(options) {
        django.start();
        portal.configure({{"legacy", {{"upstream", url_of(django)}}}});
        portal.configure(settings);
        portal.start();
    }

    NewsroomFront front() const { return {django, portal.address()}; }

    DjangoSite django;
    PortalProcess portal;
};

DjangoSite::Options options_of(DjangoSite::Stack stack,
                               DjangoSite::Server server = DjangoSite::Server::gthread) {
    DjangoSite::Options options;
    options.stack = stack;
    options.server = server;
    return options;
}

json streams_and_sockets() {
    return {{"gateway",
             {{"routes",
               {{{"name", "streams"}, {"path", "/stream/"}, {"buffer", false}},
                {{"name", "sockets"}, {"path", "/ws/{rest...}"}, {"upgrade", true}}}}}}};
}

/// The fields that are the answer's, without those that belong to one connection or to one moment.
std::multiset<std::string> lasting_fields(const Answer& answer) {
    static const std::set<std::string> others = {
        "connection", "keep-alive", "transfer-encoding", "content-length", "date", "x-request-id"};
    std::multiset<std::string> lasting;
    for (const auto& [name, value] : answer.fields) {
        auto lower = name;
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](unsigned char c) { return std::tolower(c); });
        if (!others.contains(lower)) lasting.insert(name + ": " + value);
    }
    return lasting;
}

struct Question {
    const char* method;
    const char* target;
    Fields fields{};
    const char* body = "";
};

/// The one member of the newsroom's API that is never the same made so, and what hangs on it.
Answer without_hits(Answer answer) {
    static const std::regex hits("\"hits\":[0-9.]+");
    auto body = std::regex_replace(answer.body, hits, "\"hits\":0");
    if (body == answer.body) return answer;
    answer.body = body;
    std::erase_if(answer.fields, [](const auto& field) {
        return field.first == "ETag" || field.first == "Content-Length";
    });
    return answer;
}

/// One answer, in chunks too.
Answer answer_of(const NewsroomFront& front, const Question& question) {
    auto answer = front.ask(question.method, question.target, question.body, question.fields);
    if (!answer.has_field("Transfer-Encoding") || std::string(question.method) != "GET") {
        return answer;
    }
    StreamedAnswer streamed(front.address(), question.target, question.fields);
    answer.body = streamed.rest();
    return answer;
}

bool is_same(const Answer& one, const Answer& other) {
    return one.status == other.status && one.body == other.body &&
           lasting_fields(one) == lasting_fields(other);
}

/// Asked of both, byte for byte the same is said. Django is asked before and after, and all are
/// asked again when its own two differ: a cookie's `expires` is a second later in the next second.
void check_equal(const DjangoSite& django, const NewsroomFront& front, const Question& question) {
    INFO(question.method << " " << question.target);
    Answer own, through, own_after;
    for (int round = 0; round < 5; ++round) {
        own = without_hits(answer_of(django, question));
        through = without_hits(answer_of(front, question));
        own_after = without_hits(answer_of(django, question));
        if (is_same(own, own_after)) break;
    }
    REQUIRE(is_same(own, own_after));
    CHECK(through.status == own.status);
    CHECK((through.body == own.body));
    CHECK(lasting_fields(through) == lasting_fields(own));
    // That of an answer without content is nobody's to have.
    bool has_length = own.has_field("Content-Length") && own.status != 204 && own.status != 304;
    if (has_length) CHECK(through.field("Content-Length") == own.field("Content-Length"));
}

/// One request over TLS, on a connection of its own.
Answer ask_over_tls(const std::string& address, const std::string& method,
                    const std::string& target, const std::string& body, const Fields& fields) {
    TlsClient client(address);
    REQUIRE(client.begin());
    auto sent = fields;
    if (!body.empty()) sent.emplace_back("Content-Length", std::to_string(body.size()));
    auto head = head_of(method, target, sent);
    client.send(head + body);
    auto text = client.answer();
    Answer answer;
    auto end = text.find("\r\n\r\n");
    REQUIRE(end != text.npos);
    answer.status = std::stoi(text.substr(9, 3));
    answer.body = text.substr(end + 4);
    for (auto at = text.find("\r\n"); at < end;) {
        auto next = text.find("\r\n", at + 2);
        auto line = text.substr(at + 2, next - at - 2);
        auto colon = line.find(": ");
        if (colon != line.npos)
            answer.fields.emplace_back(line.substr(0, colon), line.substr(colon + 2));
        at = next;
    }
    return answer;
}

}  // namespace

TEMPLATE_TEST_CASE("through portal every answer of Django is what Django itself says", "[road]",
                   Debian, PyPI) {
    if (skipped(TestType::stack)) return;
    Road road(options_of(TestType::stack));
    const std::vector<Question> questions = {
        {"GET", "/"},
        {"HEAD", "/"},
        {"GET", "/articles/no-such-article/"},
        {"GET", "/articles/no-such-article"},
        {"GET", "/static/news/site.css"},
        {"GET", "/static/admin/css/base.css"},
        {"HEAD", "/media/picture.bin"},
        {"GET", "/media/picture.bin"},
        {"GET", "/moved/relative/"},
        {"GET", "/moved/absolute/"},
        {"GET", "/old-contact/"},
        {"GET", "/gone/"},
        {"GET", "/cookies/"},
        {"GET", "/status/204/"},
        {"GET", "/status/304/"},
        {"GET", "/status/418/"},
        {"GET", "/status/500/"},
        {"GET", "/broken/"},
        {"GET", "/slow/?ms=50"},
        {"GET", "/download/lines-100000.txt"},
        {"GET", "/download/lines-100000.txt?unsized"},
        {"GET", "/download/lines-100000.txt", {{"Range", "bytes=5-70000"}}},
        {"GET", "/download/lines-100000.txt", {{"Range", "bytes=100000-"}}},
        {"GET", "/api/articles/?page_size=3&ordering=id&fields=x%20y"},
        {"GET", "/api/cursor/articles/?page_size=2&format=json"},
        {"POST", "/api/articles/", {{"Content-Type", "application/json"}}, "{\"headline\": 1}"},
        {"OPTIONS", "/api/articles/"},
        {"DELETE", "/api/articles/1/"},
        {"PATCH", "/api/articles/1/", {{"Content-Type", "application/json"}}, "{}"},
        {"PUT", "/upload/", {{"Content-Type", "image/jpeg"}}, "twelve bytes"},
        {"POST", "/contact/", {{"Content-Type", "application/x-www-form-urlencoded"}}, "name=Bea"},
        {"GET", "/whoami/", {{"Host", "elsewhere"}}},
        {"GET", "/docs"},
        {"GET", "/news/v1/all/1/10"},
        {"GET", "//double//slashes"},
        {"GET", "/a;b/%2e%2e/c%2fd"},
        {"GET", "/robots.txt"},
    };
    for (const auto& question : questions) check_equal(road.django, road.front(), question);
    // And what is portal's own is answered by portal.
    CHECK(road.portal.get("/v1/news/all/1/10").json().contains("news"));
    CHECK(road.portal.get("/.well-known/jwks.json").status == 200);
}

TEMPLATE_TEST_CASE("through portal a newsroom works as it did", "[road]", Debian, PyPI) {
    if (skipped(TestType::stack)) return;
    Road road(options_of(TestType::stack), streams_and_sockets());
    auto front = road.front();
    check_pages(front);
    check_files(front);
    check_answers(front);
    check_forms(front);
    check_envelopes(front);
    check_filters(front);
    check_api_rights(front);
    check_upload(front, 20000003);
    check_upload(front, 0);
    check_download(front);
    check_pieces(front);
    // Chunked, too, everything arrives: gunicorn alone would read nothing.
    CHECK(chunked_size(front) == 12);
    HttpClient client(front.address());
    client.send(head_of("PUT", "/upload/", {{"Transfer-Encoding", "chunked"}}));
    auto content = file_of_lines(20000003);
    for (std::size_t at = 0; at < content.size(); at += 100000) {
        auto piece = content.substr(at, 100000);
        char size[16];
        std::snprintf(size, sizeof(size), "%zx\r\n", piece.size());
        client.send(size + piece + "\r\n");
    }
    client.send("0\r\n\r\n");
    auto arrived = client.receive().json();
    CHECK(arrived["size"] == content.size());
    CHECK(arrived["sha256"] == sha256(content));
}

TEMPLATE_TEST_CASE("through portal a websocket of daphne echoes", "[road]", Debian, PyPI) {
    if (skipped(TestType::stack)) return;
    Road road(options_of(TestType::stack, DjangoSite::Server::daphne), streams_and_sockets());
    check_websocket(road.front());
}

TEMPLATE_TEST_CASE("through portal's TLS an editor logs in, and Django sees https", "[road]",
                   Debian, PyPI) {
    if (skipped(TestType::stack)) return;
    auto options = options_of(TestType::stack);
    options.behind_tls = true;
    DjangoSite django(options);
    django.start();
    PortalProcess portal;
    write_certificate(portal.folder(), make_certificate("localhost"));
    portal.configure({{"legacy", {{"upstream", url_of(django)}}},
                      {"http",
                       {{"listen", "tls:127.0.0.1:0"},
                        {"tls",
                         {{"certificate", (portal.folder() / "certificate.pem").string()},
                          {"key", (portal.folder() / "key.pem").string()}}}}}});
    portal.start();
    auto ask = [&](const std::string& method, const std::string& target, const std::string& body,
                   const Fields& fields) {
        return ask_over_tls(portal.address(), method, target, body, fields);
    };
    Browser editor(ask);
    CHECK(editor.log_in("/admin/login/", {{"Referer", "https://localhost/admin/login/"}}).status ==
          302);
    CHECK(editor.has_cookie("sessionid"));
    CHECK(editor.get("/admin/news/article/").status == 200);
    auto seen = ask("GET", "/whoami/", "", {{"X-Forwarded-Proto", "http"}}).json();
    CHECK(seen["is_secure"] == true);
    CHECK(seen["absolute"] == "https://localhost/whoami/");
}

TEMPLATE_TEST_CASE("a thousand readers at once all get the page", "[road]", Debian, PyPI) {
    if (skipped(TestType::stack)) return;
    Road road(options_of(TestType::stack));
    auto page = road.django.get("/static/news/site.css").body;
    std::vector<std::unique_ptr<HttpClient>> readers;
    for (int i = 0; i < 1000; ++i) {
        readers.push_back(std::make_unique<HttpClient>(road.portal.address()));
    }
    for (auto& reader : readers) reader->send(head_of("GET", "/static/news/site.css", {}));
    int good = 0;
    for (auto& reader : readers) {
        auto answer = reader->receive();
        if (answer.status == 200 && answer.body == page) ++good;
    }
    CHECK(good == 1000);
}

TEST_CASE("a dead Django costs only its own paths, and is there again by itself", "[road]") {
    auto stack = DjangoSite::Stack::debian;
    if (skipped(stack)) return;
    Road road(options_of(stack));
    CHECK(road.portal.get("/").status == 200);
    road.django.kill();
    auto began = std::chrono::steady_clock::now();
    auto refused = road.portal.get("/");
    auto took = std::chrono::steady_clock::now() - began;
    CHECK(refused.status == 502);
    // A sanitized build on a busy machine; the bench has the figure.
    CHECK(took < 500ms);
    CHECK(refused.json()["error"] == "upstream_refused");
    auto page = road.portal.get("/", {{"Accept", "text/html"}});
    CHECK(page.field("Content-Type") == "text/html; charset=utf-8");
    CHECK(road.portal.get("/v1/news/all/1/10").status == 200);
    road.django.start();
    CHECK(eventually([&] { return road.portal.get("/").status == 200; }));
}
