#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "value.hpp"

namespace legacy {

// What of an answer may be kept and shown to whoever compares: without what lets somebody in, and
// without what is about a person. Names and known forms decide, so this is a net and no proof.
// Pure.

/// What stands in place of a value that is not shown.
inline constexpr std::string_view blank = "[redacted]";

/// A member, field or parameter of that name has a credential or something personal: `accessToken`,
/// `csrf_token`, `e-mail`.
bool is_personal(std::string_view name);

/// `text` in valid UTF-8 without control characters, e-mail addresses, tokens, and the values that
/// URLs in it give to parameters with a personal name; cut to `bytes_max`, and ends in `…` then.
std::string redacted_text(std::string_view text, std::size_t bytes_max);

/// A path and query: as above, and without what follows a segment that names a single-use link, as
/// in `/reset/MQ/c3po-…/`.
std::string redacted_target(std::string_view target, std::size_t bytes_max);

/// A value as JSON, as above, without the values of members with a personal name.
std::string redacted_json(const Value& value, std::size_t bytes_max);

/// Two texts that differ, around the first place where they do.
struct Excerpts {
    std::string left;
    std::string right;
};
Excerpts redacted_excerpts(std::string_view left, std::string_view right, std::size_t bytes_max);

}  // namespace legacy
