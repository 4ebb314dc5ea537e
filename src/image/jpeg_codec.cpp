#include <csetjmp>
#include <cstdio>
// After <cstdio>, which it needs.
#include <jpeglib.h>
// After jpeglib.h: the codes of its warnings.
#include <jerror.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "codec.hpp"

namespace image {

namespace {

constexpr int quality = 82;

/// How the library leaves when it cannot go on: it knows no exceptions.
struct Failing {
    jpeg_error_mgr manager{};
    std::jmp_buf out{};
    std::array<char, JMSG_LENGTH_MAX> message{};
};

Failing& failing_of(j_common_ptr common) {
    return *reinterpret_cast<Failing*>(common->err);
}

[[noreturn]] void leave(j_common_ptr common) {
    auto& failing = failing_of(common);
    common->err->format_message(common, failing.message.data());
    std::longjmp(failing.out, 1);
}

/// Warnings: what is missing or makes no sense is damage, what is only unusual is not.
void hear(j_common_ptr common, int level) {
    if (level >= 0) return;
    switch (common->err->msg_code) {
        case JWRN_HIT_MARKER:
        case JWRN_HUFF_BAD_CODE:
        case JWRN_JPEG_EOF:
        case JWRN_ARITH_BAD_CODE:
        case JWRN_MUST_RESYNC:
            leave(common);
        default:
            return;
    }
}

jpeg_error_mgr* install(Failing& failing) {
    jpeg_std_error(&failing.manager);
    failing.manager.error_exit = leave;
    failing.manager.emit_message = hear;
    failing.manager.output_message = [](j_common_ptr) {};
    return &failing.manager;
}

/// A decoder at work. What setjmp() is called beside has no destructor: that is the caller's.
class Reader {
public:
    Reader() {
        cinfo_.err = install(failing_);
        jpeg_create_decompress(&cinfo_);
    }
    ~Reader() {
        jpeg_destroy_decompress(&cinfo_);
        std::free(profile_);
    }
    Reader(const Reader&) = delete;

    /// False: failed, and message() says why.
    bool begin(std::string_view file) {
        if (setjmp(failing_.out) != 0) return false;
        jpeg_mem_src(&cinfo_, reinterpret_cast<const unsigned char*>(file.data()),
                     static_cast<unsigned long>(file.size()));
        // The profile comes in segments of APP2.
        jpeg_save_markers(&cinfo_, JPEG_APP0 + 2, 0xFFFF);
        jpeg_read_header(&cinfo_, TRUE);
        if (jpeg_read_icc_profile(&cinfo_, &profile_, &profile_bytes_) == FALSE) profile_ = nullptr;
        return true;
    }

    bool start() {
        if (setjmp(failing_.out) != 0) return false;
        jpeg_start_decompress(&cinfo_);
        return true;
    }

    bool read(Pixels& pixels) {
        if (setjmp(failing_.out) != 0) return false;
        while (cinfo_.output_scanline < cinfo_.output_height) {
            auto* row = pixels.row(cinfo_.output_scanline);
            jpeg_read_scanlines(&cinfo_, &row, 1);
        }
        jpeg_finish_decompress(&cinfo_);
        return true;
    }

    jpeg_decompress_struct& settings() { return cinfo_; }
    const char* message() const { return failing_.message.data(); }
    std::string_view profile() const {
        return {reinterpret_cast<const char*>(profile_), profile_ ? profile_bytes_ : 0};
    }

private:
    jpeg_decompress_struct cinfo_{};
    Failing failing_;
    JOCTET* profile_ = nullptr;
    unsigned profile_bytes_ = 0;
};

class Writer {
public:
    Writer() {
        cinfo_.err = install(failing_);
        jpeg_create_compress(&cinfo_);
    }
    ~Writer() {
        jpeg_destroy_compress(&cinfo_);
        std::free(made_);
    }
    Writer(const Writer&) = delete;

