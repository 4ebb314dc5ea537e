// A failure as a page.
#include "failure_page.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

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
    for (const char* active :
         {"<script", "style=", "url(", "src=", "href=", "onload", "http-equiv"}) {
        CHECK(page.find(active) == page.npos);
    }
}

TEST_CASE(
    "the policy of a page names its style sheet by hash, so that a browser takes that one alone",
    "[legacy]") {
    auto page = legacy::failure_page(502, "It is down.", "id");
    auto from = page.find("<style>") + 7;
    auto style = page.substr(from, page.find("</style>") - from);
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const unsigned char*>(style.data()), style.size(), digest);
    unsigned char text[64] = {};
    EVP_EncodeBlock(text, digest, sizeof(digest));
    auto source = "'sha256-" + std::string(reinterpret_cast<const char*>(text)) + "'";
    INFO(source);
    CHECK(legacy::failure_page_policy.find(source) != std::string_view::npos);
}
