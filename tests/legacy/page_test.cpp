// A failure as a page.
#include "failure_page.hpp"
#include "support/catch.hpp"

TEST_CASE("a page is for who prefers one", "[legacy]") {
    for (const char* accept :
         {"text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
          "TEXT/HTML", "application/json;q=0.5, text/html;q=0.9", "text/html, application/json",
          "application/xhtml+xml ; q=0.1"}) {
        INFO(accept);
        CHECK(legacy::prefers_html(accept));
    }
    for (const char* accept : {"", "*/*", "application/json", "text/*", "text/html;q=0",
                               "application/json, text/html;q=0.9", "image/webp,*/*",
                               "application/problem+json, text/html;q=0.5", "text/htmlx"}) {
        INFO(accept);
        CHECK(!legacy::prefers_html(accept));
    }
}

TEST_CASE("a page says what has happened, and runs nothing", "[legacy]") {
    auto page = legacy::failure_page(502, "It is <down> & \"out\".", "id<script>");
    CHECK(page.starts_with("<!DOCTYPE html>"));
    CHECK(page.find("It is &lt;down&gt; &amp; &quot;out&quot;.") != page.npos);
    CHECK(page.find("502 · request id&lt;script&gt;") != page.npos);
    for (const char* active : {"<script", "<style", "src=", "href=", "onload", "http-equiv"}) {
        CHECK(page.find(active) == page.npos);
    }
}
