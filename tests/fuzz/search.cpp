// What search makes of texts and of what people type: words, questions, marks.
#include "base/text.hpp"
#include "fuzz/check.hpp"
#include "search/marking.hpp"
#include "search/plain_text.hpp"
#include "search/question.hpp"
#include "search/ranking.hpp"
#include "search/words.hpp"

namespace {

using fuzz::require;

void check_words(std::string_view text) {
    search::Stemmer stemmer("en");
    std::size_t begin = 0;
    for (const auto& word : search::words_in(text)) {
        require(!word.form.empty() && word.form.size() <= 64, "a word is something, and short");
        require(word.form.find_first_of(" \x1f\"") == word.form.npos, "nothing else is in a word");
        require(base::count_code_points(word.form).has_value(), "a word is UTF-8");
        require(word.begin >= begin && word.begin < word.end && word.end <= text.size(),
                "words lie in their text, in its order");
        begin = word.begin;
        auto again = search::words_in(word.form);
        require(!again.empty() && again.front().form == word.form, "a form is its own form");
        require(word.is_bigram || again.size() == 1, "a word is one word");
        auto stem = search::stem_of(word, stemmer);
        require(stem.find_first_of(" \x1f\"") == stem.npos, "nothing else is in a stem");
    }
}

/// Without its marks.
std::string unmarked(std::string text) {
    for (std::string_view tag : {"<mark>", "</mark>"}) {
        for (auto at = text.find(tag); at != text.npos; at = text.find(tag, at)) {
            text.erase(at, tag.size());
        }
    }
    return text;
}

void check_marks(std::string_view question, std::string_view text) {
    auto terms = search::read_question(question);
    require(terms.size() <= search::terms_max + 1, "there are not more terms than are taken");
    for (const auto& term : terms) require(!term.words.empty(), "a term has a word");
    search::Marking marking(terms, "en");
    auto plain = unmarked(marking.mark(text));
    require(plain.find_first_of("<>\"") == plain.npos, "only marks are elements");
    auto snippet = marking.snippet(text);
    require(snippet.empty() || snippet.find("<mark>") != snippet.npos, "a snippet has a mark");
    if (base::count_code_points(text)) {
        require(base::count_code_points(snippet).has_value(), "a snippet cuts no character");
        require(base::count_code_points(search::Marking::beginning(text)).has_value(),
                "a beginning cuts no character");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Copy input(fuzz::text_of(bytes, size));
    auto text = input.view();
    check_words(text);
    search::Mark mark;
    std::string cursor(text);
    if (search::from_cursor(cursor, mark)) {
        require(search::to_cursor(mark) == cursor, "a cursor has one form");
    }
    auto question = fuzz::take_until(text, '\n');
    check_marks(question, text);
    search::plain_text(text, news::ContentFormat::html);
    return 0;
}
