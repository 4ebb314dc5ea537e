#include "http/target.hpp"

#include "characters.hpp"

namespace http {

namespace {

void append_decoded(std::string& out, std::string_view text, bool plus_is_space) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && is(hex_character, text[i + 1]) &&
            is(hex_character, text[i + 2])) {
            out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            out += plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
}

/// Calls `take` with each segment as written; false for what has an empty one inside.
template <class Take>
bool for_each_segment(std::string_view path, Take take) {
    if (path.empty() || path.front() != '/') return false;
    path.remove_prefix(1);
    if (path.empty()) return true;
    if (path.back() == '/') path.remove_suffix(1);
    for (;;) {
        auto slash = path.find('/');
        auto segment = path.substr(0, slash);
        if (segment.empty()) return false;
        take(segment);
        if (slash == std::string_view::npos) return true;
        path.remove_prefix(slash + 1);
    }
}

/// An escape of a character that one side may decode before it splits a path, and another after.
bool is_escaped_structure(std::string_view path, std::size_t at) {
    if (at + 2 >= path.size()) return false;
    auto first = path[at + 1];
    auto second = to_lower(path[at + 2]);
    return (first == '2' && (second == 'e' || second == 'f')) || (first == '5' && second == 'c') ||
           (first == '3' && second == 'b') || (first == '0' && second == '0');
}

}  // namespace

std::string percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    append_decoded(out, text, plus_is_space);
    return out;
}

bool split_path(std::string_view path, std::vector<std::string>& segments) {
    segments.clear();
    return for_each_segment(path, [&segments](std::string_view segment) {
        segments.push_back(percent_decode(segment));
    });
}

bool split_path(std::string_view path, std::string& decoded, SplitPath& split) {
    decoded.clear();
    split.count = 0;
    split.more = false;
    bool good = for_each_segment(path, [&](std::string_view segment) {
        decoded += '/';
        auto at = static_cast<std::uint16_t>(decoded.size());
        if (segment.find('%') == std::string_view::npos) {
            decoded += segment;
        } else {
            append_decoded(decoded, segment, false);
        }
        if (split.count == SplitPath::segments_max) {
            split.more = true;
        } else {
            split.segments[split.count++] = {at, static_cast<std::uint16_t>(decoded.size())};
        }
    });
    if (good && decoded.empty()) decoded.push_back('/');
    return good;
}

bool is_ambiguous(std::string_view path) {
    if (!path.starts_with('/')) return true;
    for (std::size_t i = 0; i < path.size(); ++i) {
        switch (path[i]) {
            case '\\':
            case ';':
                return true;
            case '%':
                if (is_escaped_structure(path, i)) return true;
                break;
            case '/': {
                auto rest = path.substr(i + 1);
                if (rest.starts_with('/')) return true;
                if (!rest.starts_with('.')) break;
                auto segment = rest.substr(0, rest.find('/'));
                if (segment == "." || segment == "..") return true;
                break;
            }
            default:
                break;
        }
    }
    return false;
}

}  // namespace http
