#include "base/slug.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <new>

#include "base/text.hpp"

namespace base {

namespace {

struct Spelling {
    utf8proc_int32_t letter;
    const char* latin;
};

/// Small letters that no decomposition leads to ASCII from, and those of which it would say the
/// wrong thing (й is not и). In order of code point.
constexpr std::array spellings = {
    Spelling{0xdf, "ss"},     // ß
    Spelling{0xe6, "ae"},     // æ
    Spelling{0xf0, "d"},      // ð
    Spelling{0xf8, "o"},      // ø
    Spelling{0xfe, "th"},     // þ
    Spelling{0x111, "d"},     // đ
    Spelling{0x127, "h"},     // ħ
    Spelling{0x131, "i"},     // ı
    Spelling{0x138, "k"},     // ĸ
    Spelling{0x142, "l"},     // ł
    Spelling{0x14b, "ng"},    // ŋ
    Spelling{0x153, "oe"},    // œ
    Spelling{0x167, "t"},     // ŧ
    Spelling{0x180, "b"},     // ƀ
    Spelling{0x192, "f"},     // ƒ
    Spelling{0x19a, "l"},     // ƚ
    Spelling{0x1b6, "z"},     // ƶ
    Spelling{0x1dd, "e"},     // ǝ
    Spelling{0x1e5, "g"},     // ǥ
    Spelling{0x253, "b"},     // ɓ
    Spelling{0x254, "o"},     // ɔ
    Spelling{0x257, "d"},     // ɗ
    Spelling{0x259, "e"},     // ə
    Spelling{0x25b, "e"},     // ɛ
    Spelling{0x268, "i"},     // ɨ
    Spelling{0x272, "n"},     // ɲ
    Spelling{0x3b1, "a"},     // α
    Spelling{0x3b2, "v"},     // β
    Spelling{0x3b3, "g"},     // γ
    Spelling{0x3b4, "d"},     // δ
    Spelling{0x3b5, "e"},     // ε
    Spelling{0x3b6, "z"},     // ζ
    Spelling{0x3b7, "i"},     // η
    Spelling{0x3b8, "th"},    // θ
    Spelling{0x3b9, "i"},     // ι
    Spelling{0x3ba, "k"},     // κ
    Spelling{0x3bb, "l"},     // λ
    Spelling{0x3bc, "m"},     // μ
    Spelling{0x3bd, "n"},     // ν
    Spelling{0x3be, "x"},     // ξ
    Spelling{0x3bf, "o"},     // ο
    Spelling{0x3c0, "p"},     // π
    Spelling{0x3c1, "r"},     // ρ
    Spelling{0x3c2, "s"},     // ς
    Spelling{0x3c3, "s"},     // σ
    Spelling{0x3c4, "t"},     // τ
    Spelling{0x3c5, "y"},     // υ
    Spelling{0x3c6, "f"},     // φ
    Spelling{0x3c7, "ch"},    // χ
    Spelling{0x3c8, "ps"},    // ψ
    Spelling{0x3c9, "o"},     // ω
    Spelling{0x430, "a"},     // а
    Spelling{0x431, "b"},     // б
    Spelling{0x432, "v"},     // в
    Spelling{0x433, "g"},     // г
    Spelling{0x434, "d"},     // д
    Spelling{0x435, "e"},     // е
    Spelling{0x436, "zh"},    // ж
    Spelling{0x437, "z"},     // з
    Spelling{0x438, "i"},     // и
    Spelling{0x439, "y"},     // й
    Spelling{0x43a, "k"},     // к
    Spelling{0x43b, "l"},     // л
    Spelling{0x43c, "m"},     // м
    Spelling{0x43d, "n"},     // н
    Spelling{0x43e, "o"},     // о
    Spelling{0x43f, "p"},     // п
    Spelling{0x440, "r"},     // р
    Spelling{0x441, "s"},     // с
    Spelling{0x442, "t"},     // т
    Spelling{0x443, "u"},     // у
    Spelling{0x444, "f"},     // ф
    Spelling{0x445, "kh"},    // х
    Spelling{0x446, "ts"},    // ц
    Spelling{0x447, "ch"},    // ч
    Spelling{0x448, "sh"},    // ш
    Spelling{0x449, "shch"},  // щ
    Spelling{0x44a, ""},      // ъ
    Spelling{0x44b, "y"},     // ы
    Spelling{0x44c, ""},      // ь
    Spelling{0x44d, "e"},     // э
    Spelling{0x44e, "yu"},    // ю
    Spelling{0x44f, "ya"},    // я
    Spelling{0x452, "dj"},    // ђ
    Spelling{0x454, "ye"},    // є
    Spelling{0x455, "dz"},    // ѕ
    Spelling{0x456, "i"},     // і
    Spelling{0x457, "yi"},    // ї
    Spelling{0x458, "j"},     // ј
    Spelling{0x459, "lj"},    // љ
    Spelling{0x45a, "nj"},    // њ
    Spelling{0x45b, "c"},     // ћ
    Spelling{0x45e, "u"},     // ў
    Spelling{0x45f, "dz"},    // џ
    Spelling{0x491, "g"},     // ґ
    Spelling{0x493, "gh"},    // ғ
    Spelling{0x49b, "q"},     // қ
    Spelling{0x4a3, "ng"},    // ң
    Spelling{0x4af, "u"},     // ү
    Spelling{0x4b1, "u"},     // ұ
    Spelling{0x4bb, "h"},     // һ
    Spelling{0x4d9, "a"},     // ә
    Spelling{0x4e9, "o"},     // ө
};
static_assert(std::adjacent_find(spellings.begin(), spellings.end(),
                                 [](const Spelling& one, const Spelling& next) {
                                     return one.letter >= next.letter;
                                 }) == spellings.end());

const char* latin_of(utf8proc_int32_t letter) {
    const auto* found = std::lower_bound(
        spellings.begin(), spellings.end(), letter,
        [](const Spelling& spelling, utf8proc_int32_t wanted) { return spelling.letter < wanted; });
    return found != spellings.end() && found->letter == letter ? found->latin : nullptr;
}

constexpr char32_t last_latin = 0x2af;

bool is_mark(utf8proc_int32_t point) {
    auto category = utf8proc_category(point);
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC;
}

bool is_word_part(utf8proc_int32_t point) {
    switch (utf8proc_category(point)) {
        case UTF8PROC_CATEGORY_LU:
        case UTF8PROC_CATEGORY_LL:
        case UTF8PROC_CATEGORY_LT:
        case UTF8PROC_CATEGORY_LM:
        case UTF8PROC_CATEGORY_LO:
        case UTF8PROC_CATEGORY_ND:
        case UTF8PROC_CATEGORY_NL:
        case UTF8PROC_CATEGORY_NO:
            return true;
        default:
            return is_mark(point);
    }
}

/// Latin, Greek and Cyrillic: those that are written in ASCII here, with all that decomposes to
/// them.
bool is_spelt_out(utf8proc_int32_t base) {
    return base < 0x530;
}

bool is_apostrophe(utf8proc_int32_t point) {
    return point == '\'' || point == 0x2019 || point == 0x2bc;
}

void append_point(std::string& out, utf8proc_int32_t point) {
    utf8proc_uint8_t bytes[4];
    auto count = utf8proc_encode_char(point, bytes);
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
}

/// Calls `take` with each code point of a text that is UTF-8.
template <class Take>
void for_each_point(std::string_view text, Take take) {
    while (!text.empty()) {
        utf8proc_int32_t point = 0;
        auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &point);
        if (length <= 0) return;
        take(point);
        text.remove_prefix(static_cast<std::size_t>(length));
    }
}

/// Form KC, so that a letter with its marks is one code point where there is one, and a ligature or
/// a wide letter is what it stands for.
std::string compatible_form(std::string_view text) {
    utf8proc_uint8_t* raw = nullptr;
    auto options = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT;
    auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                               static_cast<utf8proc_ssize_t>(text.size()), &raw,
                               static_cast<utf8proc_option_t>(options));
    std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(raw, &std::free);
    if (length == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
    if (length < 0) return {};
    return {reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length)};
}

