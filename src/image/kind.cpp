#include "image/kind.hpp"

#include <algorithm>
#include <array>

namespace image {

namespace {

using namespace std::string_view_literals;

unsigned byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

bool has_at(std::string_view text, std::size_t at, std::string_view wanted) {
    return text.size() >= at && text.substr(at).starts_with(wanted);
}

/// The brands of an ISO base media file (ISO/IEC 14496-12, 4.3): which of its families it is.
Kind kind_of_brands(std::string_view beginning) {
    constexpr std::size_t major_at = 8;
    constexpr std::size_t compatible_at = 16;
    constexpr std::size_t brand_bytes = 4;
    std::size_t box = 0;
    for (std::size_t i = 0; i < brand_bytes; ++i) box = (box << 8) | byte_at(beginning, i);
    auto end = std::min(box, beginning.size());
    constexpr std::array<std::string_view, 9> films = {"isom", "iso2", "iso4", "iso5", "iso6",
                                                       "mp41", "mp42", "avc1", "M4V "};
    Kind kind = Kind::unknown;
    for (std::size_t at = major_at; at + brand_bytes <= end; at += brand_bytes) {
        if (at == major_at + brand_bytes) at = compatible_at;
        auto brand = beginning.substr(at, brand_bytes);
        if (brand == "avif" || brand == "avis") return Kind::avif;
        // A picture of another codec may name the families of films, too.
        if (brand == "heic" || brand == "heix" || brand == "mif1") return Kind::unknown;
        if (std::find(films.begin(), films.end(), brand) != films.end()) kind = Kind::mp4;
    }
    return kind;
}

/// The head of a frame of layer III (ISO/IEC 11172-3, 2.4.1.3) whose rates are none of the
/// reserved.
bool is_mp3_frame(std::string_view beginning) {
    if (beginning.size() < 4 || byte_at(beginning, 0) != 0xFF) return false;
    auto second = byte_at(beginning, 1);
    auto third = byte_at(beginning, 2);
    bool is_layer_3 = (second & 0xE6U) == 0xE2U && (second & 0x18U) != 0x08U;
    auto bit_rate = third >> 4U;
    return is_layer_3 && bit_rate != 0 && bit_rate != 15 && ((third >> 2U) & 3U) != 3;
}

bool looks_like_svg(std::string_view beginning) {
    if (beginning.starts_with("\xEF\xBB\xBF"sv)) beginning.remove_prefix(3);
    auto first = beginning.find_first_not_of(" \t\r\n"sv);
    if (first == beginning.npos || beginning[first] != '<') return false;
    constexpr auto tag = "<svg"sv;
    auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; };
    return std::search(beginning.begin(), beginning.end(), tag.begin(), tag.end(), same) !=
           beginning.end();
}

}  // namespace

Kind kind_of(std::string_view beginning) {
    beginning = beginning.substr(0, kind_bytes);
    if (beginning.starts_with("\xFF\xD8\xFF"sv)) return Kind::jpeg;
    if (beginning.starts_with("\x89PNG\r\n\x1A\n"sv)) return Kind::png;
    if (beginning.starts_with("GIF87a"sv) || beginning.starts_with("GIF89a"sv)) return Kind::gif;
    if (beginning.starts_with("RIFF"sv) && has_at(beginning, 8, "WEBP"sv)) return Kind::webp;
    if (has_at(beginning, 4, "ftyp"sv)) return kind_of_brands(beginning);
    if (beginning.starts_with("%PDF-"sv)) return Kind::pdf;
    if (beginning.starts_with("ID3"sv) || is_mp3_frame(beginning)) return Kind::mp3;
    return looks_like_svg(beginning) ? Kind::svg : Kind::unknown;
}

std::string_view media_type_of(Kind kind) {
    switch (kind) {
        case Kind::jpeg:
            return "image/jpeg";
        case Kind::png:
            return "image/png";
        case Kind::webp:
            return "image/webp";
        case Kind::avif:
            return "image/avif";
        case Kind::gif:
            return "image/gif";
        case Kind::pdf:
            return "application/pdf";
        case Kind::mp3:
            return "audio/mpeg";
        case Kind::mp4:
            return "video/mp4";
        case Kind::svg:
            return "image/svg+xml";
        case Kind::unknown:
            break;
    }
    return "application/octet-stream";
}

std::string_view word_of(Kind kind) {
    constexpr std::array<std::string_view, 10> words = {"jpg", "png", "webp", "avif", "gif",
                                                        "pdf", "mp3", "mp4",  "svg",  ""};
    return words[static_cast<std::size_t>(kind)];
}

bool is_picture(Kind kind) {
    return kind <= Kind::gif;
}

}  // namespace image
