#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

/// How many entries one answer has: from 1 to `most`. Refused with `malformed_limit`.
base::Result<std::int64_t> read_limit(std::string_view text, std::int64_t most);

/// The same out of `limit`; `otherwise` if it is not there or empty.
base::Result<std::int64_t> limit_in_query(const Request& request, std::int64_t otherwise,
                                          std::int64_t most);

/// The number that a list has given as `next` and gets as `cursor`; nothing: it is not there or
/// empty. Refused with `malformed_cursor`.
base::Result<std::optional<std::int64_t>> cursor_in_query(const Request& request);

}  // namespace http
