// The chunk decoder: the same however the bytes arrive, and the same as a reader that has the whole
// body before it and splits it into lines.
#include <algorithm>
#include <optional>

#include "fuzz/check.hpp"
#include "http/characters.hpp"
#include "http/chunk_decoder.hpp"

namespace {

using fuzz::require;
using http::ChunkDecoder;
using Verdict = ChunkDecoder::Verdict;

struct Decoded {
    Verdict verdict = Verdict::more;
    std::size_t used = 0;
    std::string body{};
    int status = 0;
};

template <class Step>
Decoded decode(std::string_view input, std::size_t body_max, Step step) {
    ChunkDecoder decoder(body_max);
    Decoded decoded;
    while (decoded.used < input.size() && decoded.verdict == Verdict::more) {
        fuzz::Copy piece(input.substr(decoded.used, step()));
        decoded.verdict = decoder.advance(piece.view(), decoded.body);
        require(decoder.consumed() <= piece.view().size(), "it uses what it was given");
        require(decoder.consumed() == piece.view().size() || decoded.verdict != Verdict::more,
                "it uses all unless it is at an end");
        require(decoded.body.size() <= body_max, "the body has its limit");
        decoded.used += decoder.consumed();
    }
    if (decoded.verdict == Verdict::refused) {
        const auto& refusal = decoder.refusal();
        decoded.status = refusal.status;
        require((refusal.status == 400 || refusal.status == 413) && !refusal.code.empty() &&
                    !refusal.message.empty(),
                "a refusal has a status, a code and a sentence");
        require(decoder.advance(input, decoded.body) == Verdict::refused, "a refusal is for good");
    }
    return decoded;
}

/// The next line without its end, if it has one and has nothing in it that a line may not have.
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

std::size_t token_size(std::string_view text) {
    std::size_t size = 0;
    while (size < text.size() && http::is(http::token_character, text[size])) ++size;
    return size;
}

/// How long the quoted text is that stands at the start; 0 if there is none. Its bytes are those
/// of a line already.
std::size_t quoted_size(std::string_view text) {
    for (std::size_t i = 1; i < text.size() && text.front() == '"'; ++i) {
        if (text[i] == '"') return i + 1;
        if (text[i] == '\\') ++i;
    }
    return 0;
}

/// Whether it is any number of `;name`, `;name=word` and `;name="text"`.
bool are_extensions(std::string_view text) {
    while (!text.empty()) {
        if (text.front() != ';') return false;
        text.remove_prefix(1);
        auto name = token_size(text);
        if (name == 0) return false;
        text.remove_prefix(name);
        if (!text.starts_with('=')) continue;
        text.remove_prefix(1);
        auto value = std::max(token_size(text), quoted_size(text));
        if (value == 0) return false;
        text.remove_prefix(value);
    }
    return true;
}

/// After the last chunk: lines of a name, a colon and a value, then an empty one.
bool take_trailer(std::string_view& rest) {
    std::size_t before = rest.size();
    for (;;) {
        auto line = take_line(rest);
        if (!line || before - rest.size() > 4096) return false;
        if (line->empty()) return true;
        auto name = line->substr(0, line->find(':'));
        if (name.empty() || name.size() == line->size()) return false;
        for (char c : name) {
            if (!http::is(http::token_character, c)) return false;
        }
    }
}

/// RFC 9112, 7.1, as it stands there, but for blanks around extensions. Nothing if the input does
/// not start with a whole good body.
std::optional<Decoded> read_plainly(std::string_view input, std::size_t body_max) {
    Decoded read{Verdict::complete};
    auto rest = input;
    std::size_t extensions = 0;
    for (;;) {
        auto line = take_line(rest);
        if (!line) return std::nullopt;
        auto digits = line->substr(0, line->find(';'));
        auto extension = line->size() - digits.size();
        extensions += extension;
        if (digits.empty() || digits.size() > 16 || extension > 256 || extensions > 4096) {
            return std::nullopt;
        }
        if (!are_extensions(line->substr(digits.size()))) return std::nullopt;
        std::uint64_t size = 0;
        for (char c : digits) {
            if (!http::is(http::hex_character, c)) return std::nullopt;
            size = size * 16 + http::hex_value(c);
        }
        if (size > body_max - read.body.size()) return std::nullopt;
        if (size == 0) break;
        if (rest.size() < size + 2 || rest.substr(size, 2) != "\r\n") return std::nullopt;
        read.body += rest.substr(0, size);
        rest.remove_prefix(size + 2);
    }
    if (!take_trailer(rest)) return std::nullopt;
    read.used = input.size() - rest.size();
    return read;
}

void check(std::string_view input, std::size_t body_max) {
    fuzz::Numbers numbers(input);
    auto whole = decode(input, body_max, [&] { return input.size(); });
    auto same = [&whole](const Decoded& other) {
        return whole.verdict == other.verdict && whole.used == other.used &&
               whole.body == other.body && whole.status == other.status;
    };
    require(same(decode(input, body_max, [] { return 1; })), "bytes one by one mean the same");
    require(same(decode(input, body_max, [&] { return 1 + numbers.below(20); })),
            "pieces mean the same");
    auto plain = read_plainly(input, body_max);
    require((whole.verdict == Verdict::complete) == plain.has_value(),
            "it takes what the RFC takes, and nothing else");
    if (plain) require(same(*plain), "it reads what the RFC says");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    auto input = fuzz::text_of(bytes, size);
    check(input, 1024 * 1024);
    check(input, 16);
    return 0;
}
