#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace legacy {

/// Which paths an upstream is for, and its share of them among those of the same prefix.
struct Place {
    std::string prefix;
    std::int64_t weight;
};

/// `/shop` is for `/shop` and what lies below it, and not for `/shopping`.
bool is_below(std::string_view prefix, std::string_view path);

/// Which of them to ask for `path` (as sent, without query), by their numbers: the one whose turn
/// `ticket` is, among those of the longest prefix that have a weight; then the others of that
/// prefix, for when it takes no connection. Empty: there is none for it. Pure.
std::vector<std::size_t> choose_upstreams(const std::vector<Place>& places, std::string_view path,
                                          std::uint64_t ticket);

}  // namespace legacy
