// The second half of the head guard: field lines, and what the fields that frame a message mean.
#include "characters.hpp"
#include "head_guard.hpp"

namespace http {

namespace {
constexpr std::string_view chunked_word = "chunked";
constexpr std::uint64_t length_max = 0x7fffffffffffffff;
}  // namespace

bool HeadGuard::field_line(const char* data, std::size_t end) {
    char c = data[at_];
    switch (state_) {
        case State::line_start:
            if (c == '\r') {
                state_ = State::last_lf;
                ++at_;
                return true;
            }
            if (c == ' ' || c == '\t') return bad("A field line is folded.");
            if (lines_.size() >= limits_->field_lines) {
                return refuse(431, "too_many_fields", "The request has too many field lines.");
            }
            token_at_ = at_;
            state_ = State::name;
            return true;
        case State::name:
            return take_name(data, end);
        case State::before_value:
            if (c == ' ' || c == '\t') {
                ++at_;
                return true;
            }
            token_at_ = at_;
            state_ = known_ == Known::host || known_ == Known::content_length ? State::single_value
                                                                              : State::value;
            return true;
        case State::value:
            return take_value(data, end);
        case State::single_value:
            return take_single_value(data, end);
        case State::value_lf:
            if (c != '\n') return bad("A carriage return must be followed by a line feed.");
            state_ = State::line_start;
            ++at_;
            return true;
        default:  // last_lf
            if (c != '\n') return bad("A carriage return must be followed by a line feed.");
            ++at_;
            return end_head();
    }
}

bool HeadGuard::take_name(const char* data, std::size_t end) {
    std::size_t i = at_;
    while (i < end && is(token_character, data[i])) ++i;
    at_ = i;
    if (i == end) return true;
    if (data[i] != ':') return bad("A field name has a character that it may not have.");
    if (i == token_at_) return bad("A field line has no name.");
    std::string_view name(data + token_at_, i - token_at_);
    line_.name = {static_cast<std::uint16_t>(token_at_), static_cast<std::uint16_t>(name.size())};
    ++at_;
    state_ = State::before_value;
    return know_name(name);
}

/// Which fields the guard itself acts on, and what is wrong with one as soon as its name is there.
bool HeadGuard::know_name(std::string_view name) {
    known_ = Known::other;
    matched_ = 0;
    space_seen_ = false;
    switch (name.size()) {
        case 4:
            if (answer_ || !equals_lower(name, "host")) return true;
            if (has_host_) return bad("The request has two Host fields.");
            has_host_ = true;
            host_guard_.reset();
            known_ = Known::host;
            return true;
        case 6:
            if (!answer_ && equals_lower(name, "expect")) known_ = Known::expect;
            return true;
        case 8:
            if (equals_lower(name, "if-match")) known_ = Known::conditional;
            return true;
        case 10:
            if (equals_lower(name, "connection")) known_ = Known::connection;
            return true;
        case 12:
            if (equals_lower(name, "x-request-id")) known_ = Known::request_id;
            return true;
        case 13:
            if (equals_lower(name, "if-none-match")) known_ = Known::conditional;
            return true;
        case 14:
            if (!equals_lower(name, "content-length")) return true;
            if (has_length_) return bad("There are two Content-Length fields.");
            if (chunked_) return bad("Content-Length and Transfer-Encoding exclude each other.");
            has_length_ = true;
            known_ = Known::content_length;
            return true;
        case 15:
            if (equals_lower(name, "accept-encoding")) known_ = Known::accept_encoding;
            return true;
        case 17:
            if (!equals_lower(name, "transfer-encoding")) return true;
            if (chunked_) return bad("There are two Transfer-Encoding fields.");
            if (has_length_) return bad("Content-Length and Transfer-Encoding exclude each other.");
            if (http_1_0_) return bad("HTTP/1.0 has no Transfer-Encoding.");
            chunked_ = true;
            known_ = Known::transfer_encoding;
            return true;
        default:
            return true;
    }
}

bool HeadGuard::take_value(const char* data, std::size_t end) {
    std::size_t i = at_;
    while (i < end && is(value_character, data[i])) ++i;
    at_ = i;
    if (i == end) return true;
    if (data[i] != '\r') return bad("A field value has a control character.");
    return end_value(data);
}

/// Two of the fields that decide where a message ends and whom it is for: one word, checked byte by
/// byte, so that nothing smuggled in them is even waited for.
bool HeadGuard::take_single_value(const char* data, std::size_t end) {
    if (known_ == Known::host && !space_seen_) at_ += host_guard_.take_name(data + at_, end - at_);
    for (; at_ < end; ++at_) {
        char c = data[at_];
        if (c == '\r') return end_value(data);
        if (c == ' ' || c == '\t') {
            space_seen_ = true;
        } else if (space_seen_ || !check_single(c)) {
            if (state_ == State::refused) return false;
            return bad("A field that must be one word has something else in it.");
        }
    }
    return true;
}

bool HeadGuard::check_single(char c) {
    if (known_ == Known::host) return host_guard_.take(c);
    if (!is(digit_character, c)) return bad("Content-Length must be digits only.");
    auto digit = static_cast<std::uint64_t>(c - '0');
    if (content_length_ > (length_max - digit) / 10) return bad("Content-Length is too large.");
    content_length_ = content_length_ * 10 + digit;
    return true;
}

/// At the carriage return.
bool HeadGuard::end_value(const char* data) {
    auto value = trim_blanks(std::string_view(data + token_at_, at_ - token_at_));
    line_.value = {static_cast<std::uint16_t>(token_at_), static_cast<std::uint16_t>(value.size())};
    lines_.push_back(line_);
    ++at_;
    state_ = State::value_lf;
    return use_value(value);
}

/// What a whole value means for the guard.
bool HeadGuard::use_value(std::string_view value) {
    switch (known_) {
        case Known::other:
            return true;
        case Known::host:
        case Known::content_length:
            return end_single(value);
        case Known::transfer_encoding:
            return read_codings(value);
        case Known::connection:
            return read_connection(value) || bad("Connection must be a list of words.");
        case Known::expect:
            expects_continue_ = true;
            if (equals_lower(value, "100-continue")) return true;
            return refuse(417, "expectation_failed", "The only expectation known is 100-continue.");
        case Known::conditional:
            conditional_ = true;
            return true;
        case Known::accept_encoding:
            accepts_codings_ = true;
            return true;
        case Known::request_id:
            request_id_ = line_.value;
            return true;
    }
    return true;
}

bool HeadGuard::end_single(std::string_view value) {
    if (known_ == Known::content_length) {
        return !value.empty() || bad("Content-Length must be digits only.");
    }
    if (!host_guard_.complete(value)) return bad("The Host field is not a valid host.");
    if (!absolute_) host_ = line_.value;  // an absolute target overrides it (RFC 9112, 3.2.2)
    return true;
}

/// `chunked` alone is taken. A list of codings that ends in it, and has it once, says where the
/// message ends, in a way that is not known here; anything else does not say that (RFC 9112, 6.3).
bool HeadGuard::read_codings(std::string_view value) {
    if (equals_lower(value, chunked_word)) return true;
    bool words = true;
    int chunked = 0;
    std::string_view last;
    for (auto rest = value;;) {
        auto comma = rest.find(',');
        last = trim_blanks(rest.substr(0, comma));
        if (last.empty()) words = false;
        for (char c : last) words = words && is(token_character, c);
        if (equals_lower(last, chunked_word)) ++chunked;
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
    }
    if (words && chunked == 1 && equals_lower(last, chunked_word)) {
        return refuse(501, "unsupported_transfer_encoding",
                      "The only transfer encoding of this server is `chunked`.");
    }
    return bad("Transfer-Encoding must be `chunked`.");
}

bool HeadGuard::read_connection(std::string_view value) {
    bool words = true;
    for_each_element(value, [this, &words](std::string_view option) {
        for (char c : option) words = words && is(token_character, c);
        if (equals_lower(option, "close")) close_ = true;
        if (equals_lower(option, "keep-alive")) keep_alive_ = true;
        if (equals_lower(option, "upgrade")) upgrade_ = true;
    });
    return words;
}

bool HeadGuard::end_head() {
    if (!has_host_ && !http_1_0_ && !answer_) return bad("The request has no Host field.");
    state_ = State::complete;
    return true;
}

}  // namespace http
