#include "xml_reader.hpp"

#include <optional>

#include "base/unicode.hpp"

namespace django {

namespace {

constexpr int end_of_file = std::char_traits<char>::eof();
constexpr std::size_t depth_max = 16;
constexpr std::size_t word_bytes_max = 1000;
constexpr std::size_t attributes_max = 32;

bool is_space(int c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// `#65`, `#x41`.
std::optional<std::uint32_t> numbered(const std::string& word) {
    bool hex = word.size() > 1 && (word[1] == 'x' || word[1] == 'X');
    std::uint32_t code = 0;
    std::size_t digits = 0;
    for (std::size_t i = hex ? 2 : 1; i < word.size(); ++i, ++digits) {
        char c = word[i];
        std::uint32_t digit = 16;
        if (c >= '0' && c <= '9') digit = static_cast<std::uint32_t>(c - '0');
        if (hex && c >= 'a' && c <= 'f') digit = static_cast<std::uint32_t>(c - 'a' + 10);
        if (hex && c >= 'A' && c <= 'F') digit = static_cast<std::uint32_t>(c - 'A' + 10);
        if (digit > (hex ? 15u : 9u)) return std::nullopt;
        code = code * (hex ? 16 : 10) + digit;
        if (code > 0x10FFFF) return std::nullopt;
    }
    bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (digits == 0 || code == 0 || surrogate) return std::nullopt;
    return code;
}

}  // namespace

int XmlReader::take() {
    int c = input_.rdbuf()->sbumpc();
    if (c == '\n') ++line_;
    return c;
}

int XmlReader::peek() {
    return input_.rdbuf()->sgetc();
}

void XmlReader::skip_space() {
    while (is_space(peek())) take();
}

XmlReader::Piece XmlReader::broken(std::string why) {
    problem_ = std::move(why);
    return Piece::broken;
}

void XmlReader::keep(const std::string& bytes) {
    if (!cut_ && text_.size() + bytes.size() <= text_bytes_max_) {
        text_ += bytes;
    } else {
        cut_ = true;
    }
}

XmlReader::Piece XmlReader::next() {
    if (!problem_.empty()) return Piece::broken;
    if (ends_at_once_) {
        ends_at_once_ = false;
        open_.pop_back();
        return Piece::end;
    }
    for (;;) {
        if (open_.empty()) {
            // A byte order mark may stand before all.
            while (is_space(peek()) || (!begun_ && peek() >= 0x80)) take();
            if (peek() == end_of_file) {
                return begun_ ? Piece::finish : broken("there is nothing in it");
            }
            if (peek() != '<' || begun_) {
                return broken("something stands outside of its one element");
            }
        }
        if (peek() == end_of_file) return broken("it ends in the middle of an element");
        if (peek() != '<') return read_text();
        take();
        if (peek() == '?') {
            if (!skip_past("?>")) return broken("it ends in the middle of an instruction");
            continue;
        }
        if (peek() != '!') return read_markup();
        take();
        if (peek() == '-') {
            if (!skip_past("-->")) return broken("it ends in the middle of a comment");
            continue;
        }
        if (peek() != '[') return broken("it has a document type, and none is read here");
        text_.clear();
        cut_ = false;
        if (open_.empty() || !read_cdata()) return broken("a CDATA section is damaged");
        return Piece::text;
    }
}

bool XmlReader::skip_past(const char* end) {
    std::string wanted(end);
    std::string last;
    for (int c = take(); c != end_of_file; c = take()) {
        last += static_cast<char>(c);
        if (last.size() > wanted.size()) last.erase(0, 1);
        if (last == wanted) return true;
    }
    return false;
}

bool XmlReader::read_cdata() {
    for (const char* c = "[CDATA["; *c != '\0'; ++c) {
        if (take() != *c) return false;
    }
    std::string last;
    for (int c = take(); c != end_of_file; c = take()) {
        last += static_cast<char>(c);
        if (last == "]]>") return true;
        if (last.size() < 3) continue;
        keep(last.substr(0, 1));
        last.erase(0, 1);
    }
    return false;
}

XmlReader::Piece XmlReader::read_text() {
    text_.clear();
    cut_ = false;
    while (peek() != '<' && peek() != end_of_file) {
        int c = take();
        std::string bytes(1, static_cast<char>(c));
        if (c == '&' && !take_entity(bytes)) {
            return broken("an entity is none of the five that XML has by itself");
        }
        keep(bytes);
    }
    return Piece::text;
}

bool XmlReader::take_entity(std::string& out) {
    static const std::map<std::string, std::string> known = {
        {"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}};
    std::string word;
    for (int c = take(); c != ';'; c = take()) {
        if (c == end_of_file || word.size() > 10) return false;
        word += static_cast<char>(c);
    }
    out.clear();
    if (word.starts_with('#')) {
        auto code = numbered(word);
        if (code) base::append_utf8(out, *code);
        return code.has_value();
    }
    auto found = known.find(word);
    if (found == known.end()) return false;
    out = found->second;
    return true;
}

bool XmlReader::take_word(std::string& word) {
    word.clear();
    for (int c = peek(); c != end_of_file; c = peek()) {
        if (is_space(c) || c == '>' || c == '/' || c == '=' || c == '<') break;
        if (word.size() == word_bytes_max) return false;
        word += static_cast<char>(take());
    }
    return !word.empty();
}

XmlReader::Piece XmlReader::read_markup() {
    return peek() == '/' ? read_end() : read_start();
}

XmlReader::Piece XmlReader::read_end() {
    take();
    if (!take_word(name_)) return broken("an element's end has no name");
    skip_space();
    if (take() != '>' || open_.empty() || open_.back() != name_) {
        return broken("</" + name_ + "> ends what has not begun");
    }
    open_.pop_back();
    return Piece::end;
}

XmlReader::Piece XmlReader::read_start() {
    if (!take_word(name_)) return broken("an element has no name");
    if (!read_attributes()) return broken("the attributes of <" + name_ + "> are damaged");
    if (open_.size() == depth_max) return broken("its elements are nested too deep");
    open_.push_back(name_);
    begun_ = true;
    return Piece::start;
}

bool XmlReader::read_attributes() {
    attributes_.clear();
    std::string attribute;
    for (;;) {
        skip_space();
        if (peek() == '>') return take() == '>';
        if (peek() == '/') {
            take();
            ends_at_once_ = true;
            return take() == '>';
        }
        if (attributes_.size() == attributes_max || !take_word(attribute)) return false;
        skip_space();
        if (take() != '=') return false;
        skip_space();
        int quote = take();
        if (quote != '"' && quote != '\'') return false;
        auto& value = attributes_[attribute];
        value.clear();
        for (int c = take(); c != quote; c = take()) {
            if (c == end_of_file || c == '<' || value.size() > word_bytes_max) return false;
            std::string bytes(1, static_cast<char>(c));
            if (c == '&' && !take_entity(bytes)) return false;
            value += bytes;
        }
    }
}

}  // namespace django
