#pragma once

// The rules of redirects: pure functions. No clock, no database, no coroutine.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "site/redirects.hpp"

namespace site {

inline constexpr std::size_t path_bytes_max = 2048;
/// A change that makes a longer chain is refused; so a circle is always found.
inline constexpr std::size_t chain_max = 100;

/// The one spelling of a path (see Redirects). Refused with what is wrong, to stand behind what it
/// is: `must begin with one /`.
base::Result<std::string> normal_path(std::string_view text);
/// The same of a target.
base::Result<std::string> normal_target(std::string_view text);

/// Where a target leads on this site, without query and fragment; nothing: elsewhere.
std::optional<std::string> local_path(const std::string& target);
/// Whether a target is nothing but a path, so that it can be looked up again.
bool is_plain_path(const std::string& target);

/// The changes with all addresses in their one spelling; refused with `invalid_redirects` and all
/// details.
base::Result<std::vector<RedirectChange>> check(std::vector<RedirectChange> changes);

/// Where a path leads on this site once the changes are made; nothing: nowhere, or elsewhere.
using Next = std::function<std::optional<std::string>(const std::string& path)>;

/// Refused with `redirect_loop` or `redirect_chain_too_long`, and the changes that are to blame, if
/// one of them leads in a circle or too far.
base::Result<void> check_chains(const std::vector<RedirectChange>& changes, const Next& next);

}  // namespace site
