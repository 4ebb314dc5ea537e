#include "base/xml_writer.hpp"

#include "base/text.hpp"

namespace base {

namespace {

/// How many bytes a character has that begins with this one; 0: none does.
std::size_t length_from(unsigned char first) {
    if (first < 0x80) return 1;
    if (first < 0xC2) return 0;
    if (first < 0xE0) return 2;
    if (first < 0xF0) return 3;
    return first < 0xF5 ? 4 : 0;
}

/// Whether XML 1.0 has that character (section 2.2): of what is UTF-8, all but most controls and
/// the two at the end of the first plane.
bool is_xml(std::string_view character) {
    auto first = static_cast<unsigned char>(character.front());
    if (character.size() == 1) {
        return first >= 0x20 || first == '\t' || first == '\n' || first == '\r';
    }
    return character != "\xEF\xBF\xBE" && character != "\xEF\xBF\xBF";
}

std::string_view escaped(std::string_view character, bool in_attribute) {
    switch (character.front()) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        // Not only in ]]>: then no reader has to know what stood before.
        case '>':
            return "&gt;";
        case '\r':
            return "&#13;";
        case '"':
            return in_attribute ? "&quot;" : character;
        case '\n':
            return in_attribute ? "&#10;" : character;
        case '\t':
            return in_attribute ? "&#9;" : character;
        default:
            return character;
    }
}

void append(std::string& out, std::string_view text, bool in_attribute) {
    while (!text.empty()) {
        auto length = length_from(static_cast<unsigned char>(text.front()));
        auto character = text.substr(0, length);
        bool is_whole = length > 0 && character.size() == length && count_code_points(character);
        if (is_whole && is_xml(character)) out += escaped(character, in_attribute);
        text.remove_prefix(is_whole ? length : 1);
    }
}

}  // namespace

void XmlWriter::finish_tag() {
    if (in_tag_) out_ += '>';
    in_tag_ = false;
}

XmlWriter& XmlWriter::declaration() {
    out_ += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    return *this;
}

XmlWriter& XmlWriter::open(std::string_view name) {
    finish_tag();
    out_.append("<").append(name);
    opened_.push_back(name);
    in_tag_ = true;
    return *this;
}

XmlWriter& XmlWriter::attribute(std::string_view name, std::string_view value) {
    out_.append(" ").append(name).append("=\"");
    append(out_, value, true);
    out_ += '"';
    return *this;
}

XmlWriter& XmlWriter::text(std::string_view text) {
    finish_tag();
    append(out_, text, false);
    return *this;
}

XmlWriter& XmlWriter::close() {
    if (opened_.empty()) return *this;
    if (in_tag_) {
        out_ += "/>";
    } else {
        out_.append("</").append(opened_.back()).append(">");
    }
    in_tag_ = false;
    opened_.pop_back();
    return *this;
}

}  // namespace base
