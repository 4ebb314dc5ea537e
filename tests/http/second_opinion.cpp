#include "second_opinion.hpp"

#include <algorithm>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <vector>

#include "characters.hpp"
#include "chunk_decoder.hpp"
#include "head_guard.hpp"

namespace tests {

namespace {

namespace beast = boost::beast::http;

constexpr unsigned head_max = 64 * 1024;
constexpr std::size_t body_max = 64 * 1024;

using Pair = std::pair<std::string, std::string>;

/// Beast moves lines of one name together; the order among those is what counts.
std::vector<Pair> by_name(std::vector<Pair> fields) {
    auto lower = [](std::string text) {
        for (char& c : text) c = http::to_lower(c);
        return text;
    };
    std::stable_sort(fields.begin(), fields.end(), [&lower](const Pair& a, const Pair& b) {
        return lower(a.first) < lower(b.first);
    });
    return fields;
}

/// Beast leaves an absolute target as it is; ours is its path.
bool same_target(std::string_view theirs, std::string_view ours) {
    bool absolute = theirs.front() != '/' && theirs != "*";
    if (!absolute) return theirs == ours;
    auto path = theirs.find_first_of("/?", theirs.find("//") + 2);
    if (path == theirs.npos) return ours == "/" || ours == "*";
    // A query may follow the authority at once: the target then starts with it.
    return theirs.substr(path) == ours;
}

bool same_fields(const beast::fields& theirs, const std::vector<http::Request::Field>& ours) {
    std::vector<Pair> my_fields;
    std::vector<Pair> their_fields;
    my_fields.reserve(ours.size());
    for (const auto& field : ours) my_fields.emplace_back(field.name, field.value);
    for (const auto& field : theirs) their_fields.emplace_back(field.name_string(), field.value());
    return by_name(my_fields) == by_name(their_fields);
}

/// Beast forgives no empty line before a request.
std::size_t start_of(std::string_view bytes) {
    return bytes.substr(0, 2) == "\r\n" ? 2 : 0;
}

/// One message as we read it. `size`: how many bytes it has; 0 if it is not whole.
struct Message {
    bool refused = false;
    std::size_t size = 0;
    std::string body{};
    bool has_trailer = false;  ///< Beast reads that, and may refuse it
};

/// The line before the empty one that ends a chunked body.
std::string_view last_line_of(std::string_view body) {
    body.remove_suffix(4);
    auto before = body.rfind('\n');
    return before == body.npos ? body : body.substr(before + 1);
}

/// Neither a size of nothing nor an extension can begin a field of a trailer.
bool is_last_chunk(std::string_view line) {
    auto size = line.substr(0, line.find(';'));
    return size.find_first_not_of('0') == size.npos;
}

Message read_chunks(std::string_view bytes, std::size_t head_size) {
    Message message;
    http::ChunkDecoder decoder(body_max);
    auto verdict = decoder.advance(bytes.substr(head_size), message.body);
    message.refused = verdict == http::ChunkDecoder::Verdict::refused;
    if (verdict != http::ChunkDecoder::Verdict::complete) return message;
    auto framed = bytes.substr(head_size, decoder.consumed());
    message.size = head_size + decoder.consumed();
    message.has_trailer = !is_last_chunk(last_line_of(framed));
    return message;
}

Message read_message(std::string_view bytes) {
    static const http::HeadLimits limits;
    http::HeadGuard guard(limits);
    auto verdict = guard.advance(bytes);
    if (verdict == http::HeadGuard::Verdict::refused) return {true};
    if (verdict == http::HeadGuard::Verdict::more) return {};
    if (guard.chunked()) return read_chunks(bytes, guard.size());
    Message message;
    if (guard.content_length() > body_max) return {true};
    auto length = static_cast<std::size_t>(guard.content_length());
    if (bytes.size() - guard.size() < length) return {};
    message.size = guard.size() + length;
    message.body = bytes.substr(guard.size(), length);
    return message;
}

/// What Beast makes of one message of ours, or of what we still wait for the rest of.
std::string difference_in(const Message& ours, std::string_view bytes) {
    beast::request_parser<beast::string_body> theirs;
    theirs.header_limit(head_max);
    theirs.body_limit(body_max);
    theirs.eager(true);
    auto start = start_of(bytes);
    boost::system::error_code error;
    auto used =
        start + theirs.put(boost::asio::buffer(bytes.data() + start, bytes.size() - start), error);
    if (error == beast::error::need_more) error = {};
    if (ours.size == 0) {
        return theirs.is_done() ? "the other has a whole message, and we wait for more" : "";
    }
    if (error) return ours.has_trailer ? "" : "the other refuses: " + error.message();
    if (!theirs.is_done()) return "the other waits for more than the message";
    if (used != ours.size) {
        return "the other ends after " + std::to_string(used) + " bytes, we after " +
               std::to_string(ours.size);
    }
    return theirs.get().body() == ours.body ? "" : "the bodies differ";
}

}  // namespace

Opinion compare_heads(const std::string& bytes) {
    static const http::HeadLimits limits;
    http::HeadGuard guard(limits);
    if (guard.advance(bytes) != http::HeadGuard::Verdict::complete) return {};
    http::Request ours;
    guard.fill(bytes.data(), ours);

    beast::request_parser<beast::empty_body> theirs;
    theirs.header_limit(head_max);
    theirs.body_limit(boost::none);
    theirs.eager(false);
    boost::system::error_code error;
    auto start = start_of(bytes);
    auto used = theirs.put(boost::asio::buffer(bytes.data() + start, guard.size() - start), error);
    if (error) return {true, "the other refuses: " + error.message()};
    if (!theirs.is_header_done()) return {true, "the other waits for more of the head"};
    if (used != guard.size() - start) return {true, "the heads end at different bytes"};

    const auto& head = theirs.get();
    auto differs = [](const char* what) { return Opinion{true, what}; };
    if (std::string_view(head.method_string()) != name_of(ours.method)) return differs("method");
    if (!same_target(head.target(), ours.target)) return differs("target");
    if ((head.version() == 10) != guard.http_1_0()) return differs("version");
    if (theirs.chunked() != guard.chunked()) return differs("chunked");
    if (theirs.content_length().value_or(0) != guard.content_length()) return differs("length");
    // Told both to keep and to close, Beast keeps on HTTP/1.0; to close is always safe.
    if (guard.keep_alive() && !theirs.keep_alive()) return differs("keep-alive");
    if (!same_fields(head, ours.fields)) return differs("fields");
    return {true};
}

Opinion compare_messages(const std::string& bytes) {
    Opinion opinion;
    std::string_view rest = bytes;
    while (!rest.empty()) {
        auto ours = read_message(rest);
        if (ours.refused) break;
        opinion.difference = difference_in(ours, rest);
        if (ours.size == 0 || !opinion.difference.empty()) break;
        opinion.taken = true;
        rest.remove_prefix(ours.size);
    }
    return opinion;
}

}  // namespace tests
