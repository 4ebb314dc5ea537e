// What becomes of a content that is written in HTML or Markdown.
#include "content.hpp"

#include <ctime>

#include "article.hpp"
#include "base/text.hpp"
#include "hostile_html.hpp"
#include "markdown.hpp"
#include "news_html.hpp"
#include "strict_news_html.hpp"
#include "support/catch.hpp"

namespace news {

namespace {

constexpr std::size_t a_mebibyte = 1024 * 1024;

NewArticle written(ContentFormat format, std::string content) {
    NewArticle article{"Title", "", std::move(content), "Ann", {}};
    article.content_format = format;
    return article;
}

std::string from_markdown(const std::string& markdown) {
    auto checked = check(written(ContentFormat::markdown, markdown));
    return checked ? (*checked)->content : checked.error().details.front().message;
}

struct Revised {
    std::optional<std::string> content{};
    std::optional<ContentFormat> format{};
    std::string problem{};

    bool operator==(const Revised&) const = default;
};

/// Of an article whose content is "<p>a</p>", in `now_is`.
Revised revised(ContentFormat now_is, std::optional<ContentFormat> format,
                std::optional<std::string> content) {
    ArticleState state;
    state.version = 1;
    state.content_format = now_is;
    Revision revision;
    revision.content = std::move(content);
    revision.content_format = format;
    auto event = revise(state, "<p>a</p>", revision, base::Time{});
    if (!event) return {{}, {}, event.error().details.front().field};
    const auto& made = std::get<ArticleRevised>(*event);
    return {made.content, made.content_format};
}

}  // namespace

TEST_CASE("Markdown becomes news HTML", "[news]") {
    struct Case {
        const char* markdown;
        const char* html;
    };
    for (const auto& [markdown, html] : std::initializer_list<Case>{
             {"One *two* **three** ~~four~~ `five`",
              "<p>One <em>two</em> <strong>three</strong> <s>four</s> <code>five</code></p>"},
             {"# A\n## B\n##### C", "<h2>A</h2><h2>B</h2><h4>C</h4>"},
             {"a  \nb\nc", "<p>a<br>b\nc</p>"},
             {"* a\n* b\n  1. c", "<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>"},
             {"3. a\n4. b", "<ol start=\"3\"><li>a</li><li>b</li></ol>"},
             {"> said\n\n---", "<blockquote><p>said</p></blockquote><hr>"},
             {"```js\na < b && c\n```", "<pre><code>a &lt; b &amp;&amp; c\n</code></pre>"},
             {"[x](https://a.example/?b=1&c=2 \"T\")",
              "<p><a href=\"https://a.example/?b=1&amp;c=2\" title=\"T\">x</a></p>"},
             {"![A \"b\" *c*](/m.jpg)", "<p><img src=\"/m.jpg\" alt=\"A &quot;b&quot; c\"></p>"},
             {"[![a](/b)](/c)", "<p><a href=\"/c\"><img src=\"/b\" alt=\"a\"></a></p>"},
             {"see https://a.example/x.",
              "<p>see <a href=\"https://a.example/x\">https://a.example/x</a>.</p>"},
             {"a@b.example", "<p><a href=\"mailto:a@b.example\">a@b.example</a></p>"},
             {"| a | b |\n|---|---|\n| c | *d* |",
              "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>c</td>"
              "<td><em>d</em></td></tr></tbody></table>"},
             {"&eacute; &amp; &lt;b&gt; &nbsp;.", "<p>é &amp; &lt;b&gt; &nbsp;.</p>"},
             {"<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"},
             {"<div>\nx", "<p>&lt;div&gt;\nx</p>"},
             {"[x](javascript:alert(1))", "<p>x</p>"},
             {" \n", "must not be empty"},
         }) {
        INFO(markdown);
        CHECK(from_markdown(markdown) == html);
    }
}

TEST_CASE("nothing of hostile Markdown is markup but what Markdown means", "[news]") {
    CHECK(hostile_markdown().size() > 50);
    for (const auto& markdown : hostile_markdown()) {
        INFO(markdown);
        auto html = html_of_markdown(markdown, a_mebibyte);
        REQUIRE(html);
        auto cleaned = clean_html(*html);
        CHECK(StrictNewsHtml(cleaned.html, {}).fault() == "");
        CHECK(clean_html(cleaned.html).html == cleaned.html);
        for (const auto& one : cleaned.dropped) {
            CHECK((one.kind == "link" || one.kind == "image"));
        }
    }
}

TEST_CASE("Markdown takes time as it is long, whatever it is", "[news]") {
    for (const std::string piece :
         {"[",   "![",     "*a ",    "**a",   "_a_",    "`",    "<a",    "<!--",
          "> ",  "- ",     "|a",     "a|b\n", "www.a.", "[a](", "[a](<", "[a]: x\n",
          "~~a", "![[]()", "[[a]](", "a@b.",  "&a",     "](",   "\\"}) {
        INFO(piece);
        auto seconds = [&](std::size_t bytes) {
            std::string markdown;
            while (markdown.size() < bytes) markdown += piece;
            double best = 1e9;
            for (int i = 0; i < 3; ++i) {
                auto before = std::clock();
                auto html = html_of_markdown(markdown, a_mebibyte);
                best = std::min(best, static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC);
                CHECK((!html || html->size() <= a_mebibyte));
            }
            return best;
        };
        // Twice as long takes twice as long; what takes too little to be measured is no matter.
        auto once = std::max(seconds(64 * 1024), 0.002);
        CHECK(seconds(128 * 1024) < 4 * once);
    }
    // A long address behind many short names.
    std::string names = "[a]: /" + std::string(100000, 'x') + "\n\n";
    while (names.size() < 200000) names += "[a] ";
    CHECK_FALSE(html_of_markdown(names, a_mebibyte));
}

TEST_CASE("a new article in HTML is cleaned, and says what that took", "[news]") {
    auto checked = check(written(ContentFormat::html,
                                 "<p onclick=x>One<script>alert(1)</script></p><iframe "
                                 "src=https://a.example/v></iframe><iframe "
                                 "src=https://b.example></iframe>"),
                         {"a.example"});
    REQUIRE(checked);
    CHECK((*checked)->content == "<p>One</p><iframe src=\"https://a.example/v\"></iframe>");
    CHECK(checked->dropped() ==
          std::vector<Dropped>{{"embed", 1}, {"event_handler", 1}, {"script", 1}});

    auto nothing = check(written(ContentFormat::html, "<script>alert(1)</script>"));
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().details.front().field == "content");
    CHECK_FALSE(check(written(ContentFormat::html, "<p>\xff</p>")));
    // An & becomes &amp;, so that what is stored is longer than what was sent.
    CHECK_FALSE(check(written(ContentFormat::html, std::string(150000, '&'))));
    auto text = check(written(ContentFormat::text, "<p onclick=x>"));
    REQUIRE(text);
    CHECK((*text)->content == "<p onclick=x>");
}

