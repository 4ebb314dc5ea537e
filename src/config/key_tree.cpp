#include "key_tree.hpp"

#include <cassert>
#include <cstddef>
#include <string_view>

namespace config {

namespace {

constexpr std::size_t columns = 100;
[[maybe_unused]] constexpr const char* letters = "abcdefghijklmnopqrstuvwxyz0123456789_";

/// `text` as comment lines of at most 100 columns. A line break in it would end the comment, so
/// all white space is taken as a place to break.
void append_comment(std::string& out, const std::string& indent, std::string_view text) {
    std::string line;
    auto flush = [&] {
        if (!line.empty()) out += indent + "//" + line + '\n';
        line.clear();
    };
    while (true) {
        auto start = text.find_first_not_of(" \t\r\n");
        if (start == std::string_view::npos) break;
        text.remove_prefix(start);
        auto word = text.substr(0, text.find_first_of(" \t\r\n"));
        text.remove_prefix(word.size());
        if (indent.size() + 2 + line.size() + 1 + word.size() > columns) flush();
        line += ' ';
        line += word;
    }
    flush();
}

void append_members(std::string& out, const Key& section, const std::string& indent) {
    for (std::size_t i = 0; i < section.keys.size(); ++i) {
        const auto& key = *section.keys[i];
        auto comment = key.meaning + (key.allowed.empty() ? "" : " [" + key.allowed + "]");
        append_comment(out, indent, comment);
        out += indent + '"' + key.name + "\": ";
        if (key.kind == Key::Kind::section) {
            out += "{\n";
            append_members(out, key, indent + "  ");
            out += indent + '}';
        } else {
            out += key.value;
        }
        bool last = i + 1 == section.keys.size();
        out += last ? "\n" : ",\n";
        if (!last && indent.size() == 2) out += '\n';
    }
}

}  // namespace

const Key* Key::find(const std::string& member) const {
    for (const auto& key : keys) {
        if (key->name == member) return key.get();
    }
    return nullptr;
}

Key& Key::section(const std::string& member, const std::string& member_meaning) {
    for (const auto& key : keys) {
        if (key->name != member) continue;
        assert(key->kind == Kind::section && "a key cannot be a section too");
        return *key;
    }
    return add(Kind::section, member, member_meaning);
}

Key& Key::add(Kind member_kind, const std::string& member, const std::string& member_meaning) {
    assert(!find(member) && "a key is declared once");
    assert(member.find_first_not_of(letters) == std::string::npos && "environment can name it");
    keys.push_back(std::make_unique<Key>(member_kind, member, member_meaning));
    return *keys.back();
}

std::string to_file(const Key& root) {
    std::string out = "{\n";
    append_members(out, root, "  ");
    return out + "}\n";
}

}  // namespace config
