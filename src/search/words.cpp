#include "words.hpp"

#include <libstemmer.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>

#include "base/slug.hpp"
#include "base/unicode.hpp"

namespace search {

namespace {

/// Grows when words are made in another way.
constexpr int version = 3;
constexpr std::size_t word_bytes_max = 64;
/// Before it is folded: a letter may have any number of accents.
constexpr std::size_t written_bytes_max = 256;

struct Range {
    char32_t first;
    char32_t last;
};

template <std::size_t n>
bool is_in(const std::array<Range, n>& ranges, char32_t c) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [c](const Range& range) { return c >= range.first && c <= range.last; });
}

/// Scripts that write no spaces between words.
bool is_dense(char32_t c) {
    static constexpr std::array<Range, 13> ranges = {{{0x0e00, 0x0eff},
                                                      {0x1000, 0x109f},
                                                      {0x1780, 0x17ff},
                                                      {0x3005, 0x3007},
                                                      {0x3041, 0x3096},
                                                      {0x309d, 0x309f},
                                                      {0x30a1, 0x30ff},
                                                      {0x3400, 0x4dbf},
                                                      {0x4e00, 0x9fff},
                                                      {0xac00, 0xd7a3},
                                                      {0xf900, 0xfaff},
                                                      {0xff66, 0xff9d},
                                                      {0x20000, 0x3ffff}}};
    return c >= 0x0e00 && is_in(ranges, c);
}

/// Accents and points that a reader may leave out.
bool is_accent(char32_t c) {
    static constexpr std::array<Range, 9> ranges = {{{0x0300, 0x036f},
                                                     {0x0483, 0x0489},
                                                     {0x0591, 0x05c7},
                                                     {0x0610, 0x061a},
                                                     {0x064b, 0x065f},
                                                     {0x0670, 0x0670},
                                                     {0x3099, 0x309a},
                                                     {0x1ab0, 0x1aff},
                                                     {0x1dc0, 0x1dff}}};
    return is_in(ranges, c);
}

bool belongs_to_word(char32_t c) {
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
        case UTF8PROC_CATEGORY_LU:
        case UTF8PROC_CATEGORY_LL:
        case UTF8PROC_CATEGORY_LT:
        case UTF8PROC_CATEGORY_LM:
        case UTF8PROC_CATEGORY_LO:
        case UTF8PROC_CATEGORY_MN:
        case UTF8PROC_CATEGORY_MC:
        case UTF8PROC_CATEGORY_ME:
        case UTF8PROC_CATEGORY_ND:
        case UTF8PROC_CATEGORY_NL:
        case UTF8PROC_CATEGORY_NO:
            return true;
        default:
            return false;
    }
}

void append_folded(std::string& out, char32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
        return;
    }
    if (is_accent(c)) return;
    if (c >= 0xac00 && c <= 0xd7a3) {
        base::append_utf8(out, c);
        return;
    }
    constexpr auto options =
        static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD);
    std::array<utf8proc_int32_t, 32> parts{};
    int last_class = 0;
    auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts.data(),
                                         std::ssize(parts), options, &last_class);
    for (utf8proc_ssize_t i = 0; i < std::min(count, std::ssize(parts)); ++i) {
        auto part = static_cast<char32_t>(parts[static_cast<std::size_t>(i)]);
        if (is_accent(part) || is_dense(part) || !belongs_to_word(part)) continue;
        auto plain = base::plain_latin(part);
        if (plain.empty()) {
            base::append_utf8(out, part);
        } else {
            out += plain;
        }
    }
}

/// One form for a kana or an ideograph: of narrow ones the wide ones, and its marks stay.
char32_t dense_form(char32_t c) {
    constexpr auto wide = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
    std::array<utf8proc_int32_t, 32> parts{};
    int last_class = 0;
    if (c < 0xf900 || c > 0xffff) return c;
    auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts.data(),
                                         std::ssize(parts), wide, &last_class);
    return count == 1 ? static_cast<char32_t>(parts[0]) : c;
}

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::vector<Word> read() {
        std::size_t at = 0;
        while (at < text_.size()) {
            utf8proc_int32_t read = 0;
            auto taken =
                utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text_.data()) + at,
                                 static_cast<utf8proc_ssize_t>(text_.size() - at), &read);
            auto end = at + static_cast<std::size_t>(std::max<utf8proc_ssize_t>(taken, 1));
            take(taken > 0 ? static_cast<char32_t>(read) : U' ', at, end);
            at = end;
        }
        end_word();
        end_run();
        return std::move(words_);
    }

