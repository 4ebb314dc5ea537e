#include "base/json_writer.hpp"

#include <array>
#include <charconv>

namespace base {

namespace {

constexpr std::array<bool, 256> make_plain() {
    std::array<bool, 256> plain{};
    for (std::size_t c = 0x20; c < plain.size(); ++c) plain[c] = c != '"' && c != '\\';
    return plain;
}
constexpr auto plain = make_plain();

}  // namespace

void JsonWriter::separate() {
    if (out_.size() == start_) return;
    // Outside of a text, which would have ended with a quote, only these three come before a first.
    char last = out_.back();
    if (last != '{' && last != '[' && last != ':') out_ += ',';
}

void JsonWriter::quote(std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    out_ += '"';
    for (;;) {
        std::size_t run = 0;
        while (run < text.size() && plain[static_cast<unsigned char>(text[run])]) ++run;
        out_.append(text, 0, run);
        if (run == text.size()) break;
        char c = text[run];
        text.remove_prefix(run + 1);
        out_ += '\\';
        switch (c) {
            case '"':
            case '\\':
                out_ += c;
                break;
            case '\b':
                out_ += 'b';
                break;
            case '\f':
                out_ += 'f';
                break;
            case '\n':
                out_ += 'n';
                break;
            case '\r':
                out_ += 'r';
                break;
            case '\t':
                out_ += 't';
                break;
            default:
                out_ += "u00";
                out_ += digits[c >> 4];
                out_ += digits[c & 15];
        }
    }
    out_ += '"';
}

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    out_ += bracket;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    out_ += bracket;
    return *this;
}

JsonWriter& JsonWriter::name(std::string_view name) {
    separate();
    quote(name);
    out_ += ':';
    return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
    separate();
    quote(text);
    return *this;
}

JsonWriter& JsonWriter::value(const std::vector<std::string>& texts) {
    open('[');
    for (const auto& text : texts) value(text);
    return close(']');
}

JsonWriter& JsonWriter::value(std::nullptr_t) {
    return literal("null");
}

JsonWriter& JsonWriter::integer(std::int64_t number) {
    std::array<char, 24> digits;
    auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return literal({digits.data(), end});
}

JsonWriter& JsonWriter::literal(std::string_view text) {
    separate();
    out_ += text;
    return *this;
}

}  // namespace base
