#pragma once

#include <string_view>

#include "django_hash.hpp"

namespace identity {

/// Whether a hash of Django's is of that password, of its bytes as they are. Blocks for as long as
/// the hash asks, and takes its memory. Throws std::bad_alloc if that cannot be had.
bool matches(const DjangoHash& hash, std::string_view password);

}  // namespace identity
