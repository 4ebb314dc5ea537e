#include "target.hpp"

#include "characters.hpp"

namespace http {

std::string percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && is(hex_character, text[i + 1]) &&
            is(hex_character, text[i + 2])) {
            out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            out += plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

bool split_path(std::string_view path, std::vector<std::string>& segments) {
    segments.clear();
    if (path.empty() || path.front() != '/') return false;
    path.remove_prefix(1);
    if (!path.empty() && path.back() == '/')
        path.remove_suffix(1);
    else if (path.empty())
        return true;
    for (;;) {
        auto slash = path.find('/');
        auto segment = path.substr(0, slash);
        if (segment.empty()) return false;
        segments.push_back(percent_decode(segment));
        if (slash == std::string_view::npos) return true;
        path.remove_prefix(slash + 1);
    }
}

}  // namespace http