private:
    void take(char32_t c, std::size_t begin, std::size_t end) {
        if (is_dense(c) && belongs_to_word(c)) {
            end_word();
            take_dense(dense_form(c), begin, end);
        } else if (belongs_to_word(c)) {
            take_letter(c, begin, end);
        } else {
            end_word();
            end_run();
        }
    }

    void take_dense(char32_t c, std::size_t begin, std::size_t end) {
        std::string one;
        base::append_utf8(one, c);
        if (!run_.empty()) {
            words_.push_back({run_ + one, run_ + one, run_begin_, end, true, false});
        }
        run_ = std::move(one);
        run_begin_ = begin;
        run_end_ = end;
    }
    void end_run() {
        if (!run_.empty()) words_.push_back({run_, run_, run_begin_, run_end_, true, true});
        run_.clear();
    }

    void take_letter(char32_t c, std::size_t begin, std::size_t end) {
        // A mark over a dense character, as it may be written: it was passed over there, too.
        if (!run_.empty() && is_accent(c)) return;
        end_run();
        if (word_.written.empty() && word_.form.empty()) word_.begin = begin;
        word_.end = end;
        bool is_full =
            word_.form.size() >= word_bytes_max || word_.written.size() >= written_bytes_max;
        if (is_full) return;
        append_folded(word_.form, c);
        auto small = utf8proc_tolower(static_cast<utf8proc_int32_t>(c));
        base::append_utf8(word_.written, static_cast<char32_t>(small));
    }
    void end_word() {
        auto size = std::min(word_.form.size(), word_bytes_max);
        while (size < word_.form.size() && (word_.form[size] & 0xc0) == 0x80) --size;
        word_.form.resize(size);
        if (!word_.form.empty()) words_.push_back(std::move(word_));
        word_ = {};
    }

    std::string_view text_;
    std::vector<Word> words_;
    Word word_;
    std::string run_;  ///< the last dense character
    std::size_t run_begin_ = 0;
    std::size_t run_end_ = 0;
};

std::string folded(std::string_view written) {
    std::string form;
    for (const auto& word : words_in(written)) form += word.form;
    return form;
}

}  // namespace

Stemmer::Stemmer(std::string_view language)
    : stemmer_(sb_stemmer_new(std::string(language.substr(0, language.find('-'))).c_str(), "UTF_8"),
               sb_stemmer_delete) {}

std::string Stemmer::stem(const std::string& word) const {
    if (!stemmer_) return word;
    const auto* symbols = reinterpret_cast<const sb_symbol*>(word.data());
    const auto* stem = sb_stemmer_stem(stemmer_.get(), symbols, static_cast<int>(word.size()));
    if (!stem) return word;
    return {reinterpret_cast<const char*>(stem),
            static_cast<std::size_t>(sb_stemmer_length(stemmer_.get()))};
}

std::vector<Word> words_in(std::string_view text) {
    return Reader(text).read();
}

std::string stem_of(const Word& word, const Stemmer& stemmer) {
    bool is_cut_off =
        word.form.size() >= word_bytes_max || word.written.size() >= written_bytes_max;
    if (word.is_bigram || is_cut_off) return "";
    auto stem = folded(stemmer.stem(word.written));
    return stem == word.form ? "" : stem;
}

std::string words_version() {
    std::string made = std::to_string(version) + " utf8proc " + utf8proc_version();
    // The library of stems has no number: what it makes of these tells of another one.
    static constexpr std::array words = {
        "generously",  "running",    "häuser",      "nationales",  "hablaremos",  "cidades",
        "cittadini",   "huizen",     "løsninger",   "människorna", "taloissamme", "házaikban",
        "școlilor",    "kitaplarda", "berjalanlah", "miestuose",   "etxeetan",    "ciutats",
        "bhfuinneoga", "книгами",    "градовима",   "ανθρώπων",    "հայերենով",   "المكتبات",
        "लड़कियों",      "किताबहरूले",   "தமிழகத்தில்",   "ביכער"};
    for (const char** language = sb_stemmer_list(); *language; ++language) {
        Stemmer stemmer(*language);
        made += std::string(" ") + *language;
        for (const char* word : words) {
            auto stem = stemmer.stem(word);
            if (stem != word) made += ' ' + stem;
        }
    }
    return made;
}

}  // namespace search
