#pragma once

#include <string>

#include "django/items.hpp"

namespace django {

/// All that is known of it, as one line of JSON, always in the same order: what checksums are made
/// over, and tests read. A person's without the password itself: whether there is one.
std::string to_text(const Person& person);
std::string to_text(const Item& item);
std::string to_text(const Redirect& redirect);

}  // namespace django
