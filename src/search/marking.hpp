#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "question.hpp"

namespace search {

/// Shows what was looked for in the texts of what was found: within `<mark>`, everything else
/// escaped, so that it may stand in a page. Pure.
class Marking {
public:
    /// `language`: of the texts.
    Marking(const std::vector<Term>& terms, std::string_view language);

    /// A whole text.
    std::string mark(std::string_view text) const;
    /// The part of a text that has most of it, of up to about 200 characters; empty if it has
    /// nothing.
    std::string snippet(std::string_view text) const;
    /// The beginning of a text, as long as a snippet is.
    static std::string beginning(std::string_view text);

private:
    struct Span {
        std::size_t begin = 0;
        std::size_t end = 0;
    };
    struct Pattern {
        std::vector<std::string> forms;
        std::string stem{};
        bool is_prefix = false;
    };
    std::vector<Span> spans_in(std::string_view text) const;
    std::size_t matched(const std::vector<Word>& words, std::size_t at) const;
    bool matches(const Pattern& pattern, const Word& word) const;
    static std::string written(std::string_view text, std::size_t begin, std::size_t end,
                               const std::vector<Span>& spans);

    Stemmer stemmer_;
    std::vector<Pattern> patterns_;
};

}  // namespace search
