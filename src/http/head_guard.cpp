#include "head_guard.hpp"

#include <algorithm>
#include <cstring>

#include "characters.hpp"

namespace http {

namespace {
constexpr std::size_t method_bytes_max = 24;
constexpr std::string_view usual_version = "HTTP/1.1\r\n";
}  // namespace

void HeadGuard::reset() {
    lines_.clear();
    static_cast<HeadProgress&>(*this) = HeadProgress();
}

void HeadGuard::reset_for_answer(std::size_t at, bool http_1_0) {
    reset();
    at_ = fields_at_ = at;
    http_1_0_ = http_1_0;
    answer_ = true;
    state_ = State::line_start;
}

bool HeadGuard::refuse(int status, std::string_view code, std::string_view message) {
    refusal_ = {status, code, message};
    state_ = State::refused;
    return false;
}

HeadGuard::Verdict HeadGuard::advance(std::string_view received) {
    const char* data = received.data();
    while (at_ < received.size() && state_ < State::line_start) {
        if (!request_line(data, received.size())) return Verdict::refused;
    }
    if (state_ >= State::line_start) {
        std::size_t end = std::min(received.size(), fields_at_ + limits_->field_bytes);
        while (at_ < end && state_ < State::complete) {
            if (!field_line(data, end)) return Verdict::refused;
        }
        if (state_ < State::complete && at_ >= fields_at_ + limits_->field_bytes) {
            refuse(431, "fields_too_large", "The field lines of the request are too long.");
        }
    }
    if (state_ == State::refused) return Verdict::refused;
    return state_ == State::complete ? Verdict::complete : Verdict::more;
}

bool HeadGuard::request_line(const char* data, std::size_t end) {
    char c = data[at_];
    switch (state_) {
        case State::start:
            // One empty line before a request is forgiven (RFC 9112, 2.2); a second one is not.
            state_ = c == '\r' ? State::leading_lf : State::method;
            if (c == '\r') ++at_;
            token_at_ = at_;
            return true;
        case State::leading_lf:
            if (c != '\n') return bad("A carriage return must be followed by a line feed.");
            state_ = State::method;
            token_at_ = ++at_;
            return true;
        case State::method:
            return take_method(data, end);
        case State::target_first:
            return take_target_first(c);
        case State::scheme:
            return take_scheme(c);
        case State::authority:
            return take_authority(data, c);
        case State::target:
            return take_target(data, end);
        case State::escape_high:
        case State::escape_low:
            return take_escape(c);
        case State::utf8_next:
            if (c != '%') return bad("A percent-escape in the target is not UTF-8.");
            if (at_ - target_at_ >= limits_->target_bytes) {
                return refuse(414, "target_too_long", "The request target is too long.");
            }
            state_ = State::escape_high;
            ++at_;
            return true;
        case State::after_asterisk:
            if (c != ' ') return bad("The target `*` stands alone.");
            end_target();
            return true;
        case State::version:
            // Nearly always the same ten bytes.
            if (matched_ == 0 && end - at_ >= usual_version.size() &&
                std::memcmp(data + at_, usual_version.data(), usual_version.size()) == 0) {
                at_ += usual_version.size();
                fields_at_ = at_;
                state_ = State::line_start;
                return true;
            }
            return take_version(c);
        default:  // request_lf
            if (c != '\n') return bad("A carriage return must be followed by a line feed.");
            state_ = State::line_start;
            fields_at_ = ++at_;
            return true;
    }
}

bool HeadGuard::take_method(const char* data, std::size_t end) {
    std::size_t i = at_;
    while (i < end && is(token_character, data[i])) ++i;
    at_ = i;
    if (i - token_at_ > method_bytes_max) {
        return refuse(501, "unknown_method", "This server does not know the method.");
    }
    if (i == end) return true;
    if (data[i] != ' ' || i == token_at_) return bad("The request does not start with a method.");
    if (!know_method(std::string_view(data + token_at_, i - token_at_))) return false;
    target_at_ = ++at_;
    state_ = State::target_first;
    return true;
}

bool HeadGuard::know_method(std::string_view name) {
    for (const auto& [method, known] : methods) {
        if (known == name) {
            method_ = method;
            return true;
        }
    }
    if (name == "TRACE" || name == "CONNECT") {
        return refuse(405, "method_not_allowed", "This method is switched off.");
    }
    if (name == "PRI") {
        return refuse(505, "unsupported_version", "This server speaks HTTP/1.1 and HTTP/1.0.");
    }
    return refuse(501, "unknown_method", "This server does not know the method.");
}

bool HeadGuard::take_target_first(char c) {
    if (c == '/') {
        target_.at = static_cast<std::uint16_t>(at_);
        state_ = State::target;
        return true;
    }
    ++at_;
    if (c == '*' && method_ == Method::options) {
        target_.at = static_cast<std::uint16_t>(at_ - 1);
        asterisk_ = true;
        state_ = State::after_asterisk;
        return true;
    }
    matched_ = 1;
    state_ = State::scheme;
    return to_lower(c) == 'h' || bad("The target is neither a path nor an http address.");
}

/// `http://` or `https://`; matched_ counts along the longer one.
bool HeadGuard::take_scheme(char c) {
    constexpr std::string_view scheme = "https://";
    if (matched_ == 4 && c == ':') matched_ = 5;
    if (to_lower(c) != scheme[matched_]) {
        return bad("The target is neither a path nor an http address.");
    }
    ++at_;
    if (++matched_ < scheme.size()) return true;
    token_at_ = at_;
    absolute_ = true;
    state_ = State::authority;
    return true;
}

bool HeadGuard::take_authority(const char* data, char c) {
    if (c != '/' && c != ' ' && c != '?') {
        ++at_;
        if (at_ - target_at_ > limits_->target_bytes) {
            return refuse(414, "target_too_long", "The request target is too long.");
        }
        return host_guard_.take(c) || bad("The host in the target is not valid.");
    }
    std::string_view host(data + token_at_, at_ - token_at_);
    if (!host_guard_.complete(host)) return bad("The host in the target is not valid.");
    host_ = {static_cast<std::uint16_t>(token_at_), static_cast<std::uint16_t>(host.size())};
    target_.at = static_cast<std::uint16_t>(at_);
    state_ = State::target;
    if (c == ' ') {
        // No path: the root, or for OPTIONS the server as a whole (RFC 9112, 3.2.4).
        asterisk_ = method_ == Method::options;
        end_target();
    }
    return true;
}

bool HeadGuard::take_target(const char* data, std::size_t end) {
    std::size_t i = at_;
    std::size_t stop = std::min(end, target_at_ + limits_->target_bytes);
    if (query_at_ == 0) {
        while (i < stop && is(target_character, data[i]) && data[i] != '?') ++i;
    } else {
        while (i < stop && is(target_character, data[i])) ++i;
    }
    at_ = i;
    if (i == end) return true;
    if (data[i] == ' ') {
        end_target();
        return true;
    }
    if (i == stop) return refuse(414, "target_too_long", "The request target is too long.");
    ++at_;
    if (data[i] == '?') {
        query_at_ = at_;
        return true;
    }
    state_ = State::escape_high;
    return data[i] == '%' || bad("The target has a character that must be percent-escaped.");
}

bool HeadGuard::take_escape(char c) {
    if (at_ - target_at_ >= limits_->target_bytes) {
        return refuse(414, "target_too_long", "The request target is too long.");
    }
    if (!is(hex_character, c)) return bad("The target has a broken percent-escape.");
    ++at_;
    if (state_ == State::escape_high) {
        escape_ = static_cast<std::uint8_t>(hex_value(c));
        state_ = State::escape_low;
        return true;
    }
    return take_escaped_byte(escape_ * 16u + hex_value(c));
}

/// Escaped bytes must be UTF-8 in its one shortest form (Unicode standard, table 3-7), or two
/// texts would name one path; and no byte that ends a line or a C string.
bool HeadGuard::take_escaped_byte(unsigned byte) {
    if (utf8_missing_ > 0) {
        if (byte < utf8_least_ || byte > utf8_most_) {
            return bad("A percent-escape in the target is not UTF-8.");
        }
        --utf8_missing_;
        utf8_least_ = 0x80;
        utf8_most_ = 0xbf;
    } else if (byte >= 0x80) {
        if (byte < 0xc2 || byte > 0xf4) return bad("A percent-escape in the target is not UTF-8.");
        utf8_missing_ = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
        utf8_least_ = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
        utf8_most_ = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
    } else if (byte == 0 || byte == '\r' || byte == '\n') {
        return bad("The target has an escaped control character.");
    }
    state_ = utf8_missing_ > 0 ? State::utf8_next : State::target;
    return true;
}

/// At the space after the target.
void HeadGuard::end_target() {
    auto end = query_at_ > 0 ? query_at_ - 1 : at_;
    target_.size = static_cast<std::uint16_t>(at_ - target_.at);
    if (query_at_ > 0) {
        query_ = {static_cast<std::uint16_t>(query_at_), static_cast<std::uint16_t>(at_ - end - 1)};
    }
    ++at_;
    matched_ = 0;
    state_ = State::version;
}

/// `HTTP/digit.digit` and nothing else is a version (RFC 9112, 2.3); which one counts at its end.
bool HeadGuard::take_version(char c) {
    constexpr std::string_view name = "HTTP/";
    constexpr std::size_t major_at = name.size();
    constexpr std::size_t minor_at = major_at + 2;
    if (matched_ < major_at && c != name[matched_]) {
        return bad("The request line is not of three words that end in a version.");
    }
    if (matched_ == major_at || matched_ == minor_at) {
        if (!is(digit_character, c)) return bad("The version is not of two digits.");
        version_ = static_cast<std::uint8_t>(version_ * 10 + (c - '0'));
    } else if (matched_ == major_at + 1) {
        if (c != '.') return bad("The version is not of two digits.");
    } else if (matched_ > minor_at) {
        if (c != '\r') return bad("The request line does not end after the version.");
        if (version_ != 10 && version_ != 11) {
            return refuse(505, "unsupported_version", "This server speaks HTTP/1.1 and HTTP/1.0.");
        }
        http_1_0_ = version_ == 10;
        state_ = State::request_lf;
    }
    ++matched_;
    ++at_;
    return true;
}

void HeadGuard::fill(const char* base, Request& request) const {
    request.method = method_;
    request.target = target_.size > 0 ? target_.in(base) : std::string_view("/");
    if (asterisk_) request.target = "*";
    request.query = query_.in(base);
    fill_fields(base, request.fields);
}

void HeadGuard::fill_fields(const char* base, std::vector<Request::Field>& fields) const {
    fields.clear();
    for (const auto& line : lines_) fields.push_back({line.name.in(base), line.value.in(base)});
}

}  // namespace http
