#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace http {

/// Percent-escapes replaced by their bytes. The text passed the head guard, so they are good.
std::string percent_decode(std::string_view text, bool plus_is_space = false);

/// The decoded segments of a path, split first, so that an escaped slash stays inside its segment.
/// One slash at the end does not count. False for what has an empty segment inside.
bool split_path(std::string_view path, std::vector<std::string>& segments);

}  // namespace http
