#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

namespace http {

// What several routes read of a query in the same way. Pure.

/// A text, without the white space around it; empty: it is not there. Refused with `code` if it has
/// no character, more than `characters_max` or NUL.
base::Result<std::string> text_in_query(const Request& request, const char* name, const char* code,
                                        std::size_t characters_max);

/// A time in RFC 3339; nothing: it is not there. Refused with `malformed_filter`.
base::Result<std::optional<base::Time>> time_in_query(const Request& request, const char* name);

}  // namespace http
