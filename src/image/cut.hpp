#pragma once

// Which part of a picture a rendition shows, and how large. Pure arithmetic.

#include <cstdint>

namespace image {

struct Size {
    std::int64_t width = 0;
    std::int64_t height = 0;

    bool operator==(const Size&) const = default;
};

/// A part of a picture, and the size that it is made to.
struct Cut {
    std::int64_t x = 0;
    std::int64_t y = 0;
    Size part;
    Size made;

    bool operator==(const Cut&) const = default;
};

/// Where the eye goes: 0 to 1 from the left, and from the top.
struct Point {
    double x = 0.5;
    double y = 0.5;

    bool operator==(const Point&) const = default;
};

/// The largest part of the wanted shape, as near around the focus as the edges allow; all of it if
/// `wanted` has no height. Nothing is made larger than it is: then the rendition is smaller than
/// was wanted, of the same shape. Never empty.
Cut cut_around(Size picture, Size wanted, Point focus);

/// The same cut made no longer than that either way, in the same shape.
Cut no_longer_than(Cut cut, std::int64_t side_max);

/// How large a picture is when it is shown, if it is stored so and has that EXIF orientation.
Size shown(Size stored, int orientation);

/// The same part where the picture is stored as a camera with that orientation does it: `cut` is of
/// what is shown.
Cut as_stored(const Cut& cut, Size picture_shown, int orientation);

}  // namespace image
