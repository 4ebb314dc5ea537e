#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base {

/// How many code points a UTF-8 text has; nothing if it is no valid UTF-8 (overlong forms,
/// surrogates and everything above U+10FFFF are not).
std::optional<std::size_t> count_code_points(std::string_view text);

/// Without white space (Unicode's White_Space, in UTF-8) at either end.
std::string_view trim(std::string_view text);

/// A decimal number with no sign, no leading zero (but for 0 itself) and nothing around it, at
/// most `most`; nothing otherwise.
std::optional<std::int64_t> parse_number(std::string_view text, std::int64_t most);

/// What is behind every text that begins with this one, which is not empty and ends in ASCII: so an
/// index gives all that begin with it, as `>= prefix and < behind`.
std::string behind_prefix(std::string prefix);

/// base64url without padding (RFC 4648, section 5).
std::string to_base64url(std::string_view bytes);

/// Its reverse; nothing for padding, other characters, or a form that to_base64url never gives.
std::optional<std::string> from_base64url(std::string_view text);

/// Appends `text` with each byte that is not unreserved (RFC 3986, 2.3) as %XX.
void append_percent_encoded(std::string& out, std::string_view text);

}  // namespace base