TEST_CASE("a revision is written in the format that it says, or else in the one there is",
          "[news]") {
    constexpr auto text = ContentFormat::text;
    constexpr auto html = ContentFormat::html;
    constexpr auto markdown = ContentFormat::markdown;
    const std::optional<ContentFormat> unsaid;
    const Revised nothing;
    CHECK(revised(text, unsaid, "<b>x") == Revised{"<b>x", unsaid});
    CHECK(revised(text, html, "<b>x") == Revised{"<strong>x</strong>", html});
    CHECK(revised(text, markdown, "*x*") == Revised{"<p><em>x</em></p>", html});
    CHECK(revised(html, unsaid, "<b>x") == Revised{"<strong>x</strong>", unsaid});
    CHECK(revised(html, markdown, "*x*") == Revised{"<p><em>x</em></p>", unsaid});
    CHECK(revised(html, text, "<b>x") == Revised{"<b>x", text});
    CHECK(revised(markdown, unsaid, "*x*") == Revised{"*x*", unsaid});
    CHECK(revised(markdown, markdown, "*x*") == Revised{"*x*", unsaid});
    CHECK(revised(markdown, html, "<b>x") == Revised{"<strong>x</strong>", html});
    // What is there already is no change, however it is written.
    CHECK(revised(html, html, "<p>a</p>") == nothing);
    CHECK(revised(html, unsaid, "<p class=x>a") == nothing);
    CHECK(revised(html, markdown, "a") == nothing);
    CHECK(revised(text, html, "<p>a</p>") == Revised{{}, html});
    // The same characters, read as what they were not before.
    CHECK(revised(html, text, {}) == Revised{{}, text});
    CHECK(revised(text, html, {}) == Revised{{}, {}, "content_format"});
    CHECK(revised(html, markdown, {}) == Revised{{}, {}, "content_format"});
    CHECK(revised(html, html, {}) == nothing);
    CHECK(revised(html, unsaid, "<script>x</script>") == Revised{{}, {}, "content"});
}

TEST_CASE("Markdown that a parser goes through again and again is refused at once", "[news]") {
    auto begun = std::chrono::steady_clock::now();
    std::string lines;
    for (int i = 0; i < 200'000; ++i) lines += "[](\n";
    CHECK_FALSE(html_of_markdown(lines, 1 << 20));
    CHECK_FALSE(html_of_markdown(std::string(2 << 20, 'x'), 1 << 20));
    // Each of them alone would be taken.
    std::string parts;
    for (int i = 0; i < 200'000; ++i) parts += i % 2000 == 0 ? "\n" : "[](\n";
    CHECK_FALSE(html_of_markdown(parts, 1 << 20));
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
    // In paragraphs as people write them there may be any number.
    std::string paragraphs;
    for (int i = 0; i < 5000; ++i) paragraphs += "See [one](/a) and\n[two](/b).\n\n";
    CHECK(html_of_markdown(paragraphs, 1 << 20));
}

}  // namespace news
