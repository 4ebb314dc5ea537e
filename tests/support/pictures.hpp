#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "image/kind.hpp"

namespace support {

/// How the pictures of the tests are stored. What they show, however they are turned and packed:
/// four fields, red and green above, blue and white below.
struct PictureOptions {
    int width = 64;
    int height = 48;
    int orientation = 1;        ///< more than 1: said in EXIF, and stored as a camera would
    std::string_view secret{};  ///< stands in the EXIF, as a place does
    bool has_profile = false;   ///< an ICC profile that takes red for green (JPEG and PNG)
    bool has_inks = false;      ///< CMYK (JPEG)
};

/// jpeg, png, webp, avif or gif.
std::string picture(image::Kind kind, const PictureOptions& options = {});

using Rgb = std::array<int, 3>;
inline constexpr Rgb red{255, 0, 0};
inline constexpr Rgb green{0, 255, 0};
inline constexpr Rgb blue{0, 0, 255};
inline constexpr Rgb white{255, 255, 255};

/// A picture of any kind, looked at.
struct SeenPicture {
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::vector<std::uint8_t> rgba;

    /// What is there, as shares of the picture; 0.25, 0.25 is the middle of the first field.
    Rgb at(double x, double y) const;
};
/// Throws if it cannot be decoded.
SeenPicture see(const std::string& file);

/// Whether two colours are one, but for what a codec that loses something makes of it.
bool alike(const Rgb& a, const Rgb& b);

/// A hundred and more files that say they are pictures and are none that can be shown: cut off,
/// damaged in the middle, of impossible sizes, bombs. Each with a word for it. No chance is in it.
struct BrokenPicture {
    std::string name;
    std::string file;
};
std::vector<BrokenPicture> broken_pictures();

}  // namespace support
