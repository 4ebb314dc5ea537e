#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace base {

// What names, addresses and passwords need of Unicode. Pure and thread-safe; the tables are those
// of utf8proc and libidn2. Texts are UTF-8; one that is not gives nothing.

/// Appends a character, which is one: below 0x110000, and no surrogate.
void append_utf8(std::string& out, char32_t character);

/// One spelling for what is the same text: normalisation form C (UAX #15).
std::optional<std::string> to_nfc(std::string_view text);

/// One spelling for what also looks alike (full-width letters, ligatures): form KC.
std::optional<std::string> to_nfkc(std::string_view text);

/// Whether there is nothing in a text but letters and digits, of any script, and these other ASCII
/// characters.
bool is_of_letters_digits_or(std::string_view others, std::string_view text);

/// For comparing without regard to case: full case folding of the form C, in form C. Done twice it
/// gives the same.
std::optional<std::string> fold_case(std::string_view text);

/// A domain as DNS has it: ASCII, in small letters (IDNA 2008, after the mapping of UTS #46).
/// Nothing if IDNA does not allow it. Whether its labels have the form of a host's is not looked
/// at.
std::optional<std::string> to_ascii_domain(std::string_view domain);

/// Which kinds of characters are in a text.
struct CharacterKinds {
    bool visible = false;  ///< something that is seen by itself
    bool control = false;  ///< U+0000 to U+001F and U+007F to U+009F
    bool format = false;  ///< format characters (Cf) and others that nobody sees, as U+200B, U+3164
    bool space = false;   ///< white space that is not U+0020
    bool line_break = false;  ///< of that: what begins a new line or paragraph
};
std::optional<CharacterKinds> character_kinds(std::string_view text);

/// What is wrong with a text that people see in one line and ask for by (a title, a byline, a tag),
/// to stand behind what it is; nothing if it has something visible and neither control characters
/// nor line breaks. Its length is not looked at.
std::optional<std::string> problem_of_line(std::string_view text);

/// What is wrong with a name that people see: `must have 1 to 100 characters` and the like, to
/// stand behind what it is the name of; nothing if it is good. Good is: of 1 to `length_max`
/// characters, at least one of them visible, none of them a control or format character or white
/// space but the plain space, and that only within.
std::optional<std::string> problem_of_name(std::string_view name, std::size_t length_max);

}  // namespace base
