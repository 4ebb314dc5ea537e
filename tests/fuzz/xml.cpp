// Whatever it is told, the XML writer's text is well-formed: read by a reader that lets nothing
// pass.
#include "base/text.hpp"
#include "base/xml_writer.hpp"
#include "fuzz/check.hpp"

namespace {

using fuzz::require;

/// Takes `expected` away from the beginning.
void take(std::string_view& xml, std::string_view expected) {
    require(xml.starts_with(expected), "the next thing is " + std::string(expected));
    xml.remove_prefix(expected.size());
}

/// One reference, taken away from the beginning. No others are ever needed.
void take_reference(std::string_view& xml) {
    for (std::string_view one : {"&amp;", "&lt;", "&gt;", "&quot;", "&#13;", "&#10;", "&#9;"}) {
        if (!xml.starts_with(one)) continue;
        xml.remove_prefix(one.size());
        return;
    }
    require(false, "a & begins a reference");
}

/// Characters and references up to `end`, which stays.
void take_characters(std::string_view& xml, char end) {
    auto whole = xml;
    while (!xml.empty() && xml.front() != end) {
        auto c = static_cast<unsigned char>(xml.front());
        require(c != '<' && c != '>', "no bracket stands in a text");
        require(c >= 0x20 || c == '\t' || c == '\n', "no control character stands in a text");
        if (c == '&') {
            take_reference(xml);
        } else {
            xml.remove_prefix(1);
        }
    }
    auto text = whole.substr(0, whole.size() - xml.size());
    require(base::count_code_points(text).has_value(), "what is written is UTF-8");
    require(text.find("\xEF\xBF\xBE") == text.npos && text.find("\xEF\xBF\xBF") == text.npos,
            "no character stands there that XML has not");
}

/// An element with an attribute, another one in it and text beside that, told and read.
void check(std::string_view value, std::string_view text) {
    std::string out;
    base::XmlWriter xml(out);
    xml.declaration().open("a").attribute("b", value).element("c", text).text(text).close();
    std::string_view left = out;
    take(left, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b=\"");
    take_characters(left, '"');
    take(left, "\"><c>");
    take_characters(left, '<');
    take(left, "</c>");
    take_characters(left, '<');
    take(left, "</a>");
    require(left.empty(), "nothing follows the outermost element");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Copy copy(fuzz::text_of(bytes, size));
    auto text = copy.view();
    auto value = fuzz::take_until(text, '\n');
    check(value, text);
    check(text, value);
    return 0;
}
