#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "words.hpp"

namespace search {

/// A part of what somebody looks for.
struct Term {
    std::vector<Word> words;  ///< one behind the other; one at least
    bool is_without = false;  ///< what has it is not wanted
    bool is_prefix = false;   ///< the last word may go on: it is being typed

    /// Whether words that go on behind it are found, too: of one that is being typed, and of a
    /// character of a script that has no spaces between words.
    bool takes_longer() const;
};

/// How many parts there may be.
inline constexpr std::size_t terms_max = 16;

/// What stands in a search field: words, "phrases", -without. No text is wrong; what has no letters
/// or digits in it says nothing. More than terms_max terms are given if there are more.
std::vector<Term> read_question(std::string_view text);

}  // namespace search
