// The reader of answers: the same however the bytes arrive, and the same as a reader that has the
// whole stream before it and splits it into lines.
#include <algorithm>
#include <optional>
#include <vector>

#include "fuzz/check.hpp"
#include "http/characters.hpp"
#include "http/response_guard.hpp"

namespace {

using fuzz::require;
using http::AnswerReader;
using State = AnswerReader::State;

struct Reading {
    State state = State::head;
    std::string said{};
    std::string content{};
    bool reusable = false;
};

/// Until it is complete or refused; the rest of the input would be the next answer's.
template <class Step>
Reading read(std::string_view input, const http::AnswerLimits& limits, const http::Asked& asked,
             bool ends, Step step) {
    AnswerReader reader(limits, asked);
    Reading reading;
    std::size_t used = 0;
    while (used < input.size() && reader.state() < State::complete) {
        fuzz::Copy piece(input.substr(used, step()));
        used += piece.view().size();
        reader.feed(piece.view());
        require(reader.begun(), "a byte has come");
        reader.take(reading.content);
    }
    if (ends) reader.end();
    reading.state = reader.state();
    if (reading.state == State::refused) {
        require(!reader.refusal().message.empty() && reader.refusal().status == 502,
                "a refusal has a sentence");
        require(!reader.reusable(), "after a refusal nothing is used again");
        reading.said = reader.refusal().message;
        reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        require(reader.state() == State::refused, "a refusal is for good");
        return reading;
    }
    reading.said = std::to_string(reader.status());
    for (const auto& [name, value] : reader.fields()) reading.said += "\n" + name + ":" + value;
    // Whether something follows depends on how much came at once; here, on the last byte alone.
    auto rest = reader.take_rest();
    reading.reusable = reader.reusable();
    return reading;
}

/// One head, by the rules for whole lines.
struct Head {
    int status = 0;
    bool old = false;
    bool close = false;
    bool keep = false;
    std::vector<std::string_view> codings{};
    std::vector<std::string_view> lengths{};
    std::string said{};
};

std::optional<std::string_view> take_line(std::string_view& rest) {
    auto end = rest.find("\r\n");
    if (end == rest.npos) return std::nullopt;
    auto line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    for (char c : line) {
        if (!http::is(http::value_character, c)) return std::nullopt;
    }
    return line;
}

bool read_status_line(std::string_view line, Head& head) {
    if (line.size() < 13 || line.size() > http::ResponseGuard::status_line_max - 2) return false;
    if (line.substr(0, 9) != "HTTP/1.1 " && line.substr(0, 9) != "HTTP/1.0 ") return false;
    head.old = line[7] == '0';
    for (char c : line.substr(9, 3)) {
        if (c < '0' || c > '9') return false;
        head.status = head.status * 10 + (c - '0');
    }
    return line[12] == ' ' && head.status >= 100 && head.status < 600;
}

bool read_field(std::string_view line, Head& head) {
    auto colon = line.find(':');
    if (colon == line.npos || colon == 0) return false;
    auto name = line.substr(0, colon);
    for (char c : name) {
        if (!http::is(http::token_character, c)) return false;
    }
    auto value = http::trim_blanks(line.substr(colon + 1));
    head.said += "\n" + std::string(name) + ":" + std::string(value);
    if (http::equals_lower(name, "content-length")) head.lengths.push_back(value);
    if (http::equals_lower(name, "transfer-encoding")) head.codings.push_back(value);
    bool words = true;
    if (http::equals_lower(name, "connection")) {
        http::for_each_element(value, [&](std::string_view word) {
            for (char c : word) words = words && http::is(http::token_character, c);
            head.close = head.close || http::equals_lower(word, "close");
            head.keep = head.keep || http::equals_lower(word, "keep-alive");
        });
    }
    return words;
}

std::optional<Head> read_head_plainly(std::string_view& rest, const http::HeadLimits& limits) {
    Head head;
    auto first = take_line(rest);
    if (!first || !read_status_line(*first, head)) return std::nullopt;
    auto before = rest.size();
    for (std::size_t lines = 0;; ++lines) {
        auto line = take_line(rest);
        if (!line || before - rest.size() > limits.field_bytes) return std::nullopt;
        if (line->empty()) break;
        if (lines >= limits.field_lines || !read_field(*line, head)) return std::nullopt;
    }
    if (head.lengths.size() + head.codings.size() > 1) return std::nullopt;
    for (auto coding : head.codings) {
        if (head.old || !http::equals_lower(coding, "chunked")) return std::nullopt;
    }
    for (auto length : head.lengths) {
        if (length.empty() || length.find_first_not_of("0123456789") != length.npos) {
            return std::nullopt;
        }
        auto digits = length.substr(std::min(length.find_first_not_of('0'), length.size() - 1));
        if (digits.size() > 19 || (digits.size() == 19 && digits > "9223372036854775807")) {
            return std::nullopt;
        }
    }
    head.said = std::to_string(head.status) + head.said;
    return head;
}

/// What must hold of an answer that was taken as complete, when it is read again.
void check_complete(const Reading& reading, std::string_view input,
                    const http::AnswerLimits& limits, const http::Asked& asked) {
    auto rest = input;
    std::size_t interim = 0;
    auto head = read_head_plainly(rest, limits.head);
    while (head && head->status < 200 && head->status != 101) {
        require(head->lengths.empty() && head->codings.empty() && !head->old,
                "an interim answer has no content");
        require(++interim <= limits.interim_answers, "interim answers are few");
        head = read_head_plainly(rest, limits.head);
    }
    require(head.has_value(), "its head is one");
    require(reading.said == head->said, "its fields are those of its lines");
    if (head->status == 101) {
        require(!asked.upgrade.empty(), "another protocol was asked for");
        require(!reading.reusable && reading.content.empty(), "it is no answer any more");
        return;
    }
    bool none = asked.head || head->status == 204 || head->status == 304;
    if (none) {
        require(reading.content.empty(), "it has no content");
    } else if (!head->lengths.empty()) {
        auto length = head->lengths.front();
        require(std::stoull(std::string(length)) == reading.content.size(),
                "its content is as long as was said");
        require(rest.starts_with(reading.content), "its content is what followed");
    } else {
        require(!head->codings.empty(), "it has an end of its own");
    }
    bool keeps = !head->close && (!head->old || head->keep);
    require(!reading.reusable || keeps, "a connection that ends is not used again");
    bool has_length = !head->lengths.empty();
    bool says_some =
        !head->codings.empty() ||
        (has_length && head->lengths.front().find_first_not_of('0') != std::string_view::npos);
    bool may_follow = none && (says_some || (asked.head && !has_length));
    require(!reading.reusable || !may_follow, "what may follow is not taken for another answer");
    require(reading.reusable || !keeps || may_follow, "one that stays is");
}

void check(std::string_view input, const http::AnswerLimits& limits, const http::Asked& asked) {
    fuzz::Numbers numbers(input);
    for (bool ends : {false, true}) {
        auto bytewise = read(input, limits, asked, ends, [] { return std::size_t(1); });
        auto same = [&bytewise](const Reading& other) {
            return bytewise.state == other.state && bytewise.said == other.said &&
                   bytewise.content == other.content && bytewise.reusable == other.reusable;
        };
        require(same(read(input, limits, asked, ends, [&] { return input.size(); })),
                "all at once means the same");
        require(same(read(input, limits, asked, ends, [&] { return 1 + numbers.below(40); })),
                "pieces mean the same");
        if (bytewise.state == State::complete && !ends) {
            check_complete(bytewise, input, limits, asked);
        }
        require(!ends || bytewise.state >= State::complete, "an end is an end, or a cut");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const http::AnswerLimits usual;
    static const http::AnswerLimits tight{{0, 60, 3}, 1};
    auto input = fuzz::text_of(bytes, size);
    check(input, usual, {});
    check(input, tight, {});
    check(input, usual, {true, {}});
    check(input, usual, {false, "WebSocket"});
    return 0;
}
