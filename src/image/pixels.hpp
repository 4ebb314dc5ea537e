#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace image {

/// A picture in memory: sRGB as bytes, four to a pixel (red, green, blue, alpha, which is not
/// multiplied in), row after row from the top.
class Pixels {
public:
    static constexpr std::size_t channels = 4;

    Pixels() = default;
    /// What is in it is not said. Throws std::bad_alloc.
    Pixels(std::int64_t width, std::int64_t height)
        : width_(width),
          height_(height),
          bytes_(std::make_unique_for_overwrite<std::uint8_t[]>(
              static_cast<std::size_t>(width * height) * channels)) {}

    std::int64_t width() const { return width_; }
    std::int64_t height() const { return height_; }
    std::size_t row_bytes() const { return static_cast<std::size_t>(width_) * channels; }
    std::size_t bytes() const { return row_bytes() * static_cast<std::size_t>(height_); }
    std::uint8_t* row(std::int64_t y) {
        return bytes_.get() + static_cast<std::size_t>(y) * row_bytes();
    }
    const std::uint8_t* row(std::int64_t y) const {
        return bytes_.get() + static_cast<std::size_t>(y) * row_bytes();
    }

    bool has_alpha = false;  ///< false: each alpha is 255

private:
    std::int64_t width_ = 0;
    std::int64_t height_ = 0;
    std::unique_ptr<std::uint8_t[]> bytes_;
};

}  // namespace image
