// What needs no decoder: kinds, headers, cuts, the resampler.
#include "cut.hpp"
#include "header.hpp"
#include "resample.hpp"
#include "support/catch.hpp"
#include "support/pictures.hpp"

namespace image {

namespace {

using namespace std::string_view_literals;

Pixels plain(std::int64_t width, std::int64_t height, std::array<std::uint8_t, 4> colour) {
    Pixels pixels(width, height);
    for (std::size_t i = 0; i < pixels.bytes(); ++i) pixels.row(0)[i] = colour[i % 4];
    return pixels;
}

/// Each pixel another one.
Pixels uneven(std::int64_t width, std::int64_t height) {
    Pixels pixels(width, height);
    for (std::size_t i = 0; i < pixels.bytes(); ++i) {
        pixels.row(0)[i] = static_cast<std::uint8_t>(i % 4 == 3 ? 255 : (i * 37) % 256);
    }
    return pixels;
}

bool same(const Pixels& a, const Pixels& b) {
    return a.width() == b.width() && a.height() == b.height() &&
           std::equal(a.row(0), a.row(0) + a.bytes(), b.row(0));
}

}  // namespace

TEST_CASE("a file is what its first bytes are", "[image]") {
    struct Row {
        std::string_view beginning;
        Kind kind;
    };
    const Row rows[] = {
        {"\xFF\xD8\xFF\xE0\0\x10JFIF"sv, Kind::jpeg},
        {"\x89PNG\r\n\x1A\n\0\0\0\rIHDR"sv, Kind::png},
        {"\x89PNG\n\x1A\n"sv, Kind::unknown},
        {"GIF87a\x01\0"sv, Kind::gif},
        {"GIF88a"sv, Kind::unknown},
        {"RIFF\x24\0\0\0WEBPVP8 "sv, Kind::webp},
        {"RIFF\x24\0\0\0WAVEfmt "sv, Kind::unknown},
        {"\0\0\0\x1C"
         "ftypavif\0\0\0\0avifmif1miaf"sv,
         Kind::avif},
        {"\0\0\0\x18"
         "ftypmif1\0\0\0\0avifmif1"sv,
         Kind::unknown},
        {"\0\0\0\x18"
         "ftypheic\0\0\0\0mif1heic"sv,
         Kind::unknown},
        {"\0\0\0\x20"
         "ftypisom\0\0\x02\0isomiso2avc1mp41"sv,
         Kind::mp4},
        {"\0\0\0\x14"
         "ftypqt  \0\0\0\0qt  "sv,
         Kind::unknown},
        {"%PDF-1.7\n"sv, Kind::pdf},
        {" %PDF-1.7\n"sv, Kind::unknown},
        {"ID3\x04\0\0\0\0\0\0"sv, Kind::mp3},
        {"\xFF\xFB\x90\x44"sv, Kind::mp3},
        {"\xFF\xFB\xF0\x44"sv, Kind::unknown},
        {"\xFF\xF1\x50\x80"sv, Kind::unknown},
        {"<svg xmlns=\"http://www.w3.org/2000/svg\">"sv, Kind::svg},
        {"\xEF\xBB\xBF\n<?xml version=\"1.0\"?>\n<!-- x --><SVG>"sv, Kind::svg},
        {"<html><body>"sv, Kind::unknown},
        {"MZ\x90\0"sv, Kind::unknown},
        {""sv, Kind::unknown},
    };
    for (const auto& row : rows) {
        CAPTURE(std::string(row.beginning));
        CHECK(kind_of(row.beginning) == row.kind);
    }
    for (auto kind : {Kind::jpeg, Kind::png, Kind::webp, Kind::avif, Kind::gif}) {
        CHECK(kind_of(support::picture(kind)) == kind);
        CHECK(is_picture(kind));
    }
}

TEST_CASE("a picture's header tells its size and how it is turned", "[image]") {
    for (auto kind : {Kind::jpeg, Kind::png, Kind::webp, Kind::gif}) {
        CAPTURE(word_of(kind));
        auto file = support::picture(kind, {320, 200});
        auto header = read_header(kind, file);
        REQUIRE(header);
        CHECK(header->width == 320);
        CHECK(header->height == 200);
        CHECK(header->orientation == 1);
        for (std::size_t bytes = 0; bytes < std::min<std::size_t>(file.size(), 700); ++bytes) {
            auto part = read_header(kind, std::string_view(file).substr(0, bytes));
            CHECK((!part || (part->width == 320 && part->height == 200)));
        }
    }
    for (auto kind : {Kind::jpeg, Kind::png}) {
        for (int orientation = 2; orientation <= 8; ++orientation) {
            auto header = read_header(kind, support::picture(kind, {64, 48, orientation}));
            REQUIRE(header);
            CHECK(header->orientation == orientation);
            CHECK(header->width == (orientation < 5 ? 64 : 48));
        }
    }
    struct Row {
        std::string_view tiff;
        int orientation;
    };
    const Row rows[] = {
        {"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"sv, 6},
        {"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x03\0\0"sv, 3},
        {"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x09\0\0"sv, 1},
        {"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x04\0\0\0\x01\0\0\0\x03"sv, 1},
        {"MM\0*\xFF\xFF\xFF\xFF"sv, 1},
        {"MM\0*\0\0\0\x08\xFF\xFF"sv, 1},
        {"II"sv, 1},
        {""sv, 1},
    };
    for (const auto& row : rows) CHECK(exif_orientation(row.tiff) == row.orientation);
}

TEST_CASE("a cut has the wanted shape, around the focus, inside the picture", "[image]") {
    struct Row {
        Size picture;
        Size wanted;
        Point focus;
        Cut cut;
    };
    const Row rows[] = {
        {{4000, 3000}, {640, 0}, {0.5, 0.5}, {0, 0, {4000, 3000}, {640, 480}}},
        {{4000, 3000}, {640, 360}, {0.5, 0.5}, {0, 375, {4000, 2250}, {640, 360}}},
        {{4000, 3000}, {640, 360}, {0.5, 0.0}, {0, 0, {4000, 2250}, {640, 360}}},
        {{4000, 3000}, {640, 360}, {0.5, 0.9}, {0, 750, {4000, 2250}, {640, 360}}},
        {{4000, 3000}, {640, 640}, {0.25, 0.5}, {0, 0, {3000, 3000}, {640, 640}}},
        {{4000, 3000}, {640, 640}, {0.5, 0.5}, {500, 0, {3000, 3000}, {640, 640}}},
        {{4000, 3000}, {640, 640}, {1.0, 0.5}, {1000, 0, {3000, 3000}, {640, 640}}},
        // Never larger than it is.
        {{300, 200}, {640, 0}, {0.5, 0.5}, {0, 0, {300, 200}, {300, 200}}},
        {{300, 200}, {640, 640}, {0.5, 0.5}, {50, 0, {200, 200}, {200, 200}}},
        {{1, 1}, {640, 360}, {0.5, 0.5}, {0, 0, {1, 1}, {1, 1}}},
        {{10000, 1}, {320, 0}, {0.5, 0.5}, {0, 0, {10000, 1}, {320, 1}}},
        {{1, 10000}, {320, 320}, {0.5, 0.5}, {0, 5000, {1, 1}, {1, 1}}},
    };
    for (const auto& row : rows) {
        CAPTURE(row.picture.width, row.picture.height, row.wanted.width, row.wanted.height,
                row.focus.x, row.focus.y);
        auto cut = cut_around(row.picture, row.wanted, row.focus);
        CHECK(cut == row.cut);
    }
}

TEST_CASE("pixels that are one colour stay so, and light is what is averaged", "[image]") {
    Cut cut{0, 0, {64, 40}, {7, 5}};
    auto made = resample(plain(64, 40, {200, 10, 90, 255}), cut);
    CHECK(same(made, plain(7, 5, {200, 10, 90, 255})));

    // Black and white lines: half of the light is 188 of sRGB's numbers, not 128.
    auto lines = plain(64, 64, {0, 0, 0, 255});
    for (int y = 0; y < 64; y += 2) {
        for (int x = 0; x < 64 * 4; ++x) lines.row(y)[x] = 255;
    }
    auto grey = resample(lines, {0, 0, {64, 64}, {8, 8}});
    CHECK(std::abs(grey.row(4)[4 * 4] - 188) <= 2);

    // What cannot be seen has no colour to lend.
    auto half = plain(64, 64, {255, 255, 255, 0});
    for (int y = 0; y < 64; ++y) {
        for (int x = 0; x < 32; ++x) {
            auto* pixel = half.row(y) + x * 4;
            pixel[0] = 0;
            pixel[1] = 0;
            pixel[2] = 200;
            pixel[3] = 255;
        }
    }
    half.has_alpha = true;
    auto small = resample(half, {0, 0, {64, 64}, {9, 9}});
    const auto* edge = small.row(4) + 4 * 4;
    CHECK(edge[0] == 0);
    CHECK(std::abs(edge[2] - 200) <= 1);
    CHECK(edge[3] > 100);
    CHECK(edge[3] < 155);
}

TEST_CASE("a picture is cut the same before it is turned as after", "[image]") {
    auto stored = uneven(20, 12);
    for (int orientation = 1; orientation <= 8; ++orientation) {
        CAPTURE(orientation);
        auto upright = turn(stored, orientation);
        Size seen{upright.width(), upright.height()};
        CHECK(seen == shown({20, 12}, orientation));
        auto cut = cut_around(seen, {6, 4}, {0.2, 0.7});
        auto after = resample(upright, cut);
        auto before = turn(resample(stored, as_stored(cut, seen, orientation)), orientation);
        REQUIRE(before.width() == after.width());
        REQUIRE(before.height() == after.height());
        for (std::size_t i = 0; i < after.bytes(); ++i) {
            CHECK(std::abs(before.row(0)[i] - after.row(0)[i]) <= 1);
        }
    }
}

}  // namespace image
