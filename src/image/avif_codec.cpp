#include <avif/avif.h>

#include <algorithm>

#include "codec.hpp"

namespace image {

namespace {

// Of 0 (no loss) to 63. Pictures are made while somebody waits, so speed 9 of 10.
constexpr int least_quantizer = 20;
constexpr int most_quantizer = 36;
constexpr int speed = 9;

struct DestroyDecoder {
    void operator()(avifDecoder* decoder) const { avifDecoderDestroy(decoder); }
};
struct DestroyEncoder {
    void operator()(avifEncoder* encoder) const { avifEncoderDestroy(encoder); }
};
struct DestroyImage {
    void operator()(avifImage* picture) const { avifImageDestroy(picture); }
};

void hold(avifResult result) {
    if (result == AVIF_RESULT_OUT_OF_MEMORY) throw std::bad_alloc();
    if (result != AVIF_RESULT_OK) throw Damaged(avifResultToString(result));
}

/// What the file says of turning (anticlockwise) and mirroring it after that (ISO/IEC 23008-12,
/// 6.5.10 and 6.5.12), as EXIF counts it.
int orientation_of(const avifImage& picture) {
    constexpr int upright[] = {1, 8, 3, 6};
    constexpr int top_to_bottom[] = {4, 5, 2, 7};
    constexpr int left_to_right[] = {2, 7, 4, 5};
    bool turns = (picture.transformFlags & AVIF_TRANSFORM_IROT) != 0;
    bool mirrors = (picture.transformFlags & AVIF_TRANSFORM_IMIR) != 0;
    auto quarter = turns ? picture.irot.angle & 3U : 0U;
    if (!mirrors) return upright[quarter];
    return picture.imir.mode == 0 ? top_to_bottom[quarter] : left_to_right[quarter];
}

/// `pixels` as the library wants to have it described.
avifRGBImage described(const avifImage& picture, std::uint8_t* pixels, std::size_t row_bytes) {
    avifRGBImage rgb{};
    avifRGBImageSetDefaults(&rgb, &picture);
    rgb.depth = 8;
    rgb.format = AVIF_RGB_FORMAT_RGBA;
    rgb.pixels = pixels;
    rgb.rowBytes = static_cast<std::uint32_t>(row_bytes);
    return rgb;
}

}  // namespace

Decoded decode_avif(std::string_view file, const DecodeLimits& limits) {
    std::unique_ptr<avifDecoder, DestroyDecoder> decoder(avifDecoderCreate());
    if (!decoder) throw std::bad_alloc();
    decoder->maxThreads = 1;
    decoder->ignoreExif = AVIF_TRUE;
    decoder->ignoreXMP = AVIF_TRUE;
    decoder->imageSizeLimit = static_cast<std::uint32_t>(limits.pixels_max);
    hold(avifDecoderSetIOMemory(decoder.get(), reinterpret_cast<const std::uint8_t*>(file.data()),
                                file.size()));
    hold(avifDecoderParse(decoder.get()));
    hold(avifDecoderNextImage(decoder.get()));
    const auto& picture = *decoder->image;
    Decoded decoded;
    decoded.pixels = Pixels(picture.width, picture.height);
    decoded.pixels.has_alpha = picture.alphaPlane != nullptr;
    decoded.orientation = orientation_of(picture);
    auto rgb = described(picture, decoded.pixels.row(0), decoded.pixels.row_bytes());
    hold(avifImageYUVToRGB(&picture, &rgb));
    to_srgb(decoded.pixels, {reinterpret_cast<const char*>(picture.icc.data), picture.icc.size});
    return decoded;
}

std::string encode_avif(const Pixels& pixels) {
    std::unique_ptr<avifImage, DestroyImage> picture(
        avifImageCreate(static_cast<std::uint32_t>(pixels.width()),
                        static_cast<std::uint32_t>(pixels.height()), 8, AVIF_PIXEL_FORMAT_YUV420));
    std::unique_ptr<avifEncoder, DestroyEncoder> encoder(avifEncoderCreate());
    if (!picture || !encoder) throw std::bad_alloc();
    picture->colorPrimaries = AVIF_COLOR_PRIMARIES_BT709;
    picture->transferCharacteristics = AVIF_TRANSFER_CHARACTERISTICS_SRGB;
    picture->matrixCoefficients = AVIF_MATRIX_COEFFICIENTS_BT601;
    // The library takes what it only reads by a pointer that it could write to.
    Pixels copy(pixels.width(), pixels.height());
    std::copy_n(pixels.row(0), pixels.bytes(), copy.row(0));
    auto rgb = described(*picture, copy.row(0), copy.row_bytes());
    rgb.ignoreAlpha = pixels.has_alpha ? AVIF_FALSE : AVIF_TRUE;
    hold(avifImageRGBToYUV(picture.get(), &rgb));
    encoder->maxThreads = 1;
    encoder->speed = speed;
    encoder->minQuantizer = least_quantizer;
    encoder->maxQuantizer = most_quantizer;
    encoder->minQuantizerAlpha = least_quantizer;
    encoder->maxQuantizerAlpha = most_quantizer;
    avifRWData made = AVIF_DATA_EMPTY;
    auto result = avifEncoderWrite(encoder.get(), picture.get(), &made);
    std::string file(reinterpret_cast<const char*>(made.data), made.size);
    avifRWDataFree(&made);
    hold(result);
    return file;
}

}  // namespace image
