#include "base/html_characters.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "base/unicode.hpp"

namespace base {

namespace {

constexpr char32_t unknown = 0xFFFD;
constexpr std::size_t reference_max = 32;

/// A name of a character; `bare`: browsers take it without a semicolon, too.
struct Named {
    char32_t character;
    bool bare;
};
using Names = std::unordered_map<std::string_view, Named>;

/// Those of U+00A0 to U+00FF, in order; all of them are taken bare.
constexpr std::array<std::string_view, 96> latin_names = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",
    "copy",   "ordf",   "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn",
    "sup2",   "sup3",   "acute",  "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",
    "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",  "Atilde",
    "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave",
    "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde",
    "Ouml",   "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",
    "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil",
    "egrave", "eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",   "eth",
    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave",
    "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

struct Character {
    std::string_view name;
    char32_t character;
};
constexpr Character bare_ones[] = {{"amp", '&'},   {"AMP", '&'}, {"lt", '<'},   {"LT", '<'},
                                   {"gt", '>'},    {"GT", '>'},  {"quot", '"'}, {"QUOT", '"'},
                                   {"COPY", 0xA9}, {"REG", 0xAE}};

constexpr Character others[] = {{"Tab", 0x9},       {"NewLine", 0xA},    {"excl", 0x21},
                                {"num", 0x23},      {"dollar", 0x24},    {"percnt", 0x25},
                                {"apos", 0x27},     {"lpar", 0x28},      {"rpar", 0x29},
                                {"ast", 0x2A},      {"plus", 0x2B},      {"comma", 0x2C},
                                {"period", 0x2E},   {"sol", 0x2F},       {"colon", 0x3A},
                                {"semi", 0x3B},     {"equals", 0x3D},    {"quest", 0x3F},
                                {"commat", 0x40},   {"lbrack", 0x5B},    {"lsqb", 0x5B},
                                {"bsol", 0x5C},     {"rbrack", 0x5D},    {"rsqb", 0x5D},
                                {"lowbar", 0x5F},   {"grave", 0x60},     {"lbrace", 0x7B},
                                {"lcub", 0x7B},     {"verbar", 0x7C},    {"vert", 0x7C},
                                {"rbrace", 0x7D},   {"rcub", 0x7D},      {"NonBreakingSpace", 0xA0},
                                {"Amacr", 0x100},   {"amacr", 0x101},    {"Abreve", 0x102},
                                {"abreve", 0x103},  {"Aogon", 0x104},    {"aogon", 0x105},
                                {"Cacute", 0x106},  {"cacute", 0x107},   {"Ccaron", 0x10C},
                                {"ccaron", 0x10D},  {"Dcaron", 0x10E},   {"dcaron", 0x10F},
                                {"Dstrok", 0x110},  {"dstrok", 0x111},   {"Emacr", 0x112},
                                {"emacr", 0x113},   {"Eogon", 0x118},    {"eogon", 0x119},
                                {"Ecaron", 0x11A},  {"ecaron", 0x11B},   {"Gbreve", 0x11E},
                                {"gbreve", 0x11F},  {"Idot", 0x130},     {"imath", 0x131},
                                {"Lstrok", 0x141},  {"lstrok", 0x142},   {"Nacute", 0x143},
                                {"nacute", 0x144},  {"Ncaron", 0x147},   {"ncaron", 0x148},
                                {"Odblac", 0x150},  {"odblac", 0x151},   {"OElig", 0x152},
                                {"oelig", 0x153},   {"Rcaron", 0x158},   {"rcaron", 0x159},
                                {"Sacute", 0x15A},  {"sacute", 0x15B},   {"Scedil", 0x15E},
                                {"scedil", 0x15F},  {"Scaron", 0x160},   {"scaron", 0x161},
                                {"Tcaron", 0x164},  {"tcaron", 0x165},   {"Uring", 0x16E},
                                {"uring", 0x16F},   {"Udblac", 0x170},   {"udblac", 0x171},
                                {"Yuml", 0x178},    {"Zacute", 0x179},   {"zacute", 0x17A},
                                {"Zdot", 0x17B},    {"zdot", 0x17C},     {"Zcaron", 0x17D},
                                {"zcaron", 0x17E},  {"fnof", 0x192},     {"circ", 0x2C6},
                                {"tilde", 0x2DC},   {"Alpha", 0x391},    {"Beta", 0x392},
                                {"Gamma", 0x393},   {"Delta", 0x394},    {"Epsilon", 0x395},
                                {"Zeta", 0x396},    {"Eta", 0x397},      {"Theta", 0x398},
                                {"Iota", 0x399},    {"Kappa", 0x39A},    {"Lambda", 0x39B},
                                {"Mu", 0x39C},      {"Nu", 0x39D},       {"Xi", 0x39E},
                                {"Omicron", 0x39F}, {"Pi", 0x3A0},       {"Rho", 0x3A1},
                                {"Sigma", 0x3A3},   {"Tau", 0x3A4},      {"Upsilon", 0x3A5},
                                {"Phi", 0x3A6},     {"Chi", 0x3A7},      {"Psi", 0x3A8},
                                {"Omega", 0x3A9},   {"alpha", 0x3B1},    {"beta", 0x3B2},
                                {"gamma", 0x3B3},   {"delta", 0x3B4},    {"epsilon", 0x3B5},
                                {"zeta", 0x3B6},    {"eta", 0x3B7},      {"theta", 0x3B8},
                                {"iota", 0x3B9},    {"kappa", 0x3BA},    {"lambda", 0x3BB},
                                {"mu", 0x3BC},      {"nu", 0x3BD},       {"xi", 0x3BE},
                                {"omicron", 0x3BF}, {"pi", 0x3C0},       {"rho", 0x3C1},
                                {"sigmaf", 0x3C2},  {"sigma", 0x3C3},    {"tau", 0x3C4},
                                {"upsilon", 0x3C5}, {"phi", 0x3C6},      {"chi", 0x3C7},
                                {"psi", 0x3C8},     {"omega", 0x3C9},    {"thetasym", 0x3D1},
                                {"upsih", 0x3D2},   {"piv", 0x3D6},      {"ensp", 0x2002},
                                {"emsp", 0x2003},   {"thinsp", 0x2009},  {"zwnj", 0x200C},
                                {"zwj", 0x200D},    {"lrm", 0x200E},     {"rlm", 0x200F},
                                {"dash", 0x2010},   {"hyphen", 0x2010},  {"ndash", 0x2013},
                                {"mdash", 0x2014},  {"horbar", 0x2015},  {"lsquo", 0x2018},
                                {"rsquo", 0x2019},  {"sbquo", 0x201A},   {"ldquo", 0x201C},
                                {"rdquo", 0x201D},  {"bdquo", 0x201E},   {"dagger", 0x2020},
                                {"Dagger", 0x2021}, {"bull", 0x2022},    {"hellip", 0x2026},
                                {"permil", 0x2030}, {"prime", 0x2032},   {"Prime", 0x2033},
                                {"lsaquo", 0x2039}, {"rsaquo", 0x203A},  {"oline", 0x203E},
                                {"frasl", 0x2044},  {"euro", 0x20AC},    {"image", 0x2111},
                                {"numero", 0x2116}, {"weierp", 0x2118},  {"real", 0x211C},
                                {"trade", 0x2122},  {"alefsym", 0x2135}, {"larr", 0x2190},
                                {"uarr", 0x2191},   {"rarr", 0x2192},    {"darr", 0x2193},
                                {"harr", 0x2194},   {"crarr", 0x21B5},   {"lArr", 0x21D0},
                                {"uArr", 0x21D1},   {"rArr", 0x21D2},    {"dArr", 0x21D3},
                                {"hArr", 0x21D4},   {"forall", 0x2200},  {"part", 0x2202},
                                {"exist", 0x2203},  {"empty", 0x2205},   {"nabla", 0x2207},
                                {"isin", 0x2208},   {"notin", 0x2209},   {"ni", 0x220B},
                                {"prod", 0x220F},   {"sum", 0x2211},     {"minus", 0x2212},
                                {"lowast", 0x2217}, {"radic", 0x221A},   {"prop", 0x221D},
                                {"infin", 0x221E},  {"ang", 0x2220},     {"and", 0x2227},
                                {"or", 0x2228},     {"cap", 0x2229},     {"cup", 0x222A},
                                {"int", 0x222B},    {"there4", 0x2234},  {"sim", 0x223C},
                                {"cong", 0x2245},   {"asymp", 0x2248},   {"ne", 0x2260},
                                {"equiv", 0x2261},  {"le", 0x2264},      {"ge", 0x2265},
                                {"sub", 0x2282},    {"sup", 0x2283},     {"nsub", 0x2284},
                                {"sube", 0x2286},   {"supe", 0x2287},    {"oplus", 0x2295},
                                {"otimes", 0x2297}, {"perp", 0x22A5},    {"sdot", 0x22C5},
                                {"lceil", 0x2308},  {"rceil", 0x2309},   {"lfloor", 0x230A},
                                {"rfloor", 0x230B}, {"lang", 0x2329},    {"rang", 0x232A},
                                {"loz", 0x25CA},    {"starf", 0x2605},   {"star", 0x2606},
                                {"phone", 0x260E},  {"spades", 0x2660},  {"clubs", 0x2663},
                                {"hearts", 0x2665}, {"diams", 0x2666},   {"check", 0x2713}};

/// What numbers 128 to 159 mean: they are of Windows-1252 wherever they are met.
constexpr std::array<char32_t, 32> windows = {
    0x20AC, 0xFFFD, 0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021, 0x2C6,  0x2030, 0x160,
    0x2039, 0x152,  0xFFFD, 0x17D,  0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0xFFFD, 0x17E,  0x178};

const Names& names() {
    static const Names all = [] {
        Names made;
        for (std::size_t i = 0; i < latin_names.size(); ++i) {
            made[latin_names[i]] = {static_cast<char32_t>(0xA0 + i), true};
        }
        for (const auto& [name, character] : bare_ones) made[name] = {character, true};
        for (const auto& [name, character] : others) made[name] = {character, false};
        return made;
    }();
    return all;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter_or_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// `#233`, `#xE9`: what a number means; nothing where it has no digit or something else.
std::optional<char32_t> numbered(std::string_view digits) {
    bool hex = digits.starts_with('x') || digits.starts_with('X');
    if (hex) digits.remove_prefix(1);
    if (digits.empty()) return std::nullopt;
    char32_t c = 0;
    for (char digit : digits) {
        auto value = hex_value(digit);
        if (value < 0 || (!hex && value > 9)) return std::nullopt;
        c = std::min<char32_t>(c * (hex ? 16 : 10) + static_cast<char32_t>(value), 0x110000);
    }
    if (c >= 0x80 && c < 0xA0) return windows[c - 0x80];
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return unknown;
    return c;
}

using Bytes = std::array<bool, 256>;

/// Printable ASCII but for these.
constexpr Bytes all_but(std::string_view left_out) {
    Bytes bytes{};
    for (std::size_t c = 0x20; c < 0x7F; ++c) {
        bytes[c] = left_out.find(static_cast<char>(c)) == left_out.npos;
    }
    return bytes;
}

constexpr Bytes plain_bytes = all_but("&");
constexpr Bytes plain_in_text = all_but("<>&");
constexpr Bytes plain_in_value = all_but("<>&\"");

/// How many bytes at the beginning are of that kind: most of a text is, and goes in one step.
std::size_t run_of(const Bytes& kind, std::string_view text) {
    std::size_t run = 0;
    while (run < text.size() && kind[static_cast<unsigned char>(text[run])]) ++run;
    return run;
}

class Decoder {
public:
    Decoder(std::string_view written, HtmlPlace place) : left_(written), place_(place) {}

    std::string run() {
        out_.reserve(left_.size());
        while (!left_.empty()) {
            auto plain = run_of(plain_bytes, left_);
            out_.append(left_, 0, plain);
            take(plain);
            if (left_.empty()) break;
            auto byte = static_cast<unsigned char>(left_[0]);
            if (byte == '&') {
                reference();
            } else if (byte == '\r') {
                take(left_.starts_with("\r\n") ? 2 : 1);
                add('\n');
            } else if (byte < 0x80) {
                take(1);
                add(byte);
            } else {
                several_bytes();
            }
        }
        return std::move(out_);
    }

private:
    void take(std::size_t count) { left_.remove_prefix(count); }

    char at(std::size_t i) const { return i < left_.size() ? left_[i] : '\0'; }

    void add(char32_t c) {
        if (c == '\r') c = '\n';
        if (c == '\f') c = ' ';
        bool is_white = c == '\n' || c == '\t';
        bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xFFFE || c == 0xFFFF;
        // Some readers take it for the mark of an encoding, and others for a character.
        bool is_mark = c == 0xFEFF;
        if (is_white || (!is_control && !is_mark)) append_utf8(out_, c);
    }

    /// A character of UTF-8; a byte that begins none is U+FFFD by itself.
    void several_bytes() {
        auto first = static_cast<unsigned char>(left_[0]);
        std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        char32_t c = first & (0x7Fu >> length);
        bool good = first >= 0xC2 && first <= 0xF4 && left_.size() >= length;
        for (std::size_t i = 1; good && i < length; ++i) {
            auto byte = static_cast<unsigned char>(left_[i]);
            good = (byte & 0xC0) == 0x80;
            c = (c << 6) | (byte & 0x3F);
        }
        bool too_long = (length == 3 && c < 0x800) || (length == 4 && c < 0x10000);
        if (!good || too_long || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) {
            take(1);
            add(unknown);
            return;
        }
        take(length);
        add(c);
    }

    void reference() {
        if (at(1) == '#') return number();
        std::size_t end = 1;
        while (end <= reference_max && is_letter_or_digit(at(end))) ++end;
        auto name = left_.substr(1, end - 1);
        auto found = names().find(name);
        if (at(end) == ';' && found != names().end()) {
            take(end + 1);
            return add(found->second.character);
        }
        if (place_ == HtmlPlace::value) {
            bool counts = found != names().end() && found->second.bare && at(end) != '=' &&
                          !is_letter_or_digit(at(end));
            if (!counts) return literal();
            take(end);
            return add(found->second.character);
        }
        for (auto length = std::min<std::size_t>(name.size(), 6); length >= 2; --length) {
            found = names().find(name.substr(0, length));
            if (found == names().end() || !found->second.bare) continue;
            take(1 + length);
            return add(found->second.character);
        }
        literal();
    }

    void literal() {
        take(1);
        add('&');
    }

    void number() {
        bool hex = at(2) == 'x' || at(2) == 'X';
        std::size_t end = hex ? 3 : 2;
        while (hex ? hex_value(at(end)) >= 0 : is_digit(at(end))) ++end;
        auto found = numbered(left_.substr(2, end - 2));
        if (!found) return literal();
        take(at(end) == ';' ? end + 1 : end);
        add(*found);
    }

    std::string_view left_;
    HtmlPlace place_;
    std::string out_;
};

}  // namespace

std::string decode_html(std::string_view written, HtmlPlace place) {
    return Decoder(written, place).run();
}

char32_t html_character(std::string_view reference) {
    if (reference.starts_with('#')) return numbered(reference.substr(1)).value_or(0);
    auto found = names().find(reference);
    return found == names().end() ? 0 : found->second.character;
}

void append_html(std::string& out, std::string_view text, HtmlPlace place) {
    constexpr std::string_view no_break_space = "\xC2\xA0";
    const auto& plain = place == HtmlPlace::value ? plain_in_value : plain_in_text;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto run = run_of(plain, text.substr(i));
        out.append(text, i, run);
        i += run;
        if (i == text.size()) break;
        char c = text[i];
        if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else if (c == '&') {
            out += "&amp;";
        } else if (c == '"' && place == HtmlPlace::value) {
            out += "&quot;";
        } else if (text.substr(i, 2) == no_break_space) {
            out += "&nbsp;";
            ++i;
        } else {
            out += c;
        }
    }
}

}  // namespace base
