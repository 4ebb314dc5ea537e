#include "response_guard.hpp"

#include <algorithm>

#include "characters.hpp"

namespace http {

namespace {

constexpr std::string_view version_start = "HTTP/1.";
constexpr std::size_t version_at = version_start.size();
constexpr std::size_t status_at = version_at + 2;
constexpr std::size_t reason_at = status_at + 4;
constexpr std::string_view malformed = "upstream_malformed";

/// A refusal of the shared code, in words that suit an answer.
std::string_view message_of(const Refusal& refusal) {
    if (refusal.code == "too_many_fields") return "It has too many field lines.";
    if (refusal.code == "fields_too_large") return "Its field lines are too long.";
    if (refusal.code == "unsupported_transfer_encoding") {
        return "Its transfer encoding is not `chunked`.";
    }
    if (refusal.code == "body_too_large") return "A chunk of it is too large.";
    return refusal.message;
}

}  // namespace

void ResponseGuard::reset() {
    fields_.reset();
    at_ = 0;
    status_ = 0;
    state_ = State::line;
    http_1_0_ = false;
}

ResponseGuard::Verdict ResponseGuard::refuse(std::string_view message) {
    refusal_ = {502, malformed, message};
    return Verdict::refused;
}

ResponseGuard::Verdict ResponseGuard::advance(std::string_view received) {
    while (state_ != State::fields && at_ < received.size()) {
        if (at_ >= status_line_max) return refuse("Its status line is too long.");
        if (!take(received[at_])) return refuse("It does not start with a status line of HTTP/1.");
        ++at_;
        if (state_ == State::fields) fields_.reset_for_answer(at_, http_1_0_);
    }
    if (state_ != State::fields) return Verdict::more;
    switch (fields_.advance(received)) {
        case HeadGuard::Verdict::more:
            return Verdict::more;
        case HeadGuard::Verdict::refused:
            return refuse(message_of(fields_.refusal()));
        case HeadGuard::Verdict::complete:
            break;
    }
    return Verdict::complete;
}

/// `HTTP/1.1 200 OK`: each byte has its place, up to the reason.
bool ResponseGuard::take(char c) {
    switch (state_) {
        case State::line:
            if (at_ < version_at) return c == version_start[at_];
            if (at_ == version_at) {
                http_1_0_ = c == '0';
                return c == '0' || c == '1';
            }
            if (at_ == status_at - 1) return c == ' ';
            if (at_ == reason_at - 1) {
                state_ = State::reason;
                return c == ' ';
            }
            status_ = status_ * 10 + (c - '0');
            if (at_ == status_at) return c >= '1' && c <= '5';
            return is(digit_character, c);
        case State::reason:
            if (c == '\r') state_ = State::line_feed;
            return c == '\r' || is(value_character, c);
        default:  // line_feed
            state_ = State::fields;
            return c == '\n';
    }
}

void AnswerReader::refuse(std::string_view message) {
    if (state_ == State::refused) return;
    refusal_ = {502, malformed, message};
    state_ = State::refused;
}

void AnswerReader::feed(std::string_view bytes) {
    begun_ = begun_ || !bytes.empty();
    input_.append(bytes);
    if (state_ == State::head) read_heads();
}

void AnswerReader::read_heads() {
    while (state_ == State::head) {
        auto verdict = guard_.advance(input_);
        if (verdict == ResponseGuard::Verdict::more) return;
        if (verdict == ResponseGuard::Verdict::refused) return refuse(guard_.refusal().message);
        thread_local std::vector<Request::Field> found;  // its room serves the next head
        guard_.fields().fill_fields(input_.data(), found);
        fields_.clear();
        fields_.reserve(found.size());
        for (const auto& line : found) fields_.emplace_back(line.name, line.value);
        status_ = guard_.status();
        if (status_ < 200) {
            use_interim();
        } else {
            use_head();
        }
        input_.erase(0, guard_.size());
        guard_.reset();
    }
}

void AnswerReader::use_interim() {
    const auto& head = guard_.fields();
    // They have no content; one that says otherwise may mean another end than we see.
    if (head.http_1_0() || head.has_length() || head.chunked()) {
        return refuse("An interim answer has content.");
    }
    if (status_ != 101) {
        if (++interim_ > limits_.interim_answers) refuse("There are too many interim answers.");
        return;
    }
    auto protocol = field("upgrade");
    auto asked = asked_.upgrade;
    std::transform(asked.begin(), asked.end(), asked.begin(), to_lower);
    if (asked.empty()) return refuse("It changes the protocol, which nobody asked for.");
    if (!equals_lower(protocol, asked)) return refuse("It changes to another protocol than asked.");
    state_ = State::complete;
}

/// Where the content ends (RFC 9112, 6.3).
void AnswerReader::use_head() {
    const auto& head = guard_.fields();
    keep_ = head.keep_alive();
    state_ = State::content;
    if (asked_.head || status_ == 304 || status_ == 204) {
        // Some servers send the content all the same (gunicorn does, of a file that is asked for by
        // HEAD), and after the head at that: it would be taken for the next answer.
        bool may_follow = head.has_body() || (asked_.head && !head.has_length());
        if (may_follow) keep_ = false;
        state_ = State::complete;
    } else if (head.chunked()) {
        framing_ = Framing::chunked;
    } else if (head.has_length()) {
        framing_ = Framing::length;
        left_ = head.content_length();
        if (left_ == 0) state_ = State::complete;
    } else {
        framing_ = Framing::until_end;
        keep_ = false;
    }
}

void AnswerReader::take(std::string& content) {
    if (state_ != State::content) return;
    switch (framing_) {
        case Framing::none:
            return;
        case Framing::until_end:
            content.append(input_);
            input_.clear();
            return;
        case Framing::length: {
            auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input_.size()));
            left_ -= count;
            if (content.empty() && count == input_.size()) {
                content.swap(input_);
            } else {
                content.append(input_, 0, count);
                input_.erase(0, count);
            }
            if (left_ == 0) state_ = State::complete;
            return;
        }
        case Framing::chunked: {
            auto verdict = chunks_.advance(input_, content);
            input_.erase(0, chunks_.consumed());
            if (verdict == ChunkDecoder::Verdict::complete) state_ = State::complete;
            if (verdict == ChunkDecoder::Verdict::refused) refuse(message_of(chunks_.refusal()));
            return;
        }
    }
}

void AnswerReader::end() {
    if (state_ == State::content && framing_ == Framing::until_end) {
        state_ = State::complete;
    } else if (state_ == State::head || state_ == State::content) {
        refuse("It ended too early.");
        cut_ = true;
    }
}

std::string_view AnswerReader::field(std::string_view lower_name) const {
    for (const auto& [name, value] : fields_) {
        if (equals_lower(name, lower_name)) return value;
    }
    return {};
}

}  // namespace http
