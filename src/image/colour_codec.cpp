#include <lcms2.h>

#include <algorithm>
#include <vector>

#include "codec.hpp"

namespace image {

namespace {

struct CloseProfile {
    void operator()(void* profile) const { cmsCloseProfile(profile); }
};
using Profile = std::unique_ptr<void, CloseProfile>;

struct DeleteTransform {
    void operator()(void* transform) const { cmsDeleteTransform(transform); }
};
using Transform = std::unique_ptr<void, DeleteTransform>;

/// Null if the profile is none for such pixels.
Transform transform_from(std::string_view profile, cmsColorSpaceSignature space,
                         cmsUInt32Number format) {
    if (profile.empty()) return nullptr;
    // What it has to say of a broken profile nobody reads here.
    cmsSetLogErrorHandler([](cmsContext, cmsUInt32Number, const char*) {});
    Profile from(cmsOpenProfileFromMem(profile.data(), static_cast<unsigned>(profile.size())));
    if (!from || cmsGetColorSpace(from.get()) != space) return nullptr;
    Profile to(cmsCreate_sRGBProfile());
    return Transform(cmsCreateTransform(from.get(), format, to.get(), TYPE_RGBA_8,
                                        INTENT_PERCEPTUAL, cmsFLAGS_NOCACHE));
}

void simple_inks(std::uint8_t* row, std::size_t count) {
    for (auto* pixel = row; count > 0; --count, pixel += Pixels::channels) {
        auto black = pixel[3];
        for (int c = 0; c < 3; ++c) {
            pixel[c] = static_cast<std::uint8_t>(pixel[c] * black / 255);
        }
        pixel[3] = 255;
    }
}

}  // namespace

void to_srgb(Pixels& pixels, std::string_view profile) {
    auto transform = transform_from(profile, cmsSigRgbData, TYPE_RGBA_8);
    if (!transform) return;
    std::vector<std::uint8_t> made(pixels.row_bytes());
    for (std::int64_t y = 0; y < pixels.height(); ++y) {
        auto* row = pixels.row(y);
        cmsDoTransform(transform.get(), row, made.data(), static_cast<unsigned>(pixels.width()));
        for (std::size_t i = 0; i < made.size(); i += Pixels::channels) {
            std::copy_n(made.data() + i, 3, row + i);
        }
    }
}

void inks_to_srgb(Pixels& pixels, std::string_view profile) {
    auto transform = transform_from(profile, cmsSigCmykData, TYPE_CMYK_8_REV);
    std::vector<std::uint8_t> made(pixels.row_bytes());
    for (std::int64_t y = 0; y < pixels.height(); ++y) {
        auto* row = pixels.row(y);
        if (!transform) {
            simple_inks(row, static_cast<std::size_t>(pixels.width()));
            continue;
        }
        cmsDoTransform(transform.get(), row, made.data(), static_cast<unsigned>(pixels.width()));
        for (std::size_t i = 0; i < made.size(); i += Pixels::channels) {
            std::copy_n(made.data() + i, 3, row + i);
            row[i + 3] = 255;
        }
    }
}

}  // namespace image
