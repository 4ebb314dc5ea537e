#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sb_stemmer;

namespace search {

/// Stems of one language. Belongs to one thread at a time.
class Stemmer {
public:
    /// `language`: as in an article, `de` or `de-AT`; one that has no stems leaves words as they
    /// are.
    explicit Stemmer(std::string_view language);
    /// Of a word in small letters.
    std::string stem(const std::string& word) const;

private:
    std::unique_ptr<sb_stemmer, void (*)(sb_stemmer*)> stemmer_;
};

/// A word, and where it stands in its text.
struct Word {
    std::string form;     ///< folded: without case and diacritics
    std::string written;  ///< in small letters, with its diacritics
    std::size_t begin = 0;
    std::size_t end = 0;
    bool is_bigram = false;  ///< of a script that has no spaces between words
    bool ends_run = false;   ///< the last character of such a run, by itself
};

/// The words of a text, in order: letters and digits, folded (ß is ss, ı is i, æ is ae, accents are
/// gone), in runs; where a script has no spaces, each two characters that follow one another, and
/// then the last one by itself. Of a text that is not UTF-8 what is good of it. Pure. The words of
/// a form are that form.
std::vector<Word> words_in(std::string_view text);

/// What else the word is found by; empty: nothing.
std::string stem_of(const Word& word, const Stemmer& stemmer);

/// What words and stems are made by: an index that was made by another is to be made anew.
std::string words_version();

}  // namespace search
