#include "names.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace django {

namespace {

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool goes_on(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

bool is_model_name(std::string_view text) {
    auto dot = text.find('.');
    if (dot == text.npos || dot == 0 || dot + 1 == text.size() || text.size() > 200) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return is_word(c) || c == '.'; }) &&
           text.find('.', dot + 1) == text.npos;
}

std::string_view app_of(std::string_view model) {
    return model.substr(0, model.find('.'));
}

std::string_view class_of(std::string_view model) {
    auto dot = model.find('.');
    return dot == model.npos ? model : model.substr(dot + 1);
}

std::string model_at_start(std::string_view row) {
    auto at = row.find("\"model\"");
    if (at == row.npos || at > 200) return "";
    auto begin = row.find('"', at + 7);
    if (begin == row.npos) return "";
    auto end = row.find('"', begin + 1);
    if (end == row.npos) return "";
    auto name = lower(row.substr(begin + 1, end - begin - 1));
    return is_model_name(name) ? name : "";
}

std::string line_of(std::string_view text) {
    std::string out;
    for (char c : text) {
        bool space = static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
        if (!space) {
            out += c;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    return std::string(base::trim(out));
}

std::string shortened(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return std::string(text);
    while (bytes > 0 && goes_on(text[bytes])) --bytes;
    return std::string(text.substr(0, bytes)) + "…";
}

std::string first_characters(std::string_view text, std::size_t count) {
    std::size_t size = 0;
    for (std::size_t seen = 0; size < text.size(); ++size) {
        if (goes_on(text[size])) continue;
        if (seen++ == count) break;
    }
    return std::string(text.substr(0, size));
}

}  // namespace django
