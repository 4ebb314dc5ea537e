#include "chunk_decoder.hpp"

#include <algorithm>

#include "characters.hpp"

namespace http {

namespace {
constexpr int size_digits_max = 16;
constexpr std::size_t extension_line_max = 256;
constexpr std::size_t extension_all_max = 4096;
constexpr std::size_t trailer_bytes_max = 4096;
}  // namespace

bool ChunkDecoder::bad(std::string_view message) {
    refusal_ = {400, "malformed_request", message};
    state_ = State::refused;
    return false;
}

bool ChunkDecoder::expect(char expected, char c, State next) {
    if (c != expected) return bad("A chunk is not framed by carriage return and line feed.");
    state_ = next;
    return true;
}

ChunkDecoder::Verdict ChunkDecoder::advance(std::string_view received, std::string& body) {
    consumed_ = 0;
    while (consumed_ < received.size() && state_ < State::complete) {
        if (state_ == State::content) {
            auto count = std::min<std::uint64_t>(left_, received.size() - consumed_);
            body.append(received.substr(consumed_, count));
            taken_ += count;
            consumed_ += count;
            left_ -= count;
            if (left_ == 0) state_ = State::content_cr;
        } else if (take(received[consumed_])) {
            ++consumed_;
        }
    }
    if (state_ == State::refused) return Verdict::refused;
    return state_ == State::complete ? Verdict::complete : Verdict::more;
}

bool ChunkDecoder::take(char c) {
    switch (state_) {
        case State::size_first:
        case State::size:
            return take_size(c);
        case State::size_lf:
            return expect('\n', c, left_ > 0 ? State::content : State::trailer_start);
        case State::content_cr:
            return expect('\r', c, State::content_lf);
        case State::content_lf:
            size_digits_ = 0;
            return expect('\n', c, State::size_first);
        case State::last_lf:
            return expect('\n', c, State::complete);
        case State::trailer_start:
        case State::trailer_name:
        case State::trailer_value:
        case State::trailer_lf:
            return take_trailer(c);
        default:
            return take_extension(c);
    }
}

bool ChunkDecoder::take_size(char c) {
    if (is(hex_character, c)) {
        if (++size_digits_ > size_digits_max) return bad("A chunk size has too many digits.");
        left_ = left_ * 16 + hex_value(c);
        // Said at once, before the content is sent; sizes only grow with further digits.
        if (left_ > body_bytes_max_ - std::min(body_bytes_max_, taken_)) {
            refusal_ = {413, "body_too_large", "The request body is too large."};
            state_ = State::refused;
            return false;
        }
        state_ = State::size;
        return true;
    }
    if (state_ == State::size_first) return bad("A chunk does not start with its size.");
    extension_line_ = 0;
    if (c == ';') {
        state_ = State::extension_end;
        return take_extension(c);
    }
    return c == '\r' ? expect('\r', c, State::size_lf) : bad("A chunk size is not hexadecimal.");
}

/// `;name`, `;name=word` or `;name="text"`, without the blanks that RFC 9112 advises against. What
/// it says is of no interest; but a reader that takes a quoted text for longer than its line would
/// find another end of the body.
bool ChunkDecoder::take_extension(char c) {
    constexpr std::string_view wrong = "A chunk extension is not of the form `;name=value`.";
    bool counted = c != '\r';
    if (counted &&
        (++extension_line_ > extension_line_max || ++extension_all_ > extension_all_max)) {
        return bad("The chunk extensions are too long.");
    }
    switch (state_) {
        case State::extension_name_first:
            state_ = State::extension_name;
            return is(token_character, c) || bad(wrong);
        case State::extension_name:
            if (is(token_character, c)) return true;
            if (c != '=') return end_extension(c) || bad(wrong);
            state_ = State::extension_value_first;
            return true;
        case State::extension_value_first:
            state_ = c == '"' ? State::extension_quoted : State::extension_word;
            return c == '"' || is(token_character, c) || bad(wrong);
        case State::extension_word:
            return is(token_character, c) || end_extension(c) || bad(wrong);
        case State::extension_quoted:
            if (c == '"') state_ = State::extension_end;
            if (c == '\\') state_ = State::extension_escaped;
            return is(value_character, c) || bad(wrong);
        case State::extension_escaped:
            state_ = State::extension_quoted;
            return is(value_character, c) || bad(wrong);
        default:  // extension_end
            return end_extension(c) || bad(wrong);
    }
}

/// After a size or a whole extension: another one, or the end of the line.
bool ChunkDecoder::end_extension(char c) {
    state_ = c == ';' ? State::extension_name_first : State::size_lf;
    return c == ';' || c == '\r';
}

bool ChunkDecoder::take_trailer(char c) {
    if (++trailer_bytes_ > trailer_bytes_max) return bad("The trailer is too long.");
    switch (state_) {
        case State::trailer_start:
            if (c == '\r') return expect('\r', c, State::last_lf);
            state_ = State::trailer_name;
            return is(token_character, c) || bad("A trailer line has no name.");
        case State::trailer_name:
            if (c == ':') {
                state_ = State::trailer_value;
                return true;
            }
            return is(token_character, c) || bad("A trailer name has a wrong character.");
        case State::trailer_value:
            if (c == '\r') return expect('\r', c, State::trailer_lf);
            return is(value_character, c) || bad("A trailer value has a control character.");
        default:
            return expect('\n', c, State::trailer_start);  // trailer_lf
    }
}

}  // namespace http
