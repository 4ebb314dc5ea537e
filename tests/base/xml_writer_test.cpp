#include "base/xml_writer.hpp"

#include "support/catch.hpp"

namespace base {

namespace {

std::string xml_of_text(std::string_view text) {
    std::string out;
    XmlWriter(out).element("t", text);
    return out;
}

std::string xml_of_attribute(std::string_view value) {
    std::string out;
    XmlWriter(out).open("t").attribute("a", value).close();
    return out;
}

}  // namespace

TEST_CASE("XML is written in the order it is told", "[base]") {
    std::string out;
    XmlWriter xml(out);
    xml.declaration().open("rss").attribute("version", "2.0").open("channel");
    xml.element("title", "News").open("link").attribute("rel", "self").close().close().close();
    CHECK(out ==
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
          "<rss version=\"2.0\"><channel><title>News</title><link rel=\"self\"/></channel></rss>");
    xml.close();
    CHECK(out.ends_with("</rss>"));
}

TEST_CASE("no text ends what it stands in", "[base]") {
    CHECK(xml_of_text("a ]]> <b> & \"c\"\r\n") == "<t>a ]]&gt; &lt;b&gt; &amp; \"c\"&#13;\n</t>");
    CHECK(xml_of_attribute("\"><x a='&'\t\r\n") ==
          "<t a=\"&quot;&gt;&lt;x a='&amp;'&#9;&#13;&#10;\"/>");
    CHECK(xml_of_text("<![CDATA[x]]>") == "<t>&lt;![CDATA[x]]&gt;</t>");
}

TEST_CASE("all characters that XML has are written, from right to left and emoji too", "[base]") {
    std::string text = "\xD7\xA9\xD7\x9C \xF0\x9F\x98\x80 \xE2\x82\xAC\t\n\xEF\xBF\xBD";
    CHECK(xml_of_text(text) == "<t>" + text + "</t>");
}

TEST_CASE("what XML cannot have is left out, and nothing beside it", "[base]") {
    CHECK(xml_of_text(std::string_view("a\0b", 3)) == "<t>ab</t>");
    CHECK(xml_of_text("a\x01\x0B\x1F"
                      "b") == "<t>ab</t>");
    CHECK(xml_of_text("a\xEF\xBF\xBE\xEF\xBF\xBF"
                      "b") == "<t>ab</t>");
    CHECK(xml_of_text("a\xED\xA0\xBD"
                      "b") == "<t>ab</t>");  // half of a pair
    CHECK(xml_of_text("a\xC0\xBC"
                      "b\xFF") == "<t>ab</t>");                // < in two bytes
    CHECK(xml_of_text("a\xF0\x9F\x98<b") == "<t>a&lt;b</t>");  // cut short
    CHECK(xml_of_attribute("a\xE2\x82") == "<t a=\"a\"/>");
    CHECK(xml_of_text("a\xF4\x90\x80\x80"
                      "b") == "<t>ab</t>");  // above the last one
}

}  // namespace base
