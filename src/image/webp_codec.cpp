#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>

#include <algorithm>

#include "codec.hpp"

namespace image {

namespace {

constexpr float quality = 80;
constexpr int method = 4;

struct DeleteDemuxer {
    void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};
using Demuxer = std::unique_ptr<WebPDemuxer, DeleteDemuxer>;

const std::uint8_t* bytes_of(std::string_view file) {
    return reinterpret_cast<const std::uint8_t*>(file.data());
}

/// Frees what a picture holds, however encoding ends.
struct Picture {
    Picture() {
        if (WebPPictureInit(&value) == 0) throw std::runtime_error("another version of libwebp");
        WebPMemoryWriterInit(&writer);
    }
    ~Picture() {
        WebPPictureFree(&value);
        WebPMemoryWriterClear(&writer);
    }
    Picture(const Picture&) = delete;
    WebPPicture value{};
    WebPMemoryWriter writer{};
};

}  // namespace

Pixels decode_webp(std::string_view file) {
    WebPData data{bytes_of(file), file.size()};
    Demuxer demuxer(WebPDemux(&data));
    if (!demuxer) throw Damaged("it is cut off, or its parts do not fit together");
    auto width = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH);
    auto height = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT);
    WebPIterator frame{};
    if (WebPDemuxGetFrame(demuxer.get(), 1, &frame) == 0) throw Damaged("it has no picture");
    bool fits = frame.complete != 0 && frame.x_offset >= 0 && frame.y_offset >= 0 &&
                std::uint64_t(frame.x_offset) + std::uint64_t(frame.width) <= width &&
                std::uint64_t(frame.y_offset) + std::uint64_t(frame.height) <= height;
    Pixels pixels;
    bool good = fits;
    if (fits) {
        pixels = Pixels(width, height);
        bool is_whole =
            frame.width == static_cast<int>(width) && frame.height == static_cast<int>(height);
        if (!is_whole) std::fill_n(pixels.row(0), pixels.bytes(), std::uint8_t{0});
        auto* at = pixels.row(frame.y_offset) +
                   static_cast<std::size_t>(frame.x_offset) * Pixels::channels;
        auto room = pixels.bytes() - static_cast<std::size_t>(at - pixels.row(0));
        good = WebPDecodeRGBAInto(frame.fragment.bytes, frame.fragment.size, at, room,
                                  static_cast<int>(pixels.row_bytes())) != nullptr;
        pixels.has_alpha = frame.has_alpha != 0 || !is_whole;
    }
    WebPDemuxReleaseIterator(&frame);
    if (!good) throw Damaged("its data are damaged or incomplete");

    WebPChunkIterator chunk{};
    if (WebPDemuxGetChunk(demuxer.get(), "ICCP", 1, &chunk) != 0) {
        to_srgb(pixels, {reinterpret_cast<const char*>(chunk.chunk.bytes), chunk.chunk.size});
        WebPDemuxReleaseChunkIterator(&chunk);
    }
    return pixels;
}

std::string encode_webp(const Pixels& pixels) {
    WebPConfig config{};
    if (WebPConfigPreset(&config, WEBP_PRESET_PHOTO, quality) == 0) {
        throw std::runtime_error("another version of libwebp");
    }
    config.method = method;
    Picture picture;
    picture.value.width = static_cast<int>(pixels.width());
    picture.value.height = static_cast<int>(pixels.height());
    picture.value.writer = WebPMemoryWrite;
    picture.value.custom_ptr = &picture.writer;
    auto stride = static_cast<int>(pixels.row_bytes());
    bool taken = pixels.has_alpha
                     ? WebPPictureImportRGBA(&picture.value, pixels.row(0), stride) != 0
                     : WebPPictureImportRGBX(&picture.value, pixels.row(0), stride) != 0;
    if (!taken) throw std::bad_alloc();
    if (WebPEncode(&config, &picture.value) == 0) {
        throw std::runtime_error("libwebp: error " + std::to_string(picture.value.error_code));
    }
    return {reinterpret_cast<const char*>(picture.writer.mem), picture.writer.size};
}

}  // namespace image
