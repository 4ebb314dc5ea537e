#pragma once

#include <cstddef>
#include <string_view>

namespace identity {

/// Whether a password, in small letters, is one of those that are tried first everywhere.
bool is_common_password(std::string_view small_letters);

/// How many are known, and whether they stand in the order that the search needs.
std::size_t common_password_count();
bool common_passwords_are_sorted();

}  // namespace identity
