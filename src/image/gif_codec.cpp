// A reader of GIF's first picture (CompuServe, Graphics Interchange Format, version 89a, 1990).
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "codec.hpp"

namespace image {

namespace {

struct Colour {
    std::uint8_t red = 0;
    std::uint8_t green = 0;
    std::uint8_t blue = 0;
};

class Bytes {
public:
    explicit Bytes(std::string_view file) : file_(file) {}

    unsigned byte() {
        if (at_ == file_.size()) throw Damaged("it is cut off");
        return static_cast<unsigned char>(file_[at_++]);
    }
    unsigned number() {
        auto low = byte();
        return low | (byte() << 8U);
    }
    void skip(std::size_t count) {
        if (file_.size() - at_ < count) throw Damaged("it is cut off");
        at_ += count;
    }
    void skip_blocks() {
        while (auto size = byte()) skip(size);
    }

private:
    std::string_view file_;
    std::size_t at_ = 0;
};

/// Codes of the variable-length LZW that GIF has, out of the sub-blocks.
class Codes {
public:
    explicit Codes(Bytes& bytes) : bytes_(bytes) {}

    unsigned next(unsigned bits) {
        while (held_ < bits) {
            if (left_ == 0) left_ = bytes_.byte();
            if (left_ == 0) throw Damaged("it ends before its picture is complete");
            --left_;
            value_ |= bytes_.byte() << held_;
            held_ += 8;
        }
        auto code = value_ & ((1U << bits) - 1);
        value_ >>= bits;
        held_ -= bits;
        return code;
    }

private:
    Bytes& bytes_;
    unsigned left_ = 0;
    unsigned value_ = 0;
    unsigned held_ = 0;
};

/// The indices of a picture of that many pixels.
std::vector<std::uint8_t> unpack(Bytes& bytes, std::size_t count) {
    constexpr unsigned codes_max = 4096;
    constexpr unsigned bits_max = 12;
    auto first_bits = bytes.byte();
    if (first_bits < 2 || first_bits > 8) throw Damaged("it has codes of an impossible length");
    const unsigned clear = 1U << first_bits;
    const unsigned end = clear + 1;
    Codes codes(bytes);
    std::array<std::uint16_t, codes_max> before{};
    std::array<std::uint8_t, codes_max> last{};
    std::vector<std::uint8_t> indices;
    indices.reserve(count);
    std::vector<std::uint8_t> text;
    unsigned next = end + 1;
    unsigned bits = first_bits + 1;
    constexpr unsigned none = codes_max;
    unsigned previous = none;
    std::uint8_t first = 0;
    while (indices.size() < count) {
        auto code = codes.next(bits);
        if (code == end) throw Damaged("it ends before its picture is complete");
        if (code == clear) {
            next = end + 1;
            bits = first_bits + 1;
            previous = none;
            continue;
        }
        if (code > next || (code == next && previous == none))
            throw Damaged("it has a code of nothing");
        text.clear();
        auto at = code;
        if (code == next) {
            text.push_back(first);
            at = previous;
        }
        while (at > end) {
            text.push_back(last[at]);
            at = before[at];
        }
        first = static_cast<std::uint8_t>(at);
        text.push_back(first);
        auto room = std::min(text.size(), count - indices.size());
        indices.insert(indices.end(), text.rbegin(),
                       text.rbegin() + static_cast<std::ptrdiff_t>(room));
        if (previous != none && next < codes_max) {
            before[next] = static_cast<std::uint16_t>(previous);
            last[next] = first;
            ++next;
            if (next == 1U << bits && bits < bits_max) ++bits;
        }
        previous = code;
    }
    return indices;
}

using Palette = std::vector<Colour>;

Palette read_palette(Bytes& bytes, unsigned flags) {
    Palette palette(std::size_t{2} << (flags & 7U));
    for (auto& colour : palette) {
        colour.red = static_cast<std::uint8_t>(bytes.byte());
        colour.green = static_cast<std::uint8_t>(bytes.byte());
        colour.blue = static_cast<std::uint8_t>(bytes.byte());
    }
    return palette;
}

/// Which row of the picture comes in which order, if it is stored in four passes.
std::vector<std::int64_t> row_order(std::int64_t height, bool is_interlaced) {
    std::vector<std::int64_t> rows;
    constexpr std::array<std::array<int, 2>, 4> passes = {{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
    if (!is_interlaced) {
        for (std::int64_t y = 0; y < height; ++y) rows.push_back(y);
        return rows;
    }
    for (const auto& [from, step] : passes) {
        for (std::int64_t y = from; y < height; y += step) rows.push_back(y);
    }
    return rows;
}

void draw(Bytes& bytes, const Palette& common, std::optional<unsigned> transparent,
          Pixels& canvas) {
    std::int64_t left = bytes.number();
    std::int64_t top = bytes.number();
    std::int64_t width = bytes.number();
    std::int64_t height = bytes.number();
    auto flags = bytes.byte();
    bool fits = width > 0 && height > 0 && left + width <= canvas.width() &&
                top + height <= canvas.height();
    if (!fits) throw Damaged("its picture does not fit on its canvas");
    auto own = (flags & 0x80U) != 0 ? read_palette(bytes, flags) : Palette();
    const auto& palette = own.empty() ? common : own;
    auto indices = unpack(bytes, static_cast<std::size_t>(width * height));
    std::size_t at = 0;
    for (auto y : row_order(height, (flags & 0x40U) != 0)) {
        auto* pixel = canvas.row(top + y) + static_cast<std::size_t>(left) * Pixels::channels;
        for (std::int64_t x = 0; x < width; ++x, pixel += Pixels::channels) {
            auto index = indices[at++];
            if (index >= palette.size()) throw Damaged("it has a colour that is in no table");
            if (transparent && index == *transparent) continue;
            const auto& colour = palette[index];
            pixel[0] = colour.red;
            pixel[1] = colour.green;
            pixel[2] = colour.blue;
            pixel[3] = 255;
        }
    }
    bool is_whole = width == canvas.width() && height == canvas.height();
    canvas.has_alpha = transparent.has_value() || !is_whole;
}

}  // namespace

Pixels decode_gif(std::string_view file) {
    constexpr unsigned extension = 0x21;
    constexpr unsigned graphic_control = 0xF9;
    constexpr unsigned picture = 0x2C;
    Bytes bytes(file);
    bytes.skip(6);
    std::int64_t width = bytes.number();
    std::int64_t height = bytes.number();
    auto flags = bytes.byte();
    bytes.skip(2);
    auto common = (flags & 0x80U) != 0 ? read_palette(bytes, flags) : Palette();
    std::optional<unsigned> transparent;
    for (;;) {
        auto kind = bytes.byte();
        if (kind == picture) break;
        if (kind != extension) throw Damaged("it has no picture");
        if (bytes.byte() != graphic_control) {
            bytes.skip_blocks();
            continue;
        }
        auto size = bytes.byte();
        if (size != 4) throw Damaged("it has an extension of an impossible size");
        auto how = bytes.byte();
        bytes.skip(2);
        auto index = bytes.byte();
        transparent = (how & 1U) != 0 ? std::optional(index) : std::nullopt;
        bytes.skip_blocks();
    }
    Pixels canvas(width, height);
    std::fill_n(canvas.row(0), canvas.bytes(), std::uint8_t{0});
    draw(bytes, common, transparent, canvas);
    return canvas;
}

}  // namespace image
