// The rules of redirects: spellings, targets, circles.
#include "redirect.hpp"

#include <map>

#include "support/catch.hpp"

namespace site {

namespace {

std::string times(const std::string& part, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += part;
    return text;
}

RedirectChange lead(const std::string& from, std::optional<std::string> to) {
    return {{from, std::move(to), true}, false};
}
RedirectChange forget(const std::string& from) {
    return {{from, std::nullopt, true}, true};
}

/// The redirects of a site, and where each path leads once the changes are made.
Next after(const std::map<std::string, std::string>& stored,
           const std::vector<RedirectChange>& changes) {
    auto all = stored;
    for (const auto& [redirect, remove] : changes) {
        all.erase(redirect.from);
        if (!remove && redirect.to) all[redirect.from] = *redirect.to;
    }
    return [all](const std::string& path) -> std::optional<std::string> {
        auto found = all.find(path);
        if (found == all.end()) return std::nullopt;
        return local_path(found->second);
    };
}

std::vector<std::string> fields(const base::Error& error) {
    std::vector<std::string> names;
    for (const auto& problem : error.details) names.push_back(problem.field);
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a path has one spelling", "[site]") {
    struct Row {
        std::string given;
        std::string normal;
    };
    const std::vector<Row> rows = {
        {"/", "/"},
        {"/news/42", "/news/42"},
        {"/a/", "/a/"},
        {"/A/b", "/A/b"},
        {"/a//b", "/a//b"},
        {"/%41%7e%2d%2E%5f", "/A~-._"},
        {"/a%2fb", "/a%2Fb"},
        {"/a%3fb%23c", "/a%3Fb%23c"},
        {"/a%5cb", "/a%5Cb"},
        {"/%e9t%C3%a9", "/%E9t%C3%A9"},
        {"/café", "/caf%C3%A9"},
        {"/два", "/%D0%B4%D0%B2%D0%B0"},
        {"/a b", "/a%20b"},
        {"/a%20b", "/a%20b"},
        {"/<a>\"^`{|}", "/%3Ca%3E%22%5E%60%7B%7C%7D"},
        {"/a:b@c;d=e,f!$&'()*+", "/a:b@c;d=e,f!$&'()*+"},
        {"/a.b/..c/...", "/a.b/..c/..."},
        {"/%25", "/%25"},
        {"/%2541", "/%2541"},
        {"/" + times("a", 2047), "/" + times("a", 2047)},
        {"/" + times("%61", 2047), "/" + times("a", 2047)},
    };
    for (const auto& [given, normal] : rows) {
        CAPTURE(given);
        auto path = normal_path(given);
        REQUIRE(path);
        CHECK(*path == normal);
        // What has it keeps it.
        CHECK(*normal_path(*path) == normal);
    }
}

TEST_CASE("what is no path of this site is refused with what is wrong", "[site]") {
    struct Row {
        std::string given;
        const char* says;
    };
    const std::vector<Row> rows = {
        {"", "begin with one /"},
        {"a", "begin with one /"},
        {" /a", "begin with one /"},
        {"\\a", "begin with one /"},
        {"//example.org/a", "begin with one /"},
        {"///", "begin with one /"},
        {"https://example.org/a", "begin with one /"},
        {"/\\example.org", "backslash"},
        {"/a\\..\\b", "backslash"},
        {"/a?page=2", "query"},
        {"/a?", "query"},
        {"/a#b", "fragment"},
        {"/.", ". or .. segment"},
        {"/..", ". or .. segment"},
        {"/a/../b", ". or .. segment"},
        {"/a/./b", ". or .. segment"},
        {"/a/%2e%2E/b", ". or .. segment"},
        {"/a/.%2e", ". or .. segment"},
        {"/%", "no escape"},
        {"/%4", "no escape"},
        {"/%4g", "no escape"},
        {"/%+1", "no escape"},
        {"/%u0041", "no escape"},
        {"/%00", "control character"},
        {"/a%0d%0aSet-Cookie:x", "control character"},
        {"/%7f", "control character"},
        {"/a\nb", "control character"},
        {std::string("/a\0b", 4), "control character"},
        {"/a\tb", "control character"},
        {"/\xff", "UTF-8"},
        {"/\xc0\xaf", "UTF-8"},
        {"/\xed\xa0\x80", "UTF-8"},
        {"/" + times("a", 2048), "2,048"},
        {"/" + times("é", 400), "2,048"},
        {"/" + times("%61", 100000), "2,048"},
    };
    for (const auto& [given, says] : rows) {
        CAPTURE(given.substr(0, 80));
        auto path = normal_path(given);
        REQUIRE_FALSE(path);
        CHECK(path.error().code == "malformed_path");
        CHECK_THAT(path.error().message, Catch::Contains(says));
    }
}

TEST_CASE("a target is a path or an http URL, in one spelling", "[site]") {
    struct Row {
        std::string given;
        std::string normal;
    };
    const std::vector<Row> rows = {
        {"/new", "/new"},
        {"/%6eew?q=a b&x=%c3%a9#top", "/new?q=a%20b&x=%C3%A9#top"},
        {"/new?a=/b?c", "/new?a=/b?c"},
        {"/new#a?b", "/new#a?b"},
        {"/new#a#b", "/new#a%23b"},
        {"HTTPS://Example.ORG", "https://example.org/"},
        {"http://example.org:8080/a%2fb", "http://example.org:8080/a%2Fb"},
        {"https://example.org?x=1", "https://example.org/?x=1"},
        {"https://b\xc3\xbc"
         "cher.example/",
         "https://xn--bcher-kva.example/"},
        {"https://127.0.0.1/a", "https://127.0.0.1/a"},
        {"https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443/"},
    };
    for (const auto& [given, normal] : rows) {
        CAPTURE(given);
        auto target = normal_target(given);
        REQUIRE(target);
        CHECK(*target == normal);
        CHECK(*normal_target(*target) == normal);
    }
}

TEST_CASE("a target that leads astray is refused", "[site]") {
    const std::vector<std::string> targets = {
        "",
        "new",
        "//example.org/",
        "/\\example.org",
        "\\\\example.org",
        "javascript:alert(1)",
        "JavaScript://%0aalert(1)",
        "data:text/html,x",
        "ftp://example.org/",
        "http:/example.org",
        "http:example.org",
        "http:///a",
        "https://",
        "https://?x",
        "https://user@example.org/",
        "https://user:secret@example.org/",
        "https://example.org\\@other.example/",
        "https://example.org%2fa/",
        "https://exa mple.org/",
        "https://example.org:/",
        "https://example.org:0/",
        "https://example.org:65536/",
        "https://example.org:8o/",
        "https://[::1/",
        "https://[]/",
        "https://[::1]x/",
        "https://a..b/",
        "https://.a/",
        "/a/../b",
        "https://example.org/a/%2e%2e/b",
        "/a?x=%0d%0aSet-Cookie:y",
        "/a?x=\r\nSet-Cookie:y",
        "/a#%",
        "/a?x=\xff",
        "https://example.org/" + times("a", 2048),
    };
    for (const auto& target : targets) {
        CAPTURE(target.substr(0, 80));
        CHECK_FALSE(normal_target(target));
    }
}

TEST_CASE("changes are refused with every entry that is wrong, by its place", "[site]") {
    auto refused = check({lead("/good", "/better"),
                          lead("bad", "/x"),
                          lead("/a", "javascript:x"),
                          {{"/gone", std::nullopt, false}, false},
                          lead("/%67ood", "/other"),
                          forget("/b?c"),
                          forget("/fine")});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "invalid_redirects");
    CHECK(refused.error().reason == base::Reason::invalid);
    CHECK(fields(refused.error()) == Names{"redirects[1].from", "redirects[2].to",
                                           "redirects[3].permanent", "redirects[4].from",
                                           "redirects[5].from"});
    CHECK_THAT(refused.error().details[3].message, Catch::Contains("redirects[0]"));

