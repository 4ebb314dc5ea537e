#include "support/pictures.hpp"

#include <cstdio>
// After <cstdio>, which it needs.
#include <jpeglib.h>
#include <lcms2.h>
#include <spng.h>
#include <zlib.h>

#include <cstdlib>
#include <stdexcept>

#include "codec.hpp"
#include "header.hpp"
#include "resample.hpp"

namespace support {

namespace {

using namespace std::string_view_literals;
using image::Kind;
using image::Pixels;

constexpr int farthest = 40;

Pixels fields(int width, int height) {
    Pixels pixels(width, height);
    constexpr std::array<std::array<std::uint8_t, 3>, 4> colours = {
        {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}}};
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const auto& colour = colours[(y * 2 / height) * 2 + x * 2 / width];
            auto* pixel = pixels.row(y) + x * 4;
            std::copy(colour.begin(), colour.end(), pixel);
            pixel[3] = 255;
        }
    }
    return pixels;
}

/// What turn() makes the picture of again.
Pixels stored_as(const Pixels& shown, int orientation) {
    constexpr std::array<int, 9> back = {1, 1, 2, 3, 4, 5, 8, 7, 6};
    return image::turn(shown, back.at(static_cast<std::size_t>(orientation)));
}

void put_big(std::string& out, std::uint32_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
}

std::string exif(int orientation, std::string_view secret) {
    std::string tiff("MM\0*\0\0\0\x08\0\x02"sv);
    tiff += "\x01\x12\0\x03\0\0\0\x01\0"sv;
    tiff += static_cast<char>(orientation);
    tiff += "\0\0"sv;
    tiff += "\x82\x98\0\x02"sv;  // Copyright
    put_big(tiff, static_cast<std::uint32_t>(secret.size()) + 1, 4);
    put_big(tiff, 38, 4);
    put_big(tiff, 0, 4);
    tiff += secret;
    tiff += '\0';
    return tiff;
}

/// A profile with the colours of sRGB in another order.
std::string odd_profile() {
    cmsCIExyY white_point = {0.3127, 0.3290, 1};
    cmsCIExyYTRIPLE primaries = {{0.30, 0.60, 1}, {0.64, 0.33, 1}, {0.15, 0.06, 1}};
    auto* curve = cmsBuildGamma(nullptr, 2.2);
    cmsToneCurve* curves[] = {curve, curve, curve};
    auto* profile = cmsCreateRGBProfile(&white_point, &primaries, curves);
    cmsUInt32Number bytes = 0;
    cmsSaveProfileToMem(profile, nullptr, &bytes);
    std::string text(bytes, '\0');
    cmsSaveProfileToMem(profile, text.data(), &bytes);
    cmsCloseProfile(profile);
    cmsFreeToneCurve(curve);
    return text;
}

/// By the library's plain way, so that it can have what ours never writes.
std::string jpeg(const Pixels& pixels, const PictureOptions& options) {
    jpeg_compress_struct cinfo{};
    jpeg_error_mgr errors{};
    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_compress(&cinfo);
    unsigned char* made = nullptr;
    unsigned long bytes = 0;
    jpeg_mem_dest(&cinfo, &made, &bytes);
    cinfo.image_width = static_cast<JDIMENSION>(pixels.width());
    cinfo.image_height = static_cast<JDIMENSION>(pixels.height());
    cinfo.input_components = options.has_inks ? 4 : 3;
    cinfo.in_color_space = options.has_inks ? JCS_CMYK : JCS_RGB;
    jpeg_set_defaults(&cinfo);
    jpeg_set_quality(&cinfo, 95, TRUE);
    jpeg_start_compress(&cinfo, TRUE);
    if (options.orientation > 1 || !options.secret.empty()) {
        std::string block = std::string("Exif\0\0"sv) + exif(options.orientation, options.secret);
        jpeg_write_marker(&cinfo, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(block.data()),
                          static_cast<unsigned>(block.size()));
    }
    if (options.has_profile) {
        auto profile = odd_profile();
        jpeg_write_icc_profile(&cinfo, reinterpret_cast<const JOCTET*>(profile.data()),
                               static_cast<unsigned>(profile.size()));
    }
    std::vector<std::uint8_t> row(static_cast<std::size_t>(pixels.width()) * 4);
    while (cinfo.next_scanline < cinfo.image_height) {
        const auto* from = pixels.row(cinfo.next_scanline);
        auto components = static_cast<std::size_t>(cinfo.input_components);
        for (std::size_t x = 0; x < cinfo.image_width; ++x) {
            for (std::size_t c = 0; c < components; ++c) {
                // As Adobe writes it: how much is left white, and full of black.
                row[x * components + c] = c == 3 ? 255 : from[x * 4 + c];
            }
        }
        auto* rows = row.data();
        jpeg_write_scanlines(&cinfo, &rows, 1);
    }
    jpeg_finish_compress(&cinfo);
    std::string file(reinterpret_cast<const char*>(made), bytes);
    jpeg_destroy_compress(&cinfo);
    std::free(made);
    return file;
}