/// Puts words behind each other, with one hyphen between two.
class SlugWriter {
public:
    void take(utf8proc_int32_t point) {
        point = utf8proc_tolower(point);
        if (is_apostrophe(point)) return;  // don't is one word
        if (is_mark(point) && after_spelt_out_) return;
        if (const char* latin = latin_of(point)) return add_latin(latin);
        utf8proc_int32_t parts[8];
        auto options = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
        auto count = utf8proc_decompose_char(point, parts, std::ssize(parts), options, nullptr);
        if (count > 0 && count <= std::ssize(parts) && is_spelt_out(parts[0])) {
            for (utf8proc_ssize_t i = 0; i < count; ++i) add_spelt_out(utf8proc_tolower(parts[i]));
        } else if (is_word_part(point)) {
            begin_word();
            append_point(slug_, point);
            after_spelt_out_ = false;
        } else {
            end_word();
        }
    }
    std::string slug() { return std::move(slug_); }

private:
    void add_spelt_out(utf8proc_int32_t point) {
        bool is_ascii_word = (point >= 'a' && point <= 'z') || (point >= '0' && point <= '9');
        if (is_mark(point)) return;
        if (const char* latin = latin_of(point)) return add_latin(latin);
        if (!is_ascii_word && !(point >= 0x80 && is_word_part(point))) return end_word();
        begin_word();
        append_point(slug_, point);
        after_spelt_out_ = true;
    }
    void add_latin(const char* latin) {
        begin_word();
        slug_ += latin;
        after_spelt_out_ = true;
    }
    void begin_word() {
        if (std::exchange(between_words_, false) && !slug_.empty()) slug_ += '-';
    }
    void end_word() {
        between_words_ = true;
        after_spelt_out_ = false;
    }

