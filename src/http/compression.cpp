#include "compression.hpp"

#include <brotli/encode.h>
#include <zlib.h>

#include <cassert>

#include "answer.hpp"
#include "characters.hpp"
#include "sealed_file.hpp"

namespace http {

namespace {

// What an answer of 20 KB is worth: a fraction of a millisecond, at nearly the best size.
constexpr int gzip_level = 6;
constexpr int brotli_quality = 5;
constexpr int gzip_window = 15 + 16;  // zlib's way to say: with a gzip head
constexpr int gzip_memory = 8;

/// Thousandths, as a weight is written (`0.825`); what is no weight counts as 1000.
int read_weight(std::string_view parameters) {
    auto at = parameters.find(';');
    while (at != parameters.npos) {
        parameters.remove_prefix(at + 1);
        at = parameters.find(';');
        auto parameter = trim_blanks(parameters.substr(0, at));
        if (parameter.size() < 3 || to_lower(parameter[0]) != 'q' || parameter[1] != '=') continue;
        int weight = parameter[2] == '1' ? 1000 : 0;
        int place = 100;
        for (char c : parameter.substr(std::min<std::size_t>(4, parameter.size()))) {
            if (!is(digit_character, c)) break;
            weight += (c - '0') * place;
            place /= 10;
        }
        return std::min(weight, 1000);
    }
    return 1000;
}

std::string gzip(std::string_view body) {
    z_stream stream{};
    if (deflateInit2(&stream, gzip_level, Z_DEFLATED, gzip_window, gzip_memory,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return {};
    }
    std::string out(deflateBound(&stream, static_cast<uLong>(body.size())), '\0');
    // zlib only reads; next_in has no const form.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
    stream.avail_in = static_cast<uInt>(body.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    bool complete = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    out.resize(complete ? stream.total_out : 0);
    deflateEnd(&stream);
    return out;
}

std::string brotli(std::string_view body) {
    std::string out(BrotliEncoderMaxCompressedSize(body.size()), '\0');
    std::size_t size = out.size();
    auto* to = reinterpret_cast<std::uint8_t*>(out.data());
    auto* from = reinterpret_cast<const std::uint8_t*>(body.data());
    bool complete = BrotliEncoderCompress(brotli_quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT,
                                          body.size(), from, &size, to) != 0;
    out.resize(complete ? size : 0);
    return out;
}

/// The value of the line that starts with `name` becomes `value`; the line is there.
void replace_value(std::string& head, std::string_view name, std::string_view value) {
    auto at = head.find("\r\n" + std::string(name));
    if (at == head.npos) return;
    at += 2 + name.size();
    head.replace(at, head.find("\r\n", at) - at, value);
}

std::shared_ptr<const PreparedResponse> encode(Coding coding, const PreparedResponse& plain) {
    auto body = coding == Coding::br ? brotli(plain.body) : gzip(plain.body);
    if (body.empty() || body.size() > plain.body.size() / 10 * 9) return nullptr;
    std::string_view name = coding == Coding::br ? "br" : "gzip";
    auto encoded = std::make_shared<PreparedResponse>();
    encoded->status = plain.status;
    encoded->head = plain.head;
    encoded->head_304 = plain.head_304;
    replace_value(encoded->head, "Content-Length: ", std::to_string(body.size()));
    encoded->head.append("Content-Encoding: ").append(name).append("\r\n");
    if (!plain.etag.empty()) {
        // Other bytes, so another strong tag; if_match() takes the ending off again.
        encoded->etag = plain.etag;
        encoded->etag.insert(encoded->etag.size() - 1, "-" + std::string(name));
        replace_value(encoded->head, "ETag: ", encoded->etag);
        replace_value(encoded->head_304, "ETag: ", encoded->etag);
    }
    encoded->body = std::move(body);
    if (encoded->body.size() >= SealedFile::bytes_min)
        encoded->sealed = std::make_shared<SealedFile>();
    return encoded;
}

}  // namespace

Coding choose_coding(const Request& request) {
    int gzip_weight = -1;
    int br_weight = -1;
    int identity_weight = -1;
    int other_weight = -1;
    for (const auto& field : request.fields) {
        if (!equals_lower(field.name, "accept-encoding")) continue;
        for_each_element(field.value, [&](std::string_view element) {
            auto name = trim_blanks(element.substr(0, element.find(';')));
            auto weight = read_weight(element);
            if (equals_lower(name, "gzip") || equals_lower(name, "x-gzip")) gzip_weight = weight;
            if (equals_lower(name, "br")) br_weight = weight;
            if (equals_lower(name, "identity")) identity_weight = weight;
            if (name == "*") other_weight = weight;
        });
    }
    if (gzip_weight < 0) gzip_weight = other_weight;
    if (br_weight < 0) br_weight = other_weight;
    auto best = std::max(br_weight, gzip_weight);
    if (best <= 0 || best < identity_weight) return Coding::identity;
    return br_weight == best ? Coding::br : Coding::gzip;
}

std::shared_ptr<const PreparedResponse> Encodings::get(Coding coding,
                                                       const PreparedResponse& plain) {
    assert(coding != Coding::identity);
    auto& form = forms_[coding == Coding::br ? 1 : 0];
    std::call_once(form.once, [&] { form.answer = encode(coding, plain); });
    return form.answer;
}

bool is_compressible(std::string_view content_type) {
    auto type = content_type.substr(0, content_type.find(';'));
    return type.starts_with("text/") || type.ends_with("json") || type.ends_with("xml") ||
           type == "application/javascript" || type == "application/yaml";
}

std::optional<std::string> gunzip(std::string_view coded, std::size_t bytes_max) {
    z_stream stream{};
    if (inflateInit2(&stream, gzip_window) != Z_OK) return std::nullopt;
    std::string out(std::min(bytes_max, coded.size() * 4 + 1024), '\0');
    // zlib only reads; next_in has no const form.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(coded.data()));
    stream.avail_in = static_cast<uInt>(coded.size());
    int state = Z_OK;
    while (state == Z_OK) {
        if (stream.total_out == out.size()) {
            if (out.size() >= bytes_max) break;
            out.resize(std::min(bytes_max, out.size() * 2));
        }
        stream.next_out = reinterpret_cast<Bytef*>(out.data()) + stream.total_out;
        stream.avail_out = static_cast<uInt>(out.size() - stream.total_out);
        state = inflate(&stream, Z_NO_FLUSH);
    }
    out.resize(stream.total_out);
    inflateEnd(&stream);
    if (state != Z_STREAM_END) return std::nullopt;
    return out;
}

}  // namespace http
