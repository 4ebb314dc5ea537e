#include "warm.hpp"

#include "codec.hpp"
#include "resample.hpp"

namespace image {

void warm_up() {
    constexpr std::int64_t side = 16;
    Pixels pixels(side, side);
    for (std::size_t i = 0; i < pixels.bytes(); ++i) {
        pixels.row(0)[i] = static_cast<std::uint8_t>(i);
    }
    pixels.has_alpha = true;
    Cut cut;
    cut.part = {side, side};
    cut.made = {side / 2, side / 2};
    auto small = resample(pixels, cut);
    decode_jpeg(encode_jpeg(pixels), {});
    decode_webp(encode_webp(pixels));
    DecodeLimits limits;
    limits.pixels_max = side * side;
    decode_avif(encode_avif(pixels), limits);
}

}  // namespace image
