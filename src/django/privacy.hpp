#pragma once

#include <string_view>

namespace django {

// What no report and no file beside the source may show: passwords and their hashes, what opens a
// session, addresses of people. One list of words for all of them. Pure.

/// By its name: `password`, `reset_token`, `key`.
bool is_private_field(std::string_view name);
/// By itself: it looks like a hash or an address.
bool is_private_value(std::string_view text);
/// Whether a row of JSON names any such field or has any such value, however damaged it is.
bool mentions_private(std::string_view row);

}  // namespace django