    CHECK(check({}).error().code == "invalid_redirects");
    std::vector<RedirectChange> many;
    for (int i = 0; i < 1000; ++i) many.push_back(lead("/" + std::to_string(i), "/x"));
    CHECK(check(many));
    many.push_back(lead("/more", "/x"));
    CHECK(check(many).error().code == "invalid_redirects");
}

TEST_CASE("redirects that lead in a circle are refused, and the circle is named", "[site]") {
    struct Row {
        std::map<std::string, std::string> stored;
        std::vector<RedirectChange> changes;
        Names fields;
        const char* circle;
    };
    const std::vector<Row> rows = {
        {{}, {lead("/a", "/a")}, {"redirects[0].to"}, "/a → /a"},
        {{}, {lead("/a", "/a?x=1#y")}, {"redirects[0].to"}, "/a → /a"},
        {{{"/b", "/a"}}, {lead("/a", "/b")}, {"redirects[0].to"}, "/a → /b → /a"},
        {{},
         {lead("/x", "/y"), lead("/a", "/b"), lead("/b", "/c"), lead("/c", "/a")},
         {"redirects[1].to", "redirects[2].to", "redirects[3].to"},
         "/a → /b → /c → /a"},
        // Whoever only leads to it is not to blame.
        {{{"/b", "/a"}}, {lead("/z", "/b"), lead("/a", "/b")}, {"redirects[1].to"}, "/a → /b → /a"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.circle);
        auto refused = check_chains(row.changes, after(row.stored, row.changes));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == "redirect_loop");
        CHECK(refused.error().reason == base::Reason::conflict);
        CHECK(fields(refused.error()) == row.fields);
        CHECK_THAT(refused.error().message, Catch::Contains(row.circle));
    }
}

