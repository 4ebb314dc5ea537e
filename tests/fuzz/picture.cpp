// What a picture's file says before it is decoded, the reader of GIF, and what is cut out of it.
#include "fuzz/check.hpp"
#include "image/codec.hpp"
#include "image/cut.hpp"
#include "image/header.hpp"
#include "image/resample.hpp"

namespace {

using fuzz::require;
using image::Kind;
using image::Size;

constexpr std::int64_t pixels_max = 1 << 16;

/// A cut of any picture, by any wish, is inside of it, and no larger than it.
void cut_somehow(std::string_view input, Size picture, int orientation) {
    fuzz::Numbers numbers(input);
    auto seen = image::shown(picture, orientation);
    auto below = [&](std::size_t limit) { return static_cast<std::int64_t>(numbers.below(limit)); };
    Size wanted{1 + below(2000), below(2000)};
    image::Point focus{static_cast<double>(below(1001)) / 1000,
                       static_cast<double>(below(1001)) / 1000};
    auto cut = image::cut_around(seen, wanted, focus);
    require(cut.x >= 0 && cut.y >= 0 && cut.part.width > 0 && cut.part.height > 0, "a cut is none");
    require(cut.x + cut.part.width <= seen.width && cut.y + cut.part.height <= seen.height,
            "a cut leaves the picture");
    require(cut.made.width > 0 && cut.made.width <= cut.part.width &&
                cut.made.width <= wanted.width && cut.made.height > 0 &&
                cut.made.height <= cut.part.height,
            "a rendition is larger than it may be");
    auto stored = image::as_stored(cut, seen, orientation);
    require(stored.x >= 0 && stored.y >= 0 && stored.x + stored.part.width <= picture.width &&
                stored.y + stored.part.height <= picture.height,
            "a cut leaves what is stored");
}

void decode(std::string_view file, const image::Header& header) {
    if (header.width > pixels_max / header.height) return;
    try {
        auto pixels = image::decode_gif(file);
        require(pixels.width() == header.width && pixels.height() == header.height,
                "a picture is not as large as its header says");
        auto cut = image::cut_around({pixels.width(), pixels.height()}, {16, 9}, {0.3, 0.6});
        require(image::resample(pixels, cut).width() == cut.made.width, "it was not made so");
    } catch (const image::Damaged& damaged) {
        require(damaged.what()[0] != '\0', "nothing is said of what is wrong");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Copy copy(fuzz::text_of(bytes, size));
    auto file = copy.view();
    auto kind = image::kind_of(file);
    require(image::word_of(kind).empty() == (kind == Kind::unknown), "a kind has no word");
    auto orientation = image::exif_orientation(file);
    require(orientation >= 1 && orientation <= 8, "an orientation that there is none");
    for (auto one : {Kind::jpeg, Kind::png, Kind::webp, Kind::gif}) {
        auto header = image::read_header(one, file);
        if (!header) continue;
        require(header->width > 0 && header->height > 0, "a picture without a size");
        require(header->orientation >= 1 && header->orientation <= 8, "turned in no known way");
        cut_somehow(file, {header->width, header->height}, header->orientation);
        if (one == Kind::gif) decode(file, *header);
    }
    return 0;
}
