#pragma once

// The rules of items: pure functions. No clock, no database, no coroutine.

#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "media/library.hpp"

namespace media {

inline constexpr std::size_t alt_max = 1000;
inline constexpr std::size_t credit_max = 200;
inline constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;

/// Without white space at either end. Refused with `invalid_media` and all details.
base::Result<Description> checked(const Description& description, const Focus& focus);

/// `0.3,0.25`; nothing for anything else. What is outside of the picture is checked().
std::optional<Focus> parse_focus(std::string_view text);

/// Whether that actor may know of an item.
bool may_see(const Item& item, const base::Actor& actor);
/// Authors change what they have brought, editors everything.
base::Result<void> may_change(const Item& item, const base::Actor& actor);

/// Whether a change names the version of the item.
base::Result<void> expect(std::int64_t version, const std::optional<base::Expected>& expected,
                          bool is_required);

base::Error item_not_found();
base::Error bytes_unreadable();
base::Error store_full();
base::Error store_unavailable();

}  // namespace media
