// The head guard: one verdict however the bytes arrive, and an accepted head read once more by the
// plainest means there are, line by line.
#include <algorithm>
#include <vector>

#include "fuzz/check.hpp"
#include "http/characters.hpp"
#include "http/head_guard.hpp"

namespace {

using fuzz::require;
using http::HeadGuard;
using Verdict = HeadGuard::Verdict;

/// Everything that a guard says after its verdict, and where in the input it was reached.
struct Reading {
    Verdict verdict = Verdict::more;
    std::size_t after = 0;
    std::string said;
};

std::string text_of(const HeadGuard& guard, const char* base) {
    http::Request request;
    guard.fill(base, request);
    std::string said;
    auto add = [&said](std::string_view part) { said.append(part).append("\n"); };
    for (const auto& field : request.fields) {
        add(field.name);
        add(field.value);
    }
    add(request.target);
    add(request.query);
    add(guard.host(base));
    add(guard.request_id(base));
    for (std::uint64_t number :
         {std::uint64_t(guard.size()), std::uint64_t(guard.method()), guard.content_length(),
          std::uint64_t(guard.http_1_0()), std::uint64_t(guard.keep_alive()),
          std::uint64_t(guard.chunked()), std::uint64_t(guard.has_body()),
          std::uint64_t(guard.expects_continue()), std::uint64_t(guard.conditional()),
          std::uint64_t(guard.accepts_codings()), std::uint64_t(guard.asterisk())}) {
        add(std::to_string(number));
    }
    return said;
}

/// Gives the guard prefixes of the input, each longer by what `step` says and each somewhere else
/// in memory, as a buffer that grows would.
template <class Step>
Reading read(HeadGuard& guard, std::string_view input, bool copy, Step step) {
    guard.reset();
    Reading reading;
    while (reading.after < input.size() && reading.verdict == Verdict::more) {
        reading.after = std::min(input.size(), reading.after + step());
        auto prefix = input.substr(0, reading.after);
        fuzz::Copy moved(copy ? prefix : std::string_view());
        if (copy) prefix = moved.view();
        reading.verdict = guard.advance(prefix);
        if (reading.verdict == Verdict::refused) {
            const auto& refusal = guard.refusal();
            reading.said = std::to_string(refusal.status) + std::string(refusal.message);
            require(guard.advance(input) == Verdict::refused, "a refusal is for good");
            http::Request request;
            guard.fill(prefix.data(), request);
            for (const auto& field : request.fields) {
                require(fuzz::lies_in(field.name, prefix) && fuzz::lies_in(field.value, prefix),
                        "after a refusal fields lie in what was received");
            }
        } else if (reading.verdict == Verdict::complete) {
            reading.said = text_of(guard, prefix.data());
        }
    }
    return reading;
}

bool is_refusal(const http::Refusal& refusal) {
    static constexpr int known[] = {400, 405, 414, 417, 431, 501, 505};
    return std::find(std::begin(known), std::end(known), refusal.status) != std::end(known) &&
           !refusal.code.empty() && !refusal.message.empty();
}

/// What frames a message, read again. `lines` are the field lines.
void check_framing(const HeadGuard& guard, const std::vector<std::string_view>& lines) {
    int hosts = 0;
    int lengths = 0;
    int codings = 0;
    std::uint64_t length = 0;
    for (auto line : lines) {
        auto colon = line.find(':');
        require(colon != line.npos && colon > 0, "a field line has a name and a colon");
        auto name = line.substr(0, colon);
        auto value = http::trim_blanks(line.substr(colon + 1));
        for (char c : name) require(http::is(http::token_character, c), "a name is a token");
        if (http::equals_lower(name, "host")) ++hosts;
        if (http::equals_lower(name, "content-length")) {
            ++lengths;
            require(!value.empty() && value.size() < 40, "a length has digits");
            for (char c : value) {
                require(c >= '0' && c <= '9', "a length has only digits");
                length = length * 10 + static_cast<std::uint64_t>(c - '0');
                require(length <= 0x7fffffffffffffffu, "a length fits");
            }
        }
        if (http::equals_lower(name, "transfer-encoding")) {
            ++codings;
            require(http::equals_lower(value, "chunked"), "the only transfer coding is chunked");
        }
    }
    require(hosts == 1 || (hosts == 0 && guard.http_1_0()), "there is one Host");
    require(lengths + codings <= 1, "a message has one framing");
    require(codings == 0 || !guard.http_1_0(), "HTTP/1.0 has no transfer coding");
    require(guard.chunked() == (codings == 1), "chunked is as the head says");
    require(guard.content_length() == length, "the length is as the head says");
    require(guard.has_body() == (codings == 1 || length > 0), "a body is what is framed");
}

/// An accepted head, by the rules for whole lines.
void check_head(const HeadGuard& guard, std::string_view head, const http::HeadLimits& limits) {
    http::Request request;
    guard.fill(head.data(), request);
    auto rest = head;
    if (rest.starts_with("\r\n")) rest.remove_prefix(2);
    require(rest.ends_with("\r\n\r\n"), "a head ends in an empty line");
    rest.remove_suffix(2);
    std::vector<std::string_view> lines;
    std::size_t bytes = 0;
    while (!rest.empty()) {
        auto end = rest.find("\r\n");
        lines.push_back(rest.substr(0, end));
        rest.remove_prefix(end + 2);
        bytes += end + 2;
        for (unsigned char c : lines.back()) {
            require((c >= 0x20 || c == '\t') && c != 0x7f, "no line has a control character");
        }
        require(!lines.back().empty(), "one empty line, at the end");
    }
    auto first = lines.front();
    lines.erase(lines.begin());
    bytes -= first.size() + 2;

    auto method = fuzz::take_until(first, ' ');
    auto target = fuzz::take_until(first, ' ');
    require(!method.empty() && method.size() <= 24, "a method is a word");
    require(!target.empty() && target.size() <= limits.target_bytes, "the target has its limit");
    require(first == (guard.http_1_0() ? "HTTP/1.0" : "HTTP/1.1"), "the version is one of two");
    for (unsigned char c : target) require(c > ' ' && c < 0x7f, "the target is visible ASCII");
    require(target.ends_with(request.target) || request.target == "/" || request.target == "*",
            "the target is what was sent");
    auto root = request.target.front();
    require(root == '/' || root == '?' || request.target == "*", "the target is rooted");
    require(request.query.empty() || fuzz::lies_in(request.query, request.target),
            "the query is of the target");

    require(lines.size() <= limits.field_lines && bytes <= limits.field_bytes,
            "the fields have their limits");
    require(request.fields.size() == lines.size(), "each line is a field");
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto& field = request.fields[i];
        require(fuzz::lies_in(field.name, lines[i]) && fuzz::lies_in(field.value, lines[i]),
                "a field lies in its line");
        require(field.value == http::trim_blanks(lines[i].substr(field.name.size() + 1)),
                "a value is the rest of its line");
    }
    auto host = guard.host(head.data());
    require(host.empty() || fuzz::lies_in(host, head), "the host lies in the head");
    require(!host.empty() || guard.http_1_0(), "somebody is asked");
    for (char c : host) {
        require(c > ' ' && c < 0x7f && std::string_view("/?#@,\\%").find(c) == std::string::npos,
                "a host has no other part of an address");
    }
    auto id = guard.request_id(head.data());
    require(id.empty() || fuzz::lies_in(id, head), "the request id lies in the head");
    check_framing(guard, lines);
}

