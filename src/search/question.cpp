#include "question.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace search {

namespace {

constexpr std::size_t prefix_bytes_min = 2;

/// One spelling for quotes and spaces.
std::string plain_marks(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, char>, 7> marks = {{{"\u201c", '"'},
                                                                                {"\u201d", '"'},
                                                                                {"\u201e", '"'},
                                                                                {"\u00ab", '"'},
                                                                                {"\u00bb", '"'},
                                                                                {"\u3000", ' '},
                                                                                {"\u00a0", ' '}}};
    std::string plain;
    for (std::size_t at = 0; at < text.size();) {
        auto rest = text.substr(at);
        auto mark = std::find_if(marks.begin(), marks.end(),
                                 [&](const auto& one) { return rest.starts_with(one.first); });
        plain += mark == marks.end() ? text[at] : mark->second;
        at += mark == marks.end() ? 1 : mark->first.size();
    }
    return plain;
}

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Where a script has no spaces its pairs say all: at the end the last character by itself, which
/// is in its pair, would ask for a text that ends there. Before another word it has its place.
std::vector<Word> words_asked(std::string_view text) {
    auto words = words_in(text);
    bool is_rest = words.size() > 1 && words.back().ends_run && !words[words.size() - 2].ends_run &&
                   words[words.size() - 2].end == words.back().end;
    if (is_rest) words.pop_back();
    return words;
}

}  // namespace

bool Term::takes_longer() const {
    const auto& last = words.back();
    if (words.size() > 1) return false;
    return last.ends_run || (is_prefix && !last.is_bigram && last.form.size() >= prefix_bytes_min);
}

std::vector<Term> read_question(std::string_view text) {
    auto plain = plain_marks(text);
    std::string_view rest = plain;
    std::vector<Term> terms;
    while (true) {
        while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
        if (rest.empty() || terms.size() > terms_max) return terms;
        Term term;
        if (rest.front() == '-') {
            term.is_without = true;
            rest.remove_prefix(1);
        }
        bool is_phrase = rest.starts_with('"');
        if (is_phrase) rest.remove_prefix(1);
        std::size_t end = 0;
        while (end < rest.size() && rest[end] != '"' && (is_phrase || !is_space(rest[end]))) ++end;
        term.words = words_asked(rest.substr(0, end));
        term.is_prefix = !is_phrase && !term.is_without && end == rest.size() &&
                         !term.words.empty() && term.words.back().end == end;
        if (is_phrase && end < rest.size()) ++end;
        rest.remove_prefix(end);
        if (!term.words.empty()) terms.push_back(std::move(term));
    }
}

}  // namespace search
