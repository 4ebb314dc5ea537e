#include "marking.hpp"

#include <algorithm>

#include "base/html_characters.hpp"

namespace search {

namespace {

constexpr std::size_t snippet_bytes = 240;
constexpr std::size_t before_bytes = 60;
/// So much of a text is looked at for a snippet.
constexpr std::size_t looked_at_max = 16 * 1024;

bool is_inside(char c) {
    return (c & 0xc0) == 0x80;
}

/// Where a text may be cut at or behind `at`: behind a space if there is one soon, and never within
/// a character.
std::size_t cut_near(std::string_view text, std::size_t at) {
    if (at == 0 || at >= text.size()) return std::min(at, text.size());
    constexpr std::size_t soon = 24;
    auto space = text.substr(at, soon).find_first_of(" \n\t");
    if (space != text.npos) return at + space;
    while (at < text.size() && is_inside(text[at])) ++at;
    return at;
}

}  // namespace

Marking::Marking(const std::vector<Term>& terms, std::string_view language) : stemmer_(language) {
    for (const auto& term : terms) {
        if (term.is_without) continue;
        Pattern pattern;
        for (const auto& word : term.words) pattern.forms.push_back(word.form);
        const auto& last = term.words.back();
        bool is_lone = term.words.size() == 1;
        if (is_lone) pattern.stem = stem_of(last, stemmer_);
        pattern.is_prefix = term.takes_longer();
        patterns_.push_back(std::move(pattern));
    }
}

bool Marking::matches(const Pattern& pattern, const Word& word) const {
    const auto& form = pattern.forms.front();
    if (word.form == form) return true;
    if (word.form.empty() || word.form[0] != form[0]) return false;
    if (pattern.is_prefix && word.form.starts_with(form)) return true;
    auto stem = stem_of(word, stemmer_);
    return (!stem.empty() && (stem == form || stem == pattern.stem)) ||
           (!pattern.stem.empty() && pattern.stem == word.form);
}

std::size_t Marking::matched(const std::vector<Word>& words, std::size_t at) const {
    std::size_t most = 0;
    for (const auto& pattern : patterns_) {
        auto count = pattern.forms.size();
        if (count == 1) {
            if (matches(pattern, words[at])) most = std::max<std::size_t>(most, 1);
            continue;
        }
        if (at + count > words.size()) continue;
        bool all = true;
        for (std::size_t i = 0; all && i < count; ++i) {
            all = words[at + i].form == pattern.forms[i];
        }
        if (all) most = std::max(most, count);
    }
    return most;
}

std::vector<Marking::Span> Marking::spans_in(std::string_view text) const {
    auto words = words_in(text);
    std::vector<Span> spans;
    for (std::size_t at = 0; at < words.size(); ++at) {
        auto count = matched(words, at);
        if (count == 0) continue;
        Span span{words[at].begin, words[at + count - 1].end};
        if (!spans.empty() && span.begin < spans.back().end) {
            spans.back().end = std::max(spans.back().end, span.end);
        } else {
            spans.push_back(span);
        }
    }
    return spans;
}

std::string Marking::written(std::string_view text, std::size_t begin, std::size_t end,
                             const std::vector<Span>& spans) {
    std::string out;
    auto append = [&](std::size_t from, std::size_t to) {
        base::append_html(out, text.substr(from, to - from), base::HtmlPlace::value);
    };
    auto at = begin;
    for (const auto& span : spans) {
        if (span.begin < at || span.end > end) continue;
        append(at, span.begin);
        out += "<mark>";
        append(span.begin, span.end);
        out += "</mark>";
        at = span.end;
    }
    append(at, end);
    return out;
}

std::string Marking::mark(std::string_view text) const {
    return written(text, 0, text.size(), spans_in(text));
}

std::string Marking::snippet(std::string_view text) const {
    if (text.size() > looked_at_max) text = text.substr(0, cut_near(text, looked_at_max));
    auto spans = spans_in(text);
    if (spans.empty()) return "";
    std::size_t best = 0;
    std::size_t most = 0;
    for (std::size_t i = 0, end = 0; i < spans.size(); ++i) {
        while (end < spans.size() &&
               spans[end].end <= spans[i].begin + snippet_bytes - before_bytes) {
            ++end;
        }
        if (end > i && end - i > most) {
            most = end - i;
            best = i;
        }
    }
    auto begin = spans[best].begin;
    begin = begin <= before_bytes ? 0 : std::min(cut_near(text, begin - before_bytes), begin);
    auto end = std::max(cut_near(text, begin + snippet_bytes), spans[best].end);
    while (begin < end && (text[begin] == ' ' || text[begin] == '\n')) ++begin;
    return (begin > 0 ? "\u2026" : "") + written(text, begin, end, spans) +
           (end < text.size() ? "\u2026" : "");
}

std::string Marking::beginning(std::string_view text) {
    auto end = cut_near(text, snippet_bytes);
    return written(text, 0, end, {}) + (end < text.size() ? "\u2026" : "");
}

}  // namespace search
