// HTML that comes into news: what is meant stays, what is dangerous goes, whatever is tried.
#include "news_html.hpp"

#include <ctime>
#include <random>

#include "base/html_characters.hpp"
#include "hostile_html.hpp"
#include "strict_news_html.hpp"
#include "support/catch.hpp"

namespace news {

namespace {

const std::vector<std::string> known_hosts = {"video.example", "www.maps.example"};

/// What is wrong with what is made of it; empty if nothing is.
std::string fault_of_cleaning(const std::string& html) {
    auto cleaned = clean_html(html, known_hosts);
    auto fault = StrictNewsHtml(cleaned.html, known_hosts).fault();
    if (!fault.empty()) return fault + "\nof: " + html + "\nmade: " + cleaned.html;
    auto again = clean_html(cleaned.html, known_hosts);
    if (again.html != cleaned.html)
        return "of: " + html + "\nmade: " + cleaned.html + "\nthen: " + again.html;
    if (!again.dropped.empty()) return "cleaned twice it loses something: " + cleaned.html;
    return "";
}

struct Sample {
    const char* html;
    const char* cleaned;
};

void check_all(const std::vector<Sample>& samples) {
    for (const auto& [html, cleaned] : samples) {
        CHECK(clean_html(html, known_hosts).html == cleaned);
        CHECK(fault_of_cleaning(html) == "");
    }
}

/// How much processor time cleaning takes at best.
double seconds_of(const std::string& piece, std::size_t bytes) {
    std::string html;
    while (html.size() < bytes) html += piece;
    double best = 1e9;
    for (int i = 0; i < 3; ++i) {
        auto before = std::clock();
        auto made = clean_html(html);
        best = std::min(best, static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC);
        CHECK(made.html.size() <= 9 * html.size() + 16 * 1024);
    }
    return best;
}

}  // namespace

TEST_CASE("news HTML stays as it is, byte for byte", "[news]") {
    for (const std::string html :
         {"", "plain text", "<p>One <strong>two <em>three</em></strong> four.</p>\n<p>Five</p>",
          "<h2>A</h2>\n<h3>B</h3>\n<h4>C</h4>\n<hr>\n<p>a<br>b</p>",
          "<ul>\n  <li>one</li>\n  <li>two\n    <ol start=\"3\">\n      <li>x</li>\n    "
          "</ol></li>\n</ul>",
          "<blockquote><p>Said.</p></blockquote>",
          "<figure><img src=\"/media/a.jpg\" alt=\"A &quot;b&quot; &amp; c\" width=\"640\" "
          "height=\"480\"><figcaption>By <a href=\"https://example.org/?a=1&amp;b=2\" "
          "target=\"_blank\" rel=\"noopener\">her</a></figcaption></figure>",
          "<table>\n<thead>\n<tr><th colspan=\"2\">A</th></tr>\n</thead>\n<tbody>\n<tr><td>1</td>"
          "<td rowspan=\"2\">2</td></tr>\n</tbody>\n</table>",
          "<pre><code>if (a &lt; b &amp;&amp; c)\n    d();\n</code></pre>",
          "<p>5&nbsp;€, “quoted”, \"plain\" &lt;3 ü 日本 🙂</p>",
          "<div data-block=\"poll\" data-id=\"7\">\n<p>Yes or no?</p>\n</div>",
          "<p><s>old</s> <code>new</code> <a href=\"mailto:a@example.org\">mail</a> "
          "<a href=\"tel:+4912345\">call</a> <a href=\"#top\">up</a></p>",
          "<p><iframe src=\"https://video.example/v/1\" title=\"Film\" width=\"560\" "
          "height=\"315\" "
          "allowfullscreen=\"\"></iframe></p>"}) {
        auto cleaned = clean_html(html, known_hosts);
        CHECK(cleaned.html == html);
        CHECK(cleaned.dropped.empty());
        CHECK(fault_of_cleaning(html) == "");
    }
}

TEST_CASE("what editors make keeps its meaning", "[news]") {
    check_all({
        // CKEditor
        {"<h1 class=\"a\">Title</h1><p style=\"text-align:center\"><b>Bold</b> and <i>more</i></p>",
         "<h2>Title</h2><p><strong>Bold</strong> and <em>more</em></p>"},
        {"<figure class=\"image image_resized\" style=\"width:50%;\"><img src=\"/m/a.jpg\" "
         "srcset=\"/m/b.jpg 2x\" sizes=\"100vw\"><figcaption>Cap</figcaption></figure>",
         "<figure><img src=\"/m/a.jpg\" alt=\"\"><figcaption>Cap</figcaption></figure>"},
        {"<figure class=\"table\"><table><tbody><tr><td style=\"x\" colspan=\"2\">a</td></tr>"
         "</tbody></table></figure>",
         "<figure><table><tbody><tr><td colspan=\"2\">a</td></tr></tbody></table></figure>"},
        {"<p>&nbsp;</p><p>a&rsquo;s &ndash; &eacute;&hellip;&#8364;&#x20ac;</p>",
         "<p>&nbsp;</p><p>a’s – é…€€</p>"},
        // TinyMCE
        {"<p><span style=\"text-decoration: underline;\">under</span> <em>x</em><br /></p>",
         "<p>under <em>x</em><br></p>"},
        {"<p><a title=\"T\" href=\"https://Example.org/a b\" target=\"_blank\" "
         "rel=\"NOFOLLOW noreferrer\">x</a></p>",
         "<p><a href=\"https://Example.org/a b\" title=\"T\" target=\"_blank\" rel=\"nofollow "
         "noopener noreferrer\">x</a></p>"},
        {"<p><iframe src=\"//www.maps.example/m\" width=\"560px\" frameborder=\"0\" "
         "allowfullscreen=\"allowfullscreen\"></iframe></p>",
         "<p><iframe src=\"https://www.maps.example/m\" width=\"560\" "
         "allowfullscreen=\"\"></iframe></p>"},
        // Draftail
        {"<p data-block-key=\"4k1\">One <b>two</b></p><p data-block-key=\"9x\"></p><hr/>",
         "<p>One <strong>two</strong></p><hr>"},
        {"<ul><li data-block-key=\"a\">x</li><li data-block-key=\"b\">y</li></ul>",
         "<ul><li>x</li><li>y</li></ul>"},
        {"<img alt=\"A\" class=\"richtext-image full-width\" height=\"9\" src=\"/media/i.jpg\" "
         "width=\"8\">",
         "<img src=\"/media/i.jpg\" alt=\"A\" width=\"8\" height=\"9\">"},
        // Word
        {"<p class=MsoNormal style='margin:0cm'><span lang=EN-GB>Text<o:p></o:p></span></p>",
         "<p>Text</p>"},
        {"<p class=MsoListParagraph><![if !supportLists]><span>·</span><![endif]>Item</p>",
         "<p>·Item</p>"},
        {"<!--[if gte mso 9]><xml><w:WordDocument></w:WordDocument></xml><![endif]--><p>x</p>",
         "<p>x</p>"},
        {"<style>p.MsoNormal{margin:0}</style><?xml:namespace prefix = o />y", "y"},
        // Mezzanine, and what browsers make of typing
        {"<div>one</div><div><br></div><div>two</div>", "<p>one</p><p><br></p><p>two</p>"},
        {"<div class=\"row\">\n<div class=\"col\">\n<p>a</p>\n</div>\n<div>b</div>\n</div>",
         "\n\n<p>a</p>\n\n<p>b</p>\n"},
        {"<center><font size=2>x</font></center>", "<p>x</p>"},
        {"<b style=\"font-weight:normal;\" id=\"g\"><p>a</p><p><b>b</b></p></b>",
         "<p>a</p><p><strong>b</strong></p>"},
        {"<dl><dt>Term<dd>Meaning<dt>Other</dl>", "<p>Term</p><p>Meaning</p><p>Other</p>"},
        {"<section><h5>T</h5>Text</section>after", "<h4>T</h4><p>Text</p>after"},
        {"<noscript><img src=x></noscript><p>x<sup>2</sup></p>", "<p>x2</p>"},
        {"<p>She said <q>I heard <q>yes</q></q>.</q></p>", "<p>She said “I heard “yes””.</p>"},
        {"<button>Buy <b>now</b></button> <output>3</output>", "Buy <strong>now</strong> 3"},
    });
}

TEST_CASE("HTML that is not well made is mended", "[news]") {
    check_all({
        {"<b>1<i>2</b>3</i>", "<strong>1<em>2</em></strong><em>3</em>"},
        {"<p>a<p>b", "<p>a</p><p>b</p>"},
        {"<p>a<ul><li>x</ul>b", "<p>a</p><ul><li>x</li></ul>b"},
        {"<a href=/x><p>one</p><p>two</p></a>",
         "<p><a href=\"/x\">one</a></p><p><a href=\"/x\">two</a></p>"},
        {"<a href=/x>u<a href=/y>v</a>w</a>", "<a href=\"/x\">u</a><a href=\"/y\">v</a>w"},
        {"<b><b>x</b>y</b>z", "<strong>xy</strong>z"},
        {"<ul><li>a</li>\n<ul><li>b</li></ul>\n<li>c</li></ul>",
         "<ul><li>a<ul><li>b</li></ul>\n</li><li>c</li></ul>"},
        {"<ul>text<li>x</ul>", "<ul><li>text</li><li>x</li></ul>"},
        {"<li>x</li>", "<p>x</p>"},
        {"<table><tr>a<td>b<th>c<tr><td>d</table>",
         "<table><tr><td>a</td><td>b</td><th>c</th></tr><tr><td>d</td></tr></table>"},
        {"<table><caption>Cap</caption><tfoot><tr><td>f</table>",
         "<table><tr><td>Cap</td></tr><tbody><tr><td>f</td></tr></tbody></table>"},
        {"<td>x</td>", "<p>x</p>"},
        {"<b>x<table><tr><td>in</td></tr></table>y</b>",
         "<strong>x</strong><table><tr><td>in</td></tr></table><strong>y</strong>"},
        {"<h2>a<div>b</div></h2>", "<h2>a b</h2>"},
        {"<h2>a<ul><li>b</ul></h2>", "<h2>a</h2><ul><li>b</li></ul>"},
        {"<pre>\n\nx</pre>", "<pre>\n\nx</pre>"},
        {"<pre>\nx</pre>", "<pre>x</pre>"},
        {"<div data-block=q><div>in</div>more</div>out",
         "<div data-block=\"q\"><p>in</p>more</div>out"},
        {"<figcaption>x</figcaption><figure><div><img src=/x></div></figure>",
         "<p>x</p><figure><img src=\"/x\" alt=\"\"></figure>"},
        {"<p>a</b></i></div></ul></td></p></p>b", "<p>a</p>b"},
        {"x<p></p>y<p></p><p>z</p>", "x<p></p>y<p></p><p>z</p>"},
        {"<p>a", "<p>a</p>"},
        {"a < b & c &unknown; <3", "a &lt; b &amp; c &amp;unknown; &lt;3"},
        {"<P>a<BR/>b</P>", "<p>a<br>b</p>"},
    });
}

TEST_CASE("what is not closed takes no text with it that browsers show", "[news]") {
    check_all({
        {"<iframe src=https://video.example/1><p>a</p><p>b</p>",
         "<iframe src=\"https://video.example/1\"></iframe><p>a</p><p>b</p>"},
        {"<p><iframe src=https://evil.example>text</p>b", "<p>text</p>b"},
        {"<iframe>in</iframe>a<iframe>b<iframe>c", "abc"},
        {"<iframe>a</iframe b", "a"},
        {"<object><iframe>in</object>a", "a"},
        {"<p>a <svg><path></p><p>b</p>", "<p>a </p><p>b</p>"},
        {"<svg><g>in<div>a</div>b", "<p>a</p>b"},
        {"<math><mi>in<table><tr><td>a</table>b", "<table><tr><td>a</td></tr></table>b"},
        {"<svg><text>in</text></svg>a", "a"},
        {"<canvas><p>in</p></canvas>a", "a"},
    });
}

TEST_CASE("no attribute that scripts act on stays at a block of the site's own", "[news]") {
    for (const std::string name :
         {"data-hx-on--click", "data-ng-init", "data-bind", "data-dojo-type", "data-sly-test",
          "data-turbo", "data-turbo-frame", "data-action", "data-controller", "data-remote",
          "data-bs-toggle", "data-toggle", "data-x-data", "DATA-Win-Bind", "data-on-click"}) {
        INFO(name);
        auto cleaned = clean_html("<div data-block=poll " + name + "=alert(1) data-id=1>x</div>");
        CHECK(cleaned.html == "<div data-block=\"poll\" data-id=\"1\">x</div>");
        CHECK(cleaned.dropped == std::vector<Dropped>{{"event_handler", 1}});
    }
    for (const std::string name : {"data-xy", "data-binding", "data-actions", "data-turbine"}) {
        auto html = "<div data-block=\"poll\" " + name + "=\"1\">x</div>";
        CHECK(clean_html(html).html == html);
    }
}

TEST_CASE("only addresses that are what they look like stay", "[news]") {
    check_all({
        {"<a href=' https://example.org/x '>x</a>", "<a href=\"https://example.org/x\">x</a>"},
        {"<a href='HTTPS://example.org'>x</a>", "<a href=\"https://example.org\">x</a>"},
        {"<a href='//example.org/x'>x</a>", "<a href=\"https://example.org/x\">x</a>"},
        {"<a href='/a?b=//c&d'>x</a>", "<a href=\"/a?b=//c&amp;d\">x</a>"},
        {"<a href='ht\ntp://exa\tmple.org'>x</a>", "<a href=\"http://example.org\">x</a>"},
        {"<a href='/\t/evil.example'>x</a>", "<a href=\"https://evil.example\">x</a>"},
        {"<a href='/\\evil.example'>x</a>", "x"},
        {"<a href='javascript:alert(1)'>x</a>", "x"},
        {"<a href='java&Tab;script&colon;alert(1)'>x</a>", "x"},
        {"<a href='data:text/html,x'>x</a>", "x"},
        {"<a href='https://good.example@evil.example'>x</a>", "x"},
        {"<a href='https://bücher.example:8080/a'>x</a>",
         "<a href=\"https://bücher.example:8080/a\">x</a>"},
        {"<a href='https://a_b-c.example/#:@'>x</a>",
         "<a href=\"https://a_b-c.example/#:@\">x</a>"},
        {"<a href='http://192.0.2.1:1/'>x</a>", "<a href=\"http://192.0.2.1:1/\">x</a>"},
        {"<a href='https://xn--bcher-kva.example'>x</a>",
         "<a href=\"https://xn--bcher-kva.example\">x</a>"},
        // What a browser finds no server in, or another than stands there.
        {"<a href='https://a b.example'>x</a>", "x"},
        {"<a href='https://a&b.example'>x</a>", "x"},
        {"<a href='https://a%2Eexample'>x</a>", "x"},
        {"<a href='https://%65vil.example'>x</a>", "x"},
        {"<a href='https://evil\xEF\xBF\xBD.example'>x</a>", "x"},
        {"<a href='https://evil..example'>x</a>", "x"},
        {"<a href='https://.example'>x</a>", "x"},
        {"<a href='https://xn--.example'>x</a>", "x"},
        {"<a href='https://example:'>x</a>", "x"},
        {"<a href='https://example:https'>x</a>", "x"},
        {"<a href='https://example:65536'>x</a>", "x"},
        {"<a href='https://user:pass'>x</a>", "x"},
        {"<a href='https://2130706433'>x</a>", "x"},
        {"<a href='https://0x7f.1'>x</a>", "x"},
        {"<a href='https://127.1'>x</a>", "x"},
        {"<a href='https://127.0.0.256'>x</a>", "x"},
        {"<a href='https://a.0x1'>x</a>", "x"},
        {"<a href='https://[::1'>x</a>", "x"},
        {"<img src='https://user:pass'>", ""},
        {"<a href='tel://a:b'>x</a>", "x"},
        {"<a href='page.html'>x</a>", "x"},
        {"<a name=here>x</a>", "x"},
        {"<img src='data:image/png;base64,AA'>", ""},
        {"<img src=#x>", ""},
        {"<iframe src='https://evil.example'></iframe>", ""},
        {"<iframe src='http://video.example'></iframe>", ""},
        {"<iframe src='https://VIDEO.example/x' srcdoc=x></iframe>",
         "<iframe src=\"https://VIDEO.example/x\"></iframe>"},
    });
    CHECK(clean_html("<iframe src='https://video.example/x'></iframe>").html.empty());
}

TEST_CASE("what is left out of HTML is told by kind", "[news]") {
    auto dropped = clean_html(
                       "<p onclick=x onload=y>a<script>b</script><style>c</style><!-- d --></p>"
                       "<a href=javascript:x>e</a><img src=data:x><iframe src=https://a.b></iframe>"
                       "<svg><path/></svg><form><input></form><u>f</u><span>g</span>")
                       .dropped;

    std::vector<Dropped> expected = {
        {"comment", 1}, {"drawing", 1}, {"element", 1}, {"embed", 1},  {"event_handler", 2},
        {"form", 2},    {"image", 1},   {"link", 1},    {"script", 1}, {"style", 1}};
    CHECK(dropped == expected);

    std::string deep;
    for (int i = 0; i < 40; ++i) deep += "<blockquote>";
    CHECK(clean_html(deep + "x").dropped == std::vector<Dropped>{{"nesting", 8}});
}

TEST_CASE("a reader that knows only news HTML takes whatever is made of what is hostile",
          "[news]") {
    CHECK(hostile_html().size() > 300);
    for (const auto& html : hostile_html()) {
        INFO(html);
        CHECK(fault_of_cleaning(html) == "");
    }
}

TEST_CASE("the strict reader finds what is no news HTML", "[news]") {
    for (const char* html : {"<script>x</script>",
                             "<p onclick=\"x\">x</p>",
                             "<p>x",
                             "x</p>",
                             "<p><p>x</p></p>",
                             "<P>x</P>",
                             "<a href=\"javascript:x\">x</a>",
                             "<a href=\"//x\">x</a>",
                             "<a>x</a>",
                             "<a href=/x>x</a>",
                             "<img src=\"data:x\" alt=\"\">",
                             "<br/>",
                             "<ul>x</ul>",
                             "<table><td>x</td></table>",
                             "<li>x</li>",
                             "<div>x</div>",
                             "<div class=\"x\">x</div>",
                             "<div data-block=\"x\" data-hx-get=\"/y\">x</div>",
                             "<div data-block=\"x\" data-bind=\"y\">x</div>",
                             "<iframe src=\"https://evil.example\"></iframe>",
                             "a & b",
                             "a > b",
                             "&copy;",
                             "<svg></svg>",
                             "<!-- x -->",
                             "<strong></strong>",
                             "<em><strong><em>x</em></strong></em>",
                             "a\x01",
                             "a\xff",
                             "<a href=\"/x\" target=\"_blank\">x</a>",
                             "<b>x</b>",
                             "<p></p>",
                             "<h2><ul></ul></h2>",
                             "<img src=\"/x\" src=\"/y\">",
                             "<td>x</td>",
                             "<p title=\"x\">x</p>"}) {
        INFO(html);
        CHECK(StrictNewsHtml(html, known_hosts).fault() != "");
    }
}

TEST_CASE("whatever becomes of hostile HTML, it comes out as news HTML", "[news]") {
    auto seed = std::random_device()();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    int count = std::getenv("PORTAL_TEST_LONG") ? 1000000 : 4000;
    for (int i = 0; i < count; ++i) {
        auto fault = fault_of_cleaning(mutated_html(random));
        if (!fault.empty()) FAIL(fault);
    }
}

TEST_CASE("cleaning takes time as the text is long, whatever it is", "[news]") {
    constexpr std::size_t bytes = 128 * 1024;
    for (const std::string piece : {"<",
                                    "<div>",
                                    "</div>",
                                    "&",
                                    "\"",
                                    "<a href=\"",
                                    "<!--",
                                    "<a b ",
                                    "<b>",
                                    "<b><p>x",
                                    "<ul>",
                                    "<ul><li></li>",
                                    "<table>",
                                    "<td>",
                                    "<a href=/x>y<p>",
                                    "<i><b></i>",
                                    "<h2><div>x",
                                    "<svg>",
                                    "<script>",
                                    "&#1",
                                    "<pre>\n",
                                    "</",
                                    "<div data-block=x>",
                                    " <ul>\n",
                                    "<iframe>",
                                    "<iframe></iframe ",
                                    "<svg><p>",
                                    "<q>",
                                    "<p></p>"}) {
        INFO(piece);
        auto once = seconds_of(piece, bytes);
        auto twice = seconds_of(piece, 2 * bytes);
        CHECK(twice < 3 * once + 0.02);
    }
}

TEST_CASE("a long link over many paragraphs does not grow with the square of its length",
          "[news]") {
    std::string html = "<a href=\"/" + std::string(100000, 'x') + "\">";
    for (int i = 0; i < 10000; ++i) html += "<p>y";

    CHECK(clean_html(html).html.size() < 4 * html.size());
    CHECK(clean_html(html).dropped == std::vector<Dropped>{{"link", 1}});
    CHECK(fault_of_cleaning(html) == "");
}

TEST_CASE("a link or a mark over parts of an article stays at each of them, or that is told",
          "[news]") {
    auto count = [](const std::string& html, std::string_view part) {
        std::size_t found = 0;
        for (auto i = html.find(part); i != html.npos; i = html.find(part, i + 1)) ++found;
        return found;
    };
    std::string paragraphs;
    for (int i = 0; i < 20; ++i) paragraphs += "<h3>x</h3><p>y</p>";
    auto link = "<a href=\"https://example.org/" + std::string(300, 'x') + "\">";

    auto cleaned = clean_html(link + paragraphs + "</a>");

    CHECK(count(cleaned.html, link) == 40);
    CHECK(cleaned.dropped.empty());
    CHECK(fault_of_cleaning(link + paragraphs) == "");

    std::string many = "<b>";
    for (int i = 0; i < 100; ++i) many += paragraphs;
    cleaned = clean_html(many);
    CHECK(count(cleaned.html, "<strong>") > 1000);
    CHECK(cleaned.dropped == std::vector<Dropped>{{"nesting", 1}});
    CHECK(fault_of_cleaning(many) == "");
}

TEST_CASE("characters are decoded as browsers decode them", "[news]") {
    auto text = [](std::string_view written) {
        return base::decode_html(written, base::HtmlPlace::text);
    };
    CHECK(text("&amp;&lt;&gt;&quot;&apos;&nbsp;&euro;&Alpha;") == "&<>\"'\u00a0€Α");
    CHECK(text("&amp&copy2026&notit;&AMP") == "&©2026¬it;&");
    CHECK(text("&#65;&#x42;&#X43;&#68x") == "ABCDx");
    CHECK(text("&#128;&#x99;") == "€™");
    CHECK(text("&#0;&#xD800;&#x110000;&#99999999999;") == "\ufffd\ufffd\ufffd\ufffd");
    CHECK(text("&;&#;&#x;&unknown;&") == "&;&#;&#x;&unknown;&");
    CHECK(text("a\r\nb\rc\fd") == "a\nb\nc d");
    CHECK(text(std::string_view("a\0\x01\x7f\xc2\x80z", 7)) == "az");
    CHECK(text("\uFEFFa&#xFEFF;b") == "ab");
    CHECK(text("\xff\xc0\xaf\xe2\x82z") == "\ufffd\ufffd\ufffd\ufffd\ufffdz");
    CHECK(base::decode_html("/?a&copy=1&lt2&copy;&lt", base::HtmlPlace::value) ==
          "/?a&copy=1&lt2©<");
}

}  // namespace news
