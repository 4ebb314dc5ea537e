#include "feed.hpp"

#include "base/http_date.hpp"
#include "support/catch.hpp"

namespace orchestrator {

namespace {

const site::Pages pages{
    .name = "The Example", .address = "https://news.example", .page = "/{type}/{id}-{slug}.html"};

news::Article article_of(std::string content,
                         news::ContentFormat format = news::ContentFormat::html) {
    news::Article article;
    article.id = 17;
    article.news_type = "sports";
    article.slug = "später";
    article.title = "Later";
    article.author = "Ann";
    article.content = std::move(content);
    article.content_format = format;
    article.published_at = base::parse_rfc3339("2026-05-04T10:20:30.123Z");
    return article;
}

}  // namespace

TEST_CASE("an article's page is made of its type, id and slug", "[orchestrator]") {
    CHECK(site::page_of(pages, article_of("")) ==
          "https://news.example/sports/17-sp%C3%A4ter.html");
    auto other = pages;
    other.page = "/n/{nothing}/{id}{";
    CHECK(site::page_of(other, article_of("")) == "https://news.example/n/{nothing}/17{");
}

TEST_CASE("a content stands alone: its addresses are whole, its text is paragraphs",
          "[orchestrator]") {
    struct Row {
        const char* content;
        const char* html;
    };
    for (const auto& [content, html] : std::vector<Row>{
             {R"(<a href="/a">x</a>)", R"(<a href="https://news.example/a">x</a>)"},
             {R"(<img alt="a &gt; b" src="/v1/media/7/640.webp">)",
              R"(<img alt="a &gt; b" src="https://news.example/v1/media/7/640.webp">)"},
             {R"(<a href="#b">x</a>)",
              R"(<a href="https://news.example/sports/17-sp%C3%A4ter.html#b">x</a>)"},
             {R"(<a href="https://else.example/">x</a>)",
              R"(<a href="https://else.example/">x</a>)"},
             {R"(<a href="mailto:a@b.example">x</a>)", R"(<a href="mailto:a@b.example">x</a>)"},
             // What only looks like an attribute.
             {R"(<p>a href="/a" src="/b"</p>)", R"(<p>a href="/a" src="/b"</p>)"},
             {R"(<img alt=" src=/c">)", R"(<img alt=" src=/c">)"},
             {R"(<td title=" href=" class="/x">)", R"(<td title=" href=" class="/x">)"},
             {R"(<a href="/a" title="t" hreflang="/b">)",
              R"(<a href="https://news.example/a" title="t" hreflang="/b">)"},
             {"", ""}}) {
        CAPTURE(content);
        CHECK(standalone_html(pages, article_of(content)) == html);
    }
    for (const auto& [content, html] :
         std::vector<Row>{{"One\ntwo\n\n\nthree", "<p>One<br>two</p><p>three</p>"},
                          {"\n \n<b> & \"x\"\r\n", "<p>&lt;b&gt; &amp; \"x\"</p>"},
                          {"", ""}}) {
        CAPTURE(content);
        CHECK(standalone_html(pages, article_of(content, news::ContentFormat::text)) == html);
        CHECK(standalone_html(pages, article_of(content, news::ContentFormat::markdown)) == html);
    }
}

TEST_CASE("a feed names itself, and each article by what never changes", "[orchestrator]") {
    auto articles = std::vector{article_of("<p>x</p>")};
    Feed feed{pages, "The Example", "https://news.example/feeds/all.rss", articles};
    auto rss = rss_of(feed);
    CHECK(rss.find(R"(<guid isPermaLink="false">https://news.example/v1/news/sports/17</guid>)") !=
          rss.npos);
    CHECK(rss.find("<pubDate>Mon, 04 May 2026 10:20:30 GMT</pubDate>") != rss.npos);
    articles.front().slug = "another";
    auto atom = atom_of(feed);
    CHECK(atom.find("<id>https://news.example/v1/news/sports/17</id>") != atom.npos);
    auto json = json_feed_of(feed);
    CHECK(json.find(R"("id":"https://news.example/v1/news/sports/17")") != json.npos);
    CHECK(json.find(R"("url":"https://news.example/sports/17-another.html")") != json.npos);
}

TEST_CASE("a date of HTTP is in English, in GMT and of one form", "[orchestrator]") {
    CHECK(base::to_http_date(*base::parse_rfc3339("1994-11-06T08:49:37.999Z")) ==
          "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(base::to_http_date(*base::parse_rfc3339("2024-02-29T23:59:59Z")) ==
          "Thu, 29 Feb 2024 23:59:59 GMT");
    CHECK(base::to_http_date(base::from_micros(-1)) == "Wed, 31 Dec 1969 23:59:59 GMT");
}

}  // namespace orchestrator