TEST_CASE("what only looks like a circle is none", "[site]") {
    struct Row {
        std::map<std::string, std::string> stored;
        std::vector<RedirectChange> changes;
    };
    const std::vector<Row> rows = {
        {{}, {lead("/a", "/a/")}},
        {{}, {lead("/a", "/A")}},
        {{}, {lead("/a", "https://example.org/a")}},
        {{{"/b", "/a"}}, {lead("/a", "/b"), forget("/b")}},
        {{{"/b", "/a"}}, {lead("/a", "/b"), lead("/b", std::nullopt)}},
        {{{"/b", "/a"}}, {lead("/a", "/b"), lead("/b", "/c")}},
        {{{"/c", "/d"}}, {lead("/a", "/c"), lead("/b", "/c"), lead("/d", "/e")}},
    };
    for (const auto& row : rows) {
        CAPTURE(&row - rows.data());
        CHECK(check_chains(row.changes, after(row.stored, row.changes)));
    }
}

TEST_CASE("a chain may be long, but not so long that nobody follows it", "[site]") {
    // Given a chain of as many as there may be
    std::map<std::string, std::string> stored;
    for (std::size_t i = 1; i < chain_max; ++i) {
        stored["/" + std::to_string(i)] = "/" + std::to_string(i + 1);
    }
    std::vector<RedirectChange> longest{lead("/0", "/1")};
    CHECK(check_chains(longest, after(stored, longest)));

    // When one more is put before it, in one change or two
    std::vector<RedirectChange> longer{lead("/x", "/0"), lead("/0", "/1")};
    auto refused = check_chains(longer, after(stored, longer));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "redirect_chain_too_long");
    CHECK(fields(refused.error()) == Names{"redirects[0].to"});
    std::swap(longer[0], longer[1]);
    refused = check_chains(longer, after(stored, longer));
    REQUIRE_FALSE(refused);
    CHECK(fields(refused.error()) == Names{"redirects[1].to"});

    // Then a circle longer than that is refused as well: it has no end.
    stored[("/" + std::to_string(chain_max))] = "/-1";
    std::vector<RedirectChange> closing{lead("/-1", "/1")};
    CHECK_FALSE(check_chains(closing, after(stored, closing)));
}

TEST_CASE("a circle of long paths is named in a sentence that can be read", "[site]") {
    std::map<std::string, std::string> stored;
    auto path = [](int i) { return "/" + std::to_string(i) + std::string(2000, 'x'); };
    for (int i = 1; i < 50; ++i) stored[path(i)] = path((i + 1) % 50);
    std::vector<RedirectChange> changes{lead(path(0), path(1))};
    auto refused = check_chains(changes, after(stored, changes));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "redirect_loop");
    CHECK(refused.error().message.size() < 2000);
}

}  // namespace site
