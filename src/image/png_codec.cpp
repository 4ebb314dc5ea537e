#include <spng.h>

#include "codec.hpp"

namespace image {

namespace {

struct FreeContext {
    void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Context = std::unique_ptr<spng_ctx, FreeContext>;

void hold(int error) {
    if (error == SPNG_EMEM) throw std::bad_alloc();
    if (error != SPNG_OK) throw Damaged(spng_strerror(error));
}

}  // namespace

Pixels decode_png(std::string_view file) {
    constexpr std::size_t chunk_bytes_max = 8 * 1024 * 1024;
    Context context(spng_ctx_new(0));
    if (!context) throw std::bad_alloc();
    hold(spng_set_chunk_limits(context.get(), chunk_bytes_max, 2 * chunk_bytes_max));
    // What stands beside the picture may be broken; it is left out then.
    hold(spng_set_crc_action(context.get(), SPNG_CRC_ERROR, SPNG_CRC_DISCARD));
    hold(spng_set_png_buffer(context.get(), file.data(), file.size()));
    spng_ihdr header{};
    hold(spng_get_ihdr(context.get(), &header));
    Pixels pixels(header.width, header.height);
    hold(spng_decode_image(context.get(), pixels.row(0), pixels.bytes(), SPNG_FMT_RGBA8,
                           SPNG_DECODE_TRNS));
    // A file that ends before its end chunk is cut off, even if all rows are there.
    hold(spng_decode_chunks(context.get()));
    spng_trns transparent{};
    pixels.has_alpha = header.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA ||
                       header.color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA ||
                       spng_get_trns(context.get(), &transparent) == SPNG_OK;
    spng_iccp profile{};
    if (spng_get_iccp(context.get(), &profile) == SPNG_OK) {
        to_srgb(pixels, {profile.profile, profile.profile_len});
    }
    return pixels;
}

}  // namespace image
