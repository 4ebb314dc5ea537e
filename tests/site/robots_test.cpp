#include "site/robots.hpp"

#include "support/catch.hpp"

namespace site {

TEST_CASE("robots are told what they may do, and where sitemaps are", "[site]") {
    Pages pages{.address = "https://news.example"};
    CHECK(robots_of(pages, {}) ==
          "User-agent: *\nAllow: /\n\n"
          "Sitemap: https://news.example/sitemap.xml\n"
          "Sitemap: https://news.example/news-sitemap.xml\n");
    Robots robots{{"/drafts/", "/intern"},
                  {"GPTBot", "CCBot"},
                  "search=yes, ai-train=no",
                  "https://news.example/license.xml"};
    CHECK(robots_of(pages, robots) ==
          "User-agent: *\nContent-Signal: search=yes, ai-train=no\n"
          "Disallow: /drafts/\nDisallow: /intern\n\n"
          "User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n\n"
          "License: https://news.example/license.xml\n"
          "Sitemap: https://news.example/sitemap.xml\n"
          "Sitemap: https://news.example/news-sitemap.xml\n");
    CHECK(robots_of({}, robots).empty());
}

TEST_CASE("what robots would not understand, or could not hold to, is refused", "[site]") {
    struct Row {
        Robots robots;
        const char* key;  ///< of the fault; empty: none
    };
    for (const auto& [robots, key] : std::vector<Row>{
             {{}, ""},
             {{{"/"}, {}, "search=no", ""}, ""},
             {{{}, {"Google-Extended", "360Spider"}, "search=yes,ai-input=no , ai-train=yes", ""},
              ""},
             {{{"drafts"}, {}, "", ""}, "disallow"},
             {{{"/a b"}, {}, "", ""}, "disallow"},
             {{{"/a#b"}, {}, "", ""}, "disallow"},
             {{{}, {"GPTBot/1.0"}, "", ""}, "blocked"},
             {{{}, {""}, "", ""}, "blocked"},
             {{{}, {}, "search", ""}, "content_signal"},
             {{{}, {}, "search=maybe", ""}, "content_signal"},
             {{{}, {}, "ai_train=no", ""}, "content_signal"},
             {{{}, {}, "search=yes, search=no", ""}, "content_signal"},
             {{{}, {}, "search=yes,", ""}, "content_signal"},
             {{{"/"}, {}, "ai-train=no, search=yes", ""}, "content_signal"},
             {{{}, {}, "", "license.xml"}, "license"},
             {{{}, {}, "", "https://"}, "license"}}) {
        CAPTURE(robots.content_signal, robots.disallow, key);
        auto fault = fault_of(robots);
        CHECK((fault ? fault->key : "") == key);
    }
}

}  // namespace site