std::string png(const Pixels& pixels, const PictureOptions& options) {
    auto* context = spng_ctx_new(SPNG_CTX_ENCODER);
    spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1);
    spng_ihdr header{};
    header.width = static_cast<std::uint32_t>(pixels.width());
    header.height = static_cast<std::uint32_t>(pixels.height());
    header.bit_depth = 8;
    header.color_type = SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
    spng_set_ihdr(context, &header);
    auto block = exif(options.orientation, options.secret);
    spng_exif metadata{block.size(), block.data()};
    if (options.orientation > 1 || !options.secret.empty()) spng_set_exif(context, &metadata);
    auto profile = odd_profile();
    spng_iccp colours{"odd", profile.size(), profile.data()};
    if (options.has_profile) spng_set_iccp(context, &colours);
    int error = spng_encode_image(context, pixels.row(0), pixels.bytes(), SPNG_FMT_PNG,
                                  SPNG_ENCODE_FINALIZE);
    std::size_t bytes = 0;
    auto* made = spng_get_png_buffer(context, &bytes, &error);
    std::string file(static_cast<const char*>(made), bytes);
    std::free(made);
    spng_ctx_free(context);
    return file;
}

/// With codes that stand for one pixel each: a clear code comes before they grow.
std::string gif(const Pixels& pixels) {
    auto little = [](std::string& out, std::int64_t value) {
        out += static_cast<char>(value & 0xFF);
        out += static_cast<char>(value >> 8);
    };
    std::string file = "GIF89a";
    little(file, pixels.width());
    little(file, pixels.height());
    file += "\x81\0\0"sv;
    file += "\xFF\0\0\0\xFF\0\0\0\xFF\xFF\xFF\xFF"sv;
    file += "\x21\xFE\x05hello\0"sv;
    file += ","sv;
    file += "\0\0\0\0"sv;
    little(file, pixels.width());
    little(file, pixels.height());
    file += "\0\x02"sv;
    std::string packed;
    unsigned held = 0;
    unsigned bits = 0;
    auto put = [&](unsigned code) {
        held |= code << bits;
        for (bits += 3; bits >= 8; bits -= 8, held >>= 8U) packed += static_cast<char>(held);
    };
    int since_clear = 2;
    for (std::int64_t y = 0; y < pixels.height(); ++y) {
        for (std::int64_t x = 0; x < pixels.width(); ++x) {
            if (since_clear == 2) {
                put(4);
                since_clear = 0;
            }
            const auto* pixel = pixels.row(y) + x * 4;
            bool is_white = pixel[0] != 0 && pixel[1] != 0;
            put(is_white ? 3 : pixel[0] != 0 ? 0 : pixel[1] != 0 ? 1 : 2);
            ++since_clear;
        }
    }
    put(5);
    put(0);
    put(0);
    for (std::size_t at = 0; at < packed.size(); at += 255) {
        auto part = packed.substr(at, 255);
        file += static_cast<char>(part.size());
        file += part;
    }
    file += "\0;"sv;
    return file;
}

std::string png_chunk(std::string_view name, std::string_view data) {
    std::string chunk;
    put_big(chunk, static_cast<std::uint32_t>(data.size()), 4);
    std::string body = std::string(name) + std::string(data);
    chunk += body;
    auto checksum =
        ::crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
    put_big(chunk, static_cast<std::uint32_t>(checksum), 4);
    return chunk;
}

/// A PNG that says it is that large, and has so little in it.
std::string png_bomb(std::uint32_t width, std::uint32_t height) {
    std::string header;
    put_big(header, width, 4);
    put_big(header, height, 4);
    header += "\x08\x06\0\0\0"sv;
    std::string zeros(1 << 20, '\0');
    uLongf packed_bytes = compressBound(zeros.size());
    std::string packed(packed_bytes, '\0');
    ::compress(reinterpret_cast<Bytef*>(packed.data()), &packed_bytes,
               reinterpret_cast<const Bytef*>(zeros.data()), zeros.size());
    packed.resize(packed_bytes);
    return "\x89PNG\r\n\x1A\n" + png_chunk("IHDR", header) + png_chunk("IDAT", packed) +
           png_chunk("IEND", "");
}

std::string with(std::string file, std::size_t at, std::string_view bytes) {
    return file.replace(at, bytes.size(), bytes);
}

}  // namespace

