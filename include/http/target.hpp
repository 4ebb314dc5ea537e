#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace http {

/// Percent-escapes replaced by their bytes. The text passed the head guard, so they are good.
std::string percent_decode(std::string_view text, bool plus_is_space = false);

/// The decoded segments of a path, split first, so that an escaped slash stays inside its segment.
/// One slash at the end does not count. False for what has an empty segment inside.
bool split_path(std::string_view path, std::vector<std::string>& segments);

/// Where the segments of a path stand in its decoded text.
struct SplitPath {
    static constexpr std::size_t segments_max = 16;
    struct Segment {
        std::uint16_t at = 0;
        std::uint16_t end = 0;
    };
    std::array<Segment, segments_max> segments{};
    std::size_t count = 0;
    bool more = false;  ///< segments follow that have no place here

    std::string_view segment(std::string_view path, std::size_t number) const {
        return path.substr(segments[number].at, segments[number].end - segments[number].at);
    }
};

/// The same in one text, `decoded`, with a slash before each segment; only a slash if there is
/// none. Allocates only if `decoded` has no room for it.
bool split_path(std::string_view path, std::string& decoded, SplitPath& split);

/// Whether two servers could take a path for different ones, since one of them decodes, folds or
/// cuts what the other does not: a `..` or empty segment, an escaped dot or slash, a backslash, a
/// semicolon. `path`: as sent, without the query.
bool is_ambiguous(std::string_view path);

}  // namespace http
