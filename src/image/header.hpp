#pragma once

// What a picture's file says of it before anything is decoded. Pure: no decoder is asked.

#include <cstdint>
#include <optional>
#include <string_view>

#include "image/kind.hpp"

namespace image {

/// As it is stored, which is not how it is shown if the orientation turns it.
struct Header {
    std::int64_t width = 0;
    std::int64_t height = 0;
    int orientation = 1;  ///< as EXIF counts them: 1 to 8
};

/// Nothing if the file is none of its kind, says no size, or says 0. Of AVIF nothing is read here:
/// its sizes stand in boxes that its library holds against one another before it decodes.
std::optional<Header> read_header(Kind kind, std::string_view file);

/// The orientation that a block of EXIF says (TIFF 6.0 with tag 0x0112); 1 if it says none.
int exif_orientation(std::string_view tiff);

}  // namespace image
