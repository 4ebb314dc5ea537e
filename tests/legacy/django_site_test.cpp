// The newsroom site that other tests put behind portal does by itself what it is there for, on each
// of its stacks: what is lost or changed on the way through portal is then portal's doing.
#include <regex>
#include <sstream>

#include "support/catch.hpp"
#include "support/django_site.hpp"
#include "support/eventually.hpp"
#include "support/newsroom_checks.hpp"
#include "support/skip.hpp"
#include "support/streamed_answer.hpp"

using nlohmann::json;
using support::Browser;
using support::check_answers;
using support::check_api_rights;
using support::check_article;
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
using support::HttpClient;
using support::skip;
using support::StreamedAnswer;

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

void check_broken_stream(const DjangoSite& site) {
    StreamedAnswer cut(site.address(), "/stream/?pieces=3&pause_ms=0&break_at=2");
    CHECK(cut.rest() == "piece 0\npiece 1\n");
    CHECK_FALSE(cut.complete());
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
    DjangoSite site(options_of(TestType::stack));
    site.start();
    check_forms(site);
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
    check_websocket(site);
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
        CHECK(browser.log_in("/admin/login/", row.fields).status == row.status);
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
