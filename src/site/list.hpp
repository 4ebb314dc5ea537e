#pragma once

// The rules of curated lists: pure functions. No clock, no database, no coroutine.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "site/lists.hpp"

namespace site {

inline constexpr std::size_t list_entries_max = 200;

/// The news types that a list may name.
using NewsTypes = std::set<std::string>;

bool is_list_name(std::string_view text);

/// Refused with `invalid_list` and all details.
base::Result<void> check(std::string_view name, const std::vector<ListEntry>& entries,
                         const NewsTypes& types);

/// Where a list stands: the version of its name, 0 if there never was one of it.
struct ListState {
    std::int64_t version = 0;
    bool is_there = false;
};

/// Whether a list may be put: see Lists::put.
base::Result<void> may_put(const ListState& state, const std::optional<Expected>& expected);
/// Whether it may be removed; `list_not_found` too.
base::Result<void> may_remove(const ListState& state, const std::optional<Expected>& expected);

base::Error list_not_found();

}  // namespace site
