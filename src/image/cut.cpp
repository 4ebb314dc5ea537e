#include "cut.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace image {

namespace {

std::int64_t rounded(double value, std::int64_t least, std::int64_t most) {
    return std::clamp(static_cast<std::int64_t>(std::llround(value)), least, most);
}

/// Where a part of that length begins so that its middle is as near to the focus as may be.
std::int64_t begin_of(std::int64_t whole, std::int64_t part, double focus) {
    auto middle = std::clamp(focus, 0.0, 1.0) * static_cast<double>(whole);
    return rounded(middle - static_cast<double>(part) / 2, 0, whole - part);
}

bool is_turned(int orientation) {
    return orientation >= 5;
}

}  // namespace

Cut cut_around(Size picture, Size wanted, Point focus) {
    Cut cut;
    cut.part = picture;
    auto width = static_cast<double>(picture.width);
    auto height = static_cast<double>(picture.height);
    if (wanted.height > 0) {
        auto shape = static_cast<double>(wanted.width) / static_cast<double>(wanted.height);
        if (width > height * shape) {
            cut.part.width = rounded(height * shape, 1, picture.width);
        } else {
            cut.part.height = rounded(width / shape, 1, picture.height);
        }
    }
    cut.x = begin_of(picture.width, cut.part.width, focus.x);
    cut.y = begin_of(picture.height, cut.part.height, focus.y);

    cut.made = cut.part;
    if (wanted.width < cut.part.width) {
        auto scale = static_cast<double>(wanted.width) / static_cast<double>(cut.part.width);
        cut.made.width = wanted.width;
        cut.made.height = wanted.height > 0 ? std::min(wanted.height, cut.part.height)
                                            : rounded(static_cast<double>(cut.part.height) * scale,
                                                      1, cut.part.height);
    }
    return cut;
}

Cut no_longer_than(Cut cut, std::int64_t side_max) {
    auto longest = std::max(cut.made.width, cut.made.height);
    if (longest <= side_max) return cut;
    auto scale = static_cast<double>(side_max) / static_cast<double>(longest);
    cut.made.width = rounded(static_cast<double>(cut.made.width) * scale, 1, side_max);
    cut.made.height = rounded(static_cast<double>(cut.made.height) * scale, 1, side_max);
    return cut;
}

Size shown(Size stored, int orientation) {
    if (is_turned(orientation)) std::swap(stored.width, stored.height);
    return stored;
}

Cut as_stored(const Cut& cut, Size picture_shown, int orientation) {
    auto from_right = picture_shown.width - cut.x - cut.part.width;
    auto from_bottom = picture_shown.height - cut.y - cut.part.height;
    Cut stored = cut;
    switch (orientation) {
        case 2:
            stored.x = from_right;
            break;
        case 3:
            stored.x = from_right;
            stored.y = from_bottom;
            break;
        case 4:
            stored.y = from_bottom;
            break;
        case 5:
            stored.x = cut.y;
            stored.y = cut.x;
            break;
        case 6:
            stored.x = cut.y;
            stored.y = from_right;
            break;
        case 7:
            stored.x = from_bottom;
            stored.y = from_right;
            break;
        case 8:
            stored.x = from_bottom;
            stored.y = cut.x;
            break;
        default:
            break;
    }
    stored.part = shown(cut.part, orientation);
    stored.made = shown(cut.made, orientation);
    return stored;
}

}  // namespace image
