#pragma once

// How renditions are called, and which there are. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace media {

/// `640x360.1f2e3d4c5b6a7988.webp`, the last part of a rendition's address.
struct RenditionName {
    std::int64_t width = 0;
    std::int64_t height = 0;  ///< 0: in the picture's own shape
    std::string hash{};       ///< empty: not said
    std::string format;       ///< `webp`, `jpg` or `avif`

    bool operator==(const RenditionName&) const = default;
};

/// Nothing for what no rendition is called.
std::optional<RenditionName> parse_rendition(std::string_view text);

/// `16:9`
struct Ratio {
    std::int64_t width = 1;
    std::int64_t height = 1;
};
std::optional<Ratio> parse_ratio(std::string_view text);

/// Which sizes are made: each width as it is, and cut to each ratio. So nobody can have portal make
/// as many as there are numbers.
struct RenditionSizes {
    std::vector<std::int64_t> widths;
    std::vector<Ratio> ratios;
};

/// Refused with `rendition_not_found`, and which there are.
base::Result<void> check(const RenditionName& name, const RenditionSizes& sizes);

}  // namespace media