    /// `row`: room for one without alpha.
    bool write(const Pixels& pixels, std::uint8_t* row) {
        if (setjmp(failing_.out) != 0) return false;
        jpeg_mem_dest(&cinfo_, &made_, &made_bytes_);
        cinfo_.image_width = static_cast<JDIMENSION>(pixels.width());
        cinfo_.image_height = static_cast<JDIMENSION>(pixels.height());
        cinfo_.input_components = 3;
        cinfo_.in_color_space = JCS_RGB;
        jpeg_set_defaults(&cinfo_);
        jpeg_set_quality(&cinfo_, quality, TRUE);
        cinfo_.optimize_coding = TRUE;
        jpeg_simple_progression(&cinfo_);
        jpeg_start_compress(&cinfo_, TRUE);
        while (cinfo_.next_scanline < cinfo_.image_height) {
            on_white(pixels.row(cinfo_.next_scanline), cinfo_.image_width, row);
            jpeg_write_scanlines(&cinfo_, &row, 1);
        }
        jpeg_finish_compress(&cinfo_);
        return true;
    }

    const char* message() const { return failing_.message.data(); }
    std::string_view made() const { return {reinterpret_cast<const char*>(made_), made_bytes_}; }

private:
    static void on_white(const std::uint8_t* from, unsigned count, std::uint8_t* to) {
        for (; count > 0; --count, from += Pixels::channels, to += 3) {
            unsigned alpha = from[3];
            for (int c = 0; c < 3; ++c) {
                to[c] = static_cast<std::uint8_t>((from[c] * alpha + 255 * (255 - alpha)) / 255);
            }
        }
    }

    jpeg_compress_struct cinfo_{};
    Failing failing_;
    unsigned char* made_ = nullptr;
    unsigned long made_bytes_ = 0;
};

/// The library can leave out detail while it decodes: by 2, 4 or 8.
unsigned reduction(const jpeg_decompress_struct& cinfo, Size enough) {
    if (enough.width <= 0 || enough.height <= 0) return 1;
    unsigned by = 8;
    while (by > 1 && (cinfo.image_width / by < 2 * enough.width ||
                      cinfo.image_height / by < 2 * enough.height)) {
        by /= 2;
    }
    return by;
}

}  // namespace

Pixels decode_jpeg(std::string_view file, const DecodeLimits& limits) {
    Reader reader;
    if (!reader.begin(file)) throw Damaged(reader.message());
    auto& settings = reader.settings();
    bool has_inks = settings.jpeg_color_space == JCS_CMYK || settings.jpeg_color_space == JCS_YCCK;
    settings.out_color_space = has_inks ? JCS_CMYK : JCS_EXT_RGBA;
    settings.scale_num = 1;
    settings.scale_denom = reduction(settings, limits.enough);
    if (!reader.start()) throw Damaged(reader.message());
    Pixels pixels(settings.output_width, settings.output_height);
    if (!reader.read(pixels)) throw Damaged(reader.message());
    if (!has_inks) {
        to_srgb(pixels, reader.profile());
        return pixels;
    }
    // Adobe's writers, which say so, store how much is left white; others how much ink there is.
    if (!settings.saw_Adobe_marker) {
        for (std::int64_t y = 0; y < pixels.height(); ++y) {
            auto* row = pixels.row(y);
            for (std::size_t i = 0; i < pixels.row_bytes(); ++i) {
                // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): it was read.
                row[i] = static_cast<std::uint8_t>(255 - row[i]);
            }
        }
    }
    inks_to_srgb(pixels, reader.profile());
    return pixels;
}

std::string encode_jpeg(const Pixels& pixels) {
    Writer writer;
    std::vector<std::uint8_t> row(static_cast<std::size_t>(pixels.width()) * 3);
    if (!writer.write(pixels, row.data())) throw std::runtime_error(writer.message());
    return std::string(writer.made());
}

}  // namespace image
