#pragma once

// The decoders and encoders. Only the worker calls them: they are what a file can break. What is
// wrong with a picture is thrown as Damaged, what there is no memory for as std::bad_alloc.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "cut.hpp"
#include "pixels.hpp"

namespace image {

/// The picture cannot be decoded; what() is the end of a sentence that begins with it.
struct Damaged : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A picture as it is stored, not turned yet; already sRGB.
struct Decoded {
    Pixels pixels;
    int orientation = 1;
};

struct DecodeLimits {
    std::int64_t pixels_max = 0;
    /// A codec that can do it cheaply may give less, but no less than twice this either way, in the
    /// shape of the picture. Nothing: all of it.
    Size enough{};
};

Pixels decode_jpeg(std::string_view file, const DecodeLimits& limits);
Pixels decode_png(std::string_view file);
/// Of one that moves its first picture.
Pixels decode_webp(std::string_view file);
/// AVIF says by itself how it is to be turned.
Decoded decode_avif(std::string_view file, const DecodeLimits& limits);
/// The first picture of it, on its canvas.
Pixels decode_gif(std::string_view file);

/// On white where the picture lets through what is behind it.
std::string encode_jpeg(const Pixels& pixels);
std::string encode_webp(const Pixels& pixels);
std::string encode_avif(const Pixels& pixels);

/// Makes sRGB of pixels whose numbers mean what an ICC profile says. A profile that is none of red,
/// green and blue, or cannot be read, counts as sRGB.
void to_srgb(Pixels& pixels, std::string_view profile);
/// The same of pixels that are cyan, magenta, yellow and black, as JPEG has them: 255 is no ink.
/// Without a profile as the simplest rule has it.
void inks_to_srgb(Pixels& pixels, std::string_view profile);

}  // namespace image