    std::string slug_;
    bool between_words_ = false;
    bool after_spelt_out_ = false;
};

/// The first `length_max` characters, up to the last word that is whole if that is not too early.
std::string cut(std::string slug, std::size_t length_max) {
    std::size_t count = 0;
    std::size_t end = 0;
    for (; end < slug.size(); ++end) {
        bool begins = (static_cast<unsigned char>(slug[end]) & 0xc0) != 0x80;
        if (begins && ++count > length_max) break;
    }
    if (end == slug.size()) return slug;
    bool is_whole = slug[end] == '-';
    slug.resize(end);
    auto last = slug.rfind('-');
    if (!is_whole && last != std::string::npos && last >= end / 2) slug.resize(last);
    return slug;
}

}  // namespace

std::string_view plain_latin(char32_t letter) {
    const char* latin =
        letter <= last_latin ? latin_of(static_cast<utf8proc_int32_t>(letter)) : nullptr;
    return latin ? latin : std::string_view();
}

std::string make_slug(std::string_view title, std::size_t length_max) {
    if (!count_code_points(title)) return {};
    SlugWriter writer;
    for_each_point(compatible_form(title), [&](utf8proc_int32_t point) { writer.take(point); });
    return cut(writer.slug(), length_max);
}

std::optional<std::string> problem_of_slug(std::string_view slug, std::size_t length_max) {
    auto length = count_code_points(slug);
    if (!length) return "is not valid UTF-8";
    if (*length < 1 || *length > length_max) {
        return "must have 1 to " + std::to_string(length_max) + " characters";
    }
    bool good = true;
    for_each_point(slug, [&](utf8proc_int32_t point) {
        good = good && (point == '-' || point == '_' || is_word_part(point));
    });
    if (good) return std::nullopt;
    return "may have letters, digits, hyphens and underscores only";
}

}  // namespace base
