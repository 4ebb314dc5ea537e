#include "header.hpp"

namespace image {

namespace {

using namespace std::string_view_literals;

/// Numbers out of a file; whoever asks has looked whether they are there.
std::uint32_t read_big(std::string_view file, std::size_t at, std::size_t bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
        value = (value << 8U) | static_cast<unsigned char>(file[at + i]);
    }
    return value;
}

std::uint32_t read_little(std::string_view file, std::size_t at, std::size_t bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = bytes; i > 0; --i) {
        value = (value << 8U) | static_cast<unsigned char>(file[at + i - 1]);
    }
    return value;
}

bool has(std::string_view file, std::size_t at, std::size_t bytes) {
    return at <= file.size() && file.size() - at >= bytes;
}

std::optional<Header> complete(Header header) {
    if (header.width <= 0 || header.height <= 0) return std::nullopt;
    return header;
}

/// A frame header of ISO/IEC 10918-1, table B.1: all of 0xC0–0xCF that are not something else.
bool is_frame(std::uint32_t marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

std::optional<Header> read_jpeg(std::string_view file) {
    constexpr auto exif = "Exif\0\0"sv;
    constexpr std::uint32_t end_of_image = 0xD9;
    constexpr std::uint32_t start_of_scan = 0xDA;
    constexpr std::uint32_t application_1 = 0xE1;
    Header header;
    std::size_t at = 2;
    while (has(file, at, 2) && file[at] == '\xFF') {
        auto marker = read_big(file, at + 1, 1);
        if (marker == 0xFF) {
            ++at;
            continue;
        }
        at += 2;
        if (marker == end_of_image || marker == start_of_scan) break;
        bool stands_alone = marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
        if (stands_alone) continue;
        if (!has(file, at, 2)) return std::nullopt;
        auto length = read_big(file, at, 2);
        if (length < 2 || !has(file, at, length)) return std::nullopt;
        auto segment = file.substr(at + 2, length - 2);
        if (is_frame(marker) && header.width == 0) {
            if (segment.size() < 6) return std::nullopt;
            header.height = read_big(segment, 1, 2);
            header.width = read_big(segment, 3, 2);
        } else if (marker == application_1 && segment.starts_with(exif)) {
            header.orientation = exif_orientation(segment.substr(exif.size()));
        }
        at += length;
    }
    return complete(header);
}

std::optional<Header> read_png(std::string_view file) {
    constexpr std::size_t signature_bytes = 8;
    constexpr std::size_t around_bytes = 12;  // of a chunk: length, name, checksum
    if (!has(file, signature_bytes, 16) || file.substr(12, 4) != "IHDR") return std::nullopt;
    Header header;
    header.width = read_big(file, 16, 4);
    header.height = read_big(file, 20, 4);
    std::size_t at = signature_bytes;
    while (has(file, at, around_bytes)) {
        auto length = read_big(file, at, 4);
        if (!has(file, at + 8, length)) break;
        if (file.substr(at + 4, 4) == "eXIf") {
            header.orientation = exif_orientation(file.substr(at + 8, length));
            break;
        }
        at += length + around_bytes;
    }
    return complete(header);
}

std::optional<Header> read_gif(std::string_view file) {
    if (!has(file, 6, 4)) return std::nullopt;
    Header header;
    header.width = read_little(file, 6, 2);
    header.height = read_little(file, 8, 2);
    return complete(header);
}

/// RFC 9649: chunks, of which the first says the size in one of three ways.
std::optional<Header> read_webp(std::string_view file) {
    constexpr std::size_t first_at = 12;
    constexpr std::size_t head_bytes = 8;
    constexpr std::uint32_t size_bits = 0x3FFF;
    if (!has(file, first_at, head_bytes + 10)) return std::nullopt;
    Header header;
    auto name = file.substr(first_at, 4);
    auto data = first_at + head_bytes;
    if (name == "VP8X") {
        header.width = std::int64_t{read_little(file, data + 4, 3)} + 1;
        header.height = std::int64_t{read_little(file, data + 7, 3)} + 1;
    } else if (name == "VP8L") {
        if (file[data] != '\x2F') return std::nullopt;
        auto bits = read_little(file, data + 1, 4);
        header.width = (bits & size_bits) + 1;
        header.height = ((bits >> 14U) & size_bits) + 1;
    } else if (name == "VP8 ") {
        if (file.substr(data + 3, 3) != "\x9D\x01\x2A"sv) return std::nullopt;
        header.width = read_little(file, data + 6, 2) & size_bits;
        header.height = read_little(file, data + 8, 2) & size_bits;
    } else {
        return std::nullopt;
    }
    std::size_t at = first_at;
    while (has(file, at, head_bytes)) {
        std::size_t length = read_little(file, at + 4, 4);
        if (!has(file, at + head_bytes, length)) break;
        if (file.substr(at, 4) == "EXIF") {
            auto block = file.substr(at + head_bytes, length);
            if (block.starts_with("Exif\0\0"sv)) block.remove_prefix(6);
            header.orientation = exif_orientation(block);
            break;
        }
        at += head_bytes + length + length % 2;
    }
    return complete(header);
}

}  // namespace

int exif_orientation(std::string_view tiff) {
    constexpr std::size_t entry_bytes = 12;
    constexpr std::uint32_t tag = 0x0112;
    constexpr std::uint32_t short_type = 3;
    bool is_little = tiff.starts_with("II*\0"sv);
    if (!is_little && !tiff.starts_with("MM\0*"sv)) return 1;
    auto read = is_little ? read_little : read_big;
    if (!has(tiff, 4, 4)) return 1;
    std::size_t at = read(tiff, 4, 4);
    if (!has(tiff, at, 2)) return 1;
    auto entries = read(tiff, at, 2);
    at += 2;
    for (std::uint32_t i = 0; i < entries && has(tiff, at, entry_bytes); ++i, at += entry_bytes) {
        if (read(tiff, at, 2) != tag) continue;
        if (read(tiff, at + 2, 2) != short_type) return 1;
        auto said = read(tiff, at + 8, 2);
        return said >= 1 && said <= 8 ? static_cast<int>(said) : 1;
    }
    return 1;
}

std::optional<Header> read_header(Kind kind, std::string_view file) {
    switch (kind) {
        case Kind::jpeg:
            return read_jpeg(file);
        case Kind::png:
            return read_png(file);
        case Kind::gif:
            return read_gif(file);
        case Kind::webp:
            return read_webp(file);
        default:
            return std::nullopt;
    }
}

}  // namespace image
