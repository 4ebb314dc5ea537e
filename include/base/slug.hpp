#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace base {

// Names in addresses. Pure and thread-safe; the tables are those of utf8proc, and a small one of
// our own.

/// A title as it stands in an address: small letters and digits, with single hyphens between its
/// words. Latin letters lose what stands on and through them, Cyrillic and Greek ones are written
/// in Latin; other scripts stay as they are (in form C). At most `length_max` characters, cut
/// between words where that is possible. Empty if nothing is left, or the text is not UTF-8.
std::string make_slug(std::string_view title, std::size_t length_max);

/// What is wrong with a slug that somebody chose, to stand behind its name; nothing if it has 1 to
/// `length_max` letters, marks and digits of any script, hyphens and underscores.
std::optional<std::string> problem_of_slug(std::string_view slug, std::size_t length_max);

/// How a small Latin letter is written in ASCII that no decomposition takes apart (`ø`: `o`, `æ`:
/// `ae`); empty: it is none of those.
std::string_view plain_latin(char32_t letter);

}  // namespace base
