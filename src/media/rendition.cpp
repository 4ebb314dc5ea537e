#include "rendition.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace media {

namespace {

constexpr std::int64_t side_max = 100'000;
constexpr std::size_t hash_letters = 16;

bool is_hash(std::string_view text) {
    return text.size() == hash_letters && text.find_first_not_of("0123456789abcdef") == text.npos;
}

bool is_format(std::string_view text) {
    return text == "webp" || text == "jpg" || text == "avif";
}

std::int64_t height_of(std::int64_t width, const Ratio& ratio) {
    return std::max<std::int64_t>(1, (2 * width * ratio.height + ratio.width) / (2 * ratio.width));
}

}  // namespace

std::optional<RenditionName> parse_rendition(std::string_view text) {
    auto last = text.rfind('.');
    if (last == text.npos || !is_format(text.substr(last + 1))) return std::nullopt;
    RenditionName name;
    name.format = text.substr(last + 1);
    text = text.substr(0, last);
    if (auto dot = text.find('.'); dot != text.npos) {
        if (!is_hash(text.substr(dot + 1))) return std::nullopt;
        name.hash = text.substr(dot + 1);
        text = text.substr(0, dot);
    }
    auto by = text.find('x');
    auto width = base::parse_number(text.substr(0, by), side_max);
    if (!width || *width == 0) return std::nullopt;
    name.width = *width;
    if (by == text.npos) return name;
    auto height = base::parse_number(text.substr(by + 1), side_max);
    if (!height || *height == 0) return std::nullopt;
    name.height = *height;
    return name;
}

std::optional<Ratio> parse_ratio(std::string_view text) {
    constexpr std::int64_t most = 100;
    auto colon = text.find(':');
    if (colon == text.npos) return std::nullopt;
    auto width = base::parse_number(text.substr(0, colon), most);
    auto height = base::parse_number(text.substr(colon + 1), most);
    if (!width || !height || *width == 0 || *height == 0) return std::nullopt;
    return Ratio{*width, *height};
}

base::Result<void> check(const RenditionName& name, const RenditionSizes& sizes) {
    const auto& widths = sizes.widths;
    bool is_width = std::find(widths.begin(), widths.end(), name.width) != widths.end();
    bool is_height = name.height == 0 ||
                     std::any_of(sizes.ratios.begin(), sizes.ratios.end(), [&](const Ratio& ratio) {
                         return height_of(name.width, ratio) == name.height;
                     });
    if (is_width && is_height) return {};
    std::string message = "There is no rendition of that size. ";
    if (!is_width) {
        message += "Widths:";
        for (auto width : widths) message += " " + std::to_string(width);
    } else {
        message += "Heights of " + std::to_string(name.width) + ":";
        for (const auto& ratio : sizes.ratios) {
            message += " " + std::to_string(height_of(name.width, ratio));
        }
        message += ", or none for the picture's own shape";
    }
    return base::Error{base::Reason::not_found, "rendition_not_found", message + "."};
}

}  // namespace media
