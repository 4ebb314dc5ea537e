#include "asked_address.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace gateway {

namespace {

using std::string_view;

constexpr std::size_t digits_max = 18;
constexpr std::size_t slug_min = 12;

std::uint64_t hash_of(string_view text) {
    return std::hash<string_view>()(text);
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::optional<std::int64_t> number_of(string_view digits) {
    if (digits.empty() || digits.size() > digits_max) return std::nullopt;
    std::int64_t number = 0;
    for (char c : digits) {
        if (!is_digit(c)) return std::nullopt;
        number = number * 10 + (c - '0');
    }
    return number;
}

bool is_asset(string_view segment) {
    static constexpr std::array<string_view, 17> endings = {
        "png", "jpg", "jpeg", "gif", "webp", "avif",  "svg", "ico", "css",
        "js",  "mjs", "map",  "ttf", "woff", "woff2", "mp4", "webm"};
    auto dot = segment.rfind('.');
    return dot != segment.npos &&
           std::find(endings.begin(), endings.end(), segment.substr(dot + 1)) != endings.end();
}

/// The number that a segment is, or begins or ends with: `17`, `17-title`, `title-17`,
/// `title-17.html`.
std::optional<std::int64_t> number_in(string_view segment) {
    if (auto whole = number_of(segment)) return whole;
    segment = segment.substr(0, segment.find('.'));
    auto first = segment.find('-');
    if (first == segment.npos) return number_of(segment);
    if (auto number = number_of(segment.substr(0, first))) return number;
    return number_of(segment.substr(segment.rfind('-') + 1));
}

/// The last segment, which is cut off.
string_view take_last(string_view& path) {
    auto slash = path.rfind('/');
    auto last = slash == path.npos ? path : path.substr(slash + 1);
    path = slash == path.npos ? string_view() : path.substr(0, slash);
    return last;
}

bool is_page_word(string_view segment) {
    return segment == "page" || segment == "pages" || segment == "p";
}

/// Of `id=17` or `pk=17`.
std::optional<std::int64_t> number_in_query(string_view query) {
    while (!query.empty()) {
        auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        if (pair.starts_with("id=") || pair.starts_with("pk=")) return number_of(pair.substr(3));
    }
    return std::nullopt;
}

}  // namespace

AskedAddress AskedAddress::read(string_view path, string_view query, bool is_item, bool is_page) {
    AskedAddress asked;
    asked.hash = hash_of(path);
    auto above = path;
    auto last = take_last(above);
    if (is_asset(last)) {
        asked.kind = Kind::asset;
        return asked;
    }
    if (is_page) return asked;
    auto set = [&](std::int64_t number, std::uint64_t form) {
        asked.kind = Kind::item;
        asked.number = number;
        asked.form = form;
    };
    if (auto number = number_in_query(query)) {
        set(*number, asked.hash + 1);
        asked.hash ^= static_cast<std::uint64_t>(*number) * 0x9e3779b97f4a7c15ULL;
        return asked;
    }
    auto rest = above;
    auto parent = take_last(rest);
    auto number = number_in(last);
    // A page of a list, a month of an archive.
    bool counts = number && !is_page_word(parent) && (is_item || !number_of(parent));
    if (counts) {
        set(*number, hash_of(above));
    } else if (auto before = number_of(parent); before && !number_of(last) && *before > 9999) {
        set(*before, hash_of(rest));  // /articles/17000/title
    } else if (is_item || (last.size() >= slug_min && last.find('-') != last.npos)) {
        asked.kind = Kind::item;
        asked.form = hash_of(above);
    }
    return asked;
}

}  // namespace gateway
