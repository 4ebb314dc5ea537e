#pragma once

#include <cstdint>
#include <string_view>

namespace image {

/// What a file is, by its content. Those up to gif are pictures that can be decoded; svg is a
/// document with scripts, whatever it shows.
enum class Kind : std::uint8_t { jpeg, png, webp, avif, gif, pdf, mp3, mp4, svg, unknown };

/// How much of a file's beginning tells all that kind_of() can see.
inline constexpr std::size_t kind_bytes = 4096;

/// `beginning`: the first kind_bytes of it, or all if it is shorter. Names and types that somebody
/// says count for nothing. Pure.
Kind kind_of(std::string_view beginning);

/// `image/jpeg`; of what is unknown `application/octet-stream`.
std::string_view media_type_of(Kind kind);
/// The word for it, in configurations and addresses: `jpg`, `pdf`; empty for what is unknown.
std::string_view word_of(Kind kind);
bool is_picture(Kind kind);

}  // namespace image
