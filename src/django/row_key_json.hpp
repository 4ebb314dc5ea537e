#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "value.hpp"

namespace django {

// Keys of rows as one text each, which sorts as the pks do: 0 and twenty digits, or 1 and the text;
// without a pk 2 and the natural key.

std::string sorted_key(const Value& key);
/// Empty: it has neither a pk nor a natural key.
std::string sorted_key(const Value& key, const std::string& natural);
Value key_from_sorted(std::string_view sorted);
/// Of a key that may be written as a number here and as a text there.
std::string sorted_other_form(const Value& key);
/// One spelling for a natural key, whatever its parts were written as.
std::string natural_text(const Value& key);
/// As it stands in reports, and where others point to it.
std::string key_text(const Value& key);

}  // namespace django