std::string picture(Kind kind, const PictureOptions& options) {
    auto stored = stored_as(fields(options.width, options.height), options.orientation);
    switch (kind) {
        case Kind::jpeg:
            return jpeg(stored, options);
        case Kind::png:
            return png(stored, options);
        case Kind::webp:
            return image::encode_webp(stored);
        case Kind::avif:
            return image::encode_avif(stored);
        case Kind::gif:
            return gif(stored);
        default:
            throw std::logic_error("no picture of that kind is made here");
    }
}

Rgb SeenPicture::at(double x, double y) const {
    auto column = static_cast<std::size_t>(x * static_cast<double>(width));
    auto row = static_cast<std::size_t>(y * static_cast<double>(height));
    const auto* pixel = rgba.data() + (row * static_cast<std::size_t>(width) + column) * 4;
    return {pixel[0], pixel[1], pixel[2]};
}

SeenPicture see(const std::string& file) {
    Pixels pixels;
    image::DecodeLimits limits;
    limits.pixels_max = 64'000'000;
    switch (image::kind_of(file)) {
        case Kind::jpeg:
            pixels = image::decode_jpeg(file, limits);
            break;
        case Kind::png:
            pixels = image::decode_png(file);
            break;
        case Kind::webp:
            pixels = image::decode_webp(file);
            break;
        case Kind::avif:
            pixels = std::move(image::decode_avif(file, limits).pixels);
            break;
        case Kind::gif:
            pixels = image::decode_gif(file);
            break;
        default:
            throw std::runtime_error("that is no picture");
    }
    return {pixels.width(), pixels.height(), {pixels.row(0), pixels.row(0) + pixels.bytes()}};
}

bool alike(const Rgb& a, const Rgb& b) {
    for (std::size_t c = 0; c < a.size(); ++c) {
        if (std::abs(a[c] - b[c]) > farthest) return false;
    }
    return true;
}

std::vector<BrokenPicture> broken_pictures() {
    std::vector<BrokenPicture> all;
    auto add = [&](std::string name, std::string file) {
        all.push_back({std::move(name), std::move(file)});
    };
    const std::array<Kind, 5> kinds = {Kind::jpeg, Kind::png, Kind::webp, Kind::avif, Kind::gif};
    for (auto kind : kinds) {
        auto good = picture(kind);
        std::string word(image::word_of(kind));
        // The last bytes of a JPEG and a GIF only say that nothing follows.
        constexpr std::size_t parts = 16;
        for (std::size_t part = 1; part < parts; ++part) {
            auto bytes = std::max<std::size_t>(16, good.size() * part / parts);
            add(word + " cut off after " + std::to_string(bytes), good.substr(0, bytes));
        }
        add(word + " with nothing behind its head", good.substr(0, 16));
        auto zeros = good;
        std::fill(zeros.begin() + 20, zeros.end(), '\0');
        add(word + " of zeros", zeros);
        auto ones = good;
        std::fill(ones.begin() + 16, ones.end(), '\xFF');
        add(word + " of ones", ones);
    }
    auto good_png = picture(Kind::png);
    for (std::size_t at = 16; at < 33; ++at) {
        auto flipped = good_png;
        flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
        add("png with a bit flipped at " + std::to_string(at), flipped);
    }
    for (std::size_t at = 60; at + 20 < good_png.size() && at < 180; at += 11) {
        auto flipped = good_png;
        flipped[at] = static_cast<char>(flipped[at] ^ 0x04);
        add("png with a bit flipped at " + std::to_string(at), flipped);
    }
    add("png bomb", png_bomb(100'000, 100'000));
    add("png of 65 megapixels", png_bomb(65'000'000, 1));
    add("png of no width", png_bomb(0, 100));
    add("png with less than it says", png_bomb(5000, 5000));
    auto good_gif = picture(Kind::gif);
    add("gif of no size", with(good_gif, 6, "\0\0\0\0"sv));
    add("gif bomb", with(good_gif, 6, "\xFF\xFF\xFF\xFF"sv));
    add("gif whose picture is larger than its canvas", with(good_gif, 6, "\x08\0\x08\0"sv));
    auto good_jpeg = picture(Kind::jpeg);
    auto frame = good_jpeg.find("\xFF\xC0"sv);
    add("jpeg of no size", with(good_jpeg, frame + 5, "\0\0\0\0"sv));
    add("jpeg bomb", with(good_jpeg, frame + 5, "\xFF\xFF\xFF\xFF"sv));
    add("jpeg higher than it is", with(good_jpeg, frame + 5, "\x10\0"sv));
    add("jpeg of nine components", with(good_jpeg, frame + 9, "\x09"sv));
    add("jpeg without tables", "\xFF\xD8" + good_jpeg.substr(frame));
    auto good_webp = picture(Kind::webp);
    add("webp of no size", with(good_webp, 26, "\0\0\0\0"sv));
    add("webp larger than it is", with(good_webp, 26, "\xFF\x0F\xFF\x0F"sv));
    return all;
}

}  // namespace support