void check(std::string_view input, const http::HeadLimits& limits) {
    HeadGuard guard(limits);
    HeadGuard others(limits);
    fuzz::Numbers numbers(input);
    auto whole = read(guard, input, true, [&] { return input.size(); });
    auto bytewise = read(others, input, false, [] { return 1; });
    require(whole.verdict == bytewise.verdict && whole.said == bytewise.said,
            "bytes one by one mean the same");
    auto pieces = read(others, input, true, [&] { return 1 + numbers.below(40); });
    require(whole.verdict == pieces.verdict && whole.said == pieces.said, "pieces mean the same");
    if (whole.verdict == Verdict::refused) {
        require(is_refusal(guard.refusal()), "a refusal has a status, a code and a sentence");
    } else if (whole.verdict == Verdict::complete) {
        require(guard.size() <= input.size(), "a head is no longer than the input");
        require(bytewise.after == guard.size(), "a head is complete with its last byte");
        auto head = input.substr(0, guard.size());
        require(text_of(guard, input.data()) == whole.said, "it keeps what it said");
        check_head(guard, head, limits);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const http::HeadLimits usual;
    static const http::HeadLimits tight{40, 120, 4};
    auto input = fuzz::text_of(bytes, size);
    check(input, usual);
    check(input, tight);
    return 0;
}
