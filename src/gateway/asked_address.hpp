#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gateway {

/// What an address says of what was asked for, as far as attack signs need it. Whose site it is
/// does not matter: a monolith's addresses are read as well as ours. Pure value.
struct AskedAddress {
    enum class Kind : std::uint8_t {
        page,   ///< a list, the front page, whatever is no item
        item,   ///< one of many of its form, told apart by a number or a slug
        asset,  ///< what a page refers to by itself: pictures, scripts, styles
    };

    Kind kind = Kind::page;
    std::uint64_t hash = 0;                ///< of the whole address
    std::uint64_t form = 0;                ///< of the address without its number
    std::optional<std::int64_t> number{};  ///< which one of its form, if a number says so

    /// `path` as routed, without a slash at its end. `is_item`, `is_page`: what the route knows of
    /// it, if it knows. Allocates nothing.
    static AskedAddress read(std::string_view path, std::string_view query, bool is_item = false,
                             bool is_page = false);
};

}  // namespace gateway
