#include "splitter.hpp"

#include <algorithm>

namespace django {

namespace {

constexpr int end_of_file = -1;
constexpr std::size_t block_bytes = 64 * 1024;
/// Of what is too long so much is kept, for the person who looks for it.
constexpr std::size_t shown_bytes = 2000;

bool is_space(int c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

Splitter::Splitter(std::istream& input, std::size_t bytes_max, SourcePlace place)
    : input_(input), bytes_max_(bytes_max) {
    find_form();
    if (place.bytes <= bytes_) return;
    input_.seekg(place.bytes);
    block_.clear();
    at_ = 0;
    bytes_ = place.bytes;
    line_ = place.line;
}

bool Splitter::fill() {
    block_.resize(block_bytes);
    auto read = input_.rdbuf()->sgetn(block_.data(), static_cast<std::streamsize>(block_bytes));
    block_.resize(static_cast<std::size_t>(std::max<std::streamsize>(read, 0)));
    at_ = 0;
    return !block_.empty();
}

void Splitter::find_form() {
    // A byte order mark is no white space of JSON, but some editors write one.
    while (is_space(peek()) || peek() == 0xEF || peek() == 0xBB || peek() == 0xBF) take();
    form_ = peek() == '[' ? Form::array : Form::lines;
    if (form_ == Form::array) take();
}

void Splitter::keep(std::string_view bytes) {
    if (too_long_) return;
    if (text_.size() + bytes.size() <= bytes_max_) {
        text_ += bytes;
        return;
    }
    too_long_ = true;
    text_ += bytes.substr(0, shown_bytes);
    if (text_.size() > shown_bytes) text_.resize(shown_bytes);
}

Splitter::Found Splitter::next() {
    text_.clear();
    too_long_ = false;
    for (;;) {
        int c = take();
        if (c == end_of_file) {
            bool whole = form_ == Form::lines || ended_;
            ended_ = true;
            text_line_ = line_;
            return whole ? Found::end : Found::cut_off;
        }
        if (is_space(c)) continue;
        if (form_ == Form::lines) return read_line(c);
        if (c == ',' && !ended_) continue;
        if (c == ']' && !ended_) {
            ended_ = true;
            continue;
        }
        return read_value(c);
    }
}

Splitter::Found Splitter::read_line(int first) {
    text_line_ = line_;
    auto begin = static_cast<char>(first);
    keep({&begin, 1});
    while (peek() != end_of_file) {
        auto rest = std::string_view(block_).substr(at_);
        auto end = std::min(rest.find('\n'), rest.size());
        keep(rest.substr(0, end));
        at_ += end;
        bytes_ += static_cast<std::int64_t>(end);
        if (end < rest.size()) break;
    }
    return too_long_ ? Found::too_long : Found::row;
}

Splitter::Found Splitter::read_value(int first) {
    text_line_ = line_;
    std::int64_t depth = 0;
    bool in_text = false;
    bool escaped = false;
    for (int c = first;; c = take()) {
        if (c == end_of_file) {
            ended_ = true;
            return Found::cut_off;
        }
        auto byte = static_cast<char>(c);
        keep({&byte, 1});
        if (in_text && !escaped) {
            // Most of a dump is in texts: all that is plain goes in one step.
            auto rest = std::string_view(block_).substr(at_);
            bool plain = c != '"' && c != '\\' && c != '\n';
            auto end = plain ? std::min(rest.find_first_of("\"\\\n"), rest.size()) : 0;
            keep(rest.substr(0, end));
            at_ += end;
            bytes_ += static_cast<std::int64_t>(end);
        }
        if (in_text) {
            // No text of JSON goes over the end of a line: there its quote is missing.
            if (c == '\n') break;
            if (escaped) {
                escaped = false;
            } else if (c == '\\') {
                escaped = true;
            } else if (c == '"') {
                in_text = false;
            }
        } else if (c == '"') {
            in_text = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            --depth;
        }
        if (in_text || depth > 0) continue;
        // A bare word or number has no end of its own.
        bool ends = c == '}' || c == ']' || c == '"' || peek() == ',' || peek() == ']' ||
                    peek() == '{' || is_space(peek());
        if (ends) break;
    }
    return too_long_ ? Found::too_long : Found::row;
}

}  // namespace django
