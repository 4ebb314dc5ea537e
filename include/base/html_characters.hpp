#pragma once

#include <string>
#include <string_view>

namespace base {

// What characters mean as they are written in HTML, and how they are written. Pure and thread-safe.

/// Where they stand: a reference without its semicolon counts for less in a value, since addresses
/// have `&` of their own.
enum class HtmlPlace { text, value };

/// As UTF-8 that may stand in any page: references are decoded (by number, and the names that
/// people use; others stay text), CR becomes LF, a form feed a space; NUL, other control characters
/// and byte order marks are left out; what is no character is U+FFFD. At most three times as long
/// as what was written.
std::string decode_html(std::string_view written, HtmlPlace place);

/// What a reference without its `&` and `;` means, as `eacute` or `#xE9`; 0: nothing.
char32_t html_character(std::string_view reference);

/// Appends text so that it reads as itself in HTML, between tags and within quotes: `<`, `>`, `&`,
/// the no-break space and, in values, `"` become references.
void append_html(std::string& out, std::string_view text, HtmlPlace place);

}  // namespace base
