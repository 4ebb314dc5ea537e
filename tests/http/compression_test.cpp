#include "compression.hpp"

#include <brotli/decode.h>
#include <zlib.h>

#include <thread>

#include "answer.hpp"
#include "http/in_process.hpp"
#include "support/catch.hpp"

using http::Coding;
using http::PreparedResponse;
using http::Response;

namespace {

http::Request asking(const std::vector<std::string_view>& values) {
    http::Request request;
    for (auto value : values) request.fields.push_back({"Accept-Encoding", value});
    return request;
}

std::string unzipped(std::string_view bytes, std::size_t size) {
    std::string out(size + 1, '\0');
    z_stream stream{};
    REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

std::string unbrotlied(std::string_view bytes, std::size_t size) {
    std::string out(size + 1, '\0');
    std::size_t got = out.size();
    auto result =
        BrotliDecoderDecompress(bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                &got, reinterpret_cast<std::uint8_t*>(out.data()));
    CHECK(result == BROTLI_DECODER_RESULT_SUCCESS);
    out.resize(got);
    return out;
}

std::string text_of(int words) {
    std::string text;
    for (int i = 0; i < words; ++i) text += "word " + std::to_string(i * i) + " ";
    return text;
}

std::shared_ptr<const PreparedResponse> answer_with(std::string body,
                                                    std::string cache_control = "") {
    Response response;
    response.body = std::move(body);
    response.cache_control = std::move(cache_control);
    return http::prepare(response);
}

}  // namespace

TEST_CASE("Accept-Encoding is read as RFC 9110 says") {
    struct Case {
        std::vector<std::string_view> values;
        Coding coding;
    };
    const Case cases[] = {
        {{}, Coding::identity},
        {{""}, Coding::identity},
        {{"gzip"}, Coding::gzip},
        {{"GZip"}, Coding::gzip},
        {{"x-gzip"}, Coding::gzip},
        {{"br"}, Coding::br},
        {{"gzip, deflate, br"}, Coding::br},
        {{"gzip", "br"}, Coding::br},
        {{"gzip;q=1.0, br;q=0.9"}, Coding::gzip},
        {{"gzip;q=0.001, br;q=0"}, Coding::gzip},
        {{"gzip;q=0, br;q=0.0"}, Coding::identity},
        {{"gzip ; Q=0"}, Coding::identity},
        {{"*"}, Coding::br},
        {{"*;q=0"}, Coding::identity},
        {{"*, br;q=0"}, Coding::gzip},
        {{"identity"}, Coding::identity},
        {{"identity;q=1, gzip;q=0.5"}, Coding::identity},
        {{"identity;q=0.5, gzip"}, Coding::gzip},
        {{"deflate, zstd"}, Coding::identity},
        {{"gzip;q="}, Coding::gzip},
        {{"gzip;level=9;q=0"}, Coding::identity},
    };
    for (const auto& one : cases) {
        INFO((one.values.empty() ? std::string_view("none") : one.values.front()));
        CHECK(http::choose_coding(asking(one.values)) == one.coding);
    }
}

TEST_CASE("an encoded form holds the same, with its own length and entity tag") {
    auto plain = answer_with(text_of(2000));
    REQUIRE(plain->encodings);
    CHECK(plain->head.find("Vary: Accept-Encoding\r\n") != std::string::npos);
    for (auto coding : {Coding::gzip, Coding::br}) {
        auto encoded = plain->encodings->get(coding, *plain);
        REQUIRE(encoded);
        std::string name = coding == Coding::br ? "br" : "gzip";
        auto tag = plain->etag.substr(0, plain->etag.size() - 1) + "-" + name + "\"";
        CHECK(encoded->etag == tag);
        CHECK(encoded->head.find("Content-Encoding: " + name + "\r\n") != std::string::npos);
        CHECK(encoded->head.find("Content-Length: " + std::to_string(encoded->body.size()) +
                                 "\r\n") != std::string::npos);
        CHECK(encoded->head.find("ETag: " + tag + "\r\n") != std::string::npos);
        CHECK(encoded->head_304.find("ETag: " + tag + "\r\n") != std::string::npos);
        CHECK(encoded->body.size() * 2 < plain->body.size());
        auto back = coding == Coding::br ? unbrotlied(encoded->body, plain->body.size())
                                         : unzipped(encoded->body, plain->body.size());
        CHECK(back == plain->body);
    }
}

TEST_CASE("what does not gain stays as it is") {
    std::string noise(4096, '\0');
    std::uint32_t state = 1;
    for (char& c : noise) {
        state = state * 1664525 + 1013904223;
        c = static_cast<char>(state >> 24);
    }
    auto plain = answer_with(noise);
    CHECK_FALSE(plain->encodings->get(Coding::gzip, *plain));
    CHECK_FALSE(plain->encodings->get(Coding::br, *plain));
}

TEST_CASE("what must not be stored, or is no text, has no encoded form") {
    CHECK_FALSE(answer_with(text_of(500), "no-store")->encodings);
    CHECK_FALSE(answer_with(text_of(500), "private, no-store")->encodings);
    Response image;
    image.content_type = "image/png";
    image.body = text_of(500);
    CHECK_FALSE(http::prepare(image)->encodings);
    for (const char* type : {"application/json; charset=utf-8", "application/problem+json",
                             "text/html", "image/svg+xml", "application/javascript"}) {
        INFO(type);
        CHECK(http::is_compressible(type));
    }
}

TEST_CASE("an encoded form is made once, whoever asks") {
    auto plain = answer_with(text_of(2000));
    std::array<std::shared_ptr<const PreparedResponse>, 8> seen;
    std::vector<std::thread> threads;
    for (auto& one : seen) {
        threads.emplace_back([&] { one = plain->encodings->get(Coding::br, *plain); });
    }
    for (auto& thread : threads) thread.join();
    for (const auto& one : seen) CHECK(one == seen[0]);
}

TEST_CASE("If-Match takes the tags of every form for the one they stand for") {
    http::Request request;
    CHECK_FALSE(http::if_match(request));
    request.fields = {{"If-Match", "\"3.1-br\", W/\"4.1\", \"5.1\""}, {"if-match", "\"6-gzip\""}};
    auto wanted = http::if_match(request);
    REQUIRE(wanted);
    CHECK_FALSE(wanted->any);
    CHECK(wanted->tags == std::vector<std::string>{"3.1", "5.1", "6"});
    request.fields = {{"If-Match", "*"}};
    CHECK(http::if_match(request)->any);
}

TEST_CASE("what gzip made smaller comes back whole, within a bound, or not at all", "[http]") {
    http::PlainResponse answer;
    answer.fields = {{"Content-Type", "text/plain"}, {"Content-Encoding", "gzip"}};
    // "aaaa…", two hundred times, as Python's gzip.compress(b"a" * 200, mtime=0) has it.
    const unsigned char coded[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00,
                                   0x02, 0x03, 0x4b, 0x4c, 0x1c, 0x1e, 0x00, 0x00,
                                   0x58, 0xf0, 0x9a, 0x59, 0xc8, 0x00, 0x00, 0x00};
    answer.body.assign(reinterpret_cast<const char*>(coded), sizeof(coded));
    auto plain = http::decoded(answer, 200);
    REQUIRE(plain);
    CHECK(plain->body == std::string(200, 'a'));
    CHECK_FALSE(plain->header("content-encoding"));
    CHECK(plain->header("content-type") == "text/plain");

    CHECK_FALSE(http::decoded(answer, 199));
    auto cut = answer;
    cut.body.pop_back();
    CHECK_FALSE(http::decoded(cut, 1000));
    auto damaged = answer;
    damaged.body[17] = 'x';
    CHECK_FALSE(http::decoded(damaged, 1000));
    answer.fields[1].second = "br";
    CHECK_FALSE(http::decoded(answer, 1000));
    answer.fields.pop_back();
    CHECK_FALSE(http::decoded(answer, 1000));
}
