// HTML and Markdown that come into news: what is made of it is news HTML, as a strict reader of
// nothing else says, and is the same when it is cleaned again.
#include "news/news_html.hpp"
#include "news/markdown.hpp"

#include "base/html_characters.hpp"
#include "fuzz/check.hpp"
#include "news/strict_news_html.hpp"

namespace {

using fuzz::require;

const std::vector<std::string> hosts = {"video.example"};

void check_characters(std::string_view written) {
    for (auto place : {base::HtmlPlace::text, base::HtmlPlace::value}) {
        auto decoded = base::decode_html(written, place);
        require(base::count_code_points(decoded).has_value(), "what is decoded is UTF-8");
        require(decoded.size() <= 3 * written.size(), "what is decoded is not much longer");
        std::string again;
        base::append_html(again, decoded, place);
        require(again.find_first_of("<>") == again.npos, "what is written is no tag");
        require(base::decode_html(again, place) == decoded, "what is written reads as itself");
    }
}

void check_cleaned(const news::CleanedHtml& cleaned) {
    auto fault = news::StrictNewsHtml(cleaned.html, hosts).fault();
    require(fault.empty(), fault);
    auto again = news::clean_html(cleaned.html, hosts);
    require(again.html == cleaned.html, "what is clean stays as it is");
    require(again.dropped.empty(), "what is clean loses nothing");
}

void check_markdown(std::string_view markdown) {
    constexpr std::size_t most = 64 * 1024;
    auto html = news::html_of_markdown(markdown, most);
    if (!html) return;
    require(html->size() <= most, "what Markdown makes is no longer than asked");
    auto cleaned = news::clean_html(*html, hosts);
    check_cleaned(cleaned);
    for (const auto& one : cleaned.dropped) {
        bool is_mine = one.kind == "link" || one.kind == "image" || one.kind == "nesting";
        require(is_mine, "HTML within Markdown is text");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Copy input(fuzz::text_of(bytes, size));
    check_characters(input.view());
    auto cleaned = news::clean_html(input.view(), hosts);
    require(cleaned.html.size() <= 9 * size + 16 * 1024,
            "news HTML is not much longer than what it was");
    check_cleaned(cleaned);
    if (base::count_code_points(input.view())) check_markdown(input.view());
    return 0;
}
